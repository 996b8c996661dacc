/* routes_queue: all routes by length, one after another; see routes.h. */
#include "optics/routes.h"

#include <stdlib.h>
#include <string.h>

/* A route, and the section from which on it differs from the one that it came of. */
struct spur {
	struct route route;
	size_t from;
};

struct route_queue {
	struct arena arena;
	const struct sections *sections;
	int from, to;
	bool *never_section, *never_node; /* the caller's limits */
	bool *no_section, *no_node;       /* and, while spurs are made, theirs, too */
	struct spur *found, *waiting;
	size_t found_count, waiting_count;
};

static bool *copy_of(struct arena *arena, const bool *limits, size_t count) {
	bool *copy = arena_array(arena, count, sizeof(*copy));

	if (limits)
		memcpy(copy, limits, count * sizeof(*copy));
	return copy;
}

struct route_queue *route_queue_create(
	const struct sections *sections, int from, int to, const struct route_limits *limits) {
	struct arena arena = {0};
	struct route_queue *queue = arena_alloc(&arena, sizeof(*queue));
	struct spur *first;

	queue->sections = sections;
	queue->from = from;
	queue->to = to;
	queue->never_section = copy_of(&arena, limits ? limits->no_section : NULL, sections->count);
	queue->never_node = copy_of(&arena, limits ? limits->no_node : NULL, sections->node_count);
	queue->no_section = copy_of(&arena, queue->never_section, sections->count);
	queue->no_node = copy_of(&arena, queue->never_node, sections->node_count);
	first = arena_append(&arena, &queue->waiting, &queue->waiting_count, sizeof(*first));
	if (!route_shortest(&arena, sections, from, to,
		    &(struct route_limits){queue->no_section, queue->no_node}, &first->route))
		queue->waiting_count = 0;
	queue->arena = arena;
	return queue;
}

void route_queue_free(struct route_queue *queue) {
	struct arena arena = queue->arena;

	arena_free(&arena);
}

static bool shares_root(const struct route *one, const struct route *other, size_t length) {
	return one->count > length && other->count > length &&
	       memcmp(one->sections, other->sections, length * sizeof(int)) == 0;
}

static bool is_waiting(const struct route_queue *queue, const struct route *route) {
	for (size_t i = 0; i < queue->waiting_count; i++)
		if (route_is_same(&queue->waiting[i].route, route))
			return true;
	return false;
}

/* The root of a route, and behind it the shortest that no route found so far has. */
static void add_spur(struct route_queue *queue, const struct route *parent, size_t root) {
	const struct sections *sections = queue->sections;
	const struct route_limits limits = {queue->no_section, queue->no_node};
	int node = root ? sections->list[parent->sections[root - 1]].to : queue->from;
	struct route tail, whole;

	for (size_t i = 0; i < queue->found_count; i++)
		if (shares_root(&queue->found[i].route, parent, root))
			queue->no_section[queue->found[i].route.sections[root]] = true;
	if (route_shortest(&queue->arena, sections, node, queue->to, &limits, &tail)) {
		whole = (struct route){arena_array(&queue->arena, root + tail.count, sizeof(int)),
			root + tail.count, tail.length_m};
		for (size_t i = 0; i < root; i++)
			whole.length_m += sections->list[parent->sections[i]].length_m;
		memcpy(whole.sections, parent->sections, root * sizeof(int));
		memcpy(whole.sections + root, tail.sections, tail.count * sizeof(int));
		if (!is_waiting(queue, &whole))
			*(struct spur *)arena_append(&queue->arena, &queue->waiting,
				&queue->waiting_count, sizeof(struct spur)) =
				(struct spur){whole, root};
	}
	for (size_t i = 0; i < queue->found_count; i++)
		if (shares_root(&queue->found[i].route, parent, root)) {
			int section = queue->found[i].route.sections[root];

			queue->no_section[section] = queue->never_section[section];
		}
}

/* Nodes of the root are closed to its spurs, one more with each. */
static void add_spurs(struct route_queue *queue, const struct spur *parent) {
	const struct sections *sections = queue->sections;
	const struct route *route = &parent->route;

	for (size_t root = 0; root < route->count; root++) {
		int node = sections->list[route->sections[root]].from;

		if (root >= parent->from)
			add_spur(queue, route, root);
		queue->no_node[node] = true;
	}
	for (size_t root = 0; root < route->count; root++) {
		int node = sections->list[route->sections[root]].from;

		queue->no_node[node] = queue->never_node[node];
	}
}

/* By length; equally long ones by their sections, so that the order is always the same. */
static bool is_before(const struct route *one, const struct route *other) {
	size_t least = one->count < other->count ? one->count : other->count;

	if (one->length_m != other->length_m)
		return one->length_m < other->length_m;
	for (size_t i = 0; i < least; i++)
		if (one->sections[i] != other->sections[i])
			return one->sections[i] < other->sections[i];
	return one->count < other->count;
}

bool route_queue_next(struct route_queue *queue, struct route *route) {
	size_t best = 0;

	if (queue->found_count) {
		const struct spur last = queue->found[queue->found_count - 1];

		add_spurs(queue, &last);
	}
	if (!queue->waiting_count)
		return false;
	for (size_t i = 1; i < queue->waiting_count; i++)
		if (is_before(&queue->waiting[i].route, &queue->waiting[best].route))
			best = i;
	*(struct spur *)arena_append(&queue->arena, &queue->found, &queue->found_count,
		sizeof(struct spur)) = queue->waiting[best];
	*route = queue->waiting[best].route;
	queue->waiting[best] = queue->waiting[--queue->waiting_count];
	return true;
}
