/* passage: see passage.h. For one destination after another every switch's group is looked up, and
 * from the place back the nearest leaf is looked for whose packets come by. */
#include "fabric/passage.h"

#include "fabric/model.h"
#include "fabric/witness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MOST = 64 };

struct passage {
	const struct fabric *fabric;
	const struct model_failures *failures;
	struct fib_set *set; /* NULL: not computed yet */
	uint32_t *groups;    /* by node: for the destination at hand */
	int *lengths;        /* by node: of the prefix that the group is of; -1: none */
	int *ports_on;       /* by node: the port by which packets come to the place */
	int *queue;
};

struct passage *passage_create(const struct fabric *fabric, const struct model_failures *failures) {
	struct passage *passage = calloc(1, sizeof(*passage));
	size_t nodes = fabric->node_count + 1;

	if (!passage)
		return NULL;
	*passage = (struct passage){.fabric = fabric,
		.failures = failures,
		.groups = calloc(nodes, sizeof(*passage->groups)),
		.lengths = calloc(nodes, sizeof(*passage->lengths)),
		.ports_on = calloc(nodes, sizeof(*passage->ports_on)),
		.queue = calloc(nodes, sizeof(*passage->queue))};
	if (passage->groups && passage->lengths && passage->ports_on && passage->queue)
		return passage;
	passage_destroy(passage);
	return NULL;
}

void passage_destroy(struct passage *passage) {
	if (!passage)
		return;
	fib_set_destroy(passage->set);
	free(passage->groups);
	free(passage->lengths);
	free(passage->ports_on);
	free(passage->queue);
	free(passage);
}

static bool compute(struct passage *passage) {
	if (passage->set)
		return true;
	passage->set = fib_set_create();
	if (passage->set && model_tables(passage->fabric, passage->failures, passage->set) == 0 &&
		fib_set_finish(passage->set) == 0)
		return true;
	fib_set_destroy(passage->set);
	passage->set = NULL;
	return false;
}

/* --- one destination --- */

static void take_entries(struct passage *passage, size_t prefix, int length) {
	size_t count;
	const struct fib_entry *entries = fib_set_entries(passage->set, prefix, &count);

	for (size_t i = 0; i < count; i++)
		if (length > passage->lengths[entries[i].node]) {
			passage->lengths[entries[i].node] = length;
			passage->groups[entries[i].node] = entries[i].group;
		}
}

/* Every switch's longest match. */
static void look_up(struct passage *passage, const struct prefix *address) {
	for (size_t id = 0; id < passage->fabric->node_count; id++) {
		passage->groups[id] = FIB_NO_ROUTE;
		passage->lengths[id] = -1;
	}
	for (size_t n = 0; n < fib_set_prefix_count(passage->set); n++) {
		const struct prefix *prefix = fib_set_prefix(passage->set, n);

		if (prefix_contains(prefix, address))
			take_entries(passage, n, prefix->length);
	}
}

