/* twin_probe: `heddle twin probe`: packets between all hosts, by every equal way. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/twin_traffic.h"
#include "fabric/ways.h"
#include "twin/live.h"
#include "twin/probe.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FLOWS_USUAL = 128, SECONDS_USUAL = 5 };

/* A pair of hosts, of one family. */
struct pair {
	const struct probe_flow *flow; /* the first */
	size_t first, end;             /* of its flows */
	size_t ways, expected;         /* found, and of the model */
	struct probe_loss loss;
};

struct probing {
	const struct twin_request *request;
	struct live *live;
	struct probes *probes;
	struct ways *ways;
	struct pair *pairs;
	size_t pair_count;
	struct probe_loss loss; /* of all */
	struct twin_traffic traffic;
	bool has_traffic;
};

static const char *name_of(const struct probing *probing, int node) {
	return live_fabric(probing->live)->nodes[node].name;
}

static int find_pairs(struct probing *probing) {
	size_t count = probes_count(probing->probes), end;

	probing->pairs = calloc(count + 1, sizeof(*probing->pairs));
	if (!probing->pairs)
		return -ENOMEM;
	for (size_t first = 0; first < count; first = end) {
		const struct probe_flow *flow = probes_flow(probing->probes, first);
		struct pair *pair = &probing->pairs[probing->pair_count++];

		end = probes_pair_end(probing->probes, first);
		*pair = (struct pair){.flow = flow, .first = first, .end = end};
		if (!flow->is_denied)
			pair->expected =
				ways_between(probing->ways, flow->from, flow->to, flow->family);
		for (size_t i = first; i < end; i++)
			pair->ways += probes_flow(probing->probes, i)->is_used &&
				      probes_flow(probing->probes, i)->way.arrives;
	}
	return 0;
}

static int send_for(struct probing *probing) {
	const struct timespec step = {.tv_nsec = 1000000};
	double until = clock_now() +
		       (probing->request->seconds ? probing->request->seconds : SECONDS_USUAL);
	int error = 0;

	probes_start(probing->probes, probing->request->rate);
	if (probing->has_traffic)
		twin_traffic_start(&probing->traffic);
	while (!error && clock_now() < until) {
		error = probes_step(probing->probes);
		if (probing->has_traffic)
			load_step(probing->traffic.load);
		nanosleep(&step, NULL);
	}
	if (probing->has_traffic)
		twin_traffic_stop(&probing->traffic);
	probes_stop(probing->probes);
	return error;
}

static int count_losses(struct probing *probing) {
	int error = probes_losses(
		probing->probes, 0, probes_count(probing->probes), 0, 0, &probing->loss);

	for (size_t i = 0; i < probing->pair_count && !error; i++) {
		struct pair *pair = &probing->pairs[i];

		error = probes_losses(probing->probes, pair->first, pair->end, 0, 0, &pair->loss);
	}
	return error;
}

static bool is_right(const struct pair *pair) {
	return pair->loss.lost == 0 && pair->loss.leaked == 0 && pair->ways == pair->expected;
}

static void print_pair(
	struct columns *columns, const struct probing *probing, const struct pair *pair) {
	char ways[32], sent[32], lost[32], median[32], most[32];
	const char *const cells[] = {name_of(probing, pair->flow->from),
		name_of(probing, pair->flow->to), pair->flow->family == AF_INET6 ? "6" : "4", ways,
		sent, lost, median, most};

	if (pair->flow->is_denied)
		snprintf(ways, sizeof(ways), "denied");
	else
		snprintf(ways, sizeof(ways), "%zu/%zu", pair->ways, pair->expected);
	snprintf(sent, sizeof(sent), "%lu", pair->loss.sent);
	snprintf(lost, sizeof(lost), "%lu", pair->loss.lost + pair->loss.leaked);
	snprintf(median, sizeof(median), "%.0f us", pair->loss.latency_median_s * 1e6);
	snprintf(most, sizeof(most), "%.0f us", pair->loss.latency_p99_s * 1e6);
	columns_add(columns, cells);
}

