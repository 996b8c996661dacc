/* ggn: see ggn.h. */
#include "optics/ggn.h"

#include "optics/physics.h"

#include <complex.h>
#include <errno.h>
#include <stdlib.h>

/* Entries of a table for each turn of the phase over the fibre: with cubic interpolation its error
 * is below 1e-6 of the value at zero. */
enum { ENTRIES_PER_TURN = 48, ENTRIES_MAX = 1 << 20 };

struct ggn_table {
	double *value; /* of dbeta = n * step */
	size_t count;
	double step;
};

/* ---- along the fibre ---- */

/* What a slab from z to z + h adds to the integral of rho2 exp(j dbeta z): rho2 is exponential
 * in it. */
static double complex slab(double z, double h, double from, double to, double dbeta) {
	double complex w = log(to / from) / h + I * dbeta;
	double complex start = from * cexp(I * dbeta * z), end = to * cexp(I * dbeta * (z + h));

	return cabs(w) * h < 1e-9 ? (start + end) / 2 * h : (end - start) / w;
}

/* As GNPy 2.12 has it: rho2 exp(alpha z) is linear in it. */
static double complex slab_gnpy(
	double z, double h, double from, double to, double dbeta, double alpha) {
	double complex w = -alpha + I * dbeta, start = cexp(w * z), end = cexp(w * (z + h));
	double first = from * exp(alpha * z), last = to * exp(alpha * (z + h));

	return (last * end - first * start) / w - (last - first) / h * (end - start) / (w * w);
}

double ggn_efficiency(const struct power_profile *profile, size_t j, double dbeta, double alpha) {
	const double *z = profile->z_m, *ratio = profile->ratio + j * profile->points;
	double complex sum = 0;

	for (size_t k = 1; k < profile->points; k++) {
		double h = z[k] - z[k - 1];

		if (h > 0)
			sum += isnan(alpha) ? slab(z[k - 1], h, ratio[k - 1], ratio[k], dbeta)
					    : slab_gnpy(z[k - 1], h, ratio[k - 1], ratio[k], dbeta,
						      alpha);
	}
	return creal(sum) * creal(sum) + cimag(sum) * cimag(sum);
}

/* The integral over a slab of what falls (or rises) exponentially from one value to another. */
static double slab_integral(double from, double to, double h) {
	double slope = log(to / from);

	return fabs(slope) < 1e-9 ? h * (from + to) / 2 : h * (to - from) / slope;
}

static int tabulate(const struct ggn *ggn, size_t j, double dbeta_max) {
	struct ggn_table *table = &ggn->tables[j];
	double length = ggn->fibre->length_m;
	double alpha = ggn->params->compat
			       ? fibre_alpha(ggn->fibre, ggn->spectrum->frequency_hz[j])
			       : NAN;
	size_t count;

	table->step = 2 * M_PI / (length * ENTRIES_PER_TURN);
	count = (size_t)fmin(dbeta_max / table->step, ENTRIES_MAX) + 4;
	if (table->count >= count)
		return 0;
	free(table->value);
	table->count = 0;
	table->value = calloc(count, sizeof(*table->value));
	if (!table->value)
		return -ENOMEM;
	table->count = count;
	for (size_t n = 0; n < count; n++)
		table->value[n] = ggn_efficiency(
			ggn->profile, j, (double)n * table->step, alpha);
	return 0;
}

