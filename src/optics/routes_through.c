/* routes_through: routes that pass certain elements; see routes.h. */
#include "optics/routes_private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Shortest ways looked for, each tens of microseconds, before a search gives up. */
enum { SEARCHES_MOST = 20000, LEG_ROUTES_MOST = 200 };

/* What is to be passed: a node, or a section. */
struct stop {
	int node;    /* where a leg ends */
	int section; /* that is passed from there, or SECTION_NONE */
};

/* A search for the shortest way over stops: legs, each by all its routes, that share no node. */
struct legs {
	struct arena arena;
	const struct sections *sections;
	const struct stop *stops; /* the last one is the end */
	size_t count;
	bool *no_section, *no_node;
	double *least; /* by stop: from its section's end to the end of all, sharing or not */
	struct route way, best;
	size_t searches;
};

static int after(const struct legs *legs, const struct stop *stop) {
	return stop->section == SECTION_NONE ? stop->node : legs->sections->list[stop->section].to;
}

static double own_length(const struct legs *legs, const struct stop *stop) {
	return stop->section == SECTION_NONE ? 0 : legs->sections->list[stop->section].length_m;
}

/* Adds to the way, or takes back; nodes that it leaves are closed to the rest. */
static void walk(struct legs *legs, const struct route *leg, bool forth) {
	for (size_t i = 0; i < leg->count; i++) {
		const struct section *section = &legs->sections->list[leg->sections[i]];

		legs->no_node[section->from] = forth;
		if (forth)
			legs->way.sections[legs->way.count + i] = leg->sections[i];
	}
	if (!forth)
		legs->way.count -= leg->count;
	else
		legs->way.count += leg->count;
	legs->way.length_m += forth ? leg->length_m : -leg->length_m;
}

static void close_stops(struct legs *legs, size_t from, bool closed) {
	for (size_t i = from; i < legs->count; i++) {
		legs->no_node[legs->stops[i].node] = closed;
		legs->no_node[after(legs, &legs->stops[i])] = closed;
	}
}

static void search_from(struct legs *legs, int at, size_t stop);

/* The leg's route and what follows it. */
static void try_leg(struct legs *legs, const struct route *leg, size_t stop) {
	const struct stop *it = &legs->stops[stop];
	int section = it->section;
	struct route passed = {&section, section != SECTION_NONE, own_length(legs, it)};

	walk(legs, leg, true);
	walk(legs, &passed, true);
	if (stop + 1 == legs->count) {
		if (legs->way.length_m < legs->best.length_m) {
			legs->best.count = legs->way.count;
			legs->best.length_m = legs->way.length_m;
			memcpy(legs->best.sections, legs->way.sections,
				legs->way.count * sizeof(int));
		}
	} else {
		search_from(legs, after(legs, it), stop + 1);
	}
	walk(legs, &passed, false);
	walk(legs, leg, false);
}

static void search_from(struct legs *legs, int at, size_t stop) {
	const struct route_limits limits = {legs->no_section, legs->no_node};
	const struct stop *it = &legs->stops[stop];
	struct route_queue *queue;
	struct route leg;

	close_stops(legs, stop, true);
	legs->no_node[it->node] = false;
	queue = route_queue_create(legs->sections, at, it->node, &limits);
	close_stops(legs, stop, false);
	for (int k = 0; k < LEG_ROUTES_MOST && legs->searches < SEARCHES_MOST; k++) {
		if (at == it->node) {
			leg = (struct route){0};
			k = LEG_ROUTES_MOST;
		} else if (!route_queue_next(queue, &leg)) {
			break;
		}
		legs->searches += leg.count + 1;
		if (legs->way.length_m + leg.length_m + own_length(legs, it) + legs->least[stop] >=
			legs->best.length_m)
			break;
		try_leg(legs, &leg, stop);
	}
	route_queue_free(queue);
}

/* By stop, the least that is left from it on; false if some leg cannot be. */
static bool bound_legs(struct legs *legs, const struct route_limits *limits) {
	legs->least = arena_array(&legs->arena, legs->count, sizeof(double));
	for (size_t i = legs->count - 1; i-- > 0;) {
		const struct stop *next = &legs->stops[i + 1];
		int from = after(legs, &legs->stops[i]);
		struct route leg = {0};

		if (from != next->node && !route_shortest(&legs->arena, legs->sections, from,
						  next->node, limits, &leg))
			return false;
		legs->least[i] = leg.length_m + own_length(legs, next) + legs->least[i + 1];
	}
	return true;
}

