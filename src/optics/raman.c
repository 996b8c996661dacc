/* raman: see raman.h. */
#include "optics/raman.h"

#include "optics/physics.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 1000000, VALUES_MAX = 64 << 20, SWEEPS_MAX = 200, ORDERS_MAX = 4 };

/* Sweeps end when no power changes by more than this between two. */
static const double sweep_tolerance = 1e-9;

/* All waves of a fibre: channels first, then pumps. */
struct waves {
	const struct fibre *fibre;
	size_t channels, count;
	double *frequency_hz, *alpha, *launch_w;
	double *coupling; /* C_ij at [i * count + j] */
	size_t points;
	double *z_m;
	double *lumped; /* power ratio that lumped losses up to and with each point make */
};

/* ---- memory ---- */

static int make_room(double **memory, size_t *room, size_t wanted) {
	double *more;

	if (wanted <= *room)
		return 0;
	more = realloc(*memory, wanted * sizeof(*more));
	if (!more)
		return -ENOMEM;
	*memory = more;
	*room = wanted;
	return 0;
}

void raman_free(struct raman_work *work) {
	free(work->memory);
	*work = (struct raman_work){0};
}

void power_profile_free(struct power_profile *profile) {
	free(profile->memory);
	*profile = (struct power_profile){0};
}

static int lay_out_profile(struct power_profile *profile, size_t channels, size_t points) {
	double *memory =
		realloc(profile->memory, (points + channels * (points + 1)) * sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	*profile = (struct power_profile){channels, points, memory, memory + points,
		memory + points + channels * points, memory};
	memset(profile->ase_w, 0, channels * sizeof(*profile->ase_w));
	return 0;
}

/* ---- the points along the fibre ---- */

/* Every `step` from 0, and the end; and the lumped losses, twice: before and after. */
static size_t place_points(const struct fibre *fibre, double step, double *z, double *lumped) {
	double ratio = 1;
	size_t count = 0, next = 0;

	for (double at = 0;; at += step) {
		double to = at < fibre->length_m - 1e-6 ? at : fibre->length_m;

		for (; next < fibre->lumped_count && fibre->lumped[next].position_m <= to; next++) {
			double position = fibre->lumped[next].position_m;

			if (count == 0 || z[count - 1] < position) {
				z[count] = position;
				lumped[count++] = ratio;
			}
			ratio *= db_to_ratio(-fibre->lumped[next].loss_db);
			z[count] = position;
			lumped[count++] = ratio;
		}
		if (count == 0 || z[count - 1] < to) {
			z[count] = to;
			lumped[count++] = ratio;
		}
		if (to >= fibre->length_m)
			return count;
	}
}

/* Room for the points that a step makes; 0 if they are more than anybody would wait for. */
static size_t points_most(const struct fibre *fibre, double step, size_t waves) {
	double points = fibre->length_m / step + 3 + 2 * (double)fibre->lumped_count;

	return points > POINTS_MAX || points * (double)waves > VALUES_MAX ? 0 : (size_t)points;
}

/* ---- loss alone ---- */

static int solve_loss(struct power_profile *profile, const struct fibre *fibre,
	const struct spectrum *spectrum, double step) {
	size_t room = points_most(fibre, step, spectrum->count), points;
	double *z = room ? calloc(2 * room, sizeof(*z)) : NULL;
	int error;

	if (!z)
		return room ? -ENOMEM : -E2BIG;
	points = place_points(fibre, step, z, z + room);
	error = lay_out_profile(profile, spectrum->count, points);
	if (!error) {
		memcpy(profile->z_m, z, points * sizeof(*z));
		for (size_t i = 0; i < spectrum->count; i++) {
			double alpha = fibre_alpha(fibre, spectrum->frequency_hz[i]);

			for (size_t k = 0; k < points; k++)
				profile->ratio[i * points + k] = exp(-alpha * z[k]) * z[room + k];
		}
	}
	free(z);
	return error;
}

/* ---- waves ---- */

static void couple(struct waves *waves, bool compat) {
	const double *f = waves->frequency_hz;

	for (size_t i = 0; i < waves->count; i++)
		for (size_t j = 0; j < waves->count; j++)
			waves->coupling[i * waves->count + j] =
				i == j   ? 0
				: compat ? fibre_raman_gnpy(waves->fibre, f[i], f[j])
					 : fibre_raman(waves->fibre, f[i], f[j]);
}

/* Takes its arrays from `work`, and `extra_arrays` by waves and points behind them. */
static int gather(struct waves *waves, struct raman_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct sim_params *params, size_t extra_arrays,
	double **extra) {
	size_t count = spectrum->count + fibre->pump_count, room;
	double *memory;

	room = points_most(fibre, params->solver_step_m, count);
	if (!room)
		return -E2BIG;
	if (make_room(&work->memory, &work->room,
		    3 * count + count * count + 2 * room + extra_arrays * count * room) < 0)
		return -ENOMEM;
	memory = work->memory;
	*waves = (struct waves){.fibre = fibre, .channels = spectrum->count, .count = count};
	waves->frequency_hz = memory;
	waves->alpha = memory + count;
	waves->launch_w = memory + 2 * count;
	waves->coupling = memory + 3 * count;
	waves->z_m = waves->coupling + count * count;
	waves->lumped = waves->z_m + room;
	*extra = waves->lumped + room;
	waves->points = place_points(fibre, params->solver_step_m, waves->z_m, waves->lumped);
	for (size_t i = 0; i < spectrum->count; i++) {
		waves->frequency_hz[i] = spectrum->frequency_hz[i];
		waves->launch_w[i] = spectrum_power_w(spectrum, i);
	}
	for (size_t i = 0; i < fibre->pump_count; i++) {
		waves->frequency_hz[spectrum->count + i] = fibre->pumps[i].frequency_hz;
		waves->launch_w[spectrum->count + i] =
			fibre->pumps[i].power_w * db_to_ratio(fibre->pumps[i].is_counter
								      ? -fibre->connector_out_db
								      : -fibre->connector_in_db);
	}
	for (size_t i = 0; i < count; i++)
		waves->alpha[i] = fibre_alpha(fibre, waves->frequency_hz[i]);
	couple(waves, params->compat);
	return 0;
}

/* ---- perturbative ---- */

/* to[i][k] = sum over j of C_ij from[j][k] */
VECTORIZED static void scatter(const double *restrict coupling, const double *restrict from,
	double *restrict to, size_t count, size_t points) {
	memset(to, 0, count * points * sizeof(*to));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			double c = coupling[i * count + j];

			for (size_t k = 0; k < points; k++)
				to[i * points + k] += c * from[j * points + k];
		}
}