/* Catmull-Rom between entries; even in dbeta. */
static inline double look_up(const double *value, size_t count, double at) {
	size_t n;
	double t, a, b, c, d;

	at = fabs(at);
	n = (size_t)at;
	if (n + 3 > count)
		return 0;
	t = at - (double)n;
	a = value[n ? n - 1 : 1];
	b = value[n];
	c = value[n + 1];
	d = value[n + 2];
	return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/* ---- over frequencies ---- */

/* A channel's spectrum at an offset from its centre, 1 in the middle: raised cosine. */
static inline double shape(double offset, double baud, double roll_off) {
	double edge = baud / 2 * (1 - roll_off), from = fabs(offset);

	if (from <= edge)
		return 1;
	if (from > baud / 2 * (1 + roll_off))
		return 0;
	return (1 + cos(M_PI / (baud * roll_off) * (from - edge))) / 2;
}

/* The step of frequency at which phases turn by no more than what is tolerated. */
static double resolution(const struct ggn *ggn, size_t i, size_t slots) {
	const struct sim_params *params = ggn->params;
	double alpha = fibre_alpha(ggn->fibre, ggn->spectrum->frequency_hz[i]);
	double by_loss = params->dispersion_tolerance * alpha;
	double by_phase = params->phase_shift_tolerance / params->result_step_m;

	return fmin(by_loss, by_phase) / (4 * M_PI * M_PI * ggn->beta2_max) /
	       ((double)(1 + slots) * ggn->slot_max);
}

static double dbeta_of(double beta2, double beta3, double x, double y) {
	return 4 * M_PI * M_PI * x * y * (beta2 + M_PI * beta3 * (x + y));
}

bool ggn_is_near(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *spectrum = ggn->spectrum;
	double beta2 = fabs(fibre_beta2(ggn->fibre, spectrum->frequency_hz[j]));
	double reach = 250e9 * (32e9 / spectrum->baud_hz[j]) * (21.3e-27 / beta2);

	return fabs(spectrum->frequency_hz[i] - spectrum->frequency_hz[j]) < reach;
}

double ggn_near(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	double beta2 = fibre_beta2(ggn->fibre, s->frequency_hz[i]);
	double beta3 = fibre_beta3(ggn->fibre, s->frequency_hz[i]);
	double offset = s->frequency_hz[j] - s->frequency_hz[i];
	double half_i = s->baud_hz[i] * (1 + s->roll_off[i]) / 2;
	double half_j = s->baud_hz[j] * (1 + s->roll_off[j]) / 2;
	size_t slots = i > j ? i - j : j - i;
	double step1 = resolution(ggn, i, 0), step2 = resolution(ggn, i, slots);
	size_t count1 = (size_t)ceil(2 * half_j / step1), count2 = (size_t)ceil(2 * half_i / step2);
	const struct ggn_table *table = &ggn->tables[j];
	double *shapes = calloc(count2, sizeof(*shapes)), sum = 0, per_step;

	if (!shapes ||
		tabulate(ggn, j,
			fabs(dbeta_of(fabs(beta2), fabs(beta3), fabs(offset) + half_j, half_i))) < 0) {
		free(shapes);
		return NAN;
	}
	per_step = 1 / table->step;
	for (size_t b = 0; b < count2; b++)
		shapes[b] = shape((double)b * step2 - half_i, s->baud_hz[i], s->roll_off[i]) *
			    (b == 0 || b + 1 == count2 ? 0.5 : 1);
	for (size_t a = 0; a < count1; a++) {
		double from_j = (double)a * step1 - half_j, x = offset + from_j, inner = 0;
		double outer = shape(from_j, s->baud_hz[j], s->roll_off[j]) *
			       (a == 0 || a + 1 == count1 ? 0.5 : 1);

		if (outer <= 0)
			continue;
		for (size_t b = 0; b < count2; b++) {
			double y = (double)b * step2 - half_i;
			double third = shape(from_j + y, s->baud_hz[j], s->roll_off[j]);

			if (third > 0)
				inner += shapes[b] * third *
					 look_up(table->value, table->count,
						 dbeta_of(beta2, beta3, x, y) * per_step);
		}
		sum += outer * inner;
	}
	free(shapes);
	return sum * step1 * step2;
}

/* All of the pump acts as its centre does. */
double ggn_far(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	double beta2 = fibre_beta2(ggn->fibre, s->frequency_hz[i]);
	double beta3 = fibre_beta3(ggn->fibre, s->frequency_hz[i]);
	double offset = s->frequency_hz[j] - s->frequency_hz[i];
	double half_i = s->baud_hz[i] * (1 + s->roll_off[i]) / 2, sum = 0;
	size_t slots = i > j ? i - j : j - i;
	double step = resolution(ggn, i, slots);
	size_t count = (size_t)ceil(2 * half_i / step);
	const struct ggn_table *table = &ggn->tables[j];

	if (tabulate(ggn, j, fabs(dbeta_of(fabs(beta2), fabs(beta3), fabs(offset), half_i))) < 0)
		return NAN;
	for (size_t b = 0; b < count; b++) {
		double y = (double)b * step - half_i;

		sum += shape(y, s->baud_hz[i], s->roll_off[i]) *
		       look_up(table->value, table->count,
			       dbeta_of(beta2, beta3, offset, y) / table->step) *
		       (b == 0 || b + 1 == count ? 0.5 : 1);
	}
	return sum * step * s->baud_hz[j];
}

/* What GNPy 2.12 has for it: B / df for the logarithm, and for the integral of rho2 squared
 * Leff (1 - rho2(L)) / 2, which is that integral's part without what the end of the fibre does. */
static double cross_gnpy(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	const struct power_profile *profile = ggn->profile;
	const double *ratio = profile->ratio + j * profile->points;
	double beta2 = fabs(fibre_beta2(ggn->fibre, s->frequency_hz[i])), length = 0;

	for (size_t k = 1; k < profile->points; k++)
		length += slab_integral(ratio[k - 1], ratio[k], profile->z_m[k] - profile->z_m[k - 1]);
	return s->baud_hz[j] / fabs(s->frequency_hz[j] - s->frequency_hz[i]) / (2 * M_PI * beta2) *
	       length * (1 - ratio[profile->points - 1]) / 2;
}

/* Over an unbounded f2, Parseval turns |integral over z|^2 into the integral of rho2 squared. */
double ggn_cross(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	const struct power_profile *profile = ggn->profile;
	const double *ratio = profile->ratio + j * profile->points;
	double beta2 = fabs(fibre_beta2(ggn->fibre, s->frequency_hz[i]));
	double offset = fabs(s->frequency_hz[j] - s->frequency_hz[i]), sum = 0;

	if (ggn->params->compat)
		return cross_gnpy(ggn, i, j);
	for (size_t k = 1; k < profile->points; k++)
		sum += slab_integral(ratio[k - 1] * ratio[k - 1], ratio[k] * ratio[k],
			profile->z_m[k] - profile->z_m[k - 1]);
	return log((offset + s->baud_hz[j] / 2) / (offset - s->baud_hz[j] / 2)) /
	       (2 * M_PI * beta2) * sum;
}

int ggn_create(struct ggn *ggn, const struct fibre *fibre, const struct spectrum *spectrum,
	const struct power_profile *profile, const struct sim_params *params) {
	*ggn = (struct ggn){fibre, spectrum, profile, params, NULL, 0, 0};
	ggn->tables = calloc(spectrum->count + 1, sizeof(*ggn->tables));
	if (!ggn->tables)
		return -ENOMEM;
	for (size_t i = 0; i < spectrum->count; i++) {
		ggn->beta2_max = fmax(ggn->beta2_max,
			fabs(fibre_beta2(fibre, spectrum->frequency_hz[i])));
		ggn->slot_max = fmax(ggn->slot_max, spectrum->slot_hz[i]);
	}
	return 0;
}

void ggn_free(struct ggn *ggn) {
	if (ggn->tables)
		for (size_t i = 0; i < ggn->spectrum->count; i++)
			free(ggn->tables[i].value);
	free(ggn->tables);
	*ggn = (struct ggn){0};
}
