/*
 * spectrum: the channels that travel together, as arrays of one length, in ascending order of
 * frequency. Elements change powers and accumulated impairments in place; the rest stays.
 *
 * A channel's power is the sum of signal, amplified spontaneous emission and nonlinear
 * interference, each within its baud rate. CD adds linearly, PMD and PDL by root-sum-square.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct spectrum {
	size_t count, room;
	/* What a channel is. */
	double *frequency_hz, *baud_hz, *slot_hz, *roll_off;
	double *tx_osnr_db; /* in 0.1 nm; infinite for a perfect transmitter */
	double *delta_p_db; /* asked of ROADMs on top of their target */
	double *tx_power_dbm;
	/* What has become of it. */
	double *signal_w, *ase_w, *nli_w;
	double *cd_s_m;  /* accumulated dispersion, s/m; 1e3 of it are ps/nm */
	double *pmd_s2;  /* PMD squared, s2 */
	double *pdl_db2; /* PDL squared, dB2 */
	double latency_s;
	double *memory;
};

enum { SPECTRUM_CHANNELS_MAX = 4096 };

/* 0, or -ENOMEM. Room for `count` channels, none of them set. */
int spectrum_create(struct spectrum *spectrum, size_t count);
int spectrum_copy(struct spectrum *to, const struct spectrum *from);
void spectrum_free(struct spectrum *spectrum);

/* One channel more; there must be room. Powers are zero until spectrum_launch. */
struct channel {
	double frequency_hz, baud_hz, slot_hz, roll_off, tx_osnr_db, delta_p_db, tx_power_dbm;
};
void spectrum_add(struct spectrum *spectrum, const struct channel *channel);

/* How many channels of a spacing a band holds: f_min + k * spacing for k = 1 .. count, as ITU-T
 * G.694.1 planning counts them. */
size_t spectrum_count_in(double f_min_hz, double f_max_hz, double spacing_hz);

/* Sorts by frequency; -EINVAL if two slots overlap, with the first of the two in `at`. */
int spectrum_sort(struct spectrum *spectrum, size_t *at);

/* Sets signal to tx_power_dbm, noise and impairments to none. */
void spectrum_launch(struct spectrum *spectrum);

/* Keeps the channels for which `kept` is true. */
void spectrum_keep(struct spectrum *spectrum, const bool *kept);

/* Attenuates all of it, or each channel by its own factor (power out over power in). */
void spectrum_attenuate(struct spectrum *spectrum, double ratio);
void spectrum_attenuate_each(struct spectrum *spectrum, const double *ratio);

double spectrum_power_w(const struct spectrum *spectrum, size_t channel);
double spectrum_total_w(const struct spectrum *spectrum);
