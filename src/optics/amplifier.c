/* amplifier: see amplifier.h. */
#include "optics/amplifier.h"

#include "optics/physics.h"

#include <errno.h>

/* Ripple and tilt below which a profile is flat. */
static const double flat_db = 0.05;

/* ---- noise ---- */

int amplifier_solve_coils(struct amplifier_type *type, double nf_min_db, double nf_max_db) {
	double range = type->gain_max_db - type->gain_min_db, delta = 5;
	double nf_min = db_to_ratio(nf_min_db), nf_max = db_to_ratio(nf_max_db);
	double first_max = db_to_ratio(type->gain_max_db - delta);
	double first_min = db_to_ratio(type->gain_min_db - delta - range);
	double coil2 = (nf_max - nf_min) / (1 / first_min - 1 / first_max);
	double coil1 = nf_min - coil2 / first_max;

	if (range <= 0 || coil1 <= 0 || coil2 <= 0 || nf_max_db <= nf_min_db)
		return -EINVAL;
	type->coil1_db = ratio_to_db(coil1);
	type->coil2_db = ratio_to_db(coil2);
	if (type->coil2_db < type->coil1_db + 0.3 || type->coil2_db > type->coil1_db + 2) {
		type->coil2_db =
			fmin(fmax(type->coil2_db, type->coil1_db + 0.3), type->coil1_db + 2);
		coil2 = db_to_ratio(type->coil2_db);
		delta = type->gain_max_db - ratio_to_db(coil2 / (nf_min - coil1));
	}
	type->coil_delta_db = delta;
	return delta > 0 && delta < type->gain_max_db ? 0 : -EINVAL;
}

static double variable_nf(const struct amplifier_type *type, double gain_db) {
	double between = fmax(type->gain_max_db - gain_db, 0);

	return ratio_to_db(db_to_ratio(type->coil1_db) +
			   db_to_ratio(type->coil2_db - (gain_db - type->coil_delta_db - between)));
}

static double cubic(const double *c, double x) {
	return ((c[0] * x + c[1]) * x + c[2]) * x + c[3];
}

/* Friis' formula as noise figures of this field have it: F1 + F2 / G1. */
static double dual_stage_nf(const struct amplifier_type *type, double gain_db, double density) {
	double first_gain = type->stages[0]->gain_max_db;
	double first = amplifier_nf_db(type->stages[0], first_gain, density);
	double second =
		amplifier_nf_db(type->stages[1], gain_db - first_gain, density + first_gain);

	return db_sum(first, second - first_gain);
}

double amplifier_nf_db(const struct amplifier_type *type, double gain_db, double density_dbm) {
	double missing = fmax(type->gain_min_db - gain_db, 0), nf = 0;
	double gain = gain_db + missing;

	switch (type->kind) {
	case AMPLIFIER_FIXED:
		nf = type->nf0_db;
		break;
	case AMPLIFIER_VARIABLE:
		nf = variable_nf(type, gain);
		break;
	case AMPLIFIER_ADVANCED:
		nf = cubic(type->nf_fit, -fmax(type->gain_max_db - gain, 0));
		break;
	case AMPLIFIER_OPENROADM: /* OpenROADM MSA: OSNR_in(P) masks, 58 dB is h f 12.5 GHz */
		nf = density_dbm - cubic(type->nf_fit, density_dbm) + 58;
		break;
	case AMPLIFIER_OPENROADM_PREAMP:
		nf = density_dbm - fmin((4 * density_dbm + 275) / 7, 33) + 58;
		break;
	case AMPLIFIER_OPENROADM_BOOSTER:
		return -INFINITY;
	case AMPLIFIER_DUAL_STAGE: /* what is missing, its second stage misses */
		return dual_stage_nf(type, gain_db, density_dbm);
	case AMPLIFIER_MULTI_BAND: /* its members have one each */
		break;
	}
	return nf + missing;
}

/* ---- gain ---- */

static double mean_gain_db(
	const double *power_w, const double *gain_db, const double *tilt, double x, size_t count) {
	double in = 0, out = 0;

	for (size_t i = 0; i < count; i++) {
		in += power_w[i];
		out += power_w[i] * db_to_ratio(gain_db[i] + tilt[i] * x);
	}
	return ratio_to_db(out / in);
}

static double slope_of(const double *frequency_hz, const double *value, size_t count) {
	double f = 0, v = 0, fv = 0, ff = 0;

	for (size_t i = 0; i < count; i++) {
		f += frequency_hz[i] / (double)count;
		v += value[i] / (double)count;
	}
	for (size_t i = 0; i < count; i++) {
		fv += (frequency_hz[i] - f) * (value[i] - v);
		ff += (frequency_hz[i] - f) * (frequency_hz[i] - f);
	}
	return ff > 0 ? fv / ff : 0;
}

/* x such that the mean of profile + x * tilt is gain_db: secant steps, which converge in a few. */
static double find_tilt(const double *power_w, const double *profile_db, const double *tilt,
	double gain_db, size_t count) {
	double before = 0,
	       miss_before = mean_gain_db(power_w, profile_db, tilt, 0, count) - gain_db;
	double x = -miss_before;

	for (int step = 0; step < 20; step++) {
		double miss = mean_gain_db(power_w, profile_db, tilt, x, count) - gain_db;
		double next;

		if (fabs(miss) < 1e-12 || miss == miss_before)
			break;
		next = x - miss * (x - before) / (miss - miss_before);
		before = x;
		miss_before = miss;
		x = next;
	}
	return x;
}

