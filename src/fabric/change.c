/* change: see change.h. Nodes are known by their names, cables by the ports at their ends. */
#include "fabric/change.h"

#include "fabric/bird.h"
#include "fabric/config_lines.h"
#include "fabric/drain.h"
#include "fabric/frr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of a node of the old design. */
enum fate { FATE_STAYS, FATE_REPLACED, FATE_GOES };

struct comparison {
	struct change *change;
	enum fate *fates;  /* by node of the old design */
	int *same_node;    /* the node of the new design; FABRIC_NONE: goes */
	int *same_link;    /* by link of the old design; FABRIC_NONE: goes */
	bool *is_swapped;  /* by link of the old design */
	bool *node_is_new; /* by node of the new design */
	bool *link_is_new; /* by link of the new design */
	bool no_memory;
};

/* --- what is the same --- */

static int same_port(const struct fabric *from, int port_id, const struct fabric *in) {
	const struct fabric_port *port = &from->ports[port_id];
	int node = fabric_find(in, from->nodes[port->node].name);

	for (size_t n = 0; node != FABRIC_NONE && n < in->nodes[node].port_count; n++)
		if (in->ports[in->nodes[node].ports[n]].number == port->number)
			return in->nodes[node].ports[n];
	return FABRIC_NONE;
}

/* The lower end is looked for first: it has fewer ports. */
static int same_link_of(
	const struct fabric *from, const struct fabric_link *link, const struct fabric *in) {
	int lower = same_port(from, link->ports[1], in), upper;
	const struct fabric_port *wanted = &from->ports[link->ports[0]];

	if (lower == FABRIC_NONE)
		return FABRIC_NONE;
	upper = in->ports[lower].other;
	if (in->ports[upper].number != wanted->number ||
		strcmp(in->nodes[in->ports[upper].node].name, from->nodes[wanted->node].name) != 0)
		return FABRIC_NONE;
	return in->ports[lower].link;
}

static enum fate fate_of(const struct change *change, int id, int same) {
	const struct fabric_node *node = &change->before->nodes[id], *now;

	if (same == FABRIC_NONE)
		return FATE_GOES;
	now = &change->after->nodes[same];
	return node->role == now->role && node->asn == now->asn &&
			       bird_is_run_by(change->before, id) ==
				       bird_is_run_by(change->after, same)
		       ? FATE_STAYS
		       : FATE_REPLACED;
}

static void find_same(struct comparison *comparison) {
	const struct fabric *before = comparison->change->before,
			    *after = comparison->change->after;

	for (size_t id = 0; id < after->node_count; id++)
		comparison->node_is_new[id] =
			fabric_find(before, after->nodes[id].name) == FABRIC_NONE;
	for (size_t id = 0; id < before->node_count; id++) {
		comparison->same_node[id] = fabric_find(after, before->nodes[id].name);
		comparison->fates[id] =
			fate_of(comparison->change, (int)id, comparison->same_node[id]);
	}
	for (size_t i = 0; i < after->link_count; i++)
		comparison->link_is_new[i] = true;
	for (size_t i = 0; i < before->link_count; i++) {
		const struct fabric_link *link = &before->links[i], *now;
		int same = same_link_of(before, link, after);

		comparison->same_link[i] = same;
		if (same == FABRIC_NONE)
			continue;
		now = &after->links[same];
		comparison->link_is_new[same] = false;
		comparison->is_swapped[i] =
			link->speed_mbps != now->speed_mbps || link->length_m != now->length_m;
	}
}

/* --- steps --- */

/* `lines` becomes the step's; NULL: none. */
static void add_step(struct comparison *comparison, enum change_action action,
	const struct fabric *fabric, int node, int link, char *lines) {
	struct change *change = comparison->change;
	struct change_step *more =
		realloc(change->steps, (change->step_count + 1) * sizeof(*change->steps));

	if (more)
		change->steps = more;
	if (!lines)
		lines = strdup("");
	if (!more || !lines) {
		free(lines);
		comparison->no_memory = true;
		return;
	}
	change->steps[change->step_count++] = (struct change_step){
		.action = action, .fabric = fabric, .node = node, .link = link, .lines = lines};
}

/* A text that is being written. */
struct text {
	char *bytes;
	size_t size;
	FILE *to;
};

static bool begin(struct comparison *comparison, struct text *text) {
	*text = (struct text){.bytes = NULL};
	text->to = open_memstream(&text->bytes, &text->size);
	if (!text->to)
		comparison->no_memory = true;
	return text->to != NULL;
}

