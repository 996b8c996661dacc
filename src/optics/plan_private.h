/* plan_private: how one service is carried, for what plans and what restores. */
#pragma once

#include "optics/plan.h"

/* What is at hand while services are carried. */
struct planner {
	struct plan *plan; /* whose arena and occupancy are used */
	const struct plan_options *options;
	struct judge judge;
	const struct route_limits *limits; /* what no route may use, or NULL */
};

/* Carries a service that has a routing; if that does not do and it may move, by other routes. 0
 * with the outcome in `carried`, or a negative errno. */
int planner_carry(struct planner *planner, struct carried *carried, bool may_move);
