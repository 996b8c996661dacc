/* ways: see ways.h. Each host's class of destinations is found once, for each family. */
#include "fabric/ways.h"

#include "fabric/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILIES = 2, DEPTH_MOST = 16 };

static const uint32_t UNKNOWN = UINT32_MAX;

struct ways {
	const struct fabric *fabric;
	struct fib_set *set;
	const struct model_failures *failures;
	uint32_t *class_of[FAMILIES]; /* by host's node id; UNKNOWN: none */
	uint32_t *groups;             /* by class and node id */
	size_t class_room;
};

/* What others send to. */
static const struct prefix *address_of(const struct fabric *fabric, int host, int family) {
	const struct fabric_node *node = &fabric->nodes[host];
	const struct fabric_port *port = &fabric->ports[node->ports[0]];

	if (family)
		return node->loopback6.family ? &node->loopback6 : &port->address6;
	return node->loopback4.family ? &node->loopback4 : &port->address4;
}

static bool is_host(const struct fabric *fabric, int node) {
	return fabric->nodes[node].role == ROLE_HOST && fabric->nodes[node].port_count > 0;
}

static int keep_class(struct ways *ways, const struct class_result *class) {
	size_t nodes = ways->fabric->node_count;

	if (class->number >= ways->class_room) {
		size_t room = 2 * ((size_t) class->number + 32);
		uint32_t *more = realloc(ways->groups, room * nodes * sizeof(*more));

		if (!more)
			return -ENOMEM;
		ways->groups = more;
		ways->class_room = room;
	}
	memcpy(&ways->groups[class->number * nodes], class->groups, nodes * sizeof(*ways->groups));
	return 0;
}

/* Inner prefixes come before those around them, so that the first that fits a host is its own. */
static int take_class(void *owner, const struct class_result *class) {
	struct ways *ways = owner;
	const struct fabric *fabric = ways->fabric;
	int family = class->prefix.family == AF_INET6;

	if (class->is_new && keep_class(ways, class))
		return -ENOMEM;
	for (int host = 0; host < (int)fabric->node_count; host++) {
		struct prefix address;

		if (!is_host(fabric, host) || ways->class_of[family][host] != UNKNOWN)
			continue;
		address = *address_of(fabric, host, family);
		address.length = (uint8_t)prefix_bits(address.family);
		if (!address.family || !prefix_contains(&class->prefix, &address))
			continue;
		ways->class_of[family][host] = class->number;
	}
	return 0;
}

static int walk(struct ways *ways) {
	const struct fabric *fabric = ways->fabric;
	uint32_t *nodes = calloc(2 * (fabric->port_count + 1), sizeof(*nodes));
	uint32_t *far = nodes ? nodes + fabric->port_count + 1 : NULL;
	const struct topology topology = {.node_count = (uint32_t)fabric->node_count,
		.port_count = (uint32_t)fabric->port_count,
		.node_of_port = nodes,
		.far_node = far};
	int error = nodes ? 0 : -ENOMEM;

	for (size_t id = 0; id < fabric->port_count && !error; id++) {
		const struct fabric_node *neighbour = fabric_neighbour(fabric, (int)id);

		nodes[id] = (uint32_t)fabric->ports[id].node;
		far[id] = fabric_is_switch(neighbour) ? (uint32_t)(neighbour - fabric->nodes)
						      : TOPOLOGY_OUTSIDE;
	}
	if (!error)
		error = classes_walk(ways->set, &topology, take_class, ways);
	free(nodes);
	return error;
}

int ways_create(
	const struct fabric *fabric, const struct model_failures *failures, struct ways **out) {
	struct ways *ways = calloc(1, sizeof(*ways));
	size_t bytes = (fabric->node_count + 1) * sizeof(uint32_t);
	int error = -ENOMEM;

	if (!ways)
		return error;
	ways->fabric = fabric;
	ways->failures = failures;
	ways->set = fib_set_create();
	for (int family = 0; family < FAMILIES; family++) {
		ways->class_of[family] = malloc(bytes);
		if (ways->class_of[family])
			memset(ways->class_of[family], 0xff, bytes);
	}
	if (ways->set && ways->class_of[0] && ways->class_of[1])
		error = model_tables(fabric, failures, ways->set);
	if (!error)
		error = fib_set_finish(ways->set);
	if (!error)
		error = walk(ways);
	if (error)
		ways_destroy(ways);
	else
		*out = ways;
	return error;
}

void ways_destroy(struct ways *ways) {
	if (!ways)
		return;
	fib_set_destroy(ways->set);
	for (int family = 0; family < FAMILIES; family++)
		free(ways->class_of[family]);
	free(ways->groups);
	free(ways);
}

const uint32_t *ways_ports(
	const struct ways *ways, int host, sa_family_t family, int node, size_t *count) {
	uint32_t class = ways->class_of[family == AF_INET6][host];
	size_t at = class * ways->fabric->node_count + (size_t)node;

	return fib_set_ports(
		ways->set, class == UNKNOWN ? (uint32_t)FIB_NO_ROUTE : ways->groups[at], count);
}

/* Rows of nodes from `node` to the host. */
static size_t count_from(
	const struct ways *ways, int host, sa_family_t family, int node, unsigned int depth) {
	size_t count, total = 0;
	const uint32_t *ports = ways_ports(ways, host, family, node, &count);
	int last = FABRIC_NONE;

	if (node == host)
		return 1;
	if (depth == 0)
		return 0;
	/* Ports are in order, and so are cables between the same two nodes. */
	for (size_t i = 0; i < count; i++) {
		int next =
			(int)(fabric_neighbour(ways->fabric, (int)ports[i]) - ways->fabric->nodes);

		if (next != last)
			total += count_from(ways, host, family, next, depth - 1);
		last = next;
	}
	return total;
}

size_t ways_between(const struct ways *ways, int from, int to, sa_family_t family) {
	const struct fabric_node *sender = &ways->fabric->nodes[from];
	size_t total = 0;
	int last = FABRIC_NONE;

	for (size_t n = 0; n < sender->port_count; n++) {
		int port = sender->ports[n],
		    next = (int)(fabric_neighbour(ways->fabric, port) - ways->fabric->nodes);

		if (ways->failures && ways->failures->link_is_down &&
			ways->failures->link_is_down[ways->fabric->ports[port].link])
			continue;
		if (next != last)
			total += count_from(ways, to, family, next, DEPTH_MOST);
		last = next;
	}
	return total;
}
