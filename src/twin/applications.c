/* applications: see applications.h. */
#include "twin/applications.h"

#include "base/json_put.h"
#include "twin/application_figures.h"
#include "twin/twin.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Before a change, and at the end of what is looked at. */
static const double BEFORE_S = 2, END_S = 1;

/* What began longer ago is over, in one way or another. */
static const double WAITING_MOST_S = 10;

enum { LEAST = 5, FIGURE_MAX = 24, SHARE_MAX = 96 };

void applications_path(const char *folder, char *path) {
	snprintf(path, TWIN_PATH_MAX, "%s/applications.json", folder);
}

void applications_samples_path(const char *folder, char *path) {
	snprintf(path, TWIN_PATH_MAX, "%s/applications.samples", folder);
}

static int open_samples(const char *folder, struct samples **samples) {
	char path[TWIN_PATH_MAX];

	applications_samples_path(folder, path);
	return samples_open(path, samples);
}

bool applications_run(const char *folder) {
	struct samples *samples;
	bool they_do;

	if (open_samples(folder, &samples) < 0)
		return false;
	they_do = samples_are_written(samples);
	samples_close(samples);
	return they_do;
}

json_t *applications_read(const char *folder) {
	char path[TWIN_PATH_MAX];
	json_t *whole, *list;

	applications_path(folder, path);
	whole = applications_run(folder) ? json_load_file(path, 0, NULL) : NULL;
	list = json_incref(json_object_get(whole, "applications"));
	json_decref(whole);
	return list ? list : json_array();
}

json_t *applications_read_span(const char *folder, double from, double to) {
	json_t *list = json_array();
	const struct sample_source *source;
	struct samples *samples;
	struct summary summary;
	int error = 0;

	if (open_samples(folder, &samples) < 0)
		return list;
	for (int n = 0; (source = samples_source(samples, n)) && !error; n++) {
		if (!source->is_present)
			continue;
		error = samples_summarize(samples, n, from, to, 0, &summary);
		if (!error)
			json_array_append_new(list, application_json(source, &summary));
	}
	samples_close(samples);
	if (!error)
		return list;
	json_decref(list);
	return NULL;
}

/* --- before and after --- */

struct comparison {
	const struct sample_source *source;
	struct summary before, after, end, recent;
	char words[APPLICATION_WORDS_MAX];
};

/* "48", "4.1", "0.82": three digits, or all before the point. */
static const char *figure_text(double value, char text[FIGURE_MAX]) {
	if (isnan(value))
		snprintf(text, FIGURE_MAX, "-");
	else
		snprintf(text, FIGURE_MAX, "%.*f", value < 1 ? 2 : value < 10 ? 1 : 0, value);
	return text;
}

static void compare_steps(struct comparison *comparison) {
	char before[FIGURE_MAX], worst[FIGURE_MAX], end[FIGURE_MAX], begun[FIGURE_MAX + 32] = "";
	char *words = comparison->words;

	figure_text(comparison->before.p50_ms, before);
	figure_text(comparison->after.worst_ms, worst);
	figure_text(comparison->end.p50_ms, end);
	if (comparison->after.lost)
		snprintf(begun, sizeof(begun), "; %zu begun again", comparison->after.lost);
	if (isnan(comparison->after.worst_ms))
		snprintf(words, APPLICATION_WORDS_MAX,
			"%s: all-reduce step %s ms before, none has ended since%s",
			comparison->source->name, before, begun);
	else
		snprintf(words, APPLICATION_WORDS_MAX,
			"%s: all-reduce step %s → %s ms at worst, %s at the end%s",
			comparison->source->name, before, worst, end, begun);
}

static size_t all_of(const struct summary *summary) {
	return summary->done + summary->late + summary->lost;
}

static size_t useless_of(const struct summary *summary) {
	return summary->late + summary->lost;
}

/* "none of 173 messages lost", "22 of 189 frames late or lost (3 of 180 before)", and when nothing
 * is known yet: "no messages so far". */
static void write_share(size_t part, size_t whole, size_t part_before, size_t whole_before,
	const char *what, const char *none, char text[SHARE_MAX]) {
	int used = part    ? snprintf(text, SHARE_MAX, "%zu of %zu %s", part, whole, what)
		   : whole ? snprintf(text, SHARE_MAX, "none of %zu %s", whole, what)
			   : snprintf(text, SHARE_MAX, "%s so far", none);

	if (!whole)
		return;
	if (part_before)
		snprintf(text + used, SHARE_MAX - (size_t)used, " (%zu of %zu before)", part_before,
			whole_before);
	else if (part)
		snprintf(text + used, SHARE_MAX - (size_t)used, " (none before)");
}

