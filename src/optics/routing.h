/*
 * routing: a route for every service: through what it is to pass, and apart from the services that
 * it must not share fates with.
 *
 * Two that are to be apart and have the same ends get the shortest pair in sum; otherwise routes
 * are looked for one after another, by length, which is exact as long as the search, which is
 * bounded, does not give up. It does before it begins if more than a thousand services are tied to
 * one another, directly or by others.
 */
#pragma once

#include "optics/routes.h"
#include "optics/services.h"

/* Why a service is not carried; words as GNPy's. */
enum blocking {
	BLOCKED_NOT,
	BLOCKED_NO_PATH,
	BLOCKED_NO_PATH_WITH_CONSTRAINT,
	BLOCKED_NO_FEASIBLE_BAUDRATE_WITH_SPACING,
	BLOCKED_NO_FEASIBLE_MODE,
	BLOCKED_MODE_NOT_FEASIBLE,
	BLOCKED_NO_SPECTRUM,
	BLOCKED_NOT_ENOUGH_RESERVED_SPECTRUM,
};

/* "NO_PATH"; NULL for BLOCKED_NOT. */
const char *blocking_name(enum blocking blocking);

struct routing {
	enum blocking blocking; /* of a path, or none */
	struct route route;
	bool loose_left_out; /* the route does without includes that were LOOSE */
	bool relaxed;        /* links only, for nodes or risks could not be kept apart */
};

/* One a service, in `routings`, routes in the arena. GNPy keeps links apart alone, and of services
 * that are kept apart gives the last the shortest route that leaves one to the others. */
void routing_all(struct arena *arena, const struct sections *sections,
	const struct services *services, bool as_gnpy, struct routing *routings);

/* One alone, within limits of its own beside its excludes; NULL for none. */
void routing_one(struct arena *arena, const struct sections *sections,
	const struct service *service, const struct route_limits *limits, struct routing *routing);

/* Its other routes, by length, as many as there are. `strict_only` leaves out LOOSE includes. */
struct route_choice {
	const struct sections *sections;
	const struct service *service;
	struct arena arena;
	struct route_queue *queue;
	const int *elements; /* to be passed */
	size_t count;
};

void routing_choice_begin(struct route_choice *choice, const struct sections *sections,
	const struct service *service, const struct route_limits *limits, bool strict_only);

/* The next one that is not `taken`; it lives as long as the choice. False if there is no more, or
 * none for long. */
bool routing_choice_next(
	struct route_choice *choice, const struct route *taken, struct route *route);
void routing_choice_end(struct route_choice *choice);
