/* verify: see verify.h. Nodes and ports of layer k are those of the design, moved by k times their
 * number, so that one walk follows all layers. */
#include "fabric/verify.h"

#include "fabric/classes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WAY_MOST = 64 };

struct verify {
	const struct fabric *fabric;
	const struct verify_layer *layers;
	size_t layer_count;
	uint32_t nodes, ports; /* of one layer; ports with one more for strange interfaces */
	struct fib_set *set;
	uint32_t *node_of_port, *far_node;
	bool *port_is_dead;
	uint32_t *model_group; /* by group: the same of layer 0, UINT32_MAX: not known yet */
	size_t model_group_room;
	size_t most;
	void (*told)(void *owner, const struct violation *violation);
	void *owner;
	struct verify_summary *summary;
	bool no_memory;
};

const char *violation_name(enum violation_kind kind) {
	static const char *const names[VIOLATION_KINDS] = {[VIOLATION_ENTRY] = "entry",
		[VIOLATION_LOOP] = "loop",
		[VIOLATION_BLACKHOLE] = "blackhole",
		[VIOLATION_LEAK] = "leak",
		[VIOLATION_DEAD] = "dead-neighbour",
		[VIOLATION_PATHS] = "paths",
		[VIOLATION_VALLEY] = "valley"};

	return names[kind];
}

static uint32_t far_of(const struct verify *verify, size_t layer, uint32_t port) {
	const struct fabric *fabric = verify->fabric;
	int node;

	if (port >= fabric->port_count)
		return TOPOLOGY_OUTSIDE;
	node = fabric->ports[fabric->ports[port].other].node;
	return fabric_is_switch(&fabric->nodes[node])
		       ? (uint32_t)(layer * verify->nodes) + (uint32_t)node
		       : TOPOLOGY_OUTSIDE;
}

static void lay_out(struct verify *verify) {
	const struct fabric *fabric = verify->fabric;

	for (size_t layer = 0; layer < verify->layer_count; layer++)
		for (uint32_t port = 0; port < verify->ports; port++) {
			size_t place = layer * verify->ports + port;

			verify->far_node[place] = far_of(verify, layer, port);
			if (port >= fabric->port_count)
				continue;
			verify->node_of_port[place] = (uint32_t)(layer * verify->nodes) +
						      (uint32_t)fabric->ports[port].node;
			verify->port_is_dead[place] = verify->layers[layer].port_is_dead &&
						      verify->layers[layer].port_is_dead[port];
		}
}

struct verify *verify_create(
	const struct fabric *fabric, const struct verify_layer *layers, size_t count) {
	struct verify *verify = calloc(1, sizeof(*verify));
	size_t ports = (fabric->port_count + 1) * count;

	if (!verify)
		return NULL;
	verify->fabric = fabric;
	verify->layers = layers;
	verify->layer_count = count;
	verify->nodes = (uint32_t)fabric->node_count;
	verify->ports = (uint32_t)fabric->port_count + 1;
	verify->set = fib_set_create();
	verify->node_of_port = calloc(ports, sizeof(*verify->node_of_port));
	verify->far_node = calloc(ports, sizeof(*verify->far_node));
	verify->port_is_dead = calloc(ports, sizeof(*verify->port_is_dead));
	if (!verify->set || !verify->node_of_port || !verify->far_node || !verify->port_is_dead) {
		verify_destroy(verify);
		return NULL;
	}
	lay_out(verify);
	return verify;
}

void verify_destroy(struct verify *verify) {
	if (!verify)
		return;
	fib_set_destroy(verify->set);
	free(verify->node_of_port);
	free(verify->far_node);
	free(verify->port_is_dead);
	free(verify->model_group);
	free(verify);
}

struct verify_place verify_place(struct verify *verify, size_t layer, int node) {
	return (struct verify_place){.set = verify->set,
		.node = (uint32_t)layer * verify->nodes + (uint32_t)node,
		.first_port = (uint32_t)layer * verify->ports,
		.strange_port = (uint32_t)(layer + 1) * verify->ports - 1};
}

