/* twin_drill: `heddle twin fail`, `restore` and `flap`: what is asked, and the report. */
#include "cmd/twin.h"

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/twin_applications.h"
#include "cmd/twin_timeline.h"
#include "twin/drill.h"
#include "twin/journal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
	PAIRS_USUAL = 200, /* of a large twin, tracing all takes minutes */
	FLOWS_USUAL = 16,
	WAYS_TOLD = 10,
	PAUSE_TOLD_MS = 50,
	WAY_TEXT_MAX = PROBE_WAY_MAX * FABRIC_NAME_MAX
};

/* --- what is asked --- */

static int find_node(const struct fabric *fabric, const char *name, int *node) {
	*node = fabric_find(fabric, name);
	if (*node != FABRIC_NONE)
		return 0;
	log_error("%s: no such node; 'heddle twin status' lists them", name);
	return -ENOENT;
}

/* "link A:B" or "node N". */
static int find_target(
	const struct fabric *fabric, char *const *words, struct drill_request *drill) {
	if (strcmp(words[0], "link") == 0)
		return twin_find_link(fabric, words[1], &drill->link);
	if (strcmp(words[0], "node") == 0)
		return find_node(fabric, words[1], &drill->node);
	log_error("twin: '%s': expected 'link' or 'node'", words[0]);
	return -EINVAL;
}

/* --- the report in words --- */

static const char *node_name(const struct fabric *fabric, int node) {
	return fabric->nodes[node].name;
}

static char *way_text(const struct fabric *fabric, const struct probe_way *way, char *text) {
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < way->length && used < WAY_TEXT_MAX; i++)
		used += (size_t)snprintf(text + used, WAY_TEXT_MAX - used, "%s%s", i ? " " : "",
			node_name(fabric, way->nodes[i]));
	if (!way->arrives && used < WAY_TEXT_MAX)
		snprintf(text + used, WAY_TEXT_MAX - used, "%snowhere", way->length ? " " : "");
	return text;
}

static void print_event(const struct fabric *fabric, const struct drill_report *report,
	const char *what, const struct watch_event *event, const char *rest) {
	if (event->at > 0)
		printf("  %-12s %8.1f ms  %s: %s%s\n", what, (event->at - report->at) * 1e3,
			node_name(fabric, event->node), event->words, rest);
	else
		printf("  %-12s        --\n", what);
}

/* Whoever knew first: by a carrier, or by BGP and its BFD. */
static const struct watch_event *detection(const struct watch_report *watch) {
	const struct watch_event *carrier = &watch->first_carrier;
	const struct watch_event *session = &watch->first_session;

	return session->at > 0 && (carrier->at == 0 || session->at < carrier->at) ? session
										  : carrier;
}

static void print_ways(const struct fabric *fabric, const struct drill_report *report) {
	char before[WAY_TEXT_MAX], after[WAY_TEXT_MAX];

	if (report->way_count)
		printf("  ways         %zu of %zu flows take another\n", report->way_count,
			report->flows);
	for (size_t i = 0; i < report->way_count && i < WAYS_TOLD; i++) {
		const struct drill_way *way = &report->ways[i];

		printf("    %s udp %u%s: %s > %s\n", node_name(fabric, way->from), way->port,
			way->family == AF_INET6 ? " (IPv6)" : "",
			way_text(fabric, &way->before, before),
			way_text(fabric, &way->after, after));
	}
	if (report->way_count > WAYS_TOLD)
		printf("    and %zu more; --json tells all\n", report->way_count - WAYS_TOLD);
}

static void print_loss(const struct drill_report *report) {
	const struct probe_loss *loss = &report->loss;

	printf("  probes       %lu of %lu lost, of %u of %u pairs of hosts", loss->lost, loss->sent,
		report->pairs_hit, report->pairs - report->pairs_cut);
	if (loss->lost)
		printf("; the last was sent after %.1f ms, the longest outage of a flow %.1f ms",
			(loss->last_lost - report->at) * 1e3, loss->longest_outage_s * 1e3);
	if (report->pairs_cut)
		printf("\n  cut off      %u pairs of hosts more have or had no way at all",
			report->pairs_cut);
	printf("\n  latency      %.0f us median, %.0f us of 99%%, one way\n",
		loss->latency_median_s * 1e6, loss->latency_p99_s * 1e6);
	if (report->longest_pause_s * 1e3 > PAUSE_TOLD_MS)
		printf("  pause        no probe was sent for %.1f ms: this machine was busy\n",
			report->longest_pause_s * 1e3);
	if (loss->leaked)
		printf("  LEAKED       %lu probes arrived that a policy denies\n", loss->leaked);
}

