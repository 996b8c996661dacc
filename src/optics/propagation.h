/*
 * propagation: takes a load of channels along a way through a designed network, and says what
 * arrives.
 *
 * Spans add noise powers (no coherence between them). Nothing of the network changes, so that any
 * number of propagations may run side by side, each with memory of its own.
 */
#pragma once

#include "optics/amplifier.h"
#include "optics/network.h"
#include "optics/nli.h"
#include "optics/raman.h"
#include "optics/sim_params.h"
#include "optics/spectrum.h"
#include "optics/transfer.h"

#include <stdbool.h>
#include <stddef.h>

struct propagation_options {
	const struct sim_params *sim;
	double power_dbm; /* the reference's, that ROADMs' losses are told against */
	/* NULL; or what GNPy keeps from one propagation to the next: the lowest gain that each
	 * amplifier (numbers of elements, BANDS_MAX each) has been limited to; INFINITY at first.
	 */
	double *gain_limits_db;
	/* NULL; or what lines are known to do, and learn: then no passages are told, and one
	 * thread may use it. Not together with gain_limits_db. */
	struct transfer_cache *transfers;
	/* NULL; or by place in the way the channels that go on from a node together, by frequency;
	 * NULL where they stay the same. Those of the load are among them, wherever they go; the
	 * others join there without noise, and leave. */
	const struct spectrum *const *along;
};

/* What an element has done; powers are of signal and noise together. */
struct passage {
	int element;
	size_t channels;
	double total_dbm, mean_dbm, min_dbm, max_dbm;
	double gsnr_db;           /* mean, within baud rates; INFINITY without noise */
	double ase_dbm, nli_dbm;  /* of all channels; -INFINITY for none */
	double reference_dbm;     /* of the reference channel behind it */
	double reference_loss_db; /* of a ROADM, for the reference channel */
	double raman_gain_db;     /* of a fibre with pumps */
	struct amplifier_state amplifiers[BANDS_MAX];
	size_t amplifier_count;
};

struct propagation {
	struct spectrum spectrum; /* as it is received */
	struct passage *passages; /* one an element of the way */
	size_t count;
	/* 10^(-x/10) summed over the OSNRs of transmitter and ROADMs' add and drop, in 0.1 nm. */
	double *added;
	bool ends_at_roadm;
	size_t dropped; /* channels that no amplifier of the way has a band for */
	bool limited;   /* some amplifier's power was not enough for its gain */

	/* If not NULL, called behind each element of the way: what is there of the spectrum, and of
	 * a fibre how the power of each channel went. Not together with transfers. */
	void (*look)(void *looker, const struct propagation *propagation, size_t at);
	void *looker;
	struct power_profile profile; /* of the last fibre */

	size_t room, channel_room;
	double *scratch;
	struct spectrum met;
	struct raman_work raman;
	struct nli_work nli;
};

/* Per channel, what a receiver sees. Decibels; gsnr of all noise, osnr of ASE alone. */
struct reception {
	double gsnr_01nm_db, osnr_01nm_db;                /* noise in 12.5 GHz */
	double gsnr_bw_db, osnr_bw_db;                    /* in the baud rate */
	double nli_bw_db, raw_gsnr_bw_db, raw_osnr_bw_db; /* without transmitter and ROADMs */
	double power_dbm, cd_ps_nm, pmd_ps, pdl_db;
	double heard_dbm; /* by the receiver; NAN behind a ROADM, whose drop side amplifies, too */
};

/* Launches `load` (at its tx_power_dbm) at the first element of `way`. `propagation` is zeroed
 * before the first run, keeps its memory from run to run, and is freed once. 0, -ENOMEM, or
 * -ENODATA if no channel fits the amplifiers. */
int propagation_run(struct propagation *propagation, const struct network *network, const int *way,
	size_t count, const struct spectrum *load, const struct propagation_options *options);
void propagation_free(struct propagation *propagation);

void propagation_receive(
	const struct propagation *propagation, size_t channel, struct reception *reception);

/* Means over all channels, of the decibels. */
void propagation_mean(const struct propagation *propagation, struct reception *mean);
