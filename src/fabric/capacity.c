/* capacity: see capacity.h. Cables between the same two switches are one trunk, kept with the lower
 * of the two; those that lead from one site to another follow. A flow runs over two copies of each
 * switch: by one it goes up, by the other down. Once across, it runs over two more. */
#include "fabric/capacity.h"

#include "fabric/flow.h"

#include <stdlib.h>
#include <string.h>

struct trunk {
	int upper, lower;
	uint64_t mbps; /* of the links that are up */
};

enum copy { UP, DOWN, UP_BEYOND, DOWN_BEYOND, COPIES };

/* What is seen of a switch while a flow is built. */
struct mark {
	uint32_t copies[COPIES]; /* their numbers; 0: not part of it */
};

struct capacity {
	const struct fabric *fabric;
	struct trunk *trunks;
	size_t trunk_count, crossing_count;
	size_t *first_trunk; /* by node, and one beyond: those to what is above it */
	int *trunk_of_link;  /* or FABRIC_NONE */
	bool *link_is_down, *node_is_down;
	uint32_t *classes; /* by node */
	struct mark *marks;
	int *seen; /* nodes with marks, in order */
	size_t seen_count;
	struct flow *flow;
};

static const uint64_t ENDLESS = UINT64_MAX / 8;

/* --- trunks --- */

static bool is_upward(const struct fabric_node *lower, const struct fabric_node *upper) {
	bool is_edge = lower->role == ROLE_LEAF || lower->role == ROLE_BORDER;

	return fabric_is_switch(lower) && fabric_is_switch(upper) && upper->role < lower->role &&
	       !(is_edge && upper->role >= ROLE_LEAF);
}

/* Lower nodes in order, each with its trunks: every link belongs to one, or to none. */
static void find_trunks(struct capacity *capacity) {
	const struct fabric *fabric = capacity->fabric;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		capacity->first_trunk[id] = capacity->trunk_count;
		for (size_t n = 0; n < node->port_count; n++) {
			const struct fabric_port *port = &fabric->ports[node->ports[n]];
			int upper = fabric->ports[port->other].node;
			size_t t = capacity->first_trunk[id];

			if (!is_upward(node, &fabric->nodes[upper]))
				continue;
			while (t < capacity->trunk_count && capacity->trunks[t].upper != upper)
				t++;
			if (t == capacity->trunk_count)
				capacity->trunks[capacity->trunk_count++] =
					(struct trunk){.upper = upper, .lower = (int)id};
			capacity->trunks[t].mbps += fabric->links[port->link].speed_mbps;
			capacity->trunk_of_link[port->link] = (int)t;
		}
	}
	capacity->first_trunk[fabric->node_count] = capacity->trunk_count;
}

/* Behind the trunks: those between borders. */
static void find_crossings(struct capacity *capacity) {
	const struct fabric *fabric = capacity->fabric;
	struct trunk *crossings = capacity->trunks + capacity->trunk_count;

	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];
		int upper = fabric->ports[link->ports[0]].node,
		    lower = fabric->ports[link->ports[1]].node;
		size_t n = 0;

		if (link->tier != TIER_INTERCONNECT)
			continue;
		while (n < capacity->crossing_count &&
			(crossings[n].upper != upper || crossings[n].lower != lower))
			n++;
		if (n == capacity->crossing_count)
			crossings[capacity->crossing_count++] =
				(struct trunk){.upper = upper, .lower = lower};
		crossings[n].mbps += link->speed_mbps;
		capacity->trunk_of_link[i] = (int)(capacity->trunk_count + n);
	}
}

void capacity_set_link(struct capacity *capacity, int link, bool is_up) {
	int trunk = capacity->trunk_of_link[link];
	uint64_t mbps = capacity->fabric->links[link].speed_mbps;

	if (capacity->link_is_down[link] == !is_up)
		return;
	capacity->link_is_down[link] = !is_up;
	if (trunk == FABRIC_NONE)
		return;
	if (is_up)
		capacity->trunks[trunk].mbps += mbps;
	else
		capacity->trunks[trunk].mbps -= mbps;
}

void capacity_set_node(struct capacity *capacity, int node, bool is_up) {
	capacity->node_is_down[node] = !is_up;
}

static bool is_usable(const struct capacity *capacity, const struct trunk *trunk) {
	return trunk->mbps && !capacity->node_is_down[trunk->upper] &&
	       !capacity->node_is_down[trunk->lower];
}

size_t capacity_above(const struct capacity *capacity, int node, int *above) {
	size_t count = 0;

	for (size_t t = capacity->first_trunk[node]; t < capacity->first_trunk[node + 1]; t++)
		if (is_usable(capacity, &capacity->trunks[t]))
			above[count++] = capacity->trunks[t].upper;
	return count;
}

size_t capacity_crossings(const struct capacity *capacity) {
	return capacity->crossing_count;
}

bool capacity_crosses(const struct capacity *capacity, size_t crossing, int ends[2]) {
	const struct trunk *trunk = &capacity->trunks[capacity->trunk_count + crossing];

	ends[0] = trunk->upper;
	ends[1] = trunk->lower;
	return is_usable(capacity, trunk);
}

