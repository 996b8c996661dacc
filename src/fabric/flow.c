/* flow: see flow.h. Edges come in pairs, there and back, so that `^ 1` is the other of a pair. */
#include "fabric/flow.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct edge {
	uint32_t to;
	uint32_t next; /* of the same node; NONE: the last */
	uint64_t left;
};

struct node {
	uint32_t first, current; /* edges */
	uint32_t level;          /* from the source, 1 on; 0: not reached */
};

struct flow {
	struct node *nodes;
	uint32_t *queue;
	struct edge *edges;
	size_t node_count, node_room, edge_count, edge_room;
};

static const uint32_t NONE = UINT32_MAX;

struct flow *flow_create(void) {
	return calloc(1, sizeof(struct flow));
}

void flow_destroy(struct flow *flow) {
	if (!flow)
		return;
	free(flow->nodes);
	free(flow->queue);
	free(flow->edges);
	free(flow);
}

int flow_reset(struct flow *flow, size_t node_count) {
	if (node_count > flow->node_room) {
		struct node *nodes = realloc(flow->nodes, node_count * sizeof(*nodes));
		uint32_t *queue;

		if (!nodes)
			return -ENOMEM;
		flow->nodes = nodes;
		queue = realloc(flow->queue, node_count * sizeof(*queue));
		if (!queue)
			return -ENOMEM;
		flow->queue = queue;
		flow->node_room = node_count;
	}
	for (size_t i = 0; i < node_count; i++)
		flow->nodes[i] = (struct node){.first = NONE};
	flow->node_count = node_count;
	flow->edge_count = 0;
	return 0;
}

static void add_half(struct flow *flow, uint32_t from, uint32_t to, uint64_t capacity) {
	struct node *node = &flow->nodes[from];

	flow->edges[flow->edge_count] =
		(struct edge){.to = to, .next = node->first, .left = capacity};
	node->first = (uint32_t)flow->edge_count++;
}

int flow_add(struct flow *flow, uint32_t from, uint32_t to, uint64_t capacity) {
	if (flow->edge_count + 2 > flow->edge_room) {
		size_t room = flow->edge_room ? 2 * flow->edge_room : 64;
		struct edge *edges = realloc(flow->edges, room * sizeof(*edges));

		if (!edges)
			return -ENOMEM;
		flow->edges = edges;
		flow->edge_room = room;
	}
	add_half(flow, from, to, capacity);
	add_half(flow, to, from, 0);
	return 0;
}

/* Levels by how many edges with something left lie between; false if the sink is not reached. */
static bool find_levels(struct flow *flow, uint32_t source, uint32_t sink) {
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < flow->node_count; i++) {
		flow->nodes[i].level = 0;
		flow->nodes[i].current = flow->nodes[i].first;
	}
	flow->nodes[source].level = 1;
	flow->queue[tail++] = source;
	while (head < tail) {
		const struct node *from = &flow->nodes[flow->queue[head++]];

		for (uint32_t e = from->first; e != NONE; e = flow->edges[e].next) {
			struct node *to = &flow->nodes[flow->edges[e].to];

			if (flow->edges[e].left == 0 || to->level)
				continue;
			to->level = from->level + 1;
			flow->queue[tail++] = flow->edges[e].to;
		}
	}
	return flow->nodes[sink].level != 0;
}

/* Sends up to `most` on from a node, level by level. As deep as there are tiers. */
static uint64_t push(struct flow *flow, uint32_t at, uint32_t sink, uint64_t most) {
	struct node *node = &flow->nodes[at];
	uint64_t sent = 0;

	if (at == sink)
		return most;
	for (; node->current != NONE && sent < most;
		node->current = flow->edges[node->current].next) {
		uint32_t e = node->current;
		uint64_t part =
			most - sent < flow->edges[e].left ? most - sent : flow->edges[e].left;

		if (part == 0 || flow->nodes[flow->edges[e].to].level != node->level + 1)
			continue;
		part = push(flow, flow->edges[e].to, sink, part);
		flow->edges[e].left -= part;
		flow->edges[e ^ 1].left += part;
		sent += part;
		if (sent == most)
			break; /* this edge may have more left */
	}
	return sent;
}

uint64_t flow_most(struct flow *flow, uint32_t source, uint32_t sink) {
	uint64_t total = 0, sent;

	while (find_levels(flow, source, sink))
		while ((sent = push(flow, source, sink, UINT64_MAX / 4)) > 0)
			total += sent;
	return total;
}