/* The integral from 0 to each point of launch * loss(x) * term(x), by trapezoids. */
static void integrate(const struct waves *waves, const double *term, double *to) {
	size_t points = waves->points;

	for (size_t j = 0; j < waves->count; j++) {
		double sum = 0, before = 0;

		for (size_t k = 0; k < points; k++) {
			double now = exp(-waves->alpha[j] * waves->z_m[k]) * waves->lumped[k] *
				     term[j * points + k];

			if (k)
				sum += (now + before) / 2 * (waves->z_m[k] - waves->z_m[k - 1]);
			to[j * points + k] = waves->launch_w[j] * sum;
			before = now;
		}
	}
}

/* The same for a term of 1, exactly: between points there is nothing but loss. */
static void integrate_loss(const struct waves *waves, double *to) {
	size_t points = waves->points;

	for (size_t j = 0; j < waves->count; j++) {
		double sum = 0, alpha = waves->alpha[j];

		to[j * points] = 0;
		for (size_t k = 1; k < points; k++) {
			double from = exp(-alpha * waves->z_m[k - 1]);
			double until = exp(-alpha * waves->z_m[k]);

			sum += alpha > 0 ? waves->lumped[k - 1] * (from - until) / alpha
					 : waves->z_m[k] - waves->z_m[k - 1];
			to[j * points + k] = waves->launch_w[j] * sum;
		}
	}
}