static char *finish(struct comparison *comparison, struct text *text) {
	if (fclose(text->to) == 0)
		return text->bytes;
	comparison->no_memory = true;
	free(text->bytes);
	return NULL;
}

static void write_address(FILE *to, const struct prefix *address, const char *port) {
	char text[PREFIX_TEXT_MAX];

	if (address->family)
		fprintf(to, "address %s on %s\n", prefix_text(address, text), port);
}

/* Hosts run no FRR: their lines are their addresses. */
static void write_host(const struct fabric *fabric, int id, FILE *to) {
	const struct fabric_node *node = &fabric->nodes[id];

	write_address(to, &node->loopback4, "lo");
	write_address(to, &node->loopback6, "lo");
	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];

		write_address(to, &port->address4, port->name);
		write_address(to, &port->address6, port->name);
	}
}

static char *configuration(struct comparison *comparison, const struct fabric *fabric, int id) {
	struct text text;

	if (!begin(comparison, &text))
		return NULL;
	if (fabric->nodes[id].role == ROLE_HOST)
		write_host(fabric, id, text.to);
	else if (bird_is_run_by(fabric, id))
		bird_write(fabric, id, text.to);
	else
		frr_write(fabric, id, text.to);
	return finish(comparison, &text);
}

/* The difference of two configurations, one way; NULL if there is none. */
static char *difference(struct comparison *comparison, const char *before, const char *after,
	size_t (*write)(
		const struct config_lines *before, const struct config_lines *after, FILE *to)) {
	struct config_lines *old = config_lines_create(before), *new = config_lines_create(after);
	struct text text;
	char *lines = NULL;
	size_t count = 0;

	if (!old || !new)
		comparison->no_memory = true;
	else if (begin(comparison, &text)) {
		count = write(old, new, text.to);
		lines = finish(comparison, &text);
	}
	config_lines_destroy(old);
	config_lines_destroy(new);
	if (count)
		return lines;
	free(lines);
	return NULL;
}

/* A node that stays, as far as one stage is concerned. BIRD takes files as a whole: once, as soon
 * as nothing that goes is needed any more. */
static void change_lines(struct comparison *comparison, int id, enum change_action action) {
	const struct change *change = comparison->change;
	int same = comparison->same_node[id];
	char *before = configuration(comparison, change->before, id);
	char *after = configuration(comparison, change->after, same);
	char *added = NULL, *removed = NULL, *lines = NULL;

	if (before && after && strcmp(before, after) != 0) {
		added = difference(comparison, before, after, config_lines_write_added);
		removed = difference(comparison, before, after, config_lines_write_removed);
	}
	if (!bird_is_run_by(change->before, id))
		lines = action == CHANGE_ADD_LINES ? added : removed;
	else if ((added || removed) && (action == CHANGE_REMOVE_LINES) == (removed != NULL))
		lines = after;
	if (lines)
		add_step(comparison, action, change->after, same, FABRIC_NONE, strdup(lines));
	free(before);
	free(after);
	free(added);
	free(removed);
}

/* --- stages --- */

static void add_nodes(struct comparison *comparison, enum fabric_role role) {
	const struct fabric *after = comparison->change->after;

	for (int id = 0; id < (int)after->node_count; id++)
		if (comparison->node_is_new[id] && after->nodes[id].role == role)
			add_step(comparison, CHANGE_ADD_NODE, after, id, FABRIC_NONE,
				configuration(comparison, after, id));
}

static void add_cables(struct comparison *comparison) {
	const struct fabric *after = comparison->change->after;

	for (int i = 0; i < (int)after->link_count; i++)
		if (comparison->link_is_new[i])
			add_step(comparison, CHANGE_ADD_CABLE, after, FABRIC_NONE, i, NULL);
}

static void change_lines_of(
	struct comparison *comparison, enum fabric_role role, enum change_action action) {
	const struct fabric *before = comparison->change->before;

	for (int id = 0; id < (int)before->node_count; id++)
		if (comparison->fates[id] == FATE_STAYS && before->nodes[id].role == role)
			change_lines(comparison, id, action);
}

/* A drain of some ports of one node, or its end. */
static void drain_ports(struct comparison *comparison, const int *ports, size_t count,
	enum change_action action, bool are_gone) {
	const struct fabric *before = comparison->change->before;
	struct text text;

	if (count == 0 || !begin(comparison, &text))
		return;
	if (action == CHANGE_DRAIN)
		drain_write_ports(before, ports, count, text.to);
	else
		drain_write_ports_back(before, ports, count, are_gone, text.to);
	add_step(comparison, action, before, before->ports[ports[0]].node, FABRIC_NONE,
		finish(comparison, &text));
}

