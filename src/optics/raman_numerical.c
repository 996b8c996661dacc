/* raman_numerical: Raman scattering by steps of Euler, and with pumps against the channels by
 * sweeps to and fro. */
#include "optics/raman_private.h"

#include "optics/physics.h"

#include <stdbool.h>
#include <string.h>

enum { SWEEPS_MAX = 200 };

/* Within 0.01 dB of what steps of 10 m come to. GNPy takes what the file says, and 10 km if it says
 * nothing, by which Euler's steps do not follow a pump at all. */
static const double step_most_m = 100;

/* Sweeps end when no power changes by more than this between two: no more than gains can tell. */
static const double sweep_tolerance = 1e-7;

static bool is_counter(const struct waves *waves, size_t wave) {
	return wave >= waves->channels && waves->fibre->pumps[wave - waves->channels].is_counter;
}

/* One Euler step of all waves: P += h P (C P - alpha), times what a lumped loss leaves. */
VECTORIZED static void step_waves(const struct waves *waves, const double *restrict power,
	const double *restrict gain, double *restrict next, double h, double lumped) {
	const double *restrict alpha = waves->alpha;

	for (size_t i = 0; i < waves->count; i++)
		next[i] = lumped * power[i] * (1 + h * (gain[i] - alpha[i]));
}

/* Powers at point k: power[k * count + i]. Those that go with the channels, from 0 on. `gain` has
 * room for all waves. */
static void sweep_forward(const struct waves *waves, double *power, double *gain) {
	size_t count = waves->count, pumps = count - waves->channels;

	for (size_t k = 1; k < waves->points; k++) {
		double *here = power + (k - 1) * count, *next = power + k * count;
		double kept[FIBRE_PUMPS_MAX];

		memcpy(kept, next + waves->channels, pumps * sizeof(*kept));
		raman_gains(waves, here, gain);
		step_waves(waves, here, gain, next, waves->z_m[k] - waves->z_m[k - 1],
			waves->lumped[k] / waves->lumped[k - 1]);
		for (size_t p = 0; p < pumps; p++)
			if (is_counter(waves, waves->channels + p))
				next[waves->channels + p] = kept[p];
	}
}

/* Those that go against them, from the end on. */
static void sweep_back(const struct waves *waves, double *power) {
	size_t count = waves->count;

	for (size_t k = waves->points - 1; k > 0; k--) {
		double h = waves->z_m[k] - waves->z_m[k - 1];
		double *here = power + k * count, *next = power + (k - 1) * count;
		double lumped = waves->lumped[k] / waves->lumped[k - 1];

		for (size_t i = waves->channels; i < count; i++) {
			double gain = -waves->alpha[i];

			if (!is_counter(waves, i))
				continue;
			for (size_t j = 0; j < count; j++)
				gain += (double)waves->coupling[j * waves->stride + i] * here[j];
			next[i] = here[i] * (1 + h * gain) * lumped;
		}
	}
}

static double largest_change(const double *one, const double *other, size_t count) {
	double largest = 0;

	for (size_t i = 0; i < count; i++) {
		double change = fabs(one[i] - other[i]) / (fabs(other[i]) + 1e-30);

		largest = change > largest ? change : largest;
	}
	return largest;
}

/* What is launched, and of pumps against the channels a first guess: loss alone. */
static bool start(const struct waves *waves, double *power) {
	size_t count = waves->count;
	bool has_counter = false;

	memcpy(power, waves->launch_w, count * sizeof(*power));
	for (size_t i = waves->channels; i < count; i++) {
		if (!is_counter(waves, i))
			continue;
		has_counter = true;
		for (size_t k = 0; k < waves->points; k++)
			power[k * count + i] =
				waves->launch_w[i] *
				exp(-waves->alpha[i] * (waves->fibre->length_m - waves->z_m[k]));
	}
	return has_counter;
}

static void sweep_until_settled(
	const struct waves *waves, double *power, double *before, double *gain) {
	size_t count = waves->count, last = waves->points - 1;
	bool has_counter = start(waves, power);

	for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
		sweep_forward(waves, power, gain);
		if (!has_counter)
			return;
		sweep_back(waves, power);
		if (sweep && largest_change(power + last * count, before, count) < sweep_tolerance)
			return;
		memcpy(before, power + last * count, count * sizeof(*before));
	}
}

static inline double ratio_at(const struct waves *waves, const double *power, size_t k, size_t i) {
	return power[k * waves->count + i] / waves->launch_w[i];
}

/* Spontaneous scattering of each pump, both polarisations, with the phonons that are there at the
 * fibre's temperature: what starts at z arrives with ratio(L)/ratio(z) (Bromage, eq. 12). */
static void add_spontaneous(const struct waves *waves, const double *power,
	const struct spectrum *spectrum, struct power_profile *profile, size_t stride) {
	size_t count = waves->count, points = waves->points;

	for (size_t i = 0; i < waves->channels; i++)
		for (size_t p = waves->channels; p < count; p++) {
			double f = waves->frequency_hz[i], shift = waves->frequency_hz[p] - f;
			double phonons, sum = 0;

			if (shift <= 0)
				continue;
			phonons = 1 /
				  expm1(PLANCK * shift / (BOLTZMANN * waves->fibre->temperature_k));
			for (size_t k = 0, next; k + 1 < points; k = next) {
				next = k + stride < points ? k + stride : points - 1;
				sum += (power[next * count + p] / ratio_at(waves, power, next, i) +
					       power[k * count + p] /
						       ratio_at(waves, power, k, i)) /
				       2 * (waves->z_m[next] - waves->z_m[k]);
			}
			profile->ase_w[i] += 2 * PLANCK * f * spectrum->baud_hz[i] * (1 + phonons) *
					     (double)waves->coupling[p * waves->stride + i] * sum *
					     ratio_at(waves, power, points - 1, i);
		}
}

/* The points of a profile are the solver's, every so many of them. */
static int report(struct power_profile *profile, const struct waves *waves, const double *power,
	size_t stride) {
	size_t points = (waves->points - 1 + stride - 1) / stride + 1;
	int error = raman_lay_out(profile, waves->channels, points);

	if (error)
		return error;
	for (size_t n = 0; n < points; n++) {
		size_t k = n + 1 < points ? n * stride : waves->points - 1;

		profile->z_m[n] = waves->z_m[k];
		for (size_t i = 0; i < waves->channels; i++)
			profile->ratio[i * points + n] = ratio_at(waves, power, k, i);
	}
	return 0;
}

int raman_numerical(struct power_profile *profile, struct raman_work *work,
	const struct fibre *fibre, const struct spectrum *spectrum,
	const struct sim_params *params) {
	double *power, *before;
	struct sim_params fine = *params;
	struct waves waves;
	size_t stride = 1;
	int error;

	if (!params->compat)
		fine.solver_step_m = fmin(params->solver_step_m, step_most_m);
	error = raman_gather(&waves, work, fibre, spectrum, &fine, 2, &power);

	if (error)
		return error;
	before = power + waves.count * waves.points;
	sweep_until_settled(&waves, power, before, before + waves.count);
	if (waves.points > 1)
		stride = (size_t)fmax(
			1, rint(params->result_step_m / (waves.z_m[1] - waves.z_m[0])));
	error = report(profile, &waves, power, stride);
	/* GNPy sums over the points of its result, which makes an error of about 1 %. */
	if (!error && fibre->pump_count)
		add_spontaneous(&waves, power, spectrum, profile, params->compat ? stride : 1);
	return error;
}
