/*
 * trace: the power of channels along a way, point by point: within fibres as loss and Raman
 * scattering have it, with steps at connectors, amplifiers and ROADMs.
 */
#pragma once

#include "base/arena.h"
#include "optics/propagation.h"

#include <stddef.h>

/* Powers of signal and noise together. */
struct trace_point {
	double position_m;                 /* of fibre, from the way's start */
	double mean_dbm, min_dbm, max_dbm; /* of a channel; the mean is of decibels */
	size_t at;                         /* the element of the way that it is in or behind */
};

struct trace {
	struct arena arena;
	struct trace_point *points;
	size_t count;
	double **power_dbm; /* [element of the way][channel], behind it */
};

/* Propagates as propagation_run does, with the same errors, and notes what happens on the way. To
 * be freed in either case. */
int trace_run(struct trace *trace, struct propagation *propagation, const struct network *network,
	const int *way, size_t count, const struct spectrum *load,
	const struct propagation_options *options);
void trace_free(struct trace *trace);
