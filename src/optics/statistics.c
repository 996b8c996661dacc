/* statistics: see statistics.h. */
#include "optics/statistics.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double quantile(const double *sorted, size_t count, double p) {
	double at = p * (double)(count - 1);
	size_t below = (size_t)at;

	if (below + 1 >= count || sorted[below] == sorted[below + 1])
		return sorted[below];
	return sorted[below] + (sorted[below + 1] - sorted[below]) * (at - (double)below);
}

struct spread spread_of(double *values, size_t count) {
	struct spread spread = {0};
	double squares = 0;

	for (size_t i = 0; i < count; i++)
		spread.mean += values[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - spread.mean) * (values[i] - spread.mean);
	spread.std = count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
	qsort(values, count, sizeof(*values), compare);
	spread.low = quantile(values, count, 0.01);
	spread.median = quantile(values, count, 0.5);
	spread.high = quantile(values, count, 0.99);
	return spread;
}

struct chance chance_of(size_t hits, size_t trials) {
	const double z = 1.959963984540054; /* 97.5 % of a normal distribution are below */
	double n = (double)trials, p = (double)hits / n, scale = 1 + z * z / n;
	double middle = (p + z * z / (2 * n)) / scale;
	double half = z / scale * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

	return (struct chance){p, hits ? middle - half : 0, hits < trials ? middle + half : 1};
}