/* --- groups of other layers, in the model's numbers --- */

static uint32_t translate(struct verify *verify, size_t layer, uint32_t group) {
	size_t count;
	const uint32_t *ports = fib_set_ports(verify->set, group, &count);
	uint32_t *moved = malloc((count + 1) * sizeof(*moved)), translated = UINT32_MAX;

	for (size_t i = 0; moved && i < count; i++)
		moved[i] = ports[i] - (uint32_t)layer * verify->ports;
	if (moved)
		translated = fib_set_group(verify->set, moved, count);
	free(moved);
	return translated;
}

static uint32_t in_model(struct verify *verify, size_t layer, uint32_t group) {
	if (group < FIB_VERDICTS || layer == 0)
		return group;
	if (group >= verify->model_group_room) {
		size_t room = 2 * (fib_set_group_count(verify->set) + group);
		uint32_t *more = realloc(verify->model_group, room * sizeof(*more));

		if (!more) {
			verify->no_memory = true;
			return group;
		}
		memset(more + verify->model_group_room, 0xff,
			(room - verify->model_group_room) * sizeof(*more));
		verify->model_group = more;
		verify->model_group_room = room;
	}
	if (verify->model_group[group] == UINT32_MAX)
		verify->model_group[group] = translate(verify, layer, group);
	return verify->model_group[group];
}

/* --- words --- */

static void append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, size - used, format, arguments);
	va_end(arguments);
}

/* "swp63 (spine1), swp64 (spine2)", "unreachable" … */
static void describe(
	const struct verify *verify, size_t layer, uint32_t group, char *text, size_t size) {
	static const char *const verdicts[FIB_VERDICTS] = {
		[FIB_NO_ROUTE] = "no route", [FIB_DROP] = "unreachable", [FIB_LOCAL] = "itself"};
	size_t count;
	const uint32_t *ports = fib_set_ports(verify->set, group, &count);

	text[0] = '\0';
	if (group < FIB_VERDICTS)
		append(text, size, "%s", verdicts[group]);
	for (size_t i = 0; i < count; i++) {
		uint32_t port = ports[i] - (uint32_t)layer * verify->ports;

		if (port < verify->fabric->port_count)
			append(text, size, "%s%s (%s)", i ? ", " : "",
				verify->fabric->ports[port].name,
				fabric_neighbour(verify->fabric, (int)port)->name);
		else
			append(text, size, "%sanother interface", i ? ", " : "");
	}
}

/* --- one class --- */

struct look {
	struct verify *verify;
	const struct class_result *result;
	size_t layer;
};

static uint32_t group_at(const struct look *look, uint32_t node) {
	return look->result->groups[look->layer * look->verify->nodes + node];
}

static uint8_t outcome_at(const struct look *look, uint32_t node) {
	return look->result->outcomes[look->layer * look->verify->nodes + node];
}

static uint8_t wanted_outcome(const struct look *look, uint32_t node) {
	return look->result->outcomes[node];
}

enum { ARRIVES = OUTCOME_DELIVERED | OUTCOME_LEFT };

/* What is worst about a node's packets. */
static enum violation_kind kind_at(const struct look *look, uint32_t node) {
	uint8_t found = outcome_at(look, node), wanted = wanted_outcome(look, node);