static void print_applications(const json_t *applications) {
	for (size_t i = 0; i < json_array_size(applications); i++)
		printf("  %-12s %s\n", i ? "" : "applications",
			json_string_value(
				json_object_get(json_array_get(applications, i), "words")));
}

static void print_text(const struct fabric *fabric, const char *title,
	const struct drill_report *report, json_t *applications) {
	const struct watch_report *watch = &report->watch;
	char rest[96];

	printf("%s\n", title);
	print_event(fabric, report, "detected", detection(watch), "");
	snprintf(rest, sizeof(rest), " (the last of %u changes)", watch->sessions);
	print_event(fabric, report, "BGP sessions", &watch->last_session, rest);
	snprintf(rest, sizeof(rest), " (the last of %u, in %u switches)", watch->routes,
		watch->nodes);
	print_event(fabric, report, "FIB", &watch->last_route, rest);
	if (report->has_converged)
		printf("  proven       %8.1f ms  all tables are what the model says\n",
			report->converged_s * 1e3);
	else
		printf("  NOT PROVEN   %8.1f ms  %zu destinations are not as the model says; "
		       "'heddle fabric verify --with-failures' tells which\n",
			report->converged_s * 1e3, report->differences);
	if (watch->unseen)
		printf("  unseen       some changes came too fast to be seen (%u times)\n",
			watch->unseen);
	print_loss(report);
	print_applications(applications);
	print_ways(fabric, report);
}

/* --- the report for programs --- */

static json_t *event_json(const struct fabric *fabric, const struct drill_report *report,
	const struct watch_event *event) {
	if (event->at == 0)
		return json_null();
	return json_pack("{s:f, s:s, s:s}", "after_ms", (event->at - report->at) * 1e3, "node",
		node_name(fabric, event->node), "what", event->words);
}

static json_t *nodes_json(const struct fabric *fabric, const struct probe_way *way) {
	json_t *nodes = json_array();

	for (size_t i = 0; i < way->length; i++)
		json_array_append_new(nodes, json_string(node_name(fabric, way->nodes[i])));
	return nodes;
}

static json_t *ways_json(const struct fabric *fabric, const struct drill_report *report) {
	json_t *ways = json_array();

	for (size_t i = 0; i < report->way_count; i++) {
		const struct drill_way *way = &report->ways[i];

		json_array_append_new(ways,
			json_pack("{s:s, s:s, s:s, s:i, s:o, s:b, s:o, s:b}", "from",
				node_name(fabric, way->from), "to", node_name(fabric, way->to),
				"family", way->family == AF_INET6 ? "ipv6" : "ipv4", "port",
				(int)way->port, "before", nodes_json(fabric, &way->before),
				"arrived", (int)way->before.arrives, "after",
				nodes_json(fabric, &way->after), "arrives",
				(int)way->after.arrives));
	}
	return ways;
}

static json_t *loss_json(const struct drill_report *report) {
	const struct probe_loss *loss = &report->loss;

	return json_pack("{s:I, s:I, s:I, s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f}", "sent",
		(json_int_t)loss->sent, "lost", (json_int_t)loss->lost, "leaked",
		(json_int_t)loss->leaked, "pairs", (int)report->pairs, "pairs_hit",
		(int)report->pairs_hit, "pairs_cut", (int)report->pairs_cut, "last_lost_after_ms",
		loss->lost ? (loss->last_lost - report->at) * 1e3 : 0, "longest_outage_ms",
		loss->longest_outage_s * 1e3, "latency_median_us", loss->latency_median_s * 1e6,
		"latency_p99_us", loss->latency_p99_s * 1e6, "latency_max_us",
		loss->latency_max_s * 1e6, "longest_pause_ms", report->longest_pause_s * 1e3);
}

static void print_json(const struct fabric *fabric, const char *title,
	const struct drill_report *report, json_t *applications) {
	const struct watch_report *watch = &report->watch;
	json_t *answer = json_pack(
		"{s:s, s:f, s:b, s:f, s:I, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:o, s:I, s:o, s:O}",
		"change", title, "at", report->at, "proven", (int)report->has_converged,
		"proven_after_ms", report->converged_s * 1e3, "differences",
		(json_int_t)report->differences, "detected",
		event_json(fabric, report, detection(watch)), "bgp",
		event_json(fabric, report, &watch->last_session), "fib",
		event_json(fabric, report, &watch->last_route), "session_changes",
		(int)watch->sessions, "route_changes", (int)watch->routes, "switches_changed",
		(int)watch->nodes, "unseen", (int)watch->unseen, "probes", loss_json(report),
		"flows", (json_int_t)report->flows, "ways", ways_json(fabric, report),
		"applications", applications);

	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
}

