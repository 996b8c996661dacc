/*
 * roadm: what adds, drops and passes channels on, each brought to a target power by attenuation.
 */
#pragma once

#include "optics/spectrum.h"

#include <stdbool.h>
#include <stddef.h>

/* To what a degree's channels are equalised. */
enum equalisation {
	EQUALISE_NONE,  /* not told */
	EQUALISE_POWER, /* dBm a channel */
	EQUALISE_PSD,   /* mW a GHz of baud rate */
	EQUALISE_PSW,   /* mW a GHz of slot width */
};

struct target {
	enum equalisation kind;
	double value;
};

enum roadm_way { ROADM_EXPRESS, ROADM_ADD, ROADM_DROP };

/* What a way through does to channels of a band. NAN where the file says nothing. */
struct impairment {
	double f_min_hz, f_max_hz;
	double pmd_s, pdl_db, max_loss_db, osnr_db;
};

struct impairment_set {
	int id;
	enum roadm_way way;
	const struct impairment *bands;
	size_t count;
};

struct roadm_type {
	const char *name;
	struct target target;
	double add_drop_osnr_db; /* of add and drop together */
	double pmd_s, pdl_db;
	const struct impairment_set *impairments;
	size_t impairment_count;
	const char *const *preamps, *const *boosters; /* the only ones allowed; none: all */
	size_t preamp_count, booster_count;
};

/* One degree's own target, or impairments between two degrees, by names of the next elements. */
struct degree_target {
	const char *degree;
	struct target target;
};

struct degree_impairment {
	const char *from, *to;
	int id;
};

struct design_band {
	double f_min_hz, f_max_hz, spacing_hz;
};

struct degree_bands {
	const char *degree;
	const struct design_band *bands;
	size_t count;
};

struct roadm {
	struct roadm_type type; /* the library's, with what the element says itself */
	struct degree_target *targets;
	size_t target_count;
	const struct degree_impairment *impairments;
	size_t impairment_count;
	const struct design_band *bands;
	size_t band_count;
	const struct degree_bands *degree_bands;
	size_t degree_band_count;
	const double *error_db; /* by channel, on top of its target; NULL for none */
};

/* The target towards a degree; and that of a channel in dBm, of a baud rate and slot width. */
struct target roadm_target(const struct roadm *roadm, const char *to);
double target_dbm(struct target target, double baud_hz, double slot_hz);

/* Equalises and impairs all channels. `osnr_db[i]` gets what the receiver is to add for this way,
 * in 0.1 nm; infinite for none. */
void roadm_pass(const struct roadm *roadm, const char *from, const char *to, enum roadm_way way,
	struct spectrum *spectrum, double *osnr_db);