/* The part of exp(G1 + G2 + ...) that is of an order, from the lower ones. */
static void expand(double *const *g, int order, double *term, size_t size) {
	for (size_t i = 0; i < size; i++) {
		double one = g[0][i];

		switch (order) {
		case 1:
			term[i] = one;
			break;
		case 2:
			term[i] = g[1][i] + one * one / 2;
			break;
		default:
			term[i] = g[2][i] + one * g[1][i] + one * one * one / 6;
		}
	}
}

static int solve_perturbative(struct power_profile *profile, struct raman_work *work,
	const struct fibre *fibre, const struct spectrum *spectrum,
	const struct sim_params *params) {
	double *g[ORDERS_MAX], *term, *integral, *extra;
	struct waves waves;
	size_t size;
	int error = gather(&waves, work, fibre, spectrum, params, ORDERS_MAX + 2, &extra);

	if (error)
		return error;
	size = waves.count * waves.points;
	for (int n = 0; n < ORDERS_MAX; n++)
		g[n] = extra + (size_t)n * size;
	term = extra + ORDERS_MAX * size;
	integral = term + size;
	for (int n = 0; n < params->raman_order; n++) {
		if (n == 0) {
			integrate_loss(&waves, integral);
		} else {
			expand(g, n, term, size);
			integrate(&waves, term, integral);
		}
		scatter(waves.coupling, integral, g[n], waves.count, waves.points);
	}
	error = lay_out_profile(profile, waves.channels, waves.points);
	if (error)
		return error;
	memcpy(profile->z_m, waves.z_m, waves.points * sizeof(double));
	for (size_t i = 0; i < waves.channels; i++)
		for (size_t k = 0; k < waves.points; k++) {
			double sum = 0;

			for (int n = 0; n < params->raman_order; n++)
				sum += g[n][i * waves.points + k];
			profile->ratio[i * waves.points + k] =
				waves.lumped[k] * exp(-waves.alpha[i] * waves.z_m[k] + sum);
		}
	return 0;
}

/* ---- numerical ---- */

/* One Euler step for waves [from, to), in place of a point's powers: P += h P (C P - alpha). The
 * others' powers at the point are in `power`, too. */
VECTORIZED static void step_waves(const struct waves *waves, const double *restrict power,
	double *restrict next, size_t from, size_t to, double h) {
	size_t count = waves->count;

	for (size_t i = from; i < to; i++) {
		const double *row = waves->coupling + i * count;
		double gain = 0;

		for (size_t j = 0; j < count; j++)
			gain += row[j] * power[j];
		next[i] = power[i] + h * power[i] * (gain - waves->alpha[i]);
	}
}

static bool is_counter(const struct waves *waves, size_t wave) {
	return wave >= waves->channels && waves->fibre->pumps[wave - waves->channels].is_counter;
}

/* Powers at point k: power[k * count + i]. Those that go with the channels, from 0 on. */
static void sweep_forward(const struct waves *waves, double *power) {
	size_t count = waves->count;

	for (size_t k = 1; k < waves->points; k++) {
		double h = waves->z_m[k] - waves->z_m[k - 1];
		double *here = power + (k - 1) * count, *next = power + k * count;
		double lumped = waves->lumped[k] / waves->lumped[k - 1];

		step_waves(waves, here, next, 0, waves->channels, h);
		for (size_t i = waves->channels; i < count; i++)
			if (!is_counter(waves, i))
				step_waves(waves, here, next, i, i + 1, h);
		for (size_t i = 0; i < count && lumped != 1; i++)
			if (!is_counter(waves, i))
				next[i] *= lumped;
	}
}