static void print_text(const struct probing *probing, size_t wrong) {
	static const struct column titles[] = {{"FROM", COLUMN_LEFT}, {"TO", COLUMN_LEFT},
		{"IP", COLUMN_LEFT}, {"WAYS", COLUMN_RIGHT}, {"SENT", COLUMN_RIGHT},
		{"WRONG", COLUMN_RIGHT}, {"MEDIAN", COLUMN_RIGHT}, {"99%", COLUMN_RIGHT}};
	bool all = probing->request->all;
	struct columns *columns =
		all || wrong ? columns_create(titles, sizeof(titles) / sizeof(titles[0])) : NULL;

	for (size_t i = 0; i < probing->pair_count && columns; i++)
		if (all || !is_right(&probing->pairs[i]))
			print_pair(columns, probing, &probing->pairs[i]);
	if (columns)
		columns_finish(columns);
	printf("%zu pairs, %zu with loss, leaks or ways that were not seen; %lu of %lu probes "
	       "lost, %lu leaked; one way %.0f us median, %.0f us of 99%%\n",
		probing->pair_count, wrong, probing->loss.lost, probing->loss.sent,
		probing->loss.leaked, probing->loss.latency_median_s * 1e6,
		probing->loss.latency_p99_s * 1e6);
	if (probing->has_traffic)
		twin_traffic_print(&probing->traffic);
}

static json_t *pair_json(const struct probing *probing, const struct pair *pair) {
	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f}",
		"from", name_of(probing, pair->flow->from), "to", name_of(probing, pair->flow->to),
		"family", pair->flow->family == AF_INET6 ? "ipv6" : "ipv4", "denied",
		(int)pair->flow->is_denied, "ways", (json_int_t)pair->ways, "ways_expected",
		(json_int_t)pair->expected, "sent", (json_int_t)pair->loss.sent, "lost",
		(json_int_t)pair->loss.lost, "leaked", (json_int_t)pair->loss.leaked,
		"latency_median_us", pair->loss.latency_median_s * 1e6, "latency_p99_us",
		pair->loss.latency_p99_s * 1e6, "latency_max_us", pair->loss.latency_max_s * 1e6,
		"longest_outage_ms", pair->loss.longest_outage_s * 1e3);
}

static void print_json(const struct probing *probing, size_t wrong) {
	json_t *pairs = json_array(), *answer;

	for (size_t i = 0; i < probing->pair_count; i++)
		json_array_append_new(pairs, pair_json(probing, &probing->pairs[i]));
	answer = json_pack("{s:I, s:I, s:I, s:I, s:o}", "wrong", (json_int_t)wrong, "sent",
		(json_int_t)probing->loss.sent, "lost", (json_int_t)probing->loss.lost, "leaked",
		(json_int_t)probing->loss.leaked, "pairs", pairs);
	if (probing->has_traffic)
		json_object_set_new(answer, "traffic", twin_traffic_json(&probing->traffic));
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
}

static int probe(struct probing *probing) {
	int error = live_read_failures(probing->live);

	if (!error && probing->request->traffic) {
		error = twin_traffic_open(&probing->traffic, probing->live,
			probing->request->traffic, probing->request->scale);
		probing->has_traffic = !error;
	}
	if (!error)
		error = ways_create(
			live_fabric(probing->live), live_failures(probing->live), &probing->ways);
	if (!error)
		error = probes_open(live_nodes(probing->live),
			probing->request->pairs ? probing->request->pairs : SIZE_MAX,
			probing->request->flows ? probing->request->flows : FLOWS_USUAL,
			&probing->probes);
	if (!error)
		error = probes_cover(probing->probes, probing->ways);
	if (!error)
		error = find_pairs(probing);
	if (!error)
		error = send_for(probing);
	return error ? error : count_losses(probing);
}

int twin_probe(const struct twin_request *request) {
	struct probing probing = {.request = request};
	size_t wrong = 0;
	int error;

	if (request->count)
		return EXIT_USAGE;
	if (live_open(request->name, &probing.live) < 0)
		return EXIT_FAILED;
	error = probe(&probing);
	for (size_t i = 0; i < probing.pair_count && !error; i++)
		wrong += !is_right(&probing.pairs[i]);
	if (error)
		log_error("probe: %s", strerror(-error));
	else
		(request->json ? print_json : print_text)(&probing, wrong);
	if (probing.has_traffic)
		twin_traffic_close(&probing.traffic);
	free(probing.pairs);
	probes_close(probing.probes);
	ways_destroy(probing.ways);
	live_close(probing.live);
	return error || wrong ? EXIT_FAILED : EXIT_DONE;
}
