/* twin_timeline: see twin_timeline.h. */
#include "cmd/twin_timeline.h"

#include "base/arena.h"
#include "twin/journal.h"
#include "twin/twin.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	double at; /* of CLOCK_REALTIME */
	const char *layer;
	const char *words;
};

struct timeline {
	struct arena arena;
	struct entry *entries;
	size_t count;
	bool is_unproven;
	char folder[TWIN_PATH_MAX]; /* "": kept nowhere */
};

struct timeline *timeline_create(void) {
	return calloc(1, sizeof(struct timeline));
}

void timeline_destroy(struct timeline *timeline) {
	if (timeline)
		arena_free(&timeline->arena);
	free(timeline);
}

static void add(struct timeline *timeline, double at, const char *layer, const char *words) {
	struct entry *entry = arena_append(
		&timeline->arena, &timeline->entries, &timeline->count, sizeof(*entry));

	*entry = (struct entry){at, layer, words};
	if (timeline->folder[0] && strcmp(layer, "done") != 0)
		journal_write(timeline->folder, at, layer, words);
}

void timeline_keep(struct timeline *timeline, const char *folder) {
	snprintf(timeline->folder, sizeof(timeline->folder), "%s", folder);
}

void timeline_note(struct timeline *timeline, double at, const char *layer, const char *words) {
	add(timeline, at, arena_text(&timeline->arena, layer), arena_text(&timeline->arena, words));
}

static void add_event(struct timeline *timeline, const struct fabric *fabric, const char *layer,
	const struct watch_event *event, const char *rest) {
	if (event->at > 0)
		add(timeline, event->at, layer,
			arena_print(&timeline->arena, "%s: %s%s", fabric->nodes[event->node].name,
				event->words, rest));
}

/* By the first of them lost a flow was hit, by the last one all were well. */
static void add_loss(struct timeline *timeline, const struct drill_report *report) {
	const struct probe_loss *loss = &report->loss;
	double at = loss->lost ? loss->last_lost : report->at + report->converged_s;

	add(timeline, at, "packets",
		loss->lost
			? arena_print(&timeline->arena,
				  "%lu of %lu probes lost, of %u of %u pairs of hosts; this was "
				  "the last, the longest outage of a flow %.0f ms",
				  loss->lost, loss->sent, report->pairs_hit,
				  report->pairs - report->pairs_cut, loss->longest_outage_s * 1e3)
			: arena_print(&timeline->arena, "none of %lu probes lost", loss->sent));
	if (report->pairs_cut)
		add(timeline, at, "packets",
			arena_print(&timeline->arena, "%u pairs of hosts have no way",
				report->pairs_cut));
}

void timeline_add(struct timeline *timeline, const struct fabric *fabric, const char *title,
	const struct drill_report *report) {
	const struct watch_report *watch = &report->watch;
	struct arena *arena = &timeline->arena;

	add(timeline, report->at, "done", arena_text(arena, title));
	add_event(timeline, fabric, "port", &watch->first_carrier, "");
	add_event(timeline, fabric, "BFD", &watch->first_bfd, "");
	add_event(timeline, fabric, "BGP", &watch->first_session, "");
	if (watch->sessions > 1)
		add_event(timeline, fabric, "BGP", &watch->last_session,
			arena_print(arena, " (the last of %u changes)", watch->sessions));
	add_event(timeline, fabric, "FIB", &watch->first_route, " (the first)");
	if (watch->routes > 1)
		add_event(timeline, fabric, "FIB", &watch->last_route,
			arena_print(arena, " (the last of %u, in %u switches)", watch->routes,
				watch->nodes));
	if (report->kernels_s > 0 && report->kernels_s < report->converged_s)
		add(timeline, report->at + report->kernels_s, "FIB",
			"all kernels' tables are right; not yet all Heddles'");
	add(timeline, report->at + report->converged_s, "proof",
		report->has_converged
			? "all tables, kernels' and Heddles', are what the model says"
			: arena_print(arena, "%zu destinations are NOT as the model says",
				  report->differences));
	add_loss(timeline, report);
	timeline->is_unproven |= !report->has_converged;
}

bool timeline_is_proven(const struct timeline *timeline) {
	return !timeline->is_unproven;
}

/* ---- telling ---- */

/* From cause to effect: what is of one moment is told in this order. */
static const char *const layers[] = {
	"done", "light", "port", "BFD", "BGP", "FIB", "proof", "packets", "application"};

static size_t rank(const struct entry *entry) {
	size_t i = 0;

	while (i < sizeof(layers) / sizeof(layers[0]) && strcmp(layers[i], entry->layer) != 0)
		i++;
	return i;
}

static int by_time(const void *a, const void *b) {
	const struct entry *one = *(const struct entry *const *)a;
	const struct entry *other = *(const struct entry *const *)b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	if (rank(one) != rank(other))
		return rank(one) < rank(other) ? -1 : 1;
	return one < other ? -1 : one > other; /* as they were added */
}

/* To be freed; NULL without memory. */
static const struct entry **sort(const struct timeline *timeline) {
	const struct entry **sorted = calloc(timeline->count + 1, sizeof(*sorted));

	for (size_t i = 0; sorted && i < timeline->count; i++)
		sorted[i] = &timeline->entries[i];
	if (sorted)
		qsort(sorted, timeline->count, sizeof(*sorted), by_time);
	return sorted;
}

void timeline_print(const struct timeline *timeline) {
	const struct entry **sorted = sort(timeline);

	for (size_t i = 0; sorted && i < timeline->count; i++)
		printf("%st+%9.4f s  %-11s %s\n",
			i > 0 && strcmp(sorted[i]->layer, "done") == 0 ? "\n" : "",
			sorted[i]->at - sorted[0]->at, sorted[i]->layer, sorted[i]->words);
	free(sorted);
}

void timeline_print_json(const struct timeline *timeline) {
	const struct entry **sorted = sort(timeline);
	json_t *whole = json_object(), *entries = json_array();

	for (size_t i = 0; sorted && i < timeline->count; i++)
		json_array_append_new(
			entries, json_pack("{s:f, s:f, s:s, s:s}", "at", sorted[i]->at, "t",
					 sorted[i]->at - sorted[0]->at, "layer", sorted[i]->layer,
					 "words", sorted[i]->words));
	json_object_set_new(whole, "timeline", entries);
	json_object_set_new(whole, "proven", json_boolean(timeline_is_proven(timeline)));
	json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(16));
	putchar('\n');
	json_decref(whole);
	free(sorted);
}
