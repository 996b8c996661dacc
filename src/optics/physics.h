/* physics: the constants and conversions that all of optics/ shares. SI units but for decibels. */
#pragma once

#include <math.h>

/* CODATA 2019, exact. */
#define LIGHT_SPEED 299792458.0    /* m/s */
#define PLANCK      6.62607015e-34 /* J s */
#define BOLTZMANN   1.380649e-23   /* J/K */

/* Silica: what single-mode fibre is made of. */
#define SILICA_INDEX       1.468   /* group index, for latency */
#define SILICA_KERR        2.6e-20 /* n2, m2/W */
#define FIBRE_CORE_RADIUS  4.2e-6  /* m */
#define FIBRE_REFERENCE_HZ (LIGHT_SPEED / 1550e-9)

/* The bandwidth in which OSNR is quoted: 0.1 nm at 1550 nm, by convention 12.5 GHz. */
#define OSNR_BANDWIDTH_HZ 12.5e9

/* dB per neper of power: 10 / ln 10. */
#define DB_PER_NEPER 4.342944819032518

static inline double db_to_ratio(double db) {
	return exp(db / DB_PER_NEPER);
}

static inline double ratio_to_db(double ratio) {
	return DB_PER_NEPER * log(ratio);
}

static inline double dbm_to_watt(double dbm) {
	return 1e-3 * db_to_ratio(dbm);
}

static inline double watt_to_dbm(double watt) {
	return ratio_to_db(watt * 1e3);
}

/* The sum of n values in decibels. */
static inline double db_sum(double one, double other) {
	return ratio_to_db(db_to_ratio(one) + db_to_ratio(other));
}

/* Loops over channels, each compiled for the vectors of the machine that it then runs on. Clang
 * (the fuzzers' compiler) and sanitizers have no use for the indirect functions that this takes. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
	!defined(__SANITIZE_ADDRESS__)
#define VECTORIZED                                                                                 \
	__attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4"),               \
		optimize("O3", "fast-math")))
#else
#define VECTORIZED
#endif