/* Both ends of a link, the upper first. */
static void drain_link(struct comparison *comparison, int link, enum change_action action) {
	const struct fabric *before = comparison->change->before;

	for (int end = 0; end < 2; end++) {
		int port = before->links[link].ports[end];

		if (drain_has_session(before, port))
			drain_ports(comparison, &port, 1, action, false);
	}
}

/* One by one, so that all but one cable carry traffic. */
static void swap_cables(struct comparison *comparison) {
	for (int i = 0; i < (int)comparison->change->before->link_count; i++) {
		if (!comparison->is_swapped[i])
			continue;
		drain_link(comparison, i, CHANGE_DRAIN);
		add_step(comparison, CHANGE_SWAP_CABLE, comparison->change->after, FABRIC_NONE,
			comparison->same_link[i], NULL);
		drain_link(comparison, i, CHANGE_UNDRAIN);
	}
}

/* Nodes that go are drained as a whole, and their neighbours need not be. */
static bool is_drained_by_port(const struct comparison *comparison, int link) {
	const struct fabric *before = comparison->change->before;

	if (comparison->same_link[link] != FABRIC_NONE)
		return false;
	for (int end = 0; end < 2; end++)
		if (comparison->fates[before->ports[before->links[link].ports[end]].node] ==
			FATE_GOES)
			return false;
	return true;
}

/* A node's ports whose cables go. */
static void drain_going(struct comparison *comparison, int id, enum change_action action) {
	const struct fabric *before = comparison->change->before;
	const struct fabric_node *node = &before->nodes[id];
	int *ports = calloc(node->port_count + 1, sizeof(*ports));
	size_t count = 0;

	if (!ports)
		comparison->no_memory = true;
	for (size_t n = 0; n < node->port_count && ports; n++)
		if (is_drained_by_port(comparison, before->ports[node->ports[n]].link) &&
			drain_has_session(before, node->ports[n]))
			ports[count++] = node->ports[n];
	drain_ports(comparison, ports, count, action, true);
	free(ports);
}

static void drain_node(struct comparison *comparison, int id) {
	const struct fabric *before = comparison->change->before;
	struct text text;

	if (!fabric_is_switch(&before->nodes[id]) || !begin(comparison, &text))
		return;
	drain_write_node(before, id, text.to);
	add_step(comparison, CHANGE_DRAIN, before, id, FABRIC_NONE, finish(comparison, &text));
}

/* One by one as well. */
static void replace_nodes(struct comparison *comparison) {
	const struct change *change = comparison->change;

	for (int id = 0; id < (int)change->before->node_count; id++) {
		int same = comparison->same_node[id];

		if (comparison->fates[id] != FATE_REPLACED)
			continue;
		drain_node(comparison, id);
		add_step(comparison, CHANGE_REPLACE_NODE, change->after, same, FABRIC_NONE,
			configuration(comparison, change->after, same));
	}
}

static void drain_all_going(struct comparison *comparison) {
	for (int id = 0; id < (int)comparison->change->before->node_count; id++)
		if (comparison->fates[id] == FATE_STAYS)
			drain_going(comparison, id, CHANGE_DRAIN);
		else if (comparison->fates[id] == FATE_GOES)
			drain_node(comparison, id);
}

static void clear_drains(struct comparison *comparison) {
	for (int id = 0; id < (int)comparison->change->before->node_count; id++)
		if (comparison->fates[id] == FATE_STAYS)
			drain_going(comparison, id, CHANGE_UNDRAIN);
}

static void remove_cables(struct comparison *comparison) {
	const struct fabric *before = comparison->change->before;

	for (int i = (int)before->link_count; i-- > 0;)
		if (comparison->same_link[i] == FABRIC_NONE)
			add_step(comparison, CHANGE_REMOVE_CABLE, before, FABRIC_NONE, i, NULL);
}

static void remove_nodes(struct comparison *comparison, enum fabric_role role) {
	const struct fabric *before = comparison->change->before;

	for (int id = (int)before->node_count; id-- > 0;)
		if (comparison->fates[id] == FATE_GOES && before->nodes[id].role == role)
			add_step(comparison, CHANGE_REMOVE_NODE, before, id, FABRIC_NONE, NULL);
}

