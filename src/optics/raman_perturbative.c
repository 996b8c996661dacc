/* raman_perturbative: Raman scattering as a series, ln P_i = ln P_i0 - alpha_i z + G1 + G2 + ... */
#include "optics/raman_private.h"

#include "optics/physics.h"

#include <string.h>

enum { ORDERS_MAX = 4 };

/* What loss alone leaves at each point. */
VECTORIZED static void lose(const double *restrict alpha, const double *restrict z,
	const double *restrict lumped, double *restrict loss, size_t count, size_t points) {
	for (size_t k = 0; k < points; k++)
		for (size_t j = 0; j < count; j++)
			loss[k * count + j] = exp(-alpha[j] * z[k]) * lumped[k];
}

/* The integral from 0 to each point of launch * loss(x) * term(x), by trapezoids. */
VECTORIZED static void integrate(const struct waves *waves, const double *restrict loss,
	const double *restrict term, double *restrict to) {
	size_t n = waves->count;
	const double *launch = waves->launch_w;

	memset(to, 0, n * sizeof(*to));
	for (size_t k = 1; k < waves->points; k++) {
		double half = (waves->z_m[k] - waves->z_m[k - 1]) / 2;

		for (size_t j = 0; j < n; j++)
			to[k * n + j] =
				to[(k - 1) * n + j] +
				launch[j] * half *
					(loss[k * n + j] * term[k * n + j] +
						loss[(k - 1) * n + j] * term[(k - 1) * n + j]);
	}
}

/* The same for a term of 1, exactly: between points there is nothing but loss. */
VECTORIZED static void integrate_loss(
	const struct waves *waves, const double *restrict loss, double *restrict to) {
	size_t n = waves->count;
	const double *launch = waves->launch_w, *alpha = waves->alpha;

	memset(to, 0, n * sizeof(*to));
	for (size_t k = 1; k < waves->points; k++) {
		double h = waves->z_m[k] - waves->z_m[k - 1];
		double lumped = waves->lumped[k - 1] / waves->lumped[k];

		for (size_t j = 0; j < n; j++) {
			double before = loss[(k - 1) * n + j];
			double gone = before - loss[k * n + j] * lumped;

			to[k * n + j] = to[(k - 1) * n + j] +
					launch[j] * (alpha[j] > 0 ? gone / alpha[j] : before * h);
		}
	}
}

/* The part of exp(G1 + G2 + ...) that is of an order, from the lower ones. */
VECTORIZED static void expand(double *const *g, int order, double *restrict term, size_t size) {
	const double *g1 = g[0], *g2 = g[1], *g3 = g[2];

	switch (order) {
	case 1:
		memcpy(term, g1, size * sizeof(*term));
		break;
	case 2:
		for (size_t i = 0; i < size; i++)
			term[i] = g2[i] + g1[i] * g1[i] / 2;
		break;
	default:
		for (size_t i = 0; i < size; i++)
			term[i] = g3[i] + g1[i] * g2[i] + g1[i] * g1[i] * g1[i] / 6;
	}
}

/* The sum of all orders goes into the first. */
VECTORIZED static void finish(double *const *g, int orders, const double *restrict loss,
	double *restrict ratio, size_t size) {
	double *sum = g[0];

	for (int n = 1; n < orders; n++)
		for (size_t i = 0; i < size; i++)
			sum[i] += g[n][i];
	for (size_t i = 0; i < size; i++)
		ratio[i] = loss[i] * exp(sum[i]);
}

int raman_perturbative(struct power_profile *profile, struct raman_work *work,
	const struct fibre *fibre, const struct spectrum *spectrum,
	const struct sim_params *params) {
	double *g[ORDERS_MAX], *term, *integral, *loss, *extra;
	struct waves waves;
	size_t size;
	int error = raman_gather(&waves, work, fibre, spectrum, params, ORDERS_MAX + 3, &extra);

	if (error)
		return error;
	size = waves.count * waves.points;
	for (int n = 0; n < ORDERS_MAX; n++)
		g[n] = extra + (size_t)n * size;
	term = extra + ORDERS_MAX * size;
	integral = term + size;
	loss = integral + size;
	lose(waves.alpha, waves.z_m, waves.lumped, loss, waves.count, waves.points);
	for (int n = 0; n < params->raman_order; n++) {
		if (n == 0) {
			integrate_loss(&waves, loss, integral);
		} else {
			expand(g, n, term, size);
			integrate(&waves, loss, term, integral);
		}
		for (size_t k = 0; k < waves.points; k++)
			raman_gains(&waves, integral + k * waves.count, g[n] + k * waves.count);
	}
	error = raman_lay_out(profile, waves.channels, waves.points);
	if (error)
		return error;
	memcpy(profile->z_m, waves.z_m, waves.points * sizeof(double));
	finish(g, params->raman_order, loss, term, size);
	for (size_t i = 0; i < waves.channels; i++)
		for (size_t k = 0; k < waves.points; k++)
			profile->ratio[i * waves.points + k] = term[k * waves.count + i];
	return 0;
}
