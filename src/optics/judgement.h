/*
 * judgement: whether a mode's channels arrive well enough at the end of a way, and which mode of a
 * transceiver is the best that do.
 *
 * A channel is judged in company: of a band that is full of its own kind, as GNPy does it, or of
 * any other load. It holds if GSNR in 0.1 nm, less the penalties of dispersion, PMD and PDL,
 * rounded to hundredths of a dB, is not below what the mode needs and the library's margin; and if
 * its power is not below what the receiver takes.
 */
#pragma once

#include "optics/propagation.h"
#include "optics/routing.h"
#include "optics/services.h"

struct range {
	double mean, least, most;
};

/* Over channels. */
struct figures {
	struct range gsnr_01nm_db, gsnr_bw_db, osnr_01nm_db, osnr_bw_db;
	struct range cd_ps_nm, pmd_ps, pdl_db, heard_dbm;
	struct range penalties_db[PENALTY_KINDS];
	double latency_ms;
	double net_gsnr_db; /* the least of GSNR in 0.1 nm less penalties */
	size_t channels;
};

struct judgement {
	enum blocking blocking;
	const struct transceiver_mode *mode; /* judged; NULL if none could be */
	struct figures there, back;          /* back: of services both ways */
};

/* A way through a network, and back. */
struct ways {
	const int *there, *back; /* back: NULL for services one way */
	size_t there_count, back_count;
};

/* What one judge has of its own: memory that is kept from one judgement to the next. Zeroed before
 * the first, freed once; one thread. */
struct judge {
	const struct network *network;
	const struct sim_params *sim;
	double margin_db;
	struct propagation propagation;
	struct spectrum load;
	struct transfer_cache *transfers; /* of `known` */
	const struct network *known;
	double *gain_limits_db; /* for compat, when amplifiers are at their limits */
	bool limited, heeds_limits;
};

void judge_free(struct judge *judge);

/* The service's mode; or its best: highest bit rate, then least spectrum, then least cost. With
 * `sim->compat` as GNPy chooses: the highest baud rate first, and the way back is not asked. 0 with
 * the judgement, -ENOMEM, or -ENODATA if no channel fits the amplifiers. */
int judge_service(struct judge *judge, const struct service *service, const struct ways *ways,
	struct judgement *judgement);

/* What a channel has above what the mode and the margin need, in dB; -INFINITY if it cannot be
 * received. */
double judge_channel(const struct judge *judge, const struct transceiver_mode *mode,
	const struct reception *reception);

/* The judgement's mode again, of `own` channels among others (struct propagation_options.along, one
 * for each way). 0, or a negative errno. */
int judge_among(struct judge *judge, const struct service *service, const struct ways *ways,
	const struct spectrum *own, const struct spectrum *const *along_there,
	const struct spectrum *const *along_back, struct judgement *judgement);