static void find_steps(struct comparison *comparison) {
	for (int role = 0; role < ROLES; role++)
		add_nodes(comparison, (enum fabric_role)role);
	add_cables(comparison);
	for (int role = 0; role < ROLES; role++)
		change_lines_of(comparison, (enum fabric_role)role, CHANGE_ADD_LINES);
	swap_cables(comparison);
	replace_nodes(comparison);
	drain_all_going(comparison);
	for (int role = ROLES; role-- > 0;)
		change_lines_of(comparison, (enum fabric_role)role, CHANGE_REMOVE_LINES);
	clear_drains(comparison);
	remove_cables(comparison);
	for (int role = ROLES; role-- > 0;)
		remove_nodes(comparison, (enum fabric_role)role);
}

/* --- addresses --- */

static void add_address(struct comparison *comparison, const struct change_address *address) {
	struct change *change = comparison->change;
	struct change_address *more = realloc(
		change->addresses, (change->address_count + 1) * sizeof(*change->addresses));

	if (!more) {
		comparison->no_memory = true;
		return;
	}
	change->addresses = more;
	change->addresses[change->address_count++] = *address;
}

/* One address of `from`, unless `in` has it at the same place. */
static void compare_address(struct comparison *comparison, const struct fabric *from, int node,
	int port, const struct prefix *address, const struct prefix *there) {
	if (address->family && (!there || prefix_compare(address, there) != 0))
		add_address(comparison, &(struct change_address){.fabric = from,
						.node = node,
						.port = port,
						.address = *address,
						.is_added = from == comparison->change->after});
}

static void compare_addresses(
	struct comparison *comparison, const struct fabric *from, const struct fabric *in) {
	for (int id = 0; id < (int)from->node_count; id++) {
		const struct fabric_node *node = &from->nodes[id], *there;
		int same = fabric_find(in, node->name);

		there = same == FABRIC_NONE ? NULL : &in->nodes[same];
		compare_address(comparison, from, id, FABRIC_NONE, &node->loopback4,
			there ? &there->loopback4 : NULL);
		compare_address(comparison, from, id, FABRIC_NONE, &node->loopback6,
			there ? &there->loopback6 : NULL);
		for (size_t n = 0; n < node->port_count; n++) {
			const struct fabric_port *port = &from->ports[node->ports[n]], *far;
			int found = same_port(from, node->ports[n], in);

			far = found == FABRIC_NONE ? NULL : &in->ports[found];
			compare_address(comparison, from, id, node->ports[n], &port->address4,
				far ? &far->address4 : NULL);
			compare_address(comparison, from, id, node->ports[n], &port->address6,
				far ? &far->address6 : NULL);
		}
	}
}

/* --- the whole --- */

static void compare(struct comparison *comparison) {
	const struct change *change = comparison->change;

	find_same(comparison);
	find_steps(comparison);
	compare_addresses(comparison, change->before, change->after);
	compare_addresses(comparison, change->after, change->before);
}

int change_create(const struct fabric *before, const struct fabric *after, struct change *change) {
	struct comparison comparison = {.change = change, .no_memory = true};

	*change = (struct change){.before = before, .after = after};
	comparison.fates = calloc(before->node_count + 1, sizeof(*comparison.fates));
	comparison.same_node = calloc(before->node_count + 1, sizeof(*comparison.same_node));
	comparison.same_link = calloc(before->link_count + 1, sizeof(*comparison.same_link));
	comparison.is_swapped = calloc(before->link_count + 1, sizeof(*comparison.is_swapped));
	comparison.node_is_new = calloc(after->node_count + 1, sizeof(*comparison.node_is_new));
	comparison.link_is_new = calloc(after->link_count + 1, sizeof(*comparison.link_is_new));
	if (comparison.fates && comparison.same_node && comparison.same_link &&
		comparison.is_swapped && comparison.node_is_new && comparison.link_is_new) {
		comparison.no_memory = false;
		compare(&comparison);
	}
	free(comparison.fates);
	free(comparison.same_node);
	free(comparison.same_link);
	free(comparison.is_swapped);
	free(comparison.node_is_new);
	free(comparison.link_is_new);
	if (!comparison.no_memory)
		return 0;
	change_free(change);
	return -ENOMEM;
}

void change_free(struct change *change) {
	for (size_t i = 0; i < change->step_count; i++)
		free(change->steps[i].lines);
	free(change->steps);
	free(change->addresses);
	*change = (struct change){0};
}
