/* drill: see drill.h. A thread sends probes and reads notifications as they come. The other has the
 * change made and looks whether the tables are the model's, both of which can take long; the probes
 * and the watch are not its to touch meanwhile. */
#include "twin/drill.h"

#include "base/clock.h"
#include "fabric/ways.h"
#include "twin/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The failure keeps the machine busy, and is to be observed in time all the same. */
enum { NICE = -20 };

enum { STEP_MS = 1, LOOK_FIRST_MS = 20, LOOK_MOST_MS = 500 };

struct drill {
	struct live *live;
	const struct drill_request *request;
	struct drill_report *report;
	struct probes *probes;
	struct watch *watch;
	pthread_t observer;
	atomic_bool is_over; /* the observer is to end */
	atomic_int error;    /* of the observer: then it has ended */
};

/* Probes and listens for a moment. */
static int observe_once(struct drill *drill) {
	struct pollfd event = {.fd = watch_fd(drill->watch), .events = POLLIN};
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	int error = probes_step(drill->probes);

	ppoll(&event, 1, &step, NULL);
	watch_read(drill->watch);
	return error;
}

/* Without an observer: nothing else is to be done yet. */
static int observe_for(struct drill *drill, double seconds) {
	double until = clock_now() + seconds;
	int error = 0;

	while (!error && clock_now() < until)
		error = observe_once(drill);
	return error;
}

static void *observe(void *context) {
	struct drill *drill = context;
	int error = 0;

	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* of this thread alone */
	while (!error && !atomic_load(&drill->is_over))
		error = observe_once(drill);
	atomic_store(&drill->error, error);
	return NULL;
}

static int start_observer(struct drill *drill) {
	return -pthread_create(&drill->observer, NULL, observe, drill);
}

static int stop_observer(struct drill *drill) {
	atomic_store(&drill->is_over, true);
	pthread_join(drill->observer, NULL);
	return atomic_load(&drill->error);
}

/* Lets the observer do its work for so long; its error, if it has ended. */
static int let_pass(struct drill *drill, double seconds) {
	const struct timespec pause = {
		.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (time_t)seconds) * 1e9)};

	nanosleep(&pause, NULL);
	return atomic_load(&drill->error);
}

/* Asks the supervisor for one change; `at` becomes the moment of it. */
static int ask(struct drill *drill, const char *verb, double *at) {
	const struct drill_request *request = drill->request;
	json_t *what = request->link != FABRIC_NONE ? json_pack("{s:i, s:b}", "link", request->link,
							      "silent", (int)request->is_silent)
		       : request->node != FABRIC_NONE ? json_pack("{s:i}", "node", request->node)
						      : json_pack("{s:b}", "all", 1);

	return twin_ask_change(live_name(drill->live), json_pack("{s:o}", verb, what), at);
}

static int flap(struct drill *drill) {
	double at;
	int error = 0;

	for (unsigned int i = 0; i < drill->request->times && !error; i++) {
		error = ask(drill, "fail", i ? &at : &drill->report->at);
		if (!error)
			error = let_pass(drill, drill->request->flap_s);
		if (!error)
			error = ask(drill, "restore", &at);
		if (!error)
			error = let_pass(drill, drill->request->flap_s);
	}
	return error;
}

static int make_change(struct drill *drill) {
	switch (drill->request->kind) {
	case DRILL_FAIL:
		return ask(drill, "fail", &drill->report->at);
	case DRILL_RESTORE:
		return ask(drill, "restore", &drill->report->at);
	case DRILL_CHANGE:
		return drill->request->change(drill->request->owner, &drill->report->at);
	case DRILL_FLAP:
		break;
	}
	return flap(drill);
}

/* Whether it is of a kernel's table. */
static void note_layer(void *owner, const struct violation *violation) {
	bool *is_of_kernel = owner;

	*is_of_kernel |= strcmp(violation->layer, "kernel") == 0;
}

/* Looks at all tables again and again, less often as time goes by: looking takes time, too. */
static int await_convergence(struct drill *drill) {
	bool kernels_differ;
	const struct verify_telling telling = {
		.most = SIZE_MAX, .told = note_layer, .owner = &kernels_differ};
	double until = clock_now() + drill->request->patience_s, pause = LOOK_FIRST_MS / 1e3;
	int error = live_read_failures(drill->live);

	while (!error) {
		struct nodes_verdict verdict;

		kernels_differ = false;
		error = live_verify(drill->live, HEDDLES_IF_THERE, &telling, &verdict);
		if (error)
			break;
		drill->report->differences = verdict.summary.violations;
		drill->report->has_converged = verdict.summary.violations == 0;
		drill->report->converged_s = clock_real() - drill->report->at;
		if (kernels_differ)
			drill->report->kernels_s = 0;
		else if (drill->report->kernels_s == 0)
			drill->report->kernels_s = drill->report->converged_s;
		if (drill->report->has_converged || clock_now() > until)
			break;
		error = let_pass(drill, pause);
		pause = pause * 1.5 < LOOK_MOST_MS / 1e3 ? pause * 1.5 : LOOK_MOST_MS / 1e3;
	}
	return error;
}

