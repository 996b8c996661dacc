/* judgement: see judgement.h. */
#include "optics/judgement.h"

#include "optics/physics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

void judge_free(struct judge *judge) {
	propagation_free(&judge->propagation);
	spectrum_free(&judge->load);
	transfer_cache_free(judge->transfers);
	free(judge->gain_limits_db);
}

/* ---- figures ---- */

static void take(struct range *range, double value, size_t count) {
	range->mean += value / (double)count;
	range->least = fmin(range->least, value);
	range->most = fmax(range->most, value);
}

static void begin_ranges(struct figures *figures) {
	const struct range none = {0, INFINITY, -INFINITY};

	*figures = (struct figures){none, none, none, none, none, none, none, none,
		{none, none, none}, .net_gsnr_db = INFINITY};
}

/* Penalties of a channel, each; their sum is infinite beyond what the mode knows. */
static double find_penalties(const struct transceiver_mode *mode, const struct reception *reception,
	double penalties[PENALTY_KINDS]) {
	const double values[PENALTY_KINDS] = {[PENALTY_CD] = reception->cd_ps_nm,
		[PENALTY_PMD] = reception->pmd_ps,
		[PENALTY_PDL] = reception->pdl_db};
	double sum = 0;

	for (int kind = 0; kind < PENALTY_KINDS; kind++)
		sum += penalties[kind] = transceiver_penalty(mode, kind, values[kind]);
	return sum;
}

static void take_figures(const struct propagation *propagation, const struct transceiver_mode *mode,
	struct figures *figures) {
	size_t count = propagation->spectrum.count;

	begin_ranges(figures);
	figures->channels = count;
	figures->latency_ms = propagation->spectrum.latency_s * 1e3;
	for (size_t i = 0; i < count; i++) {
		double penalties[PENALTY_KINDS], penalty;
		struct reception one;

		propagation_receive(propagation, i, &one);
		take(&figures->gsnr_01nm_db, one.gsnr_01nm_db, count);
		take(&figures->gsnr_bw_db, one.gsnr_bw_db, count);
		take(&figures->osnr_01nm_db, one.osnr_01nm_db, count);
		take(&figures->osnr_bw_db, one.osnr_bw_db, count);
		take(&figures->cd_ps_nm, one.cd_ps_nm, count);
		take(&figures->pmd_ps, one.pmd_ps, count);
		take(&figures->pdl_db, one.pdl_db, count);
		take(&figures->heard_dbm, one.heard_dbm, count);
		penalty = find_penalties(mode, &one, penalties);
		for (int kind = 0; kind < PENALTY_KINDS; kind++)
			take(&figures->penalties_db[kind], penalties[kind], count);
		figures->net_gsnr_db = fmin(figures->net_gsnr_db, one.gsnr_01nm_db - penalty);
	}
}

/* ---- one mode on one way ---- */

static int propagate(struct judge *judge, const struct service *service,
	const struct transceiver_mode *mode, const int *way, size_t count,
	struct figures *figures) {
	const struct propagation_options options = {.sim = judge->sim,
		.power_dbm = service->power_dbm,
		.gain_limits_db = judge->heeds_limits ? judge->gain_limits_db : NULL,
		.transfers = judge->heeds_limits ? NULL : judge->transfers};
	int error = service_fill(service, mode, &judge->load);

	if (!error)
		error = propagation_run(
			&judge->propagation, judge->network, way, count, &judge->load, &options);
	if (!error)
		take_figures(&judge->propagation, mode, figures);
	judge->limited |= judge->propagation.limited;
	return error;
}

static int propagate_among(struct judge *judge, const struct service *service, const int *way,
	size_t count, const struct spectrum *own, const struct spectrum *const *along,
	const struct transceiver_mode *mode, struct figures *figures) {
	const struct propagation_options options = {.sim = judge->sim,
		.power_dbm = service->power_dbm,
		.transfers = judge->transfers,
		.along = along};
	int error = propagation_run(&judge->propagation, judge->network, way, count, own, &options);

	if (!error)
		take_figures(&judge->propagation, mode, figures);
	return error;
}

static double needed_db(const struct judge *judge, const struct transceiver_mode *mode) {
	return mode->osnr_db + judge->margin_db;
}

static double rounded(double db) {
	return isfinite(db) ? nearbyint(db * 100) / 100 : db;
}

static bool holds(const struct judge *judge, const struct transceiver_mode *mode,
	const struct figures *figures) {
	return rounded(figures->net_gsnr_db) >= needed_db(judge, mode) - 1e-9 &&
	       !(figures->heard_dbm.least < mode->rx_power_min_dbm);
}

double judge_channel(const struct judge *judge, const struct transceiver_mode *mode,
	const struct reception *reception) {
	double penalties[PENALTY_KINDS], penalty = find_penalties(mode, reception, penalties);

	if (reception->heard_dbm < mode->rx_power_min_dbm)
		return -INFINITY;
	return rounded(reception->gsnr_01nm_db - penalty) - needed_db(judge, mode);
}

/* ---- GNPy's memory ---- */

/* GNPy's amplifiers keep the lowest gain that they had, from one try of a service to the next. */
static int forget_limits(struct judge *judge) {
	size_t count = judge->network->count * BANDS_MAX;

	if (!judge->heeds_limits)
		return 0;
	if (!judge->gain_limits_db)
		judge->gain_limits_db = calloc(count, sizeof(double));
	if (!judge->gain_limits_db)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		judge->gain_limits_db[i] = INFINITY;
	return 0;
}

/* ---- modes ---- */

struct ranked {
	const struct transceiver_mode *mode;
	bool by_baud;
};