static void compare_frames(struct comparison *comparison) {
	const struct summary *before = &comparison->before, *after = &comparison->after;
	char share[SHARE_MAX];

	write_share(useless_of(after), all_of(after), useless_of(before), all_of(before),
		"frames late or lost", "no frames", share);
	snprintf(comparison->words, APPLICATION_WORDS_MAX, "%s: %s", comparison->source->name,
		share);
}

static void compare_messages(struct comparison *comparison) {
	const struct summary *before = &comparison->before, *after = &comparison->after;
	char share[SHARE_MAX];

	write_share(after->lost, all_of(after), before->lost, all_of(before), "messages lost",
		"no messages", share);
	snprintf(comparison->words, APPLICATION_WORDS_MAX, "%s: %s", comparison->source->name,
		share);
}

static bool has_p99(const struct summary *summary) {
	return all_of(summary) >= SUMMARY_P99 || !isnan(summary->p99_ms);
}

/* "p99 4.1 → 212 ms"; of too few, "slowest"; "p99 4.1 → - ms, as more than 1 % fail". */
static void write_times(
	const struct summary *before, const struct summary *after, char text[SHARE_MAX]) {
	bool is_p99 = has_p99(before) && has_p99(after);
	char was[FIGURE_MAX], is[FIGURE_MAX];

	figure_text(is_p99 ? before->p99_ms : before->worst_ms, was);
	figure_text(is_p99 ? after->p99_ms : after->worst_ms, is);
	snprintf(text, SHARE_MAX, "%s %s → %s ms%s", is_p99 ? "p99" : "slowest", was, is,
		is_p99 && isnan(after->p99_ms) ? ", as more than 1 % fail" : "");
}

/* They have not failed yet, and may be all that the change has hit. */
static void compare_requests(struct comparison *comparison) {
	const struct summary *before = &comparison->before, *after = &comparison->after;
	size_t begun = comparison->recent.begun, ended = all_of(&comparison->recent);
	char times[SHARE_MAX], share[SHARE_MAX], waiting[SHARE_MAX] = "";

	write_share(after->lost, all_of(after), before->lost, all_of(before), "requests failed",
		"no answers", share);
	if (begun > ended)
		snprintf(waiting, sizeof(waiting), "; %zu still wait", begun - ended);
	write_times(before, after, times);
	snprintf(comparison->words, APPLICATION_WORDS_MAX, "%s: %s, %s%s", comparison->source->name,
		times, share, waiting);
}

static void (*const comparers[APPLICATION_KINDS])(struct comparison *comparison) = {
	[APPLICATION_AI] = compare_steps,
	[APPLICATION_XR] = compare_frames,
	[APPLICATION_IOT] = compare_messages,
	[APPLICATION_WEB] = compare_requests};

static int summarize(struct samples *samples, int source, double changed_at, double now,
	struct comparison *out) {
	int error = samples_summarize(
		samples, source, changed_at - BEFORE_S, changed_at, LEAST, &out->before);

	if (!error)
		error = samples_summarize(samples, source, changed_at, now, 0, &out->after);
	if (!error)
		error = samples_summarize(
			samples, source, fmax(changed_at, now - END_S), now, 0, &out->end);
	return error ? error
		     : samples_summarize(
			       samples, source, now - WAITING_MOST_S, now, 0, &out->recent);
}

int applications_compare(const char *folder, double changed_at, double now,
	void (*told)(void *owner, double at, const char *words), void *owner) {
	struct comparison comparison;
	struct samples *samples;
	int error = open_samples(folder, &samples);

	if (error)
		return error == -ENOENT ? 0 : error;
	if (!samples_are_written(samples)) {
		samples_close(samples);
		return 0;
	}
	for (int n = 0; (comparison.source = samples_source(samples, n)) && !error; n++) {
		if (!comparison.source->is_present)
			continue;
		error = summarize(samples, n, changed_at, now, &comparison);
		if (error)
			break;
		comparers[comparison.source->kind](&comparison);
		told(owner,
			comparison.after.last_lost_at > 0 ? comparison.after.last_lost_at
			: comparison.after.worst_at > 0   ? comparison.after.worst_at
							  : now,
			comparison.words);
	}
	samples_close(samples);
	return error;
}