static bool sends_by(const struct passage *passage, int node, uint32_t port) {
	size_t count;
	const uint32_t *ports = fib_set_ports(passage->set, passage->groups[node], &count);

	for (size_t i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool sends_by_all(const struct passage *passage, const struct passage_place *place) {
	size_t count;

	fib_set_ports(passage->set, passage->groups[place->node], &count);
	for (size_t i = 0; i < place->port_count; i++)
		if (!sends_by(passage, place->node, place->ports[i]))
			return false;
	return count > 0;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

/* The leaf nearest to the place whose packets come there, or FABRIC_NONE; on their way `ports_on`
 * says how. */
static int find_sender(struct passage *passage, int place) {
	const struct fabric *fabric = passage->fabric;
	size_t head = 0, tail = 0;

	for (size_t id = 0; id < fabric->node_count; id++)
		passage->ports_on[id] = FABRIC_NONE;
	passage->queue[tail++] = place;
	while (head < tail) {
		int id = passage->queue[head++];
		const struct fabric_node *node = &fabric->nodes[id];

		if (is_leaf(node))
			return id;
		for (size_t n = 0; n < node->port_count; n++) {
			int far = fabric->ports[node->ports[n]].other;
			int from = fabric->ports[far].node;

			if (from == place || passage->ports_on[from] != FABRIC_NONE ||
				!fabric_is_switch(&fabric->nodes[from]) ||
				!sends_by(passage, from, (uint32_t)far))
				continue;
			passage->ports_on[from] = far;
			passage->queue[tail++] = from;
		}
	}
	return FABRIC_NONE;
}

/* --- its way --- */

static void __attribute__((format(printf, 2, 3)))
append(struct violation *violation, const char *format, ...) {
	size_t used = strlen(violation->way);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(violation->way + used, sizeof(violation->way) - used, format, arguments);
	va_end(arguments);
}

static int append_hop(const struct fabric *fabric, struct violation *violation, uint32_t port) {
	const struct fabric_node *next = fabric_neighbour(fabric, (int)port);

	append(violation, ":%s > %s", fabric->ports[port].name, next->name);
	return (int)(next - fabric->nodes);
}

/* From a node on, by the model; the node is written already. */
static void append_rest(
	const struct passage *passage, int node, uint32_t port, struct violation *violation) {
	const struct fabric *fabric = passage->fabric;
	size_t count;

	for (int step = 0; step < STEPS_MOST; step++) {
		const uint32_t *ports;

		node = append_hop(fabric, violation, port);
		if (!fabric_is_switch(&fabric->nodes[node]))
			return;
		ports = fib_set_ports(passage->set, passage->groups[node], &count);
		if (count == 0) {
			append(violation,
				passage->groups[node] == FIB_LOCAL ? ": arrives" : ": no route");
			return;
		}
		port = ports[0];
	}
}

static void show(const struct passage *passage, const struct passage_place *place, int sender,
	const char *end, struct violation *violation) {
	const struct fabric *fabric = passage->fabric;
	int node = sender;
	size_t count;
	const uint32_t *ports = fib_set_ports(passage->set, passage->groups[place->node], &count);
	uint32_t port = place->port_count ? place->ports[0] : ports[0];

	append(violation, "%s", fabric->nodes[node].name);
	while (node != place->node)
		node = append_hop(fabric, violation, (uint32_t)passage->ports_on[node]);
	if (!end)
		append_rest(passage, node, port, violation);
	else if (place->port_count)
		append(violation, ":%s%s", fabric->ports[port].name, end);
	else
		append(violation, "%s", end);
}

/* --- which destination --- */

/* A node's own address, or that of a host's first port. */
static const struct prefix *address_of(
	const struct fabric_node *node, const struct fabric *fabric, sa_family_t family) {
	const struct prefix *own = family == AF_INET6 ? &node->loopback6 : &node->loopback4;
	const struct fabric_port *port;

	if (own->family || node->role != ROLE_HOST || !node->port_count)
		return own;
	port = &fabric->ports[node->ports[0]];
	return family == AF_INET6 ? &port->address6 : &port->address4;
}

/* Whether packets to this address pass the place; if so, they are shown. */
static bool try(struct passage *passage, const struct passage_place *place, bool by_all_ports,
	struct prefix address, const char *end, struct violation *violation) {
	int sender;

	address.length = (uint8_t)prefix_bits(address.family);
	if (!address.family || !prefix_contains(&place->within, &address))
		return false;
	look_up(passage, &address);
	if (by_all_ports && !sends_by_all(passage, place))
		return false;
	sender = find_sender(passage, place->node);
	if (sender == FABRIC_NONE)
		return false;
	witness_packet(
		passage->fabric, sender, &address, violation->packet, sizeof(violation->packet));
	show(passage, place, sender, end, violation);
	return true;
}

/* Hosts first: they are who talks. */
static bool try_all(struct passage *passage, const struct passage_place *place, bool by_all_ports,
	const char *end, struct violation *violation) {
	const struct fabric *fabric = passage->fabric;

	for (int hosts = 1; hosts >= 0; hosts--)
		for (size_t id = 0; id < fabric->node_count; id++) {
			const struct fabric_node *node = &fabric->nodes[id];

			if ((node->role == ROLE_HOST) == hosts &&
				try(passage, place, by_all_ports,
					*address_of(node, fabric, place->within.family), end,
					violation))
				return true;
		}
	return place->within.length &&
	       try(passage, place, by_all_ports, place->within, end, violation);
}

void passage_show(struct passage *passage, const struct passage_place *place, const char *end,
	struct violation *violation) {
	violation->packet[0] = violation->way[0] = '\0';
	if (compute(passage) && !try_all(passage, place, true, end, violation) && place->port_count)
		try_all(passage, place, false, end, violation);
}