/* --- the actions --- */

static void title_of(const struct fabric *fabric, const char *verb,
	const struct drill_request *drill, char *title, size_t size) {
	char text[LINK_TEXT_MAX];

	if (drill->link != FABRIC_NONE)
		snprintf(title, size, "%s link %s%s", verb, drill->is_silent ? "silently " : "",
			fabric_link_text(fabric, drill->link, text));
	else if (drill->node != FABRIC_NONE)
		snprintf(title, size, "%s node %s", verb, node_name(fabric, drill->node));
	else
		snprintf(title, size, "%s all", verb);
}

static void note_applications(struct timeline *timeline, const json_t *applications) {
	for (size_t i = 0; i < json_array_size(applications); i++) {
		const json_t *entry = json_array_get(applications, i);

		timeline_note(timeline, json_number_value(json_object_get(entry, "at")),
			"application", json_string_value(json_object_get(entry, "words")));
	}
}

static void tell(const struct twin_request *request, const struct live *live, const char *title,
	const struct drill_report *report) {
	json_t *applications = twin_applications_since(live_name(live), report->at);

	timeline_add(request->timeline, live_fabric(live), title, report);
	note_applications(request->timeline, applications);
	if (!request->is_played)
		(request->json ? print_json : print_text)(
			live_fabric(live), title, report, applications);
	json_decref(applications);
}

/* What is done is in the journal at once: what comes of it takes its time. */
struct beginning {
	const char *folder, *title;
};

static void journal_beginning(void *owner, double at) {
	const struct beginning *beginning = owner;

	journal_write(beginning->folder, at, "done", beginning->title);
}

static int observe(const struct twin_request *request, struct live *live,
	struct drill_request *drill, const char *title) {
	char folder[TWIN_PATH_MAX];
	struct beginning beginning = {folder, title};
	struct drill_report report;
	int error;

	twin_folder(live_name(live), folder);
	timeline_keep(request->timeline, folder);
	drill->began = journal_beginning;
	drill->began_owner = &beginning;
	error = drill_run(live, drill, &report);
	if (error)
		return error;
	tell(request, live, title, &report);
	error = report.has_converged ? 0 : -ETIME;
	drill_free(&report);
	return error;
}

static int run(const struct twin_request *request, const char *verb, struct drill_request *drill) {
	char title[256];
	struct live *live;
	int error;

	if (live_open(request->name, &live) < 0)
		return EXIT_FAILED;
	error = request->count ? find_target(live_fabric(live), request->words, drill) : 0;
	if (!error && drill->is_silent && drill->link == FABRIC_NONE) {
		log_error("--silent: only a link can fail silently");
		error = -EINVAL;
	}
	if (!error) {
		title_of(live_fabric(live), verb, drill, title, sizeof(title));
		error = observe(request, live, drill, title);
	}
	live_close(live);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static struct drill_request drill_of(const struct twin_request *request, enum drill_kind kind) {
	return (struct drill_request){.kind = kind,
		.link = FABRIC_NONE,
		.node = FABRIC_NONE,
		.is_silent = request->silent,
		.times = request->times,
		.flap_s = request->seconds,
		.rate = request->rate,
		.pairs = request->pairs ? request->pairs : PAIRS_USUAL,
		.flows = request->flows ? request->flows : FLOWS_USUAL,
		.patience_s = request->up.patience_s,
		.settle_s = 0.5};
}

int twin_observe(const struct twin_request *request, struct live *live, const char *title,
	int (*change)(void *owner, double *at), void *owner) {
	struct drill_request drill = drill_of(request, DRILL_CHANGE);

	drill.change = change;
	drill.owner = owner;
	return observe(request, live, &drill, title);
}

int twin_fail(const struct twin_request *request) {
	struct drill_request drill = drill_of(request, DRILL_FAIL);

	return request->count == 2 ? run(request, "fail", &drill) : EXIT_USAGE;
}

int twin_restore(const struct twin_request *request) {
	struct drill_request drill = drill_of(request, DRILL_RESTORE);

	return request->count == 2 || request->count == 0 ? run(request, "restore", &drill)
							  : EXIT_USAGE;
}

int twin_flap(const struct twin_request *request) {
	struct drill_request drill = drill_of(request, DRILL_FLAP);

	return request->count == 2 ? run(request, "flap", &drill) : EXIT_USAGE;
}
