/*
 * lit: the channels that a plan has lit, by line: the load that a service really travels with.
 */
#pragma once

#include "optics/plan.h"
#include "optics/spectrum.h"

struct lit_channels {
	const struct plan *plan;
	struct spectrum *lines; /* by line of the occupancy, by frequency */
	size_t count;
};

/* Of all services of the plan that are carried. 0, or -ENOMEM. */
int lit_channels_create(struct lit_channels *lit, const struct plan *plan);
void lit_channels_free(struct lit_channels *lit);

/* A service's own channels, which must have slots; at its power. 0, or -ENOMEM. */
int lit_channels_own(const struct carried *carried, struct spectrum *own);

/* By place in a way of `count` elements: at a node, the channels of the line ahead; at the last
 * line's end, `own`; NULL elsewhere. */
void lit_channels_along(const struct lit_channels *lit, const int *way, size_t count,
	const struct spectrum *own, const struct spectrum **along);
