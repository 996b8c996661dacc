/*
 * routes: ways through a network's sections: the shortest, one after another by length, pairs that
 * share nothing, and those that pass certain elements.
 *
 * Routes have no node twice and pass no transceiver. Lengths are those of sections. What a
 * function gives lies in the arena that it is handed. One thread an arena.
 */
#pragma once

#include "base/arena.h"
#include "optics/sections.h"

#include <stdbool.h>
#include <stddef.h>

struct route {
	int *sections; /* in order */
	size_t count;
	double length_m;
};

/* What a route must do without: by number; NULL for nothing. */
struct route_limits {
	const bool *no_section, *no_node;
};

/* The shortest between nodes; false if there is none. */
bool route_shortest(struct arena *arena, const struct sections *sections, int from, int to,
	const struct route_limits *limits, struct route *route);

/* The shortest between two ROADMs or transceivers, for who wants one way and no sections: its
 * elements by number, both ends included; to be freed. NULL if there is none, or no memory. */
int *route_shortest_way(const struct network *network, int from, int to, size_t *count);

/* All of them by length, one after another (J. Y. Yen, Management Science 17, 1971; spurs from
 * where a route left its parent on, E. L. Lawler, 1972). */
struct route_queue;
struct route_queue *route_queue_create(
	const struct sections *sections, int from, int to, const struct route_limits *limits);
bool route_queue_next(struct route_queue *queue, struct route *route); /* lives in the queue */
void route_queue_free(struct route_queue *queue);

/* Two routes that begin at `from` and end at `to[0]` and `to[1]`, sharing no section in either
 * direction and, if asked, no node but common ends; the shortest in sum (J. W. Suurballe, Networks
 * 4, 1974; R. Bhandari, 1999). False if there are none. */
bool route_pair(struct arena *arena, const struct sections *sections, int from, const int to[2],
	bool nodes_too, const struct route_limits *limits, struct route pair[2]);

/* The shortest that passes these elements in this order. Exact for none and for one node, and
 * unless the search, which is bounded, gives up: then -EAGAIN. -ENOENT if there is none, else 0. */
int route_through(struct arena *arena, const struct sections *sections, int from, int to,
	const int *elements, size_t count, const struct route_limits *limits, struct route *route);

/* Whether a route passes these elements in this order. */
bool route_passes(const struct sections *sections, const struct route *route, int from,
	const int *elements, size_t count);

/* All its elements, ends included; a route from `from`. */
int *route_way(struct arena *arena, const struct sections *sections, const struct route *route,
	int from, size_t *count);

/* The same route the other way; false if a section has no opposite. */
bool route_reverse(struct arena *arena, const struct sections *sections, const struct route *route,
	struct route *reverse);

struct route route_copy(struct arena *arena, const struct route *route);

bool route_is_same(const struct route *one, const struct route *other);