static struct probe_way *remember_ways(struct probes *probes) {
	struct probe_way *ways = calloc(probes_count(probes) + 1, sizeof(*ways));

	for (size_t i = 0; ways && i < probes_count(probes); i++)
		ways[i] = probes_flow(probes, i)->way;
	return ways;
}

static int compare_ways(struct drill *drill, const struct probe_way *before) {
	size_t count = probes_count(drill->probes);
	struct drill_report *report = drill->report;

	report->ways = calloc(count + 1, sizeof(*report->ways));
	if (!report->ways)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct probe_flow *flow = probes_flow(drill->probes, i);

		report->flows += flow->is_used;
		if (!flow->is_used || probe_way_is_same(&flow->way, &before[i]))
			continue;
		report->ways[report->way_count++] = (struct drill_way){.from = flow->from,
			.to = flow->to,
			.family = flow->family,
			.port = flow->port,
			.before = before[i],
			.after = flow->way};
	}
	return 0;
}

/* Pairs are counted once, whatever the family. */
static int count_pairs(struct drill *drill) {
	struct drill_report *report = drill->report;
	size_t count = probes_count(drill->probes), end;
	int error = probes_losses(drill->probes, 0, count, report->at, 0, &report->loss);

	report->longest_pause_s = probes_longest_pause(drill->probes, report->at);

	for (size_t first = 0; first < count && !error; first = end) {
		const struct probe_flow *flow = probes_flow(drill->probes, first), *next;
		struct probe_loss loss;

		end = probes_pair_end(drill->probes, first);
		next = end < count ? probes_flow(drill->probes, end) : NULL;
		if (next && next->from == flow->from && next->to == flow->to)
			end = probes_pair_end(drill->probes, end); /* the other family */
		if (flow->is_denied)
			continue;
		error = probes_losses(drill->probes, first, end, report->at, 0, &loss);
		report->pairs++;
		report->pairs_cut += flow->is_cut;
		report->pairs_hit += loss.lost > 0;
	}
	return error;
}

/* While it is observed. */
static int change_and_await(struct drill *drill) {
	const struct drill_request *request = drill->request;
	int error = make_change(drill);

	if (!error && request->began)
		request->began(request->began_owner, drill->report->at);
	if (!error)
		error = await_convergence(drill);
	return error ? error : let_pass(drill, drill->request->settle_s);
}

static int probe_and_change(struct drill *drill) {
	int error, stopped;

	probes_start(drill->probes, drill->request->rate);
	error = observe_for(drill, drill->request->settle_s);
	watch_start(drill->watch);
	if (!error)
		error = start_observer(drill);
	if (error)
		return error;
	error = change_and_await(drill);
	stopped = stop_observer(drill);
	probes_stop(drill->probes);
	return error ? error : stopped;
}

/* Pairs of hosts that have no way by the model, with the failures as they are now. */
static void mark_cut_flows(struct probes *probes, const struct ways *ways) {
	for (size_t i = 0; i < probes_count(probes); i++) {
		struct probe_flow *flow = probes_flow(probes, i);

		flow->is_cut |=
			!flow->is_denied && !ways_between(ways, flow->from, flow->to, flow->family);
	}
}

/* The model's ways as they are now, to be destroyed by the caller. */
static int ways_now(struct drill *drill, struct ways **ways) {
	int error = live_read_failures(drill->live);

	return error ? error
		     : ways_create(live_fabric(drill->live), live_failures(drill->live), ways);
}

static int look_before(struct drill *drill) {
	struct ways *ways;
	int error = ways_now(drill, &ways);

	if (error)
		return error;
	mark_cut_flows(drill->probes, ways);
	error = probes_cover(drill->probes, ways);
	ways_destroy(ways);
	return error;
}

static int look_after(struct drill *drill, const struct probe_way *before) {
	struct ways *ways;
	int error = ways_now(drill, &ways);

	if (error)
		return error;
	mark_cut_flows(drill->probes, ways);
	ways_destroy(ways);
	error = count_pairs(drill);
	if (!error)
		error = probes_trace(drill->probes);
	return error ? error : compare_ways(drill, before);
}

static int experiment(struct drill *drill) {
	struct probe_way *before;
	int error = look_before(drill);

	if (error)
		return error;
	before = remember_ways(drill->probes);
	error = before ? probe_and_change(drill) : -ENOMEM;
	if (!error)
		error = look_after(drill, before);
	watch_report(drill->watch, &drill->report->watch);
	free(before);
	return error;
}

int drill_run(struct live *live, const struct drill_request *request, struct drill_report *report) {
	struct drill drill = {.live = live, .request = request, .report = report};
	int error;

	*report = (struct drill_report){0};
	error = probes_open(live_nodes(live), request->pairs, request->flows, &drill.probes);
	if (!error)
		error = watch_open(live_nodes(live), live_name(live), &drill.watch);
	if (!error)
		error = experiment(&drill);
	probes_close(drill.probes);
	watch_close(drill.watch);
	if (error)
		drill_free(report);
	return error;
}

void drill_free(struct drill_report *report) {
	free(report->ways);
	report->ways = NULL;
}