	if (found & OUTCOME_LOOP)
		return VIOLATION_LOOP;
	if (found & OUTCOME_DEAD)
		return VIOLATION_DEAD;
	if (wanted & ARRIVES && found & ~(unsigned int)ARRIVES)
		return VIOLATION_BLACKHOLE;
	if (!(wanted & ARRIVES) && found & ARRIVES)
		return VIOLATION_LEAK;
	if (look->result->paths[look->layer * look->verify->nodes + node] !=
		look->result->paths[node])
		return VIOLATION_PATHS;
	return VIOLATION_ENTRY;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

/* The leaf whose packets fare worst; any switch if no leaf's do. */
static int find_sender(const struct look *look, enum violation_kind *kind) {
	const struct fabric *fabric = look->verify->fabric;
	static const int gravity[VIOLATION_KINDS] = {[VIOLATION_ENTRY] = 0,
		[VIOLATION_PATHS] = 1,
		[VIOLATION_VALLEY] = 2,
		[VIOLATION_LEAK] = 3,
		[VIOLATION_BLACKHOLE] = 4,
		[VIOLATION_DEAD] = 5,
		[VIOLATION_LOOP] = 6};
	int sender = FABRIC_NONE, worst = 0;

	*kind = VIOLATION_ENTRY;
	for (int id = 0; id < (int)fabric->node_count; id++) {
		enum violation_kind here;
		int weight;

		if (!fabric_is_switch(&fabric->nodes[id]))
			continue;
		here = kind_at(look, (uint32_t)id);
		weight = 2 * gravity[here] + (gravity[here] && is_leaf(&fabric->nodes[id]));
		if (weight > worst) {
			worst = weight;
			sender = id;
			*kind = here;
		}
	}
	return sender;
}

/* Whether going on by this port leads to what is wrong. */
static bool leads_astray(const struct look *look, uint32_t port, enum violation_kind kind) {
	const struct verify *verify = look->verify;
	uint32_t place = (uint32_t)look->layer * verify->ports + port;
	uint32_t far = verify->far_node[place];
	uint8_t outcome = far == TOPOLOGY_OUTSIDE ? OUTCOME_LEFT : look->result->outcomes[far];

	if (verify->port_is_dead[place])
		return kind == VIOLATION_DEAD;
	switch (kind) {
	case VIOLATION_LOOP:
		return outcome & OUTCOME_LOOP;
	case VIOLATION_DEAD:
		return outcome & OUTCOME_DEAD;
	case VIOLATION_BLACKHOLE:
		return outcome & ~(unsigned int)ARRIVES;
	case VIOLATION_LEAK:
		return outcome & ARRIVES;
	default:
		return true;
	}
}

/* The way of the witness, until it ends, or comes to where it was. */
static void follow(
	const struct look *look, int start, enum violation_kind kind, char *way, size_t size) {
	const struct verify *verify = look->verify;
	const struct fabric *fabric = verify->fabric;
	int node = start, seen[WAY_MOST];

	way[0] = '\0';
	for (int step = 0; step < WAY_MOST; step++) {
		size_t count, chosen = 0;
		uint32_t group = group_at(look, (uint32_t)node), port;
		const uint32_t *ports = fib_set_ports(verify->set, group, &count);

		append(way, size, "%s%s", step ? " > " : "", fabric->nodes[node].name);
		for (int i = 0; i < step; i++)
			if (seen[i] == node) {
				append(way, size, ": a loop");
				return;
			}
		seen[step] = node;
		if (count == 0) {
			append(way, size, ": %s",
				group == FIB_LOCAL  ? "arrives"
				: group == FIB_DROP ? "unreachable"
						    : "no route");
			return;
		}
		while (chosen + 1 < count &&
			!leads_astray(
				look, ports[chosen] - (uint32_t)look->layer * verify->ports, kind))
			chosen++;
		port = ports[chosen] - (uint32_t)look->layer * verify->ports;
		if (port >= fabric->port_count) {
			append(way, size, " > out of the design");
			return;
		}
		append(way, size, ":%s", fabric->ports[port].name);
		if (verify->port_is_dead[ports[chosen]]) {
			append(way, size, ", which is down");
			return;
		}
		node = fabric->ports[fabric->ports[port].other].node;
		if (!fabric_is_switch(&fabric->nodes[node])) {
			append(way, size, " > %s", fabric->nodes[node].name);
			return;
		}
	}
}

/* An address that packets of a leaf come from: a host's below it, or its own. */
static const struct prefix *source_at(const struct fabric *fabric, int id, sa_family_t family) {
	const struct fabric_node *node = &fabric->nodes[id];

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *far = &fabric->ports[fabric->ports[node->ports[n]].other];
		const struct prefix *address = family == AF_INET ? &far->address4 : &far->address6;

		if (fabric->nodes[far->node].role == ROLE_HOST && address->family)
			return address;
	}
	return family == AF_INET ? &node->loopback4 : &node->loopback6;
}

