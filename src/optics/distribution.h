/*
 * distribution: how likely a quantity is to have which value. Every kind may be cut: values outside
 * do not occur, and those inside keep their proportions.
 *
 * Values come from quantiles, one number of [0, 1] each, so that what draws lots decides alone
 * which numbers those are.
 */
#pragma once

enum distribution_kind {
	DISTRIBUTION_CERTAIN, /* always 0 */
	DISTRIBUTION_NORMAL,
	DISTRIBUTION_UNIFORM,
	DISTRIBUTION_TRIANGULAR,
};

struct distribution {
	enum distribution_kind kind;
	double mean, std;               /* normal; std may be 0 */
	double least, most;             /* uniform, triangular; least below most */
	double peak;                    /* triangular, within them */
	double cut_below, cut_above;    /* -INFINITY and INFINITY: not cut */
	double share_below, share_kept; /* probabilities of the uncut one; distribution_prepare */
};

/* To be called once when all else is set. The probability that the cuts leave, uncut counted as 1;
 * no value can be drawn from what leaves none. */
double distribution_prepare(struct distribution *distribution);

/* The value that a part `p` of all values are below, 0 < p < 1. */
double distribution_quantile(const struct distribution *distribution, double p);

/* The same of the normal distribution of mean 0 and deviation 1. */
double normal_quantile(double p);
