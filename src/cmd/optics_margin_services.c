/* optics_margin_services: `heddle optics margin SERVICES`: carries services, and tries in how many
 * networks as they may be built each of them closes. A sample of one number is the same network for
 * all services. */
#include "cmd/optics_margin_services.h"

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_trials.h"
#include "optics/lit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One service while it is tried: what is sent, and by sample the worst that arrived of it. */
struct attempt {
	struct service_margins *margins;
	const struct lit_channels *lit; /* NULL: the band is full of its own kind */
	const struct carried *carried;
	const struct network *network;
	struct spectrum load;
	double *gsnr_db, *margin_db;
	double planned_gsnr_db, planned_margin_db;
};

/* ---- one way of one service ---- */

/* Keeps of each sample the worst channel. */
static void take_worst(struct attempt *attempt, const struct trials *trials) {
	for (size_t i = 0; i < trials->channels; i++)
		for (size_t k = 0; k < trials->samples; k++) {
			size_t at = i * trials->samples + k;

			attempt->gsnr_db[k] = fmin(attempt->gsnr_db[k], trials->gsnr_db[at]);
			attempt->margin_db[k] = fmin(attempt->margin_db[k], trials->margin_db[at]);
		}
}

static void take_planned(struct attempt *attempt, const struct montecarlo *montecarlo) {
	double gsnr[SPECTRUM_CHANNELS_MAX], margin[SPECTRUM_CHANNELS_MAX];

	montecarlo_nominal(montecarlo, gsnr, margin);
	for (size_t i = 0; i < montecarlo->nominal.spectrum.count; i++) {
		attempt->planned_gsnr_db = fmin(attempt->planned_gsnr_db, gsnr[i]);
		attempt->planned_margin_db = fmin(attempt->planned_margin_db, margin[i]);
	}
}

static int try_case(struct attempt *attempt, const struct montecarlo_case *of) {
	const struct optics_request *request = attempt->margins->request;
	struct montecarlo montecarlo;
	struct trials trials = {0};
	int error = montecarlo_create(&montecarlo, of);

	if (!error)
		error = trials_run(&trials, &montecarlo, request->samples, request->jobs);
	if (!error) {
		take_planned(attempt, &montecarlo);
		take_worst(attempt, &trials);
	}
	trials_free(&trials);
	montecarlo_free(&montecarlo);
	return error;
}

static int try_way(struct attempt *attempt, const int *way, size_t count) {
	const struct service_margins *margins = attempt->margins;
	const struct optics_world *world = &margins->planning.world;
	struct arena scratch = {0};
	const struct spectrum **along =
		attempt->lit ? arena_array(&scratch, count, sizeof(*along)) : NULL;
	const struct propagation_options options = {.sim = &world->sim,
		.power_dbm = attempt->carried->service->power_dbm,
		.along = along};
	const struct montecarlo_case of = {attempt->network, way, count, &attempt->load,
		attempt->carried->judgement.mode, world->equipment.loads[0].margin_db, &options,
		&margins->uncertainty, margins->request->control, margins->request->seed};
	int error;

	if (attempt->lit)
		lit_channels_along(attempt->lit, way, count, &attempt->load, along);
	error = try_case(attempt, &of);
	arena_free(&scratch);
	return error;
}

/* ---- one service ---- */

static int take_load(struct attempt *attempt) {
	const struct carried *carried = attempt->carried;

	return attempt->lit
		       ? lit_channels_own(carried, &attempt->load)
		       : service_fill(carried->service, carried->judgement.mode, &attempt->load);
}

/* The network that the service was judged in. */
static int take_network(struct attempt *attempt) {
	const struct optics_planning *planning = &attempt->margins->planning;
	const struct service *service = attempt->carried->service;

	attempt->network = &planning->world.network;
	if (planning->options.redesign)
		attempt->network = planning->options.redesign(
			planning->options.owner, service->power_dbm, service_channels(service));
	return attempt->network ? 0 : -EINVAL;
}

static void judge_attempt(struct attempt *attempt, struct service_margin *margin) {
	struct service_margins *margins = attempt->margins;
	size_t samples = margins->request->samples;

	for (size_t k = 0; k < samples; k++) {
		margins->least_margin_db[k] =
			fmin(margins->least_margin_db[k], attempt->margin_db[k]);
		margins->closing[k] += attempt->margin_db[k] >= 0;
	}
	margin->verdict = verdict_of(attempt->gsnr_db, attempt->margin_db, samples);
	margin->verdict.planned_gsnr_db = attempt->planned_gsnr_db;
	margin->verdict.planned_margin_db = attempt->planned_margin_db;
}