void amplifier_gain_profile(const struct amplifier_type *type, double gain_db, double tilt_db,
	const double *frequency_hz, const double *power_w, size_t count, double *profile_db) {
	double tilt[SPECTRUM_CHANNELS_MAX], slope, scale, mean = 0, low = INFINITY,
							  high = -INFINITY, x;

	for (size_t i = 0; i < count; i++)
		tilt[i] = curve_at(&type->gain_tilt, frequency_hz[i]);
	slope = slope_of(frequency_hz, tilt, count);
	scale = slope != 0 ? -tilt_db / (type->f_max_hz - type->f_min_hz) / slope : 0;
	for (size_t i = 0; i < count; i++) {
		profile_db[i] = curve_at(&type->gain_ripple_db, frequency_hz[i]) + tilt[i] * scale;
		mean += db_to_ratio(profile_db[i]) / (double)count;
		low = fmin(low, profile_db[i]);
		high = fmax(high, profile_db[i]);
	}
	mean = ratio_to_db(mean);
	for (size_t i = 0; i < count; i++)
		profile_db[i] += gain_db - mean;
	if (high - low <= flat_db)
		return;
	x = find_tilt(power_w, profile_db, tilt, gain_db, count);
	for (size_t i = 0; i < count; i++)
		profile_db[i] += x * tilt[i];
}

/* ---- all of it ---- */

/* Input power in 50 GHz, dBm: all of it spread over all slots. */
static double input_density(
	const struct spectrum *spectrum, size_t from, size_t to, double total_w, bool compat) {
	double width = 0;

	if (compat && to - from > 1)
		width = (spectrum->frequency_hz[from + 1] - spectrum->frequency_hz[from]) *
			(double)(to - from);
	else
		for (size_t i = from; i < to; i++)
			width += spectrum->slot_hz[i];
	return watt_to_dbm(total_w * 50e9 / width);
}

/* To hold a power it changes its gain, up to its maximum or the one that it was set to. */
static double wanted_gain(const struct amplifier *amplifier, double in_dbm) {
	if (amplifier->control == AMPLIFIER_HOLDS_GAIN)
		return amplifier->gain_db;
	return fmin(amplifier->power_dbm - in_dbm,
		fmax(amplifier->type->gain_max_db, amplifier->gain_db));
}

void amplifier_amplify(const struct amplifier *amplifier, struct spectrum *spectrum, size_t from,
	size_t to, bool compat, struct amplifier_state *state) {
	const struct amplifier_type *type = amplifier->type;
	double power[SPECTRUM_CHANNELS_MAX], profile[SPECTRUM_CHANNELS_MAX], total = 0, nf, gain,
									     wanted;
	double in = db_to_ratio(-amplifier->in_voa_db);
	struct amplifier_state made = {.nf_min_db = INFINITY, .nf_max_db = -INFINITY};

	if (from == to)
		return;
	for (size_t i = from; i < to; i++) {
		spectrum->signal_w[i] *= in;
		spectrum->ase_w[i] *= in;
		spectrum->nli_w[i] *= in;
		power[i - from] = spectrum_power_w(spectrum, i);
		total += power[i - from];
	}
	wanted = wanted_gain(amplifier, watt_to_dbm(total));
	gain = fmin(wanted, type->p_max_dbm - watt_to_dbm(total));
	made.saturated = gain < wanted;
	made.gain_db = gain;
	made.power_dbm = watt_to_dbm(total) + gain;
	nf = amplifier_nf_db(type, gain, input_density(spectrum, from, to, total, compat)) +
	     amplifier->nf_error_db;
	amplifier_gain_profile(type, gain, amplifier->tilt_db, spectrum->frequency_hz + from, power,
		to - from, profile);
	for (size_t i = from; i < to; i++) {
		double ripple = type->kind == AMPLIFIER_ADVANCED
					? curve_at(&type->nf_ripple_db, spectrum->frequency_hz[i])
					: 0;
		double out = db_to_ratio(profile[i - from] - amplifier->out_voa_db);

		spectrum->ase_w[i] += PLANCK * spectrum->frequency_hz[i] * spectrum->baud_hz[i] *
				      db_to_ratio(nf + ripple);
		spectrum->signal_w[i] *= out;
		spectrum->ase_w[i] *= out;
		spectrum->nli_w[i] *= out;
		spectrum->pmd_s2[i] += type->pmd_s * type->pmd_s;
		spectrum->pdl_db2[i] += type->pdl_db * type->pdl_db;
		made.nf_mean_db += (nf + ripple) / (double)(to - from);
		made.nf_min_db = fmin(made.nf_min_db, nf + ripple);
		made.nf_max_db = fmax(made.nf_max_db, nf + ripple);
		made.gain_mean_db += profile[i - from] / (double)(to - from);
	}
	made.gain_first_db = profile[0];
	made.gain_last_db = profile[to - from - 1];
	if (state)
		*state = made;
}
