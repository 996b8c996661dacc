/* witness: see witness.h. */
#include "fabric/witness.h"

#include <stdarg.h>
#include <string.h>

enum { WAY_MOST = 64 };

static void append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, size - used, format, arguments);
	va_end(arguments);
}

void witness_group(const struct fabric *fabric, const struct fib_set *set, uint32_t first_port,
	uint32_t group, char *text, size_t size) {
	static const char *const verdicts[FIB_VERDICTS] = {
		[FIB_NO_ROUTE] = "no route", [FIB_DROP] = "unreachable", [FIB_LOCAL] = "itself"};
	size_t count;
	const uint32_t *ports = fib_set_ports(set, group, &count);

	text[0] = '\0';
	if (group < FIB_VERDICTS)
		append(text, size, "%s", verdicts[group]);
	for (size_t i = 0; i < count; i++) {
		uint32_t port = ports[i] - first_port;

		if (port < fabric->port_count)
			append(text, size, "%s%s (%s)", i ? ", " : "", fabric->ports[port].name,
				fabric_neighbour(fabric, (int)port)->name);
		else
			append(text, size, "%sanother interface", i ? ", " : "");
	}
}

uint32_t look_group(const struct look *look, uint32_t node) {
	return look->result->groups[look->layer * look->nodes + node];
}

uint8_t look_outcome(const struct look *look, uint32_t node) {
	return look->result->outcomes[look->layer * look->nodes + node];
}

/* What ways from a node do: as they are; or, of those that have come down to it, from there on. */
enum { VALLEY = 1, CLIMBS = 2, CROSSES = 4 };

/* What those by one port do. Another site is gone up in anew, but for a third there is no way. */
static uint8_t turns_by(const struct look *look, uint32_t port, const uint8_t *turns) {
	const struct fabric *fabric = look->fabric;
	uint32_t own = port - (uint32_t)look->layer * look->ports, far = look->far_node[port];
	const struct fabric_node *node, *next;

	if (far == TOPOLOGY_OUTSIDE || look->port_is_dead[port])
		return 0;
	node = &fabric->nodes[fabric->ports[own].node];
	next = fabric_neighbour(fabric, (int)own);
	if (fabric_are_across(node, next))
		return CROSSES | (turns[far] & (VALLEY | CROSSES) ? VALLEY | CLIMBS : 0);
	if (next->role > node->role)
		return (turns[far] & CROSSES) | (turns[far] & CLIMBS ? VALLEY | CLIMBS : 0);
	return (turns[far] & (VALLEY | CROSSES)) | CLIMBS;
}

void witness_turns(const struct look *look, uint8_t *turns) {
	uint32_t first = (uint32_t)look->layer * look->nodes;
	bool changed = true;

	memset(turns + first, 0, look->nodes * sizeof(*turns));
	while (changed) { /* as often as there are tiers */
		changed = false;
		for (uint32_t node = first; node < first + look->nodes; node++) {
			uint8_t before = turns[node];
			size_t count;
			const uint32_t *ports =
				fib_set_ports(look->set, look->result->groups[node], &count);

			for (size_t i = 0; i < count; i++)
				turns[node] |= turns_by(look, ports[i], turns);
			changed |= turns[node] != before;
		}
	}
}

static bool has_valley(const struct look *look, size_t layer, uint32_t node) {
	return look->turns[layer * look->nodes + node] & VALLEY;
}

static uint8_t wanted_outcome(const struct look *look, uint32_t node) {
	return look->result->outcomes[node];
}

enum { ARRIVES = OUTCOME_DELIVERED | OUTCOME_LEFT };

/* What is worst about a node's packets. */
static enum violation_kind kind_at(const struct look *look, uint32_t node) {
	uint8_t found = look_outcome(look, node), wanted = wanted_outcome(look, node);

	if (found & OUTCOME_LOOP)
		return VIOLATION_LOOP;
	if (found & OUTCOME_DEAD)
		return VIOLATION_DEAD;
	if (wanted & ARRIVES && found & ~(unsigned int)ARRIVES)
		return VIOLATION_BLACKHOLE;
	if (!(wanted & ARRIVES) && found & ARRIVES)
		return VIOLATION_LEAK;
	if (has_valley(look, look->layer, node) && !has_valley(look, 0, node))
		return VIOLATION_VALLEY;
	if (look->result->paths[look->layer * look->nodes + node] != look->result->paths[node])
		return VIOLATION_PATHS;
	return VIOLATION_ENTRY;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

int witness_sender(const struct look *look, enum violation_kind *kind) {
	const struct fabric *fabric = look->fabric;
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
	uint32_t place = (uint32_t)look->layer * look->ports + port;
	uint32_t far = look->far_node[place];
	uint8_t outcome = far == TOPOLOGY_OUTSIDE ? OUTCOME_LEFT : look->result->outcomes[far];

	if (look->port_is_dead[place])
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

void witness_way(
	const struct look *look, int sender, enum violation_kind kind, char *way, size_t size) {
	const struct fabric *fabric = look->fabric;
	int node = sender, seen[WAY_MOST];

	way[0] = '\0';
	for (int step = 0; step < WAY_MOST; step++) {
		size_t count, chosen = 0;
		uint32_t group = look_group(look, (uint32_t)node), port;
		const uint32_t *ports = fib_set_ports(look->set, group, &count);

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
				look, ports[chosen] - (uint32_t)look->layer * look->ports, kind))
			chosen++;
		port = ports[chosen] - (uint32_t)look->layer * look->ports;
		if (port >= fabric->port_count) {
			append(way, size, " > out of the design");
			return;
		}
		append(way, size, ":%s", fabric->ports[port].name);
		if (look->port_is_dead[ports[chosen]]) {
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

/* An address that packets of a leaf come from: another host's below it, or its own. */
static const struct prefix *source_at(
	const struct fabric *fabric, int id, const struct prefix *destination) {
	const struct fabric_node *node = &fabric->nodes[id];
	sa_family_t family = destination->family;

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *far = &fabric->ports[fabric->ports[node->ports[n]].other];
		const struct prefix *address = family == AF_INET ? &far->address4 : &far->address6;

		if (fabric->nodes[far->node].role == ROLE_HOST && address->family &&
			memcmp(address->address, destination->address, sizeof(address->address)) !=
				0)
			return address;
	}
	return family == AF_INET ? &node->loopback4 : &node->loopback6;
}

void witness_packet(const struct fabric *fabric, int sender, const struct prefix *destination,
	char *packet, size_t size) {
	const struct prefix *source = source_at(fabric, sender, destination);
	char from[PREFIX_TEXT_MAX] = "any", to[PREFIX_TEXT_MAX];

	if (source->family)
		prefix_address_text(source, from);
	snprintf(packet, size, "%s to %s, udp 49152 to 443", from,
		prefix_address_text(destination, to));
}
