/*
 * capacity: how much a route carries: its band filled with each mode, and with the mix of modes
 * that carries the most.
 *
 * A channel counts if it closes in both directions in the company of all others. The mix is found
 * by dynamic programming over the flexible grid, by each mode's margin along the band when it is
 * alone; what then does not close among the others is tried again with that much less trust in its
 * mode.
 */
#pragma once

#include "optics/judgement.h"
#include "optics/occupancy.h"

struct capacity_channel {
	struct slot slot;
	const struct filling *filling; /* whose mode it has */
	double margin_db;              /* of the worse direction */
};

static inline bool capacity_closes(const struct capacity_channel *channel) {
	return channel->margin_db >= -1e-9;
}

/* A band full of one mode. */
struct filling {
	const struct transceiver_type *type;
	const struct transceiver_mode *mode;
	struct capacity_channel *channels;
	size_t count, closing;
	double bit_rate;        /* of those that close */
	double least_margin_db; /* of those that close; INFINITY if none does */
};

struct capacity {
	struct arena arena;
	struct filling *fillings; /* one a mode, in the library's order */
	size_t count;
	struct filling mix; /* type and mode NULL */
	double amplifier_w; /* both directions; NAN if some amplifier does not say */
};

struct capacity_options {
	const struct equipment *equipment;
	const struct sim_params *sim;
	const struct transceiver_type *type; /* alone; or NULL for all */
	double power_dbm;
};

/* Of a route, both ways, as occupancy leaves free. 0, or a negative errno. */
int capacity_compute(struct capacity *capacity, const struct occupancy *occupancy,
	const struct route *route, const struct ways *ways, const struct capacity_options *options);
void capacity_free(struct capacity *capacity);

/* Watts of all transceivers that close, both ends, and of amplifiers, for each Tbit/s; NAN if the
 * library does not say, or nothing closes. */
double capacity_watts_per_tbit(const struct capacity *capacity, const struct filling *filling);
