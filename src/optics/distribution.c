/* distribution: see distribution.h. */
#include "optics/distribution.h"

#include <float.h>
#include <math.h>

static double normal_share(double x) {
	return erfc(-x * M_SQRT1_2) / 2;
}

/* Abramowitz and Stegun, 26.2.23: within 4.5e-4, for p up to a half. */
static double guess_quantile(double p) {
	double t = sqrt(-2 * log(p));

	return (2.515517 + t * (0.802853 + t * 0.010328)) /
		       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
	       t;
}

/* Two steps of Halley's take the guess to all digits. */
double normal_quantile(double p) {
	double x;

	if (p > 0.5)
		return -normal_quantile(1 - p);
	x = guess_quantile(p);
	for (int step = 0; step < 2; step++) {
		double density = exp(-x * x / 2) / sqrt(2 * M_PI);
		double miss = (normal_share(x) - p) / density;

		x -= miss / (1 + x * miss / 2);
	}
	return x;
}

/* The part of all values below x, uncut. */
static double share_below(const struct distribution *d, double x) {
	double wide = d->most - d->least;

	if (d->kind == DISTRIBUTION_NORMAL)
		return d->std > 0 ? normal_share((x - d->mean) / d->std) : x >= d->mean;
	if (x <= d->least)
		return 0;
	if (x >= d->most)
		return 1;
	if (d->kind == DISTRIBUTION_UNIFORM)
		return (x - d->least) / wide;
	if (x < d->peak)
		return (x - d->least) * (x - d->least) / (wide * (d->peak - d->least));
	return 1 - (d->most - x) * (d->most - x) / (wide * (d->most - d->peak));
}

static double triangular_quantile(const struct distribution *d, double p) {
	double wide = d->most - d->least, rise = d->peak - d->least;

	if (p < rise / wide)
		return d->least + sqrt(p * wide * rise);
	return d->most - sqrt((1 - p) * wide * (d->most - d->peak));
}

double distribution_prepare(struct distribution *distribution) {
	distribution->share_below = 0;
	distribution->share_kept = 1;
	if (distribution->kind == DISTRIBUTION_CERTAIN)
		return 1;
	distribution->share_below = share_below(distribution, distribution->cut_below);
	distribution->share_kept =
		share_below(distribution, distribution->cut_above) - distribution->share_below;
	return distribution->share_kept;
}

static double uncut_quantile(const struct distribution *d, double p) {
	switch (d->kind) {
	case DISTRIBUTION_NORMAL:
		return d->mean + d->std * normal_quantile(p);
	case DISTRIBUTION_UNIFORM:
		return d->least + p * (d->most - d->least);
	case DISTRIBUTION_TRIANGULAR:
		return triangular_quantile(d, p);
	default:
		return 0;
	}
}

double distribution_quantile(const struct distribution *distribution, double p) {
	double share, x;

	if (distribution->kind == DISTRIBUTION_CERTAIN)
		return 0;
	share = distribution->share_below + p * distribution->share_kept;
	x = uncut_quantile(distribution, fmin(fmax(share, DBL_MIN), 1 - DBL_EPSILON / 2));
	return fmin(fmax(x, distribution->cut_below), distribution->cut_above);
}
