/*
 * amplifier: what amplifies all channels of one band: its model in the library (amplifier_type),
 * and one that is placed and set (amplifier).
 *
 * Gains and noise figures in dB, powers in dBm. Noise: ASE of h f B NF at the input, both
 * polarisations (E. Desurvire, "Erbium-doped fiber amplifiers", 1994). What a gain below gain_min
 * misses is attenuation at the input, and adds to the noise figure as such.
 */
#pragma once

#include "optics/fibre.h"
#include "optics/spectrum.h"

#include <stdbool.h>
#include <stddef.h>

enum amplifier_kind {
	AMPLIFIER_FIXED,     /* one noise figure */
	AMPLIFIER_VARIABLE,  /* two coils with an attenuator between them */
	AMPLIFIER_ADVANCED,  /* noise figure a cubic of the gain, with ripple */
	AMPLIFIER_OPENROADM, /* noise by OpenROADM's mask of input power, a cubic */
	AMPLIFIER_OPENROADM_PREAMP,
	AMPLIFIER_OPENROADM_BOOSTER, /* noiseless: its noise is in the ROADM's add path */
	AMPLIFIER_DUAL_STAGE,        /* the first at its maximum gain, then the second */
	AMPLIFIER_MULTI_BAND,        /* one of each member's type, side by side */
};

/* What does not change when less or more arrives than is planned. */
enum amplifier_control { AMPLIFIER_HOLDS_GAIN, AMPLIFIER_HOLDS_POWER };

enum { NF_COEFFICIENTS = 4, BANDS_MAX = 8 };

struct amplifier_type {
	const char *name;
	enum amplifier_kind kind;
	double f_min_hz, f_max_hz;
	double gain_min_db, gain_max_db; /* GNPy's gain_flatmax */
	double p_max_dbm;
	double nf0_db;                            /* fixed */
	double coil1_db, coil2_db, coil_delta_db; /* variable; see amplifier_solve_coils */
	double nf_fit[NF_COEFFICIENTS];           /* advanced, OpenROADM; highest power first */
	struct curve gain_ripple_db, nf_ripple_db, gain_tilt; /* gain_tilt: dynamic, relative */
	double pmd_s, pdl_db;
	double power_w; /* that it takes from the mains; NAN if the library does not say */
	bool out_voa_auto, allowed_for_design, is_raman;
	const struct amplifier_type *stages[2];      /* dual stage */
	const struct amplifier_type *const *members; /* multi band */
	size_t member_count;
};

struct amplifier {
	const struct amplifier_type *type; /* NULL if the design is to choose */
	/* NAN if the design is to choose. delta_p: power per channel against the reference's. */
	double gain_db, delta_p_db, tilt_db, out_voa_db, in_voa_db;
	double f_min_hz, f_max_hz; /* of its band */
	enum amplifier_control control;
	double power_dbm; /* that it holds: of what it amplifies, before its output's attenuator */
	double nf_error_db; /* on top of the noise figure of its type */
};

/* What one propagation made of it. */
struct amplifier_state {
	double gain_db;   /* after saturation */
	double power_dbm; /* of what it amplified, before its output's attenuator */
	double nf_mean_db, nf_min_db, nf_max_db;
	double gain_mean_db, gain_first_db, gain_last_db;
	bool saturated;
};

/* The two coils of a variable-gain amplifier, from its noise figures at maximum and minimum gain:
 * NF = NF1 + NF2 / (G - delta - (G_max - G)), linear; delta is 5 dB unless NF2 then were not
 * between 0.3 and 2 dB above NF1. -EINVAL if no such coils exist. */
int amplifier_solve_coils(struct amplifier_type *type, double nf_min_db, double nf_max_db);

/* Noise figure without ripple at a gain; density_dbm is the input power in 50 GHz. */
double amplifier_nf_db(const struct amplifier_type *type, double gain_db, double density_dbm);

/* Amplifies channels [from, to), in place; `state` may be NULL. With `compat`, as GNPy does: the
 * density of OpenROADM masks is by the spacing of the first two channels. */
void amplifier_amplify(const struct amplifier *amplifier, struct spectrum *spectrum, size_t from,
	size_t to, bool compat, struct amplifier_state *state);

/* The gain of each of `count` channels of these input powers (W), in dB, whose power-weighted mean
 * is gain_db, tilted by tilt_db over the band: ripple + gain + x * dynamic gain tilt (P. M. Becker
 * et al.; F. di Muro, JLT 18, 343, 2000). `profile_db` has room for `count`. */
void amplifier_gain_profile(const struct amplifier_type *type, double gain_db, double tilt_db,
	const double *frequency_hz, const double *power_w, size_t count, double *profile_db);