/* Those that go against them, from the end on. */
static void sweep_back(const struct waves *waves, double *power) {
	size_t count = waves->count;

	for (size_t k = waves->points - 1; k > 0; k--) {
		double h = waves->z_m[k] - waves->z_m[k - 1];
		double *here = power + k * count, *next = power + (k - 1) * count;
		double lumped = waves->lumped[k] / waves->lumped[k - 1];

		for (size_t i = waves->channels; i < count; i++)
			if (is_counter(waves, i)) {
				step_waves(waves, here, next, i, i + 1, h);
				next[i] *= lumped;
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

static void sweep_until_settled(const struct waves *waves, double *power, double *before) {
	size_t count = waves->count, last = waves->points - 1;
	bool has_counter = false;

	for (size_t k = 0; k < waves->points; k++)
		for (size_t i = 0; i < count; i++) {
			double way = is_counter(waves, i) ? waves->fibre->length_m - waves->z_m[k]
							  : waves->z_m[k];

			has_counter |= is_counter(waves, i);
			power[k * count + i] = waves->launch_w[i] * exp(-waves->alpha[i] * way);
		}
	for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
		sweep_forward(waves, power);
		if (!has_counter)
			return;
		sweep_back(waves, power);
		if (sweep && largest_change(power + last * count, before, count) < sweep_tolerance)
			return;
		memcpy(before, power + last * count, count * sizeof(*before));
	}
}

/* Spontaneous scattering of each pump, both polarisations, with the phonons that are there at the
 * fibre's temperature: what starts at z arrives with ratio(L)/ratio(z) (Bromage, eq. 12). */
static void add_spontaneous(const struct waves *waves, const double *power,
	const struct spectrum *spectrum, struct power_profile *profile, const double *ratio,
	size_t stride) {
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
				sum += (power[next * count + p] /
						       ratio[next * waves->channels + i] +
					       power[k * count + p] /
						       ratio[k * waves->channels + i]) /
				       2 * (waves->z_m[next] - waves->z_m[k]);
			}
			profile->ase_w[i] += 2 * PLANCK * f * spectrum->baud_hz[i] * (1 + phonons) *
					     waves->coupling[i * count + p] * sum *
					     ratio[(points - 1) * waves->channels + i];
		}
}

/* The points of a profile are the solver's nearest to each result step. */
static int report(struct power_profile *profile, const struct waves *waves, const double *ratio,
	size_t stride) {
	size_t points = 0, k;
	int error;

	for (k = 0; k < waves->points; k++)
		points += k % stride == 0 || k + 1 == waves->points;
	error = lay_out_profile(profile, waves->channels, points);
	if (error)
		return error;
	points = 0;
	for (k = 0; k < waves->points; k++) {
		if (k % stride && k + 1 != waves->points)
			continue;
		profile->z_m[points] = waves->z_m[k];
		for (size_t i = 0; i < waves->channels; i++)
			profile->ratio[i * profile->points + points] =
				ratio[k * waves->channels + i];
		points++;
	}
	return 0;
}

static int solve_numerical(struct power_profile *profile, struct raman_work *work,
	const struct fibre *fibre, const struct spectrum *spectrum,
	const struct sim_params *params) {
	double *power, *ratio, *before;
	struct waves waves;
	size_t stride = 1;
	int error = gather(&waves, work, fibre, spectrum, params, 3, &power);

	if (error)
		return error;
	ratio = power + waves.count * waves.points;
	before = ratio + waves.count * waves.points;
	sweep_until_settled(&waves, power, before);
	for (size_t k = 0; k < waves.points; k++)
		for (size_t i = 0; i < waves.channels; i++)
			ratio[k * waves.channels + i] =
				waves.launch_w[i] > 0
					? power[k * waves.count + i] / waves.launch_w[i]
					: exp(-waves.alpha[i] * waves.z_m[k]);
	if (waves.points > 1)
		stride = (size_t)fmax(
			1, rint(params->result_step_m / (waves.z_m[1] - waves.z_m[0])));
	error = report(profile, &waves, ratio, stride);
	/* GNPy sums over the points of its result, which makes an error of about 1 %. */
	if (!error && fibre->pump_count)
		add_spontaneous(
			&waves, power, spectrum, profile, ratio, params->compat ? stride : 1);
	return error;
}

int raman_solve(struct power_profile *profile, struct raman_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct sim_params *params) {
	if (!params->raman)
		return solve_loss(profile, fibre, spectrum, params->result_step_m);
	if (fibre->pump_count || params->raman_method == RAMAN_NUMERICAL)
		return solve_numerical(profile, work, fibre, spectrum, params);
	return solve_perturbative(profile, work, fibre, spectrum, params);
}
