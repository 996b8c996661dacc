/*
 * equipment: the library of what networks are built of, read from GNPy's equipment JSON: kinds of
 * amplifiers, fibres, ROADMs and transceivers, the rules of design, and the load that is designed
 * for. What files that it names say (amplifiers' details) is read from its folder.
 *
 * A file `defaults.json` in the folder gives the Raman gain and the amplifiers' dynamic gain tilt
 * where the library does not (docs/optics.md); without one they are Heddle's own: silica's Raman
 * response by formula, and a straight tilt.
 *
 * All belongs to the library and is freed with it. Nothing changes after reading, so that any
 * number of threads may read it.
 */
#pragma once

#include "base/arena.h"
#include "optics/amplifier.h"
#include "optics/fibre.h"
#include "optics/roadm.h"
#include "optics/transceiver.h"

#include <stdbool.h>
#include <stddef.h>

struct fibre_type {
	const char *name;
	double dispersion, dispersion_slope, area_m2, pmd_coefficient;
	struct curve dispersion_curve;
	const struct raman_gain *raman;
};

/* How lines are designed. Lengths in m. */
struct span_rules {
	bool power_mode; /* amplifiers are set by power, or by gain */
	double delta_p_min_db, delta_p_max_db, delta_p_step_db;
	double raman_loss_max_db_m; /* of fibre before an amplifier of hybrid kind */
	double extended_gain_db;    /* that an amplifier may give beyond its maximum */
	double max_length_m, max_loss_db, padding_db, end_of_life_db;
	double connector_in_db, connector_out_db;
	double loss_reference_db, power_slope;
};

/* The load that is designed for, and launched unless something else is said. */
struct load_rules {
	const char *name;
	double f_min_hz, f_max_hz, spacing_hz, baud_hz, roll_off, tx_osnr_db;
	double power_dbm;       /* per channel into fibres, that deltas are against */
	double tx_power_dbm;    /* of transmitters; NAN: power_dbm */
	double margin_db;       /* sys_margins */
	bool counts_for_design; /* use_si_channel_count_for_design */
};

struct equipment {
	struct arena arena;
	struct amplifier_type *amplifiers;
	size_t amplifier_count;
	struct fibre_type *fibres;
	size_t fibre_count;
	struct roadm_type *roadms;
	size_t roadm_count;
	struct transceiver_type *transceivers;
	size_t transceiver_count;
	struct span_rules span;
	struct load_rules *loads; /* the default's first */
	size_t load_count;
	const struct raman_gain *raman; /* where a fibre says nothing */
	struct curve gain_tilt;         /* where an amplifier says nothing; over its band */
};

/* 0, or a negative errno after messages. To be freed only after 0. */
int equipment_read(struct equipment *equipment, const char *path);

/* Adds the types of another file, which need not have rules: third-party transceivers, say. Before
 * any network is read, for arrays move. 0, or a negative errno after messages. */
int equipment_extend(struct equipment *equipment, const char *path);
void equipment_free(struct equipment *equipment);

/* By name; NULL if there is none. For ROADMs NULL or "" is the default. */
const struct amplifier_type *equipment_amplifier(
	const struct equipment *equipment, const char *name);
const struct fibre_type *equipment_fibre(const struct equipment *equipment, const char *name);
const struct roadm_type *equipment_roadm(const struct equipment *equipment, const char *name);
const struct transceiver_type *equipment_transceiver(
	const struct equipment *equipment, const char *name);