/* --- classes --- */

static uint64_t mix(uint64_t one, uint64_t other) {
	uint64_t word = one * 0x9e3779b97f4a7c15 + other;

	word ^= word >> 31;
	word *= 0xbf58476d1ce4e5b9;
	return word ^ word >> 29;
}

/* Switches are alike if the sums over their trunks are: 64 bits, over all neighbours with their
 * bandwidths and on which side they are. */
static int find_classes(struct capacity *capacity) {
	size_t nodes = capacity->fabric->node_count, class_count = 0;
	uint64_t *sums = calloc(nodes + 1, sizeof(*sums));
	uint64_t *classes = calloc(nodes + 1, sizeof(*classes));

	for (size_t t = 0; t < capacity->trunk_count + capacity->crossing_count && sums; t++) {
		const struct trunk *trunk = &capacity->trunks[t];

		sums[trunk->lower] += mix(2 * (uint64_t)trunk->upper + 1, trunk->mbps);
		sums[trunk->upper] += mix(2 * (uint64_t)trunk->lower + 2, trunk->mbps);
	}
	for (size_t id = 0; id < nodes && sums && classes; id++) {
		size_t n = 0;

		while (n < class_count && classes[n] != sums[id])
			n++;
		if (n == class_count)
			classes[class_count++] = sums[id];
		capacity->classes[id] = (uint32_t)n;
	}
	free(sums);
	free(classes);
	return sums && classes ? 0 : -1;
}

uint32_t capacity_class(const struct capacity *capacity, int node) {
	return capacity->classes[node];
}

/* --- flows --- */

static void see(struct capacity *capacity, int node) {
	static const struct mark none;

	if (memcmp(&capacity->marks[node], &none, sizeof(none)) == 0)
		capacity->seen[capacity->seen_count++] = node;
}

/* Gives a copy to each switch that can be reached upwards. */
static void mark_above(struct capacity *capacity, int node, enum copy copy, uint32_t *count) {
	uint32_t *number = &capacity->marks[node].copies[copy];

	if (*number || capacity->node_is_down[node])
		return;
	see(capacity, node);
	*number = ++*count;
	for (size_t t = capacity->first_trunk[node]; t < capacity->first_trunk[node + 1]; t++)
		if (is_usable(capacity, &capacity->trunks[t]))
			mark_above(capacity, capacity->trunks[t].upper, copy, count);
}

/* A node's trunks, by its copies on this side of what is crossed, or beyond. */
static int add_trunks(struct capacity *capacity, int node, enum copy up, enum copy down) {
	const uint32_t *own = capacity->marks[node].copies;
	int error =
		own[up] && own[down] ? flow_add(capacity->flow, own[up], own[down], ENDLESS) : 0;

	for (size_t t = capacity->first_trunk[node]; t < capacity->first_trunk[node + 1] && !error;
		t++) {
		const struct trunk *trunk = &capacity->trunks[t];
		const uint32_t *upper = capacity->marks[trunk->upper].copies;

		if (!is_usable(capacity, trunk))
			continue;
		if (own[up])
			error = flow_add(capacity->flow, own[up], upper[up], trunk->mbps);
		if (own[down] && !error)
			error = flow_add(capacity->flow, upper[down], own[down], trunk->mbps);
	}
	return error;
}

/* What has come down to one end goes up from the other, either way. */
static int add_crossing(struct capacity *capacity, const struct trunk *crossing) {
	const uint32_t *one = capacity->marks[crossing->upper].copies;
	const uint32_t *other = capacity->marks[crossing->lower].copies;
	int error = flow_add(capacity->flow, one[DOWN], other[UP_BEYOND], crossing->mbps);

	return error ? error
		     : flow_add(capacity->flow, other[DOWN], one[UP_BEYOND], crossing->mbps);
}

/* The places of those between borders among the trunks; none unless a flow may cross. */
static size_t end_of(const struct capacity *capacity, bool may_cross) {
	return capacity->trunk_count + (may_cross ? capacity->crossing_count : 0);
}

static int build_flow(struct capacity *capacity, const int *from, size_t from_count, const int *to,
	size_t to_count, uint32_t sink, bool may_cross) {
	int error = flow_reset(capacity->flow, sink + 1);

	for (size_t i = 0; i < from_count && !error; i++)
		if (capacity->marks[from[i]].copies[UP])
			error = flow_add(
				capacity->flow, 0, capacity->marks[from[i]].copies[UP], ENDLESS);
	for (size_t i = 0; i < to_count && !error; i++)
		for (int copy = DOWN; copy <= DOWN_BEYOND && !error; copy += DOWN_BEYOND - DOWN)
			if (capacity->marks[to[i]].copies[copy])
				error = flow_add(capacity->flow,
					capacity->marks[to[i]].copies[copy], sink, ENDLESS);
	for (size_t i = 0; i < capacity->seen_count && !error; i++) {
		error = add_trunks(capacity, capacity->seen[i], UP, DOWN);
		if (!error && may_cross)
			error = add_trunks(capacity, capacity->seen[i], UP_BEYOND, DOWN_BEYOND);
	}
	for (size_t t = capacity->trunk_count; t < end_of(capacity, may_cross) && !error; t++)
		if (is_usable(capacity, &capacity->trunks[t]))
			error = add_crossing(capacity, &capacity->trunks[t]);
	return error;
}

