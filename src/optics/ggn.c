/* ggn: see ggn.h. */
#include "optics/ggn.h"

#include "optics/physics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Entries of a table for each turn of the phase over the fibre; with cubics between them the error
 * is below 1e-6 of the value at zero. */
enum { ENTRIES_PER_TURN = 32, ENTRIES_MAX = 1 << 20 };

/* Of Gauss' quadrature on [-1, 1], the positive half. */
enum { GAUSS_HALF = 4 };
static const double gauss_node[GAUSS_HALF] = {
	0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
static const double gauss_weight[GAUSS_HALF] = {
	0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};

/* How efficiently a pump's power mixes, by dbeta = n * step: |integral over z|^2, and the integral
 * of that from 0 in units of step. */
struct ggn_table {
	double *value, *integral;
	size_t count;
	double step;
};

/* ---- along the fibre ---- */

/* What lies between two points of a profile. */
struct slab {
	double start_m, end_m;
	/* The slab adds e_end (a_end / w + b_end / w^2) - e_start (a_start / w + b_start / w^2) to
	 * the integral of rho2 exp(j dbeta z), where w = s + j dbeta and e = exp(j dbeta z). */
	double s, a_start, b_start, a_end, b_end;
};

/* rho2 is exponential between points. */
static struct slab slab_between(double z, double next_z, double from, double to) {
	double s = log(to / from) / (next_z - z), least = 1e-9 / (next_z - z);

	/* Lossless and without dbeta is 0 / 0; a nanoneper takes care of that. */
	return (struct slab){z, next_z, fabs(s) < least ? -least : s, from, 0, to, 0};
}

/* As GNPy 2.12 has it: rho2 exp(alpha z) is linear between points. */
static struct slab slab_gnpy(double z, double next_z, double from, double to, double alpha) {
	double slope = (to * exp(alpha * next_z) - from * exp(alpha * z)) / (next_z - z);

	return (struct slab){z, next_z, -alpha, from, -slope * exp(-alpha * z), to,
		-slope * exp(-alpha * next_z)};
}

static struct slab slab_of(const struct power_profile *profile, size_t j, size_t k, double alpha) {
	const double *z = profile->z_m, *ratio = profile->ratio + j * profile->points;

	return isnan(alpha) ? slab_between(z[k - 1], z[k], ratio[k - 1], ratio[k])
			    : slab_gnpy(z[k - 1], z[k], ratio[k - 1], ratio[k], alpha);
}

/* Adds a slab to the integrals of `count` entries. */
VECTORIZED static void add_slab(const struct slab *slab, double *restrict re, double *restrict im,
	double step, size_t count) {
	double s = slab->s, z0 = slab->start_m, z1 = slab->end_m;
	double a0 = slab->a_start, b0 = slab->b_start, a1 = slab->a_end, b1 = slab->b_end;

	for (size_t n = 0; n < count; n++) {
		double d = (double)n * step, square = 1 / (s * s + d * d);
		double wr = s * square, wi = -d * square;        /* 1 / w */
		double vr = wr * wr - wi * wi, vi = 2 * wr * wi; /* 1 / w^2 */
		double c0 = cos(d * z0), s0 = sin(d * z0), c1 = cos(d * z1), s1 = sin(d * z1);
		double pr = a0 * wr + b0 * vr, pi = a0 * wi + b0 * vi;
		double qr = a1 * wr + b1 * vr, qi = a1 * wi + b1 * vi;

		re[n] += c1 * qr - s1 * qi - c0 * pr + s0 * pi;
		im[n] += c1 * qi + s1 * qr - c0 * pi - s0 * pr;
	}
}

int ggn_efficiency(const struct power_profile *profile, size_t j, double alpha, double step,
	double *value, size_t count) {
	double *im = calloc(count, sizeof(*im));

	if (!im)
		return -ENOMEM;
	memset(value, 0, count * sizeof(*value));
	for (size_t k = 1; k < profile->points; k++) {
		struct slab slab = slab_of(profile, j, k, alpha);

		if (slab.end_m > slab.start_m)
			add_slab(&slab, value, im, step, count);
	}
	for (size_t n = 0; n < count; n++)
		value[n] = value[n] * value[n] + im[n] * im[n];
	free(im);
	return 0;
}

/* The integral over z of rho2 squared. */
static double square_integral(const struct power_profile *profile, size_t j, double alpha) {
	double sum = 0;

	for (size_t k = 1; k < profile->points; k++) {
		struct slab slab = slab_of(profile, j, k, alpha);
		double half = (slab.end_m - slab.start_m) / 2, slope;

		if (half <= 0)
			continue;
		/* rho2 = (a + (z - start) slope) exp(s (z - start)), slope by b at the start. */
		slope = -slab.b_start;
		for (int g = -GAUSS_HALF; g < GAUSS_HALF; g++) {
			int n = g < 0 ? -g - 1 : g;
			double at = half * (1 + (g < 0 ? -gauss_node[n] : gauss_node[n]));
			double rho2 = (slab.a_start + at * slope) * exp(slab.s * at);

			sum += half * gauss_weight[n] * rho2 * rho2;
		}
	}
	return sum;
}

/* The integral over a slab of what falls (or rises) exponentially from one value to another. */
static double slab_integral(double from, double to, double h) {
	double slope = log(to / from);

	return fabs(slope) < 1e-9 ? h * (from + to) / 2 : h * (to - from) / slope;
}

/* ---- tables ---- */

/* In compat, the loss that GNPy takes out of profiles before it interpolates; else NAN. */
static double profile_alpha(const struct ggn *ggn, size_t j) {
	return ggn->params->compat ? fibre_alpha(ggn->fibre, ggn->spectrum->frequency_hz[j]) : NAN;
}

static int tabulate(const struct ggn *ggn, size_t j, double dbeta_max) {
	struct ggn_table *table = &ggn->tables[j];
	double *value, *integral;
	size_t count;

	table->step = 2 * M_PI / (ggn->fibre->length_m * ENTRIES_PER_TURN);
	count = (size_t)fmin(dbeta_max / table->step, ENTRIES_MAX) + 4;
	if (table->count >= count)
		return 0;
	free(table->value);
	table->count = 0;
	table->value = value = calloc(2 * count, sizeof(*value));
	if (!value || ggn_efficiency(ggn->profile, j, profile_alpha(ggn, j), table->step, value,
			      count) < 0)
		return -ENOMEM;
	table->integral = integral = value + count;
	for (size_t n = 1; n < count; n++)
		integral[n] = integral[n - 1] +
			      (13 * (value[n - 1] + value[n]) - value[n > 1 ? n - 2 : 1] -
				      value[n + 1 < count ? n + 1 : n]) /
				      24;
	table->count = count;
	return 0;
}

/* The value at a dbeta, by Catmull and Rom's cubic; even in dbeta. */
static inline double value_at(const struct ggn_table *table, double dbeta) {
	double at = fabs(dbeta) / table->step, t, a, b, c, d;
	size_t n = (size_t)at;

	if (n + 3 > table->count)
		return 0;
	t = at - (double)n;
	a = table->value[n ? n - 1 : 1];
	b = table->value[n];
	c = table->value[n + 1];
	d = table->value[n + 2];
	return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/* The integral from 0 to a dbeta, by Hermite's cubic, for the slopes are known; odd in dbeta. */
static inline double integral_at(const struct ggn_table *table, double dbeta) {
	double at = fabs(dbeta) / table->step, t, u, sum;
	size_t n = (size_t)at;

	if (n + 2 > table->count) {
		n = table->count - 2;
		at = (double)n + 1;
	}
	t = at - (double)n;
	u = 1 - t;
	sum = (1 + 2 * t) * u * u * table->integral[n] +
	      (1 + 2 * u) * t * t * table->integral[n + 1] +
	      t * u * (u * table->value[n] - t * table->value[n + 1]);
	return copysign(sum * table->step, dbeta);
}

/* ---- over frequencies ---- */

/* A channel's spectrum around its centre: raised cosine, 1 up to `flat`, 0 from `half` on. */
struct shape {
	double flat, half;
};

static struct shape shape_of(const struct spectrum *spectrum, size_t i) {
	return (struct shape){spectrum->baud_hz[i] / 2 * (1 - spectrum->roll_off[i]),
		spectrum->baud_hz[i] / 2 * (1 + spectrum->roll_off[i])};
}

static inline double shape_at(const struct shape *shape, double offset) {
	double from = fabs(offset);

	if (from <= shape->flat)
		return 1;
	if (from >= shape->half)
		return 0;
	return (1 + cos(M_PI * (from - shape->flat) / (shape->half - shape->flat))) / 2;
}

/* The step of frequency at which phases turn by no more than what is tolerated. */
static double resolution(const struct ggn *ggn, size_t i) {
	const struct sim_params *params = ggn->params;
	double alpha = fibre_alpha(ggn->fibre, ggn->spectrum->frequency_hz[i]);
	double by_loss = params->dispersion_tolerance * alpha;
	double by_phase = params->phase_shift_tolerance / params->result_step_m;

	return fmin(by_loss, by_phase) / (4 * M_PI * M_PI * ggn->beta2_max * ggn->slot_max);
}

/* dbeta by frequency from the channel under test, for a pump's frequency at x from it. What beta3
 * does within the channel under test is left out. */
static double dbeta_by_y(const struct ggn *ggn, size_t i, double x) {
	double f = ggn->spectrum->frequency_hz[i];

	return 4 * M_PI * M_PI * x *
	       (fibre_beta2(ggn->fibre, f) + M_PI * fibre_beta3(ggn->fibre, f) * x);
}

bool ggn_is_near(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *spectrum = ggn->spectrum;
	double beta2 = fabs(fibre_beta2(ggn->fibre, spectrum->frequency_hz[j]));
	double reach = 250e9 * (32e9 / spectrum->baud_hz[j]) * (21.3e-27 / beta2);

	return fabs(spectrum->frequency_hz[i] - spectrum->frequency_hz[j]) < reach;
}

/* The integral over y where spectra fall off, in panels within which phases turn by little. */
static double integrate_edge(const struct ggn *ggn, const struct ggn_table *table,
	const struct shape *test, const struct shape *pump, double from_j, double by_y, double from,
	double to) {
	double turns = fabs(by_y) * (to - from) * ggn->fibre->length_m / (2 * M_PI), sum = 0;
	size_t panels = 1 + (size_t)fmin(turns, 64);
	double half = (to - from) / (2 * (double)panels);

	if (to <= from)
		return 0;
	for (size_t p = 0; p < panels; p++) {
		double middle = from + half * (double)(2 * p + 1);

		for (int g = -GAUSS_HALF; g < GAUSS_HALF; g++) {
			int n = g < 0 ? -g - 1 : g;
			double y = middle + half * (g < 0 ? -gauss_node[n] : gauss_node[n]);

			sum += gauss_weight[n] * half * shape_at(test, y) *
			       shape_at(pump, from_j + y) * value_at(table, by_y * y);
		}
	}
	return sum;
}

/* The integral over y, the place in the channel under test, for one place in the pump. The third
 * frequency, from_j + y, must be in the pump, too. */
static double integrate_test(const struct ggn *ggn, const struct ggn_table *table,
	const struct shape *test, const struct shape *pump, double from_j, double by_y) {
	double low = fmax(-test->half, -pump->half - from_j);
	double high = fmin(test->half, pump->half - from_j);
	double flat_low = fmax(-test->flat, -pump->flat - from_j);
	double flat_high = fmin(test->flat, pump->flat - from_j), sum;

	if (high <= low)
		return 0;
	if (flat_high <= flat_low)
		return integrate_edge(ggn, table, test, pump, from_j, by_y, low, high);
	if (fabs(by_y) * (flat_high - flat_low) < table->step * 1e-6)
		sum = table->value[0] * (flat_high - flat_low);
	else
		sum = (integral_at(table, by_y * flat_high) - integral_at(table, by_y * flat_low)) /
		      by_y;
	return sum + integrate_edge(ggn, table, test, pump, from_j, by_y, low, flat_low) +
	       integrate_edge(ggn, table, test, pump, from_j, by_y, flat_high, high);
}

double ggn_near(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	struct shape test = shape_of(s, i), pump = shape_of(s, j);
	double offset = s->frequency_hz[j] - s->frequency_hz[i], sum = 0;
	double step = resolution(ggn, i);
	size_t count = (size_t)ceil(2 * pump.half / step);
	double reach = fmax(fabs(dbeta_by_y(ggn, i, offset - pump.half)),
		fabs(dbeta_by_y(ggn, i, offset + pump.half)));

	if (tabulate(ggn, j, reach * test.half) < 0)
		return NAN;
	for (size_t a = 0; a < count; a++) {
		double from_j = (double)a * step - pump.half, x = offset + from_j;
		double weight = shape_at(&pump, from_j) * (a == 0 || a + 1 == count ? 0.5 : 1);

		if (weight > 0)
			sum += weight * integrate_test(ggn, &ggn->tables[j], &test, &pump, from_j,
						dbeta_by_y(ggn, i, x));
	}
	return sum * step;
}

/* All of the pump acts as its centre does. Over unbounded y, Parseval turns the integral into that
 * of rho2 squared; what lies outside of the channel under test is far out, where the efficiency is
 * that of the fibre's two ends, (1 + rho2(L)^2) / dbeta^2. */
double ggn_far(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	const struct power_profile *profile = ggn->profile;
	struct shape test = shape_of(s, i);
	double by_y = fabs(dbeta_by_y(ggn, i, s->frequency_hz[j] - s->frequency_hz[i]));
	double end = profile->ratio[(j + 1) * profile->points - 1];
	double half = (test.half - test.flat) / 2, outside = 1 / test.half;

	for (int g = -GAUSS_HALF; g < GAUSS_HALF; g++) {
		int n = g < 0 ? -g - 1 : g;
		double y = test.flat + half * (1 + (g < 0 ? -gauss_node[n] : gauss_node[n]));

		outside += gauss_weight[n] * half * (1 - shape_at(&test, y)) / (y * y);
	}
	return s->baud_hz[j] / by_y *
	       (2 * M_PI * square_integral(profile, j, profile_alpha(ggn, j)) -
		       2 * (1 + end * end) / by_y * outside);
}

/* What GNPy 2.12 has for it: B / df for the logarithm, and for the integral of rho2 squared
 * Leff (1 - rho2(L)) / 2, which is that integral's part without what the end of the fibre does. */
static double cross_gnpy(const struct ggn *ggn, size_t i, size_t j) {
	const struct spectrum *s = ggn->spectrum;
	const struct power_profile *profile = ggn->profile;
	const double *ratio = profile->ratio + j * profile->points;
	double beta2 = fabs(fibre_beta2(ggn->fibre, s->frequency_hz[i])), length = 0;

	for (size_t k = 1; k < profile->points; k++)
		length += slab_integral(
			ratio[k - 1], ratio[k], profile->z_m[k] - profile->z_m[k - 1]);
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
		ggn->beta2_max =
			fmax(ggn->beta2_max, fabs(fibre_beta2(fibre, spectrum->frequency_hz[i])));
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
