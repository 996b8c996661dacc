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

/* Closes, or opens again, the sections by which routes leave a root. */
static void close_leaving(
	struct route_queue *queue, const size_t *sharing, size_t count, size_t root, bool closed) {
	for (size_t i = 0; i < count; i++) {
		int section = queue->found[sharing[i]].route.sections[root];

		queue->no_section[section] = closed || queue->never_section[section];
	}
}

/* The root of a route, and behind it the shortest that no route found so far has. No route waits
 * twice: each root has one that waits, at most, for only a route that left there makes another. */
static void add_spur(struct route_queue *queue, const struct route *parent, size_t root) {
	const struct sections *sections = queue->sections;
	const struct route_limits limits = {queue->no_section, queue->no_node};
	int node = root ? sections->list[parent->sections[root - 1]].to : queue->from;
	struct route tail, whole;

	if (!route_shortest(&queue->arena, sections, node, queue->to, &limits, &tail))
		return;
	whole = (struct route){arena_array(&queue->arena, root + tail.count, sizeof(int)),
		root + tail.count, tail.length_m};
	for (size_t i = 0; i < root; i++)
		whole.length_m += sections->list[parent->sections[i]].length_m;
	memcpy(whole.sections, parent->sections, root * sizeof(int));
	memcpy(whole.sections + root, tail.sections, tail.count * sizeof(int));
	*(struct spur *)arena_append(&queue->arena, &queue->waiting, &queue->waiting_count,
		sizeof(struct spur)) = (struct spur){whole, root};
}

/* Of the routes that share a root, those that share the parent's next section, too. */
static size_t keep_sharing(const struct route_queue *queue, const struct route *parent, size_t root,
	size_t *sharing, size_t count) {
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (queue->found[sharing[i]].route.sections[root] == parent->sections[root])
			sharing[kept++] = sharing[i];
	return kept;
}

/* Nodes of the root are closed to its spurs, one more with each. */
static void add_spurs(struct route_queue *queue, const struct spur *parent) {
	const struct sections *sections = queue->sections;
	const struct route *route = &parent->route;
	struct arena scratch = {0};
	size_t *sharing = arena_array(&scratch, queue->found_count, sizeof(*sharing));
	size_t count = queue->found_count;

	for (size_t i = 0; i < count; i++)
		sharing[i] = i;
	for (size_t root = 0; root < route->count; root++) {
		if (root >= parent->from) {
			close_leaving(queue, sharing, count, root, true);
			add_spur(queue, route, root);
			close_leaving(queue, sharing, count, root, false);
		}
		count = keep_sharing(queue, route, root, sharing, count);
		queue->no_node[sections->list[route->sections[root]].from] = true;
	}
	for (size_t root = 0; root < route->count; root++) {
		int node = sections->list[route->sections[root]].from;

		queue->no_node[node] = queue->never_node[node];
	}
	arena_free(&scratch);
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
