/* design_choice: which amplifier of the library. */
#include "optics/design_private.h"

#include "optics/physics.h"

#include <stdbool.h>

/* A gain below an amplifier's least costs noise, dB by dB; up to this many are tolerated. */
static const double low_gain_db = 3;

/* Of amplifiers that are all too weak, those that are weaker than the best by less than this are
 * compared by noise. */
static const double power_alike_db = 0.3;

/* How each is compared: an input of 0 dBm in 88 channels of 50 GHz. */
static const double compared_density_dbm = -19.444826721501687;

/* How much gain below its least, and power, it has left for what is wanted. */
static double gain_left(const struct amplifier_type *type, const struct choice *wanted) {
	return wanted->gain_db - type->gain_min_db + (type->is_raman ? 0 : low_gain_db);
}

static double power_left(const struct amplifier_type *type, const struct choice *wanted) {
	double in = wanted->power_dbm - wanted->gain_db;

	return fmin(in + type->gain_max_db + wanted->extended_gain_db, type->p_max_dbm) -
	       wanted->power_dbm;
}

static double noise(const struct amplifier_type *type, const struct choice *wanted) {
	return amplifier_nf_db(type, wanted->gain_db, compared_density_dbm);
}

static bool is_allowed(const struct amplifier_type *type, const struct choice *wanted) {
	return !type->is_raman || wanted->raman_allowed;
}

/* The lowest of what is acceptable by gain: not negative, or the best that there is. */
static double gain_bar(
	const struct amplifier_type *const *types, size_t count, const struct choice *wanted) {
	double best = -INFINITY;

	for (size_t i = 0; i < count; i++)
		if (is_allowed(types[i], wanted))
			best = fmax(best, gain_left(types[i], wanted));
	return best > 0 ? 1e-12 : best;
}

struct chosen design_choose(
	const struct amplifier_type *const *types, size_t count, const struct choice *wanted) {
	double gain_least = gain_bar(types, count, wanted), power_best = -INFINITY, power_least;
	struct chosen chosen = {0};

	for (size_t i = 0; i < count; i++)
		if (is_allowed(types[i], wanted) && gain_left(types[i], wanted) >= gain_least)
			power_best = fmax(power_best, power_left(types[i], wanted));
	power_least = power_best > 0 ? 1e-12 : power_best - power_alike_db;
	for (size_t i = 0; i < count; i++) {
		if (!is_allowed(types[i], wanted) || gain_left(types[i], wanted) < gain_least ||
			power_left(types[i], wanted) < power_least)
			continue;
		chosen.fitting++;
		if (!chosen.type || noise(types[i], wanted) < noise(chosen.type, wanted))
			chosen.type = types[i];
	}
	if (chosen.type)
		chosen.short_db = fmin(power_left(chosen.type, wanted), 0);
	return chosen;
}