/* Both ends of what may be crossed: where it is come down to, and gone up from. */
static void mark_crossings(
	struct capacity *capacity, const int *to, size_t to_count, uint32_t *count) {
	for (size_t t = capacity->trunk_count; t < end_of(capacity, true); t++) {
		const struct trunk *trunk = &capacity->trunks[t];

		for (int copy = DOWN; copy <= UP_BEYOND && is_usable(capacity, trunk); copy++) {
			mark_above(capacity, trunk->upper, (enum copy)copy, count);
			mark_above(capacity, trunk->lower, (enum copy)copy, count);
		}
	}
	for (size_t i = 0; i < to_count; i++)
		mark_above(capacity, to[i], DOWN_BEYOND, count);
}

static uint64_t most_between(struct capacity *capacity, const int *from, size_t from_count,
	const int *to, size_t to_count, bool may_cross) {
	uint32_t count = 0;
	uint64_t most = UINT64_MAX;

	capacity->seen_count = 0;
	for (size_t i = 0; i < from_count; i++)
		mark_above(capacity, from[i], UP, &count);
	for (size_t i = 0; i < to_count; i++)
		mark_above(capacity, to[i], DOWN, &count);
	if (may_cross)
		mark_crossings(capacity, to, to_count, &count);
	if (build_flow(capacity, from, from_count, to, to_count, count + 1, may_cross) == 0)
		most = flow_most(capacity->flow, 0, count + 1);
	for (size_t i = 0; i < capacity->seen_count; i++)
		capacity->marks[capacity->seen[i]] = (struct mark){0};
	return most;
}

uint64_t capacity_between(struct capacity *capacity, const int *from, size_t from_count,
	const int *to, size_t to_count) {
	uint64_t most = most_between(capacity, from, from_count, to, to_count, false);

	return most == 0 && capacity->crossing_count
		       ? most_between(capacity, from, from_count, to, to_count, true)
		       : most;
}

/* --- the whole --- */

struct capacity *capacity_create(const struct fabric *fabric) {
	struct capacity *capacity = calloc(1, sizeof(*capacity));
	size_t nodes = fabric->node_count + 1, links = fabric->link_count + 1;

	if (!capacity)
		return NULL;
	capacity->fabric = fabric;
	capacity->trunks = calloc(links, sizeof(*capacity->trunks));
	capacity->first_trunk = calloc(nodes, sizeof(*capacity->first_trunk));
	capacity->trunk_of_link = malloc(links * sizeof(*capacity->trunk_of_link));
	capacity->link_is_down = calloc(links, sizeof(*capacity->link_is_down));
	capacity->node_is_down = calloc(nodes, sizeof(*capacity->node_is_down));
	capacity->classes = calloc(nodes, sizeof(*capacity->classes));
	capacity->marks = calloc(nodes, sizeof(*capacity->marks));
	capacity->seen = calloc(nodes, sizeof(*capacity->seen));
	capacity->flow = flow_create();
	if (!capacity->trunks || !capacity->first_trunk || !capacity->trunk_of_link ||
		!capacity->link_is_down || !capacity->node_is_down || !capacity->classes ||
		!capacity->marks || !capacity->seen || !capacity->flow) {
		capacity_destroy(capacity);
		return NULL;
	}
	for (size_t i = 0; i < links; i++)
		capacity->trunk_of_link[i] = FABRIC_NONE;
	find_trunks(capacity);
	find_crossings(capacity);
	if (find_classes(capacity) < 0) {
		capacity_destroy(capacity);
		return NULL;
	}
	return capacity;
}

void capacity_destroy(struct capacity *capacity) {
	if (!capacity)
		return;
	free(capacity->trunks);
	free(capacity->first_trunk);
	free(capacity->trunk_of_link);
	free(capacity->link_is_down);
	free(capacity->node_is_down);
	free(capacity->classes);
	free(capacity->marks);
	free(capacity->seen);
	flow_destroy(capacity->flow);
	free(capacity);
}

/* --- of a node --- */

uint64_t capacity_up_mbps(const struct fabric *fabric, int id) {
	const struct fabric_node *node = &fabric->nodes[id];
	uint64_t sum = 0;

	for (size_t n = 0; n < node->port_count; n++)
		if (is_upward(node, fabric_neighbour(fabric, node->ports[n])))
			sum += fabric->links[fabric->ports[node->ports[n]].link].speed_mbps;
	return sum;
}

uint64_t capacity_down_mbps(const struct fabric *fabric, int id) {
	const struct fabric_node *node = &fabric->nodes[id];
	uint64_t sum = 0;

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_node *other = fabric_neighbour(fabric, node->ports[n]);

		if (!fabric_is_switch(other) || is_upward(other, node) ||
			fabric_are_across(node, other))
			sum += fabric->links[fabric->ports[node->ports[n]].link].speed_mbps;
	}
	return sum;
}
