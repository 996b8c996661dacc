/* statistics: what many trials come to. */
#pragma once

#include <stddef.h>

/* std: of one value about the mean, estimated from the sample (n - 1). Quantiles between values are
 * linear. */
struct spread {
	double mean, std, low, median, high; /* low, high: 1 % and 99 % */
};

/* Of `count` values, at least one, which are sorted. */
struct spread spread_of(double *values, size_t count);

/* A probability and where it is with 95 % confidence, by E. B. Wilson, J. Am. Stat. Assoc. 22, 209
 * (1927). */
struct chance {
	double value, low, high;
};

struct chance chance_of(size_t hits, size_t trials);