/* Whether a node comes twice in the stops; one may begin where the one before it ends. */
static bool meet_twice(struct legs *legs) {
	bool *seen = arena_array(&legs->arena, legs->sections->node_count, sizeof(*seen));
	int last = NODE_NONE;

	for (size_t i = 0; i < legs->count; i++) {
		const int nodes[] = {legs->stops[i].node, after(legs, &legs->stops[i])};

		for (int k = 0; k < 2; k++) {
			if (nodes[k] != last && seen[nodes[k]])
				return true;
			last = nodes[k];
			seen[last] = true;
		}
	}
	return false;
}

static int search_legs(struct arena *arena, const struct sections *sections, int from,
	const struct stop *stops, size_t count, const struct route_limits *limits,
	struct route *route) {
	struct legs legs = {.sections = sections, .stops = stops, .count = count};
	int error = -ENOENT;

	legs.no_section = arena_array(&legs.arena, sections->count, sizeof(bool));
	legs.no_node = arena_array(&legs.arena, sections->node_count, sizeof(bool));
	if (limits && limits->no_section)
		memcpy(legs.no_section, limits->no_section, sections->count);
	if (limits && limits->no_node)
		memcpy(legs.no_node, limits->no_node, sections->node_count);
	legs.way.sections = arena_array(&legs.arena, sections->count, sizeof(int));
	legs.best.sections = arena_array(&legs.arena, sections->count, sizeof(int));
	legs.best.length_m = INFINITY;
	if (!meet_twice(&legs) && bound_legs(&legs, limits)) {
		search_from(&legs, from, 0);
		if (isfinite(legs.best.length_m)) {
			*route = route_copy(arena, &legs.best);
			error = 0;
		} else if (legs.searches >= SEARCHES_MOST) {
			error = -EAGAIN;
		}
	}
	arena_free(&legs.arena);
	return error;
}

/* Two routes from the one stop to both ends that share no node are one route through it; the first
 * is walked the other way: -EAGAIN if some section has only one. */
static int by_pair(struct arena *arena, const struct sections *sections, int from, int over, int to,
	const struct route_limits *limits, struct route *route) {
	struct route pair[2], first;

	if (!route_pair(arena, sections, over, (int[]){from, to}, true, limits, pair))
		return -ENOENT;
	if (!route_reverse(arena, sections, &pair[0], &first))
		return -EAGAIN;
	*route = (struct route){arena_array(arena, first.count + pair[1].count, sizeof(int)),
		first.count + pair[1].count, first.length_m + pair[1].length_m};
	memcpy(route->sections, first.sections, first.count * sizeof(int));
	memcpy(route->sections + first.count, pair[1].sections, pair[1].count * sizeof(int));
	return 0;
}

static bool is_open(const struct sections *sections, const struct stop *stop,
	const struct route_limits *limits) {
	if (limits && limits->no_node && limits->no_node[stop->node])
		return false;
	return stop->section == SECTION_NONE || route_allows(sections, limits, stop->section);
}

/* Stops of elements: one a node or section, neighbours of the same section once, and the end. None
 * if one is closed. */
static size_t take_stops(const struct sections *sections, int to, const int *elements, size_t count,
	const struct route_limits *limits, struct stop *stops) {
	size_t taken = 0;

	for (size_t i = 0; i < count; i++) {
		int section = sections->section_of[elements[i]];
		struct stop stop = {sections->node_of[elements[i]], SECTION_NONE};

		if (section != SECTION_NONE)
			stop = (struct stop){sections->list[section].from, section};
		else if (stop.node == NODE_NONE || !sections_passable(sections, stop.node))
			return 0;
		if (!is_open(sections, &stop, limits))
			return 0;
		if (!taken || stops[taken - 1].node != stop.node ||
			stops[taken - 1].section != stop.section)
			stops[taken++] = stop;
	}
	stops[taken++] = (struct stop){to, SECTION_NONE};
	return taken;
}

int route_through(struct arena *arena, const struct sections *sections, int from, int to,
	const int *elements, size_t count, const struct route_limits *limits, struct route *route) {
	struct arena scratch = {0};
	struct stop *stops = arena_array(&scratch, count + 1, sizeof(*stops));
	size_t taken = take_stops(sections, to, elements, count, limits, stops);
	int error = -ENOENT;

	if (taken && route_shortest(arena, sections, from, to, limits, route)) {
		bool one_node = taken == 2 && stops->section == SECTION_NONE;

		error = route_passes(sections, route, from, elements, count) ? 0 : -EAGAIN;
		if (error && one_node)
			error = by_pair(arena, sections, from, stops->node, to, limits, route);
		if (error == -EAGAIN)
			error = search_legs(arena, sections, from, stops, taken, limits, route);
	}
	arena_free(&scratch);
	return error;
}
