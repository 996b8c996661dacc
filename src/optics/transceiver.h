/*
 * transceiver: what sends and receives, its modes, and what a mode needs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum penalty_kind { PENALTY_CD, PENALTY_PMD, PENALTY_PDL, PENALTY_KINDS };

/* Penalty in dB by impairment (ps/nm, ps, dB), in ascending order. */
struct penalty_point {
	double impairment, penalty_db;
};

struct transceiver_mode {
	const char *format;
	double baud_hz, bit_rate, roll_off, min_spacing_hz, cost;
	double osnr_db; /* needed, in 0.1 nm */
	double tx_osnr_db;
	double offset_db;                      /* asked of ROADMs on top of their target */
	double tx_power_dbm, rx_power_min_dbm; /* NAN: as the load's; any will do */
	double power_w; /* that one end takes from the mains; NAN if the library does not say */
	const struct penalty_point *penalties[PENALTY_KINDS];
	size_t penalty_count[PENALTY_KINDS];
};

struct transceiver_type {
	const char *name;
	double f_min_hz, f_max_hz;
	const struct transceiver_mode *modes;
	size_t mode_count;
};

/* What an impairment costs: linear between points, nothing below a first positive point,
 * infinite outside of them; 0 where the mode says nothing. */
double transceiver_penalty(
	const struct transceiver_mode *mode, enum penalty_kind kind, double value);
