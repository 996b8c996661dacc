/* twin_applications: `heddle twin applications`: what a twin's applications come to, and whether
 * they are played. */
#include "cmd/twin_applications.h"

#include "base/clock.h"
#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/twin.h"
#include "twin/applications.h"
#include "twin/applications_play.h"
#include "twin/control.h"

#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 160 };

static const char *text_of(const json_t *object, const char *key) {
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* "48.2", or "-" for what is not known. */
static const char *number_text(const json_t *number, char text[CELL_BYTES]) {
	if (json_is_number(number))
		snprintf(text, CELL_BYTES, "%.*f", json_number_value(number) < 10 ? 2 : 1,
			json_number_value(number));
	else
		snprintf(text, CELL_BYTES, "-");
	return text;
}

/* "step time 48.2 ms, steps 4.1/s"; of what is down, why. */
static const char *figures_text(const json_t *application, char text[CELL_BYTES]) {
	const json_t *figures = json_object_get(application, "figures");
	char number[CELL_BYTES];
	size_t used = 0;

	if (strcmp(text_of(application, "state"), "down") == 0) {
		snprintf(text, CELL_BYTES, "DOWN: %s", text_of(application, "reason"));
		return text;
	}
	for (size_t i = 0; i < json_array_size(figures) && used < CELL_BYTES; i++) {
		const json_t *figure = json_array_get(figures, i);
		const char *unit = text_of(figure, "unit");

		used += (size_t)snprintf(text + used, CELL_BYTES - used, "%s%s %s%s%s",
			i ? ", " : "", text_of(figure, "name"),
			number_text(json_object_get(figure, "value"), number),
			strcmp(unit, "ms") == 0 ? " " : "", unit);
	}
	return text;
}

static void print_text(const json_t *list) {
	static const struct column titles[] = {{"APPLICATION", COLUMN_LEFT}, {"CLASS", COLUMN_LEFT},
		{"P50 ms", COLUMN_RIGHT}, {"P99", COLUMN_RIGHT}, {"P99.9", COLUMN_RIGHT},
		{"FIGURES", COLUMN_LEFT}};
	struct columns *columns = columns_create(titles, sizeof(titles) / sizeof(titles[0]));

	for (size_t i = 0; columns && i < json_array_size(list); i++) {
		const json_t *application = json_array_get(list, i);
		const json_t *latency = json_object_get(application, "latency_ms");
		char p50[CELL_BYTES], p99[CELL_BYTES], p999[CELL_BYTES], figures[CELL_BYTES] = "";
		const char *const cells[] = {text_of(application, "name"),
			text_of(application, "class"),
			number_text(json_object_get(latency, "p50"), p50),
			number_text(json_object_get(latency, "p99"), p99),
			number_text(json_object_get(latency, "p999"), p999),
			figures_text(application, figures)};

		columns_add(columns, cells);
	}
	if (columns)
		columns_finish(columns);
}

static void print_json(const char *name, json_t *list) {
	json_t *whole = json_pack(
		"{s:s, s:f, s:O}", "twin", name, "at", clock_real(), "applications", list);

	json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(whole);
}

/* Of now, or of the seconds that come. */
static json_t *read_figures(const struct twin_request *request, const char *folder) {
	double from = clock_real();

	if (request->seconds == 0)
		return applications_read(folder);
	clock_wait_until(clock_now() + request->seconds);
	return applications_read_span(folder, from, clock_real());
}

static int show(const struct twin_request *request, const char *name) {
	char folder[TWIN_PATH_MAX];
	json_t *list;

	twin_folder(name, folder);
	if (!applications_run(folder)) {
		log_error(
			"twin '%s' plays no applications; 'applications' in its intent says which, "
			"'heddle twin applications start' starts them",
			name);
		return EXIT_FAILED;
	}
	list = read_figures(request, folder);
	if (request->json)
		print_json(name, list);
	else
		print_text(list);
	json_decref(list);
	return EXIT_DONE;
}

static void note_words(void *owner, double at, const char *words) {
	json_array_append_new(owner, json_pack("{s:f, s:s}", "at", at, "words", words));
}

json_t *twin_applications_since(const char *twin, double changed_at) {
	char folder[TWIN_PATH_MAX];
	json_t *list = json_array();

	twin_folder(twin, folder);
	applications_compare(folder, changed_at, clock_real(), note_words, list);
	return list;
}

static int ask(const char *name, bool are_wanted) {
	json_t *request = json_pack("{s:b}", "applications", (int)are_wanted);

	return twin_ask(name, request, NULL, NULL) < 0 ? EXIT_FAILED : EXIT_DONE;
}

int twin_applications(const struct twin_request *request) {
	const char *action = request->count ? request->words[0] : "show";
	char name[TWIN_PATH_MAX];

	if (request->count > 1)
		return EXIT_USAGE;
	if (twin_find(request->name, name) < 0)
		return EXIT_FAILED;
	if (strcmp(action, "show") == 0)
		return show(request, name);
	if (strcmp(action, "start") == 0 || strcmp(action, "stop") == 0)
		return ask(name, strcmp(action, "start") == 0);
	if (strcmp(action, "run") == 0) /* the supervisor's */
		return applications_play(name) < 0 ? EXIT_FAILED : EXIT_DONE;
	log_error("twin applications: '%s': expected show, stop or start", action);
	return EXIT_USAGE;
}
