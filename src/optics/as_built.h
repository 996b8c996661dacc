/*
 * as_built: the elements of a way as they may turn out: copies of the planned ones, which each draw
 * of lots sets anew. The plan itself is only read. One thread; others have copies of their own.
 */
#pragma once

#include "base/arena.h"
#include "optics/network.h"
#include "optics/propagation.h"
#include "optics/uncertainty.h"

#include <stddef.h>
#include <stdint.h>

struct as_built {
	struct arena arena;
	struct network network; /* to be propagated through; the plan's but for the copies */
	const struct network *planned;
	const int *way;
	size_t count;
	const struct spectrum **channels; /* by place in the way, what passes */
};

/* Copies the elements of a way, for `load` to be sent along it, among others if `along` (struct
 * propagation_options) is not NULL. What is handed over must outlive it. */
void as_built_create(struct as_built *as_built, const struct network *planned, const int *way,
	size_t count, const struct spectrum *load, const struct spectrum *const *along);
void as_built_free(struct as_built *as_built);

/* Draws the lots of one sample. `nominal` is a propagation of the same channels through the plan:
 * amplifiers that hold powers hold those that they had in it. Losses do not fall below 0, nor a
 * fibre's below a tenth of what is planned. */
void as_built_draw(struct as_built *as_built, const struct uncertainty *uncertainty,
	const struct propagation *nominal, enum amplifier_control control, uint64_t seed,
	uint64_t sample);
