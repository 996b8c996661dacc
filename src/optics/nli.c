/* nli: see nli.h. */
#include "optics/nli.h"

#include "optics/ggn.h"
#include "optics/physics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const double spm_weight = 16.0 / 27, xpm_weight = 32.0 / 27;

/* The arrays of a work, each of `count`, and behind them the rows. */
enum { FREQUENCY, BAUD, ALPHA, BETA2, PUMP, ARRAYS };

/* Within what channels are evenly spaced and fibres the same at all frequencies: 0.5 Hz of a
 * spacing are 1e-10 dB, frequencies are rounded to 0.03 Hz. */
static const double even_hz = 0.5, even_ratio = 1e-12;

static double *array_of(const struct nli_work *work, int which) {
	return work->memory + (size_t)which * work->count;
}

static double *rows_of(const struct nli_work *work) {
	return work->memory + (size_t)ARRAYS * work->count;
}

/* Row i of w_ij psi_ij / Leff_j^2. If all depends on the distance |i - j| alone, rows are parts of
 * one, whose middle is the distance of 0. */
static double *row_of(const struct nli_work *work, size_t i) {
	return rows_of(work) + (work->even ? work->count - 1 - i : i * work->count);
}

void nli_free(struct nli_work *work) {
	free(work->memory);
	*work = (struct nli_work){0};
}

static int prepare(struct nli_work *work, size_t count) {
	size_t wanted = count * (ARRAYS + (count > 1 ? count : 2));

	if (wanted > work->room) {
		double *more = realloc(work->memory, wanted * sizeof(*more));

		if (!more)
			return -ENOMEM;
		work->memory = more;
		work->room = wanted;
		work->kept = false;
	}
	if (work->count != count)
		work->kept = false;
	work->count = count;
	return 0;
}

/* Whether the fibre and the channels are those that the rows are for; if not, they are noted. */
static bool is_same(
	struct nli_work *work, const struct fibre *fibre, const struct spectrum *spectrum) {
	double *f = array_of(work, FREQUENCY), *baud = array_of(work, BAUD);
	double *alpha = array_of(work, ALPHA), *beta2 = array_of(work, BETA2);
	bool same = work->kept;

	for (size_t i = 0; i < spectrum->count; i++) {
		double a = fibre_alpha(fibre, spectrum->frequency_hz[i]);
		double b = fabs(fibre_beta2(fibre, spectrum->frequency_hz[i]));

		same = same && f[i] == spectrum->frequency_hz[i] &&
		       baud[i] == spectrum->baud_hz[i] && alpha[i] == a && beta2[i] == b;
		f[i] = spectrum->frequency_hz[i];
		baud[i] = spectrum->baud_hz[i];
		alpha[i] = a;
		beta2[i] = b;
	}
	work->kept = true;
	return same;
}

static bool is_near(double one, double other) {
	return fabs(one - other) <= even_ratio * other;
}

/* Channels of one baud rate, evenly spaced, in a fibre whose loss and dispersion (beta2) do not
 * depend on frequency. */
static bool is_even(const struct nli_work *work) {
	const double *f = array_of(work, FREQUENCY), *baud = array_of(work, BAUD);
	const double *alpha = array_of(work, ALPHA), *beta2 = array_of(work, BETA2);
	size_t last = work->count - 1;
	double spacing = last ? (f[last] - f[0]) / (double)last : 0;

	for (size_t i = 0; i <= last; i++)
		if (baud[i] != baud[0] || !is_near(alpha[i], alpha[0]) ||
			!is_near(beta2[i], beta2[0]) ||
			fabs(f[i] - f[0] - (double)i * spacing) > even_hz)
			return false;
	return true;
}

/* asinh at the upper edge of channel j less that at its lower edge is one logarithm, of the ratio
 * of exp(asinh x) = x + sqrt(x^2 + 1), which for x < 0 is 1 / (|x| + sqrt(x^2 + 1)). */
VECTORIZED static void fill_row(double *restrict row, const double *restrict f,
	const double *restrict baud, const double *restrict alpha, const double *restrict beta2,
	size_t i, size_t count) {
	for (size_t j = 0; j < count; j++) {
		double b2 = (beta2[i] + beta2[j]) / 2, offset = f[i] - f[j];
		double scale = M_PI * M_PI / alpha[j] * b2 * baud[i];
		double x = scale * (offset + baud[j] / 2), y = scale * (offset - baud[j] / 2);
		double over = fabs(x) + sqrt(x * x + 1), under = fabs(y) + sqrt(y * y + 1);

		row[j] = xpm_weight / (2 * M_PI * b2) * alpha[j] / 2 *
			 log((x > 0 ? over : 1 / over) * (y > 0 ? 1 / under : under));
	}
	row[i] *= spm_weight / xpm_weight;
}

