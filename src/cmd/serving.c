/* serving: see serving.h. It looks while somebody listens or asks, and sleeps otherwise. */
#include "cmd/serving.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "cmd/seat.h"
#include "cmd/twin_steps.h"
#include "twin/journal.h"
#include "view/view.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Looked at four times a second, and at a large twin for a quarter of the time at most. */
static const double pause_least_s = 0.25, pause_per_look = 3;

struct serving {
	const struct serving_source *source;
	struct view *view;
	struct http *http;
	struct seat seat;
	struct journal_place told; /* what of the journal all who listen know */
	double looked, pause_s;
	bool is_over;
};

/* ---- the timeline ---- */

static json_t *entry_json(const struct journal_entry *entry) {
	return json_pack("{s:I, s:f, s:s, s:s}", "id", (json_int_t)entry->id, "at", entry->at,
		"layer", entry->layer, "words", entry->words);
}

static char *entry_text(const struct journal_entry *entry) {
	json_t *object = entry_json(entry);
	char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(16));

	json_decref(object);
	return text;
}

static void tell_all(void *owner, const struct journal_entry *entry) {
	struct serving *serving = owner;
	char *text = entry_text(entry);

	if (text)
		http_tell(serving->http, "timeline", text, entry->id);
	free(text);
}

struct greeting {
	struct http_listener *listener;
	uint64_t after, up_to;
};

static void tell_one(void *owner, const struct journal_entry *entry) {
	const struct greeting *greeting = owner;
	char *text = entry->id > greeting->after && entry->id <= greeting->up_to ? entry_text(entry)
										 : NULL;

	if (text)
		http_tell_one(greeting->listener, "timeline", text, entry->id);
	free(text);
}

static void list_entry(void *owner, const struct journal_entry *entry) {
	json_array_append_new(owner, entry_json(entry));
}

static char *timeline_document(const struct serving *serving) {
	json_t *whole = json_pack("{s:[]}", "timeline");
	struct journal_place start = {0};
	char *text;

	journal_read(
		serving->source->folder, &start, list_entry, json_object_get(whole, "timeline"));
	text = json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(16));
	json_decref(whole);
	return text;
}

/* ---- looking ---- */

static void look(struct serving *serving) {
	double began = clock_now();
	int changed;

	if (serving->source->tick)
		serving->source->tick(serving->source->owner);
	changed = view_look(serving->view);

	serving->looked = clock_now();
	serving->pause_s = (serving->looked - began) * pause_per_look;
	if (serving->pause_s < pause_least_s)
		serving->pause_s = pause_least_s;
	if (changed == -ENOENT)
		serving->is_over = true;
	if (changed > 0 && changed & VIEW_DESIGN)
		http_tell(serving->http, "design", view_design(serving->view), 0);
	if (changed > 0 && changed & VIEW_STATE)
		http_tell(serving->http, "state", view_state(serving->view), 0);
	journal_read(serving->source->folder, &serving->told, tell_all, serving);
}

static void look_if_due(struct serving *serving) {
	if (clock_now() - serving->looked >= serving->pause_s)
		look(serving);
}

/* ---- what is asked ---- */

static char *document(void *owner, const char *name) {
	struct serving *serving = owner;

	look_if_due(serving);
	if (strcmp(name, "design") == 0)
		return strdup(view_design(serving->view));
	if (strcmp(name, "state") == 0)
		return strdup(view_state(serving->view));
	return strcmp(name, "timeline") == 0 ? timeline_document(serving) : NULL;
}

static char *metrics(void *owner) {
	struct serving *serving = owner;

	look_if_due(serving);
	return view_metrics(serving->view);
}

static void greet(void *owner, struct http_listener *listener, uint64_t after) {
	struct serving *serving = owner;
	struct greeting greeting = {listener, after, 0};
	struct journal_place start = {0};

	look_if_due(serving);
	greeting.up_to = serving->told.id;
	if (after > greeting.up_to) /* of a twin that was here before */
		greeting.after = 0;
	http_tell_one(listener, "design", view_design(serving->view), 0);
	http_tell_one(listener, "state", view_state(serving->view), 0);
	journal_read(serving->source->folder, &start, tell_one, &greeting);
}

/* ---- what is done ---- */

static int act(void *owner, const json_t *body, char error[HTTP_ERROR_MAX]) {
	struct serving *serving = owner;
	void *only = json_object_iter((json_t *)(uintptr_t)body);
	const char *verb = only ? json_object_iter_key(only) : NULL;
	const char *words = only ? json_string_value(json_object_iter_value(only)) : NULL;

	if (json_object_size(body) != 1 || !words) {
		snprintf(error, HTTP_ERROR_MAX,
			"expected one step of a scenario without its time, as in "
			"{\"cut\": \"south East-West 1\"}");
		return -EINVAL;
	}
	if (step_check(verb, words, error, HTTP_ERROR_MAX) < 0)
		return -EINVAL;
	serving->looked = 0; /* whoever asks next sees what was done */
	return serving->source->act(serving->source->owner, verb, words, error);
}

/* ---- serving ---- */

static void take_signals(struct serving *serving, int signal_fd) {
	struct signalfd_siginfo signal_info;

	while (read(signal_fd, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		if (signal_info.ssi_signo != SIGCHLD)
			serving->is_over = true;
		else if (serving->source->child_ended)
			serving->source->child_ended(serving->source->owner);
}

static int pause_ms(const struct serving *serving) {
	double left = serving->looked + serving->pause_s - clock_now();

	if (http_is_heard(serving->http))
		return left > 0 ? (int)(left * 1e3) + 1 : 0;
	return http_is_idle(serving->http) ? -1 : HTTP_TICK_MS;
}

static void loop(struct serving *serving, int signal_fd) {
	struct pollfd events[] = {{.fd = http_fd(serving->http), .events = POLLIN},
		{.fd = signal_fd, .events = POLLIN}};

	while (!serving->is_over) {
		poll(events, 2, pause_ms(serving));
		take_signals(serving, signal_fd);
		if (http_is_heard(serving->http))
			look_if_due(serving);
		http_process(serving->http);
	}
}

static int begin(struct serving *serving, const char *wanted, const struct http_api *api) {
	char address[SEAT_ADDRESS_BYTES];
	int error = seat_take(&serving->seat, serving->source->folder);

	if (error)
		return error;
	seat_address(&serving->seat, wanted, address);
	error = http_open(address, api, &serving->http);
	return error ? error : seat_tell(&serving->seat, http_url(serving->http));
}

int serve(const struct serving_source *source, const char *address) {
	struct serving serving = {.source = source, .view = source->view, .pause_s = pause_least_s};
	const struct http_api api = {.owner = &serving,
		.document = document,
		.metrics = metrics,
		.greet = greet,
		.act = act,
		.token = serving.seat.token};
	int error = begin(&serving, address, &api),
	    signal_fd = error ? -1 : signals_open(SIGNALS_OF_END_AND_CHILDREN);

	if (!error && signal_fd < 0) {
		error = -errno;
		log_error("signals cannot be listened to: %s", strerror(-error));
	}
	if (!error) {
		printf("page: %s   token: %s\n", http_url(serving.http), serving.seat.token);
		fflush(stdout);
		loop(&serving, signal_fd);
	}
	http_close(serving.http);
	seat_leave(&serving.seat);
	if (signal_fd >= 0)
		close(signal_fd);
	return error;
}
