/* capacity: see capacity.h. Cables between the same two switches are one trunk, kept with the lower
 * of the two. A flow runs over two copies of each switch: by one it goes up, by the other down. */
#include "fabric/capacity.h"

#include "fabric/flow.h"

#include <stdlib.h>
#include <string.h>

struct trunk {
	int upper, lower;
	uint64_t mbps; /* of the links that are up */
};

/* What is seen of a switch while a flow is built. */
struct mark {
	uint32_t up, down; /* numbers of its copies; 0: not part of it */
};

struct capacity {
	const struct fabric *fabric;
	struct trunk *trunks;
	size_t trunk_count;
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

	for (size_t t = 0; t < capacity->trunk_count && sums; t++) {
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
	const struct mark *mark = &capacity->marks[node];

	if (!mark->up && !mark->down)
		capacity->seen[capacity->seen_count++] = node;
}

/* Gives a copy to each switch that can be reached upwards; `is_up` says which copy. */
static void mark_above(struct capacity *capacity, int node, bool is_up, uint32_t *count) {
	struct mark *mark = &capacity->marks[node];
	uint32_t *copy = is_up ? &mark->up : &mark->down;

	if (*copy || capacity->node_is_down[node])
		return;
	see(capacity, node);
	*copy = ++*count;
	for (size_t t = capacity->first_trunk[node]; t < capacity->first_trunk[node + 1]; t++)
		if (is_usable(capacity, &capacity->trunks[t]))
			mark_above(capacity, capacity->trunks[t].upper, is_up, count);
}

static int add_trunks(struct capacity *capacity, int node) {
	const struct mark *mark = &capacity->marks[node];
	int error = mark->up && mark->down ? flow_add(capacity->flow, mark->up, mark->down, ENDLESS)
					   : 0;

	for (size_t t = capacity->first_trunk[node]; t < capacity->first_trunk[node + 1] && !error;
		t++) {
		const struct trunk *trunk = &capacity->trunks[t];
		const struct mark *upper = &capacity->marks[trunk->upper];

		if (!is_usable(capacity, trunk))
			continue;
		if (mark->up)
			error = flow_add(capacity->flow, mark->up, upper->up, trunk->mbps);
		if (mark->down && !error)
			error = flow_add(capacity->flow, upper->down, mark->down, trunk->mbps);
	}
	return error;
}

static int build_flow(struct capacity *capacity, const int *from, size_t from_count, const int *to,
	size_t to_count, uint32_t sink) {
	int error = flow_reset(capacity->flow, sink + 1);

	for (size_t i = 0; i < from_count && !error; i++)
		if (capacity->marks[from[i]].up)
			error = flow_add(capacity->flow, 0, capacity->marks[from[i]].up, ENDLESS);
	for (size_t i = 0; i < to_count && !error; i++)
		if (capacity->marks[to[i]].down)
			error = flow_add(
				capacity->flow, capacity->marks[to[i]].down, sink, ENDLESS);
	for (size_t i = 0; i < capacity->seen_count && !error; i++)
		error = add_trunks(capacity, capacity->seen[i]);
	return error;
}

uint64_t capacity_between(struct capacity *capacity, const int *from, size_t from_count,
	const int *to, size_t to_count) {
	uint32_t count = 0;
	uint64_t most = UINT64_MAX;

	capacity->seen_count = 0;
	for (size_t i = 0; i < from_count; i++)
		mark_above(capacity, from[i], true, &count);
	for (size_t i = 0; i < to_count; i++)
		mark_above(capacity, to[i], false, &count);
	if (build_flow(capacity, from, from_count, to, to_count, count + 1) == 0)
		most = flow_most(capacity->flow, 0, count + 1);
	for (size_t i = 0; i < capacity->seen_count; i++)
		capacity->marks[capacity->seen[i]] = (struct mark){0};
	return most;
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

		if (!fabric_is_switch(other) || is_upward(other, node))
			sum += fabric->links[fabric->ports[node->ports[n]].link].speed_mbps;
	}
	return sum;
}