static int try_service(struct service_margins *margins, const struct lit_channels *lit,
	struct service_margin *margin) {
	const struct ways *ways = &margin->carried->ways;
	size_t samples = margins->request->samples;
	struct attempt attempt = {.margins = margins,
		.lit = lit,
		.carried = margin->carried,
		.gsnr_db = calloc(2 * samples, sizeof(double)),
		.planned_gsnr_db = INFINITY,
		.planned_margin_db = INFINITY};
	int error = attempt.gsnr_db ? take_load(&attempt) : -ENOMEM;

	attempt.margin_db = attempt.gsnr_db + samples;
	for (size_t k = 0; k < 2 * samples && !error; k++)
		attempt.gsnr_db[k] = INFINITY;
	if (!error)
		error = take_network(&attempt);
	if (!error)
		error = try_way(&attempt, ways->there, ways->there_count);
	if (!error && ways->back)
		error = try_way(&attempt, ways->back, ways->back_count);
	if (!error)
		judge_attempt(&attempt, margin);
	spectrum_free(&attempt.load);
	free(attempt.gsnr_db);
	return error;
}

/* ---- all ---- */

/* Those that are carried, if by any channels. */
static int list_services(struct service_margins *margins) {
	const struct plan *plan = &margins->planning.plan;
	size_t samples = margins->request->samples;

	margins->list = calloc(plan->count + 1, sizeof(*margins->list));
	margins->least_margin_db = calloc(samples, sizeof(double));
	margins->closing = calloc(samples, sizeof(double));
	if (!margins->list || !margins->least_margin_db || !margins->closing)
		return -ENOMEM;
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->list[i].blocking && plan->list[i].channels)
			margins->list[margins->count++].carried = &plan->list[i];
	for (size_t k = 0; k < samples; k++)
		margins->least_margin_db[k] = INFINITY;
	return 0;
}

static void show_progress(const struct service_margins *margins, size_t done) {
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu of %zu services tried%s", done, margins->count,
			done == margins->count ? "\r\033[K" : "");
}

static void sum_up(struct service_margins *margins) {
	size_t samples = margins->request->samples, hits = 0;

	for (size_t k = 0; k < samples; k++)
		hits += margins->least_margin_db[k] >= 0;
	margins->all_close = chance_of(hits, samples);
	margins->closing_spread = spread_of(margins->closing, samples);
}

static int try_services(struct service_margins *margins) {
	struct lit_channels lit = {0};
	int error = list_services(margins);
	bool real = margins->request->real_load;

	if (!error && real)
		error = lit_channels_create(&lit, &margins->planning.plan);
	for (size_t i = 0; i < margins->count && !error; i++) {
		show_progress(margins, i);
		error = try_service(margins, real ? &lit : NULL, &margins->list[i]);
	}
	if (!error) {
		show_progress(margins, margins->count);
		sum_up(margins);
	}
	lit_channels_free(&lit);
	return error;
}

static int answer(struct service_margins *margins) {
	const struct optics_request *request = margins->request;
	int error = uncertainty_read(
		&margins->uncertainty, &margins->planning.world.equipment, request->uncertainty);

	if (error)
		return error;
	error = try_services(margins);
	if (error == -E2BIG)
		log_error("optics: %zu samples of so many channels are more than fit: %d values "
			  "are possible",
			(size_t)request->samples, TRIAL_VALUES_MAX);
	else if (error)
		log_error("optics: services cannot be tried: %s", strerror(-error));
	else
		service_margins_print(margins);
	free(margins->list);
	free(margins->least_margin_db);
	free(margins->closing);
	uncertainty_free(&margins->uncertainty);
	return error;
}

int optics_margin_services(const struct optics_request *request) {
	struct service_margins margins = {.request = request};
	int error;

	if (optics_planning_open(&margins.planning, request) < 0)
		return EXIT_FAILED;
	error = answer(&margins);
	optics_planning_close(&margins.planning);
	return error ? EXIT_FAILED : EXIT_DONE;
}
