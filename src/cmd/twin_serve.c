/* twin_serve: `heddle twin serve`: the page and the metrics of a running twin by HTTP, and what
 * whoever has its token wants done. What is done is `heddle twin play` of one step, in a process of
 * its own: who serves goes on serving. It looks at the twin while somebody listens or asks, and
 * sleeps otherwise. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/twin_steps.h"
#include "http/http.h"
#include "twin/journal.h"
#include "view/view.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 32, LINE_BYTES = 512 };

/* Looked at four times a second, and at a large twin for a tenth of the time at most. */
static const double pause_least_s = 0.25, pause_per_look = 9;

struct serving {
	struct view *view;
	struct http *http;
	char folder[TWIN_PATH_MAX], token[HTTP_TOKEN_BYTES];
	struct journal_place told; /* what of the journal all who listen know */
	double looked, pause_s;
	pid_t acting; /* 0: nothing is being done */
	char step[LINE_BYTES];
	bool is_over;
};

static void path_of(const struct serving *serving, const char *name, char path[PATH_BYTES]) {
	snprintf(path, PATH_BYTES, "%s/%s", serving->folder, name);
}

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

	journal_read(serving->folder, &start, list_entry, json_object_get(whole, "timeline"));
	text = json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(16));
	json_decref(whole);
	return text;
}

/* ---- looking ---- */

static void look(struct serving *serving) {
	double began = clock_now();
	int changed = view_look(serving->view);

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
	journal_read(serving->folder, &serving->told, tell_all, serving);
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
	http_tell_one(listener, "design", view_design(serving->view), 0);
	http_tell_one(listener, "state", view_state(serving->view), 0);
	journal_read(serving->folder, &start, tell_one, &greeting);
}

/* ---- what is done ---- */

/* A scenario of one step; JSON is YAML. */
static int write_step(struct serving *serving, const char *verb, const char *words) {
	json_t *scenario = json_pack("[{s:s, s:s}]", "at", "0s", verb, words);
	char path[PATH_BYTES];
	int error;

	path_of(serving, "action.json", path);
	error = scenario ? json_dump_file(scenario, path, JSON_COMPACT) : -1;
	json_decref(scenario);
	snprintf(serving->step, sizeof(serving->step), "%s %s", verb, words);
	return error ? -EIO : 0;
}

static void __attribute__((noreturn)) play(const struct serving *serving) {
	static char self[4096];
	char action[PATH_BYTES], log[PATH_BYTES];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int nothing = open("/dev/null", O_RDWR), said;
	sigset_t none;

	path_of(serving, "action.json", action);
	path_of(serving, "action.log", log);
	said = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	if (length > 0)
		execl(self, "heddle", "twin", "play", "--json", "--name", view_name(serving->view),
			action, NULL);
	_exit(127);
}

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
	if (serving->acting) {
		snprintf(error, HTTP_ERROR_MAX, "'%.200s' is being done; try again after it",
			serving->step);
		return -EBUSY;
	}
	if (write_step(serving, verb, words) < 0)
		return -EIO;
	serving->acting = fork();
	if (serving->acting == 0)
		play(serving);
	if (serving->acting > 0)
		return 0;
	serving->acting = 0;
	return -errno;
}

/* What it said last is why it failed. */
static void note_failure(const struct serving *serving) {
	char path[PATH_BYTES], line[LINE_BYTES], last[LINE_BYTES] = "", words[2 * LINE_BYTES + 16];
	FILE *log;

	path_of(serving, "action.log", path);
	log = fopen(path, "re");
	while (log && fgets(line, sizeof(line), log))
		if (!strstr(line, "did not come to what was expected"))
			snprintf(last, sizeof(last), "%.*s", (int)strcspn(line, "\n"), line);
	if (log)
		fclose(log);
	snprintf(words, sizeof(words), "%s: FAILED: %s", serving->step,
		last[0] ? last : "it did not come to what was expected");
	journal_write(serving->folder, clock_real(), "done", words);
}

static void reap(struct serving *serving) {
	int status;

	if (!serving->acting || waitpid(serving->acting, &status, WNOHANG) != serving->acting)
		return;
	serving->acting = 0;
	if (status != 0)
		note_failure(serving);
}

/* ---- serving ---- */

static void take_signals(struct serving *serving, int signal_fd) {
	struct signalfd_siginfo signal_info;

	while (read(signal_fd, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		if (signal_info.ssi_signo == SIGCHLD)
			reap(serving);
		else
			serving->is_over = true;
}

static int pause_ms(const struct serving *serving) {
	double left = serving->looked + serving->pause_s - clock_now();

	if (http_is_heard(serving->http))
		return left > 0 ? (int)(left * 1e3) + 1 : 0;
	return http_is_idle(serving->http) ? -1 : HTTP_TICK_MS;
}

static void serve(struct serving *serving, int signal_fd) {
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

static int open_signals(void) {
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* The address and, for root alone, the token, for who has missed what was printed. */
static int keep(const struct serving *serving) {
	char path[PATH_BYTES];
	FILE *file;
	int fd;

	path_of(serving, "token", path);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return -errno;
	fprintf(file, "%s\n", serving->token);
	fclose(file);
	path_of(serving, "url", path);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file, "%s\n", http_url(serving->http));
	return fclose(file) == EOF ? -errno : 0;
}

int twin_serve(const struct twin_request *request) {
	struct serving serving = {.pause_s = pause_least_s};
	const struct http_api api = {.owner = &serving,
		.document = document,
		.metrics = metrics,
		.greet = greet,
		.act = act,
		.token = serving.token};
	int signal_fd, error;

	if (request->count)
		return EXIT_USAGE;
	if (view_open(request->name, &serving.view) < 0)
		return EXIT_FAILED;
	twin_folder(view_name(serving.view), serving.folder);
	signal_fd = open_signals();
	error = http_make_token(serving.token);
	if (!error)
		error = http_open(
			request->http ? request->http : "127.0.0.1:8080", &api, &serving.http);
	if (!error)
		error = keep(&serving);
	if (!error) {
		printf("%s   token %s\n", http_url(serving.http), serving.token);
		fflush(stdout);
		serve(&serving, signal_fd);
	}
	http_close(serving.http);
	view_close(serving.view);
	return error ? EXIT_FAILED : EXIT_DONE;
}