/* The best first; GNPy's order is by baud rate, then by bit rate. */
static int by_rank(const void *a, const void *b) {
	const struct ranked *one = a, *other = b;
	const struct transceiver_mode *x = one->mode, *y = other->mode;

	if (one->by_baud && x->baud_hz != y->baud_hz)
		return x->baud_hz < y->baud_hz ? 1 : -1;
	if (one->by_baud && x->offset_db != y->offset_db)
		return x->offset_db < y->offset_db ? 1 : -1;
	if (x->bit_rate != y->bit_rate)
		return x->bit_rate < y->bit_rate ? 1 : -1;
	if (!one->by_baud && x->min_spacing_hz != y->min_spacing_hz)
		return x->min_spacing_hz > y->min_spacing_hz ? 1 : -1;
	if (!one->by_baud && x->cost != y->cost)
		return x->cost > y->cost ? 1 : -1;
	return x < y ? -1 : x > y;
}

static struct ranked *rank(const struct service *service, bool by_baud, size_t *count) {
	const struct transceiver_type *type = service->type;
	struct ranked *ranks = calloc(type->mode_count + 1, sizeof(*ranks));

	*count = 0;
	for (size_t i = 0; ranks && i < type->mode_count; i++)
		if (type->modes[i].min_spacing_hz <= service->spacing_hz)
			ranks[(*count)++] = (struct ranked){&type->modes[i], by_baud};
	if (ranks)
		qsort(ranks, *count, sizeof(*ranks), by_rank);
	return ranks;
}

static int judge_way_back(struct judge *judge, const struct service *service,
	const struct ways *ways, struct judgement *judgement) {
	int error = forget_limits(judge);

	if (!error)
		error = propagate(judge, service, judgement->mode, ways->back, ways->back_count,
			&judgement->back);
	if (!error && !judgement->blocking && !holds(judge, judgement->mode, &judgement->back))
		judgement->blocking = BLOCKED_MODE_NOT_FEASIBLE;
	return error;
}

static int judge_mode(struct judge *judge, const struct service *service, const struct ways *ways,
	struct judgement *judgement) {
	int error = propagate(
		judge, service, judgement->mode, ways->there, ways->there_count, &judgement->there);

	judgement->blocking = BLOCKED_NOT;
	if (!error && !holds(judge, judgement->mode, &judgement->there))
		judgement->blocking = BLOCKED_MODE_NOT_FEASIBLE;
	return error;
}

/* GNPy wants a mode that it chose to hold by more than nothing. */
static bool chosen_holds(const struct judge *judge, const struct judgement *judgement) {
	return !judgement->blocking &&
	       (!judge->sim->compat || rounded(judgement->there.net_gsnr_db) >
					       needed_db(judge, judgement->mode) + 1e-9);
}

static int choose_mode(struct judge *judge, const struct service *service, const struct ways *ways,
	struct judgement *judgement) {
	bool compat = judge->sim->compat, found = false;
	size_t count;
	struct ranked *ranks = rank(service, compat, &count);
	int error = ranks ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !found && !error; i++) {
		judgement->mode = ranks[i].mode;
		error = judge_mode(judge, service, ways, judgement);
		if (!error && !compat && !judgement->blocking && ways->back)
			error = judge_way_back(judge, service, ways, judgement);
		found = !error && chosen_holds(judge, judgement);
	}
	free(ranks);
	if (error || found)
		return error;
	judgement->blocking =
		count ? BLOCKED_NO_FEASIBLE_MODE : BLOCKED_NO_FEASIBLE_BAUDRATE_WITH_SPACING;
	return 0;
}

/* What is known of lines is known of one network. */
static int know_network(struct judge *judge) {
	if (judge->known == judge->network)
		return 0;
	transfer_cache_free(judge->transfers);
	judge->transfers = transfer_cache_create(judge->network);
	judge->known = judge->transfers ? judge->network : NULL;
	return judge->transfers ? 0 : -ENOMEM;
}

static int judge_once(struct judge *judge, const struct service *service, const struct ways *ways,
	struct judgement *judgement) {
	bool chosen = !service->mode;
	int error = forget_limits(judge);

	*judgement = (struct judgement){.mode = service->mode};
	if (error)
		return error;
	error = chosen ? choose_mode(judge, service, ways, judgement)
		       : judge_mode(judge, service, ways, judgement);
	if (!error && ways->back && judgement->mode && (!chosen || judge->sim->compat))
		error = judge_way_back(judge, service, ways, judgement);
	return error;
}

int judge_service(struct judge *judge, const struct service *service, const struct ways *ways,
	struct judgement *judgement) {
	int error = know_network(judge);

	judge->limited = judge->heeds_limits = false;
	if (!error)
		error = judge_once(judge, service, ways, judgement);
	judge->heeds_limits = judge->sim->compat && judge->limited;
	if (!error && judge->heeds_limits)
		error = judge_once(judge, service, ways, judgement);
	return error;
}

int judge_among(struct judge *judge, const struct service *service, const struct ways *ways,
	const struct spectrum *own, const struct spectrum *const *along_there,
	const struct spectrum *const *along_back, struct judgement *judgement) {
	const struct transceiver_mode *mode = judgement->mode;
	int error = know_network(judge);

	judgement->blocking = BLOCKED_NOT;
	if (!error)
		error = propagate_among(judge, service, ways->there, ways->there_count, own,
			along_there, mode, &judgement->there);
	if (!error && ways->back)
		error = propagate_among(judge, service, ways->back, ways->back_count, own,
			along_back, mode, &judgement->back);
	if (!error && (!holds(judge, mode, &judgement->there) ||
			      (ways->back && !holds(judge, mode, &judgement->back))))
		judgement->blocking = BLOCKED_MODE_NOT_FEASIBLE;
	return error;
}
