/* raman: see raman.h. */
#include "optics/raman_private.h"

#include "optics/physics.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 1000000, VALUES_MAX = 64 << 20, CACHE_LINE = 64 };

/* A channel of no power still has a ratio of powers. */
static const double power_least_w = 1e-30;

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

static void *at_cache_line(void *memory) {
	return (char *)memory + -(uintptr_t)memory % CACHE_LINE;
}

void raman_free(struct raman_work *work) {
	free(work->memory);
	*work = (struct raman_work){0};
}

void power_profile_free(struct power_profile *profile) {
	free(profile->memory);
	*profile = (struct power_profile){0};
}

int raman_lay_out(struct power_profile *profile, size_t channels, size_t points) {
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
	error = raman_lay_out(profile, spectrum->count, points);
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

/* So many gains grow side by side in registers, while the columns of C go by. */
enum { LANES = 16, GROUP = 2, BLOCK = LANES * GROUP };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), may_alias));

VECTORIZED void raman_gains(
	const struct waves *waves, const double *restrict power, double *restrict gain) {
	size_t count = waves->count, stride = waves->stride / LANES;

	for (size_t from = 0; from < count; from += BLOCK) {
		const lanes *c = (const lanes *)(waves->coupling + from);
		lanes even[GROUP] = {0}, odd[GROUP] = {0};
		size_t left = count - from, j = 0;

		for (; j + 1 < count; j += 2, c += 2 * stride) {
			even[0] += c[0] * (float)power[j];
			even[1] += c[1] * (float)power[j];
			odd[0] += c[stride] * (float)power[j + 1];
			odd[1] += c[stride + 1] * (float)power[j + 1];
		}
		if (j < count) {
			even[0] += c[0] * (float)power[j];
			even[1] += c[1] * (float)power[j];
		}
		even[0] += odd[0];
		even[1] += odd[1];
		for (size_t i = 0; i < left && i < BLOCK; i++)
			gain[from + i] = even[i / LANES][i % LANES];
	}
}

/* Column j of C, for gains at even offsets; see fibre_raman, of which this is the same. */
VECTORIZED static void couple_column(float *restrict column, const double *restrict f,
	const double *restrict area, const struct raman_gain *raman, size_t j, size_t count,
	bool compat) {
	const double *restrict gain = raman->gain;
	double last = (double)(raman->count - 1), pump = f[j], pump_area = area[j];

	for (size_t i = 0; i < count; i++) {
		double at = fabs(pump - f[i]) / raman->step_hz, high = pump > f[i] ? pump : f[i];
		int n = (int)(at < last - 1 ? at : last - 1);
		double between = gain[n] + (gain[n + 1] - gain[n]) * (at - n);
		double c = (at > last ? 0 : between) * high / raman->reference_hz * 2 /
			   (pump_area + area[i]);

		column[i] = (float)(f[i] < pump ? c : compat ? -c : -c * f[i] / pump);
	}
	column[j] = 0;
}

static void couple(struct waves *waves, double *area, bool compat) {
	const double *f = waves->frequency_hz;

	for (size_t i = 0; i < waves->count; i++)
		area[i] = fibre_area(waves->fibre, f[i]);
	for (size_t j = 0; j < waves->count; j++) {
		float *column = waves->coupling + j * waves->stride;

		if (waves->fibre->raman->step_hz > 0)
			couple_column(
				column, f, area, waves->fibre->raman, j, waves->count, compat);
		else
			for (size_t i = 0; i < waves->count; i++)
				column[i] =
					(float)(i == j ? 0
						: compat
							? fibre_raman_gnpy(waves->fibre, f[i], f[j])
							: fibre_raman(waves->fibre, f[i], f[j]));
		for (size_t i = waves->count; i < waves->stride; i++)
			column[i] = 0;
	}
}

int raman_gather(struct waves *waves, struct raman_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct sim_params *params, size_t extra_arrays,
	double **extra) {
	size_t count = spectrum->count + fibre->pump_count, room;
	size_t stride = (count + BLOCK - 1) / BLOCK * BLOCK;
	size_t columns = (count * stride * sizeof(float) + CACHE_LINE) / sizeof(double);
	double *memory, *area;

	room = points_most(fibre, params->solver_step_m, count);
	if (!room)
		return -E2BIG;
	if (make_room(&work->memory, &work->room,
		    4 * count + columns + 2 * room + extra_arrays * count * room) < 0)
		return -ENOMEM;
	memory = work->memory;
	*waves = (struct waves){
		.fibre = fibre, .channels = spectrum->count, .count = count, .stride = stride};
	waves->frequency_hz = memory;
	waves->alpha = memory + count;
	waves->launch_w = memory + 2 * count;
	area = memory + 3 * count;
	waves->coupling = at_cache_line(memory + 4 * count);
	waves->z_m = memory + 4 * count + columns;
	waves->lumped = waves->z_m + room;
	*extra = waves->lumped + room;
	waves->points = place_points(fibre, params->solver_step_m, waves->z_m, waves->lumped);
	for (size_t i = 0; i < spectrum->count; i++) {
		waves->frequency_hz[i] = spectrum->frequency_hz[i];
		waves->launch_w[i] = fmax(spectrum_power_w(spectrum, i), power_least_w);
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
	couple(waves, area, params->compat);
	return 0;
}

int raman_solve(struct power_profile *profile, struct raman_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct sim_params *params) {
	if (!params->raman)
		return solve_loss(profile, fibre, spectrum, params->result_step_m);
	if (fibre->pump_count || params->raman_method == RAMAN_NUMERICAL)
		return raman_numerical(profile, work, fibre, spectrum, params);
	return raman_perturbative(profile, work, fibre, spectrum, params);
}