static void fill(struct nli_work *work) {
	const double *f = array_of(work, FREQUENCY), *baud = array_of(work, BAUD);
	const double *alpha = array_of(work, ALPHA), *beta2 = array_of(work, BETA2);
	size_t count = work->count;
	double *row;

	work->even = is_even(work);
	for (size_t i = 0; i < (work->even ? 1 : count); i++)
		fill_row(row_of(work, i), f, baud, alpha, beta2, i, count);
	row = row_of(work, 0);
	for (size_t k = 1; work->even && k < count; k++)
		*(row - k) = row[k];
}

VECTORIZED static double dot(const double *restrict one, const double *restrict other, size_t n) {
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += one[i] * other[i];
	return sum;
}

static void compute_analytic(double *nli_w, struct nli_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum) {
	size_t count = spectrum->count;
	double *pump = array_of(work, PUMP);
	const double *alpha = array_of(work, ALPHA);

	if (!is_same(work, fibre, spectrum))
		fill(work);
	for (size_t j = 0; j < count; j++) {
		double length = -expm1(-alpha[j] * fibre->length_m) / alpha[j];
		double density = spectrum_power_w(spectrum, j) / spectrum->baud_hz[j];

		pump[j] = length * length * density * density;
	}
	for (size_t i = 0; i < count; i++) {
		double gamma = fibre_gamma(fibre, spectrum->frequency_hz[i]);

		nli_w[i] = gamma * gamma * spectrum_power_w(spectrum, i) *
			   dot(row_of(work, i), pump, count);
	}
}

/* ---- GGN ---- */

/* The channels that are computed, ascending; at least one. */
static size_t choose(const struct sim_params *params, size_t count, size_t *chosen) {
	size_t number = 0;

	if (params->computed_count) {
		for (size_t i = 0; i < params->computed_count; i++)
			if (params->computed[i] < count)
				chosen[number++] = params->computed[i];
	} else if (params->computed_number > 1 && params->computed_number < count) {
		for (size_t i = 0; i < params->computed_number; i++)
			chosen[number++] = (size_t)rint((double)i * (double)(count - 1) /
							(double)(params->computed_number - 1));
	}
	if (!number)
		for (; number < count; number++)
			chosen[number] = number;
	return number;
}

/* psi of a pair, times its weight. */
static double weigh(const struct ggn *ggn, size_t i, size_t j, enum nli_method method) {
	double weight = i == j ? spm_weight : xpm_weight;

	if (i != j && method == NLI_GGN_APPROXIMATE)
		return weight * ggn_cross(ggn, i, j);
	if (ggn_is_near(ggn, i, j))
		return weight * ggn_near(ggn, i, j);
	return weight * ggn_far(ggn, i, j);
}

/* The density of interference is linear between channels that were computed, and constant beyond
 * them. */
static void interpolate(
	double *nli_w, const struct spectrum *spectrum, const size_t *chosen, size_t number) {
	const double *f = spectrum->frequency_hz, *baud = spectrum->baud_hz;

	for (size_t n = 0; n < number; n++) {
		size_t low = chosen[n], high = n + 1 < number ? chosen[n + 1] : spectrum->count;
		double from = nli_w[low] / baud[low];
		double to = n + 1 < number ? nli_w[high] / baud[high] : from;

		for (size_t i = n ? low + 1 : 0; i < high; i++) {
			double part = i < low || n + 1 == number
					      ? 0
					      : (f[i] - f[low]) / (f[high] - f[low]);

			nli_w[i] = baud[i] * (from + (to - from) * part);
		}
	}
}

static int compute_ggn(double *nli_w, const struct fibre *fibre, const struct spectrum *spectrum,
	const struct power_profile *profile, const struct sim_params *params) {
	size_t count = spectrum->count, *chosen = calloc(count, sizeof(*chosen)), number;
	struct ggn ggn = {0};
	int error = chosen ? ggn_create(&ggn, fibre, spectrum, profile, params) : -ENOMEM;

	if (error)
		goto out;
	number = choose(params, count, chosen);
	for (size_t n = 0; n < number; n++) {
		size_t i = chosen[n];
		double gamma = fibre_gamma(fibre, spectrum->frequency_hz[i]), sum = 0;

		for (size_t j = 0; j < count; j++) {
			double density = spectrum_power_w(spectrum, j) / spectrum->baud_hz[j];

			sum += weigh(&ggn, i, j, params->nli_method) * density * density;
		}
		nli_w[i] = gamma * gamma * spectrum_power_w(spectrum, i) * sum;
	}
	interpolate(nli_w, spectrum, chosen, number);
out:
	ggn_free(&ggn);
	free(chosen);
	return error;
}

int nli_compute(double *nli_w, struct nli_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct power_profile *profile,
	const struct sim_params *params) {
	int error;

	if (params->nli_method != NLI_GN_ANALYTIC)
		return compute_ggn(nli_w, fibre, spectrum, profile, params);
	error = prepare(work, spectrum->count);
	if (!error)
		compute_analytic(nli_w, work, fibre, spectrum);
	return error;
}