static void write_packet(const struct look *look, int sender, char *packet, size_t size) {
	const struct prefix *source =
		source_at(look->verify->fabric, sender, look->result->prefix.family);
	char from[PREFIX_TEXT_MAX] = "any", to[PREFIX_TEXT_MAX];

	if (source->family)
		prefix_address_text(source, from);
	snprintf(packet, size, "%s to %s, udp 49152 to 443", from,
		prefix_address_text(&look->result->address, to));
}

static void tell_difference(const struct look *look, int node) {
	struct verify *verify = look->verify;
	struct violation violation = {.layer = verify->layers[look->layer].name,
		.node = verify->fabric->nodes[node].name};
	int sender;

	if (verify->summary->violations++ >= verify->most)
		return;
	prefix_text(&look->result->prefix, violation.destination);
	describe(verify, look->layer, group_at(look, (uint32_t)node), violation.found,
		sizeof(violation.found));
	describe(verify, 0, look->result->groups[node], violation.wanted, sizeof(violation.wanted));
	sender = find_sender(look, &violation.kind);
	if (sender != FABRIC_NONE) {
		write_packet(look, sender, violation.packet, sizeof(violation.packet));
		follow(look, sender, violation.kind, violation.way, sizeof(violation.way));
	}
	verify->told(verify->owner, &violation);
}

/* Where the tables agree, so do the ways; but a port may be down all the same. */
static bool goes_to_the_dead(const struct look *look, uint32_t node) {
	size_t count;
	const uint32_t *ports = fib_set_ports(look->verify->set, group_at(look, node), &count);

	for (size_t i = 0; i < count; i++)
		if (look->verify->port_is_dead[ports[i]])
			return true;
	return false;
}

/* The first node of a class whose entry is wrong speaks for all of it. */
static void check_layer(const struct look *look) {
	struct verify *verify = look->verify;

	for (uint32_t node = 0; node < verify->nodes; node++)
		if (fabric_is_switch(&verify->fabric->nodes[node]) &&
			(in_model(verify, look->layer, group_at(look, node)) !=
					look->result->groups[node] ||
				goes_to_the_dead(look, node))) {
			tell_difference(look, (int)node);
			return;
		}
}

static int check_class(void *owner, const struct class_result *result) {
	struct verify *verify = owner;

	verify->summary->prefixes++;
	verify->summary->classes += result->is_new;
	for (size_t layer = 1; layer < verify->layer_count; layer++) {
		const struct look look = {.verify = verify, .result = result, .layer = layer};

		check_layer(&look);
	}
	return verify->no_memory ? -ENOMEM : 0;
}

int verify_run(struct verify *verify, size_t most,
	void (*told)(void *owner, const struct violation *violation), void *owner,
	struct verify_summary *summary) {
	const struct topology topology = {
		.node_count = verify->nodes * (uint32_t)verify->layer_count,
		.port_count = verify->ports * (uint32_t)verify->layer_count,
		.node_of_port = verify->node_of_port,
		.far_node = verify->far_node,
		.port_is_dead = verify->port_is_dead};
	int error = fib_set_finish(verify->set);

	*summary = (struct verify_summary){.entries = fib_set_entry_count(verify->set)};
	verify->most = most;
	verify->told = told;
	verify->owner = owner;
	verify->summary = summary;
	if (!error)
		error = classes_walk(verify->set, &topology, AF_INET, check_class, verify);
	if (!error)
		error = classes_walk(verify->set, &topology, AF_INET6, check_class, verify);
	return error;
}
