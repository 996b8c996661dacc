/*
 * montecarlo: how likely channels close on a way whose elements turn out other than planned: many
 * propagations, each with what one draw of lots makes of the elements.
 *
 * A sample depends on the case, the seed and its number alone, so that any number of threads may
 * share them out; each thread has a `trial` of its own, and the case is only read. Ways that share
 * elements draw the same lots for them: samples of one number, of several cases with one seed, are
 * of one network.
 */
#pragma once

#include "optics/as_built.h"
#include "optics/propagation.h"
#include "optics/transceiver.h"
#include "optics/uncertainty.h"

#include <stddef.h>
#include <stdint.h>

/* A way, what is sent on it (among others, if the options say so), and what the receivers need. All
 * of it stays the caller's, and must outlive the case. */
struct montecarlo_case {
	const struct network *network; /* designed */
	const int *way;
	size_t count;
	const struct spectrum *load;
	const struct transceiver_mode *mode; /* of all channels */
	double margin_db;                    /* to be kept on top of what the mode needs */
	const struct propagation_options *options;
	const struct uncertainty *uncertainty;
	enum amplifier_control control;
	uint64_t seed;
};

struct montecarlo {
	struct montecarlo_case of;
	struct propagation nominal; /* as planned; its spectrum is what samples launch */
};

/* Propagates as planned. 0, or as propagation_run. To be freed in either case. */
int montecarlo_create(struct montecarlo *montecarlo, const struct montecarlo_case *of);
void montecarlo_free(struct montecarlo *montecarlo);

/* GSNR in 0.1 nm of each channel that arrives, and how far that is above need and margin
 * (judge_channel), as planned; as many as nominal.spectrum has channels. */
void montecarlo_nominal(const struct montecarlo *montecarlo, double *gsnr_db, double *margin_db);

/* What a thread needs. */
struct trial {
	const struct montecarlo *montecarlo;
	struct as_built as_built;
	struct spectrum load;
	struct propagation propagation;
};

/* 0, or -ENOMEM. To be freed in either case. */
int trial_create(struct trial *trial, const struct montecarlo *montecarlo);
void trial_free(struct trial *trial);

/* One sample: as montecarlo_nominal. 0, or a negative errno. */
int trial_run(struct trial *trial, uint64_t sample, double *gsnr_db, double *margin_db);
