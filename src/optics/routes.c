/* routes: the shortest, and what is done with a route; see routes.h. */
#include "optics/routes.h"

#include "optics/routes_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A binary heap of nodes by distance, that knows where each is. */
struct heap {
	int *items, *place;
	const double *distance;
	size_t count;
};

static void heap_put(struct heap *heap, size_t at, int item) {
	heap->items[at] = item;
	heap->place[item] = (int)at;
}

static void heap_rise(struct heap *heap, size_t at) {
	int item = heap->items[at];

	while (at > 0 && heap->distance[heap->items[(at - 1) / 2]] > heap->distance[item]) {
		heap_put(heap, at, heap->items[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(heap, at, item);
}

static int heap_pop(struct heap *heap) {
	int top = heap->items[0], item = heap->items[--heap->count];
	size_t at = 0, child;

	heap->place[top] = NODE_NONE;
	while ((child = 2 * at + 1) < heap->count) {
		if (child + 1 < heap->count &&
			heap->distance[heap->items[child + 1]] < heap->distance[heap->items[child]])
			child++;
		if (heap->distance[heap->items[child]] >= heap->distance[item])
			break;
		heap_put(heap, at, heap->items[child]);
		at = child;
	}
	if (heap->count)
		heap_put(heap, at, item);
	return top;
}

bool route_allows(const struct sections *sections, const struct route_limits *limits, int section) {
	return !limits || !((limits->no_section && limits->no_section[section]) ||
				  (limits->no_node && limits->no_node[sections->list[section].to]));
}

/* What a search leaves behind: by node, the distance and the section that it was reached by. */
struct search {
	double *distance;
	int *came;
	struct heap heap;
};

static void relax(struct search *search, const struct sections *sections, int section) {
	const struct section *it = &sections->list[section];
	double far = search->distance[it->from] + it->length_m;

	if (far >= search->distance[it->to])
		return;
	if (search->heap.place[it->to] == NODE_NONE)
		heap_put(&search->heap, search->heap.count++, it->to);
	search->distance[it->to] = far;
	search->came[it->to] = section;
	heap_rise(&search->heap, (size_t)search->heap.place[it->to]);
}

/* Dijkstra's. */
static void run_search(struct search *search, const struct sections *sections, int from, int to,
	const struct route_limits *limits) {
	for (size_t i = 0; i < sections->node_count; i++) {
		search->distance[i] = INFINITY;
		search->heap.place[i] = NODE_NONE;
	}
	search->distance[from] = 0;
	heap_put(&search->heap, search->heap.count++, from);
	while (search->heap.count) {
		int at = heap_pop(&search->heap);

		if (at == to)
			return;
		if (at != from && !sections_passable(sections, at))
			continue;
		for (size_t i = 0; i < sections->out_count[at]; i++)
			if (route_allows(sections, limits, sections->out[at][i]))
				relax(search, sections, sections->out[at][i]);
	}
}

static void trace(struct arena *arena, const struct sections *sections, const struct search *search,
	int from, int to, struct route *route) {
	size_t count = 0;

	for (int at = to; at != from; at = sections->list[search->came[at]].from)
		count++;
	*route =
		(struct route){arena_array(arena, count, sizeof(int)), count, search->distance[to]};
	for (int at = to; at != from; at = sections->list[search->came[at]].from)
		route->sections[--count] = search->came[at];
}

bool route_shortest(struct arena *arena, const struct sections *sections, int from, int to,
	const struct route_limits *limits, struct route *route) {
	size_t size = sections->node_count;
	struct arena scratch = {0};
	struct search search = {.distance = arena_array(&scratch, size, sizeof(double)),
		.came = arena_array(&scratch, size, sizeof(int))};
	bool found;

	search.heap = (struct heap){arena_array(&scratch, size, sizeof(int)),
		arena_array(&scratch, size, sizeof(int)), search.distance, 0};
	run_search(&search, sections, from, to, limits);
	found = isfinite(search.distance[to]);
	if (found)
		trace(arena, sections, &search, from, to, route);
	arena_free(&scratch);
	return found;
}

/* ---- what is done with them ---- */

struct route route_copy(struct arena *arena, const struct route *route) {
	struct route copy = *route;

	copy.sections = arena_array(arena, route->count, sizeof(int));
	if (route->count)
		memcpy(copy.sections, route->sections, route->count * sizeof(int));
	return copy;
}

bool route_is_same(const struct route *one, const struct route *other) {
	return one->count == other->count &&
	       (!one->count ||
		       memcmp(one->sections, other->sections, one->count * sizeof(int)) == 0);
}

int *route_way(struct arena *arena, const struct sections *sections, const struct route *route,
	int from, size_t *count) {
	size_t length = 1;
	int *way;

	for (size_t i = 0; i < route->count; i++)
		length += sections->list[route->sections[i]].count + 1;
	way = arena_array(arena, length, sizeof(*way));
	*count = 0;
	way[(*count)++] = sections->nodes[from];
	for (size_t i = 0; i < route->count; i++) {
		const struct section *section = &sections->list[route->sections[i]];

		for (size_t k = 0; k < section->count; k++)
			way[(*count)++] = section->elements[k];
		way[(*count)++] = sections->nodes[section->to];
	}
	return way;
}

bool route_reverse(struct arena *arena, const struct sections *sections, const struct route *route,
	struct route *reverse) {
	*reverse = (struct route){arena_array(arena, route->count, sizeof(int)), route->count, 0};
	for (size_t i = 0; i < route->count; i++) {
		int opposite = sections->list[route->sections[route->count - 1 - i]].opposite;

		if (opposite == SECTION_NONE)
			return false;
		reverse->sections[i] = opposite;
		reverse->length_m += sections->list[opposite].length_m;
	}
	return true;
}

bool route_passes(const struct sections *sections, const struct route *route, int from,
	const int *elements, size_t count) {
	struct arena scratch = {0};
	size_t length, met = 0;
	const int *way = route_way(&scratch, sections, route, from, &length);

	for (size_t i = 0; i < length && met < count; i++)
		met += way[i] == elements[met];
	arena_free(&scratch);
	return met == count;
}

/* ---- without sections ---- */

int *route_shortest_way(const struct network *network, int from, int to, size_t *count) {
	struct sections sections;
	struct arena scratch = {0};
	struct route route;
	int *way = NULL;

	sections_build(&sections, network);
	from = sections.node_of[from];
	to = sections.node_of[to];
	if (from != NODE_NONE && to != NODE_NONE &&
		route_shortest(&scratch, &sections, from, to, NULL, &route)) {
		const int *elements = route_way(&scratch, &sections, &route, from, count);

		way = malloc(*count * sizeof(*way));
		if (way)
			memcpy(way, elements, *count * sizeof(*way));
	}
	arena_free(&scratch);
	sections_free(&sections);
	return way;
}
