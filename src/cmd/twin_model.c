/* twin_model: `heddle twin model`: what an intent's twin would be and what would befall it,
 * computed, for who may not run one or has no time; and the page of that. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/scenario.h"
#include "cmd/serving.h"
#include "cmd/twin_timeline.h"
#include "twin/imagined.h"
#include "twin/journal.h"
#include "twin/light.h"
#include "twin/light_words.h"
#include "view/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct modelling {
	const struct twin_request *request;
	struct imagined *imagined;
	char folder[TWIN_PATH_MAX]; /* of the journal; "": there is none */
	double began;               /* of the story, seconds of CLOCK_REALTIME */
};

static void take_entry(void *owner, double at, const char *layer, const char *words) {
	const struct modelling *modelling = owner;

	timeline_note(modelling->request->timeline, modelling->began + at, layer, words);
	if (modelling->folder[0])
		journal_write(modelling->folder, modelling->began + at, layer, words);
}

/* ---- what there is ---- */

static void print_light(struct light_layer *light) {
	const struct link_light *links;
	const struct light *lights;
	char news[LIGHT_NEWS_BYTES];
	size_t count;

	if (!light || light_look(light, &links, &count) < 0)
		return;
	lights = light_services(light, &count);
	printf("light: %zu services planned\n", count);
	for (size_t i = 0; i < count; i++) {
		light_write_news(light_network(light), &lights[i], news);
		printf("  %s, %.3f ms\n", news, lights[i].latency_s * 1e3);
	}
}

static int print_design(struct modelling *modelling) {
	const struct fabric *fabric = imagined_fabric(modelling->imagined);
	size_t tried, cutting;
	int error;

	print_light(imagined_light(modelling->imagined));
	printf("fabric %s: %zu nodes, %zu cables\n", fabric->intent->name, fabric->node_count,
		fabric->link_count);
	error = imagined_try_failures(modelling->imagined, &tried, &cutting);
	if (!error)
		printf("proof, by the model: of %zu links and switches that could fail, %zu would "
		       "cut hosts off that have another link\n\n",
			tried, cutting);
	return error;
}

/* ---- the story ---- */

static int play(struct modelling *modelling, const char *path) {
	struct scenario scenario;
	int error = scenario_read(&scenario, path);

	if (error)
		return error;
	for (size_t i = 0; i < scenario.count && !error; i++) {
		struct step *step = &scenario.steps[i];
		char *words[STEP_WORDS_MOST];

		for (int k = 0; k < step->count; k++)
			words[k] = step->words[k];
		error = imagined_do(
			modelling->imagined, step->at_s, step->verb, words, step->count);
		if (error)
			log_error("%s:%d: this cannot be computed%s", path, step->line,
				error == -EOPNOTSUPP ? "; the story goes on without it" : "");
		if (error == -EOPNOTSUPP)
			error = 0;
	}
	scenario_free(&scenario);
	return error;
}

/* ---- the page ---- */

static int act(void *owner, const char *verb, const char *words, char error[HTTP_ERROR_MAX]) {
	struct modelling *modelling = owner;
	struct step step = {0};
	char *list[STEP_WORDS_MOST];
	int failed = step_take(&step, verb, words, error, HTTP_ERROR_MAX);

	for (int k = 0; k < step.count; k++)
		list[k] = step.words[k];
	if (!failed)
		failed = imagined_do(modelling->imagined, clock_real() - modelling->began, verb,
			list, step.count);
	if (failed)
		snprintf(error, HTTP_ERROR_MAX, "'%.60s %.120s' cannot be computed: %s", verb,
			words, strerror(-failed));
	return failed ? -EINVAL : 0;
}

static int show_page(struct modelling *modelling) {
	const struct imagined *imagined = modelling->imagined;
	const struct view_model model = {.name = imagined_fabric(imagined)->intent->name,
		.fabric = imagined_fabric(imagined),
		.light = imagined_light(imagined),
		.failures = imagined_failures(imagined),
		.link_is_drained = imagined_drained(imagined)};
	struct serving_source source = {
		.folder = modelling->folder, .act = act, .owner = modelling};
	int error = view_open_model(&model, &source.view);

	if (error)
		return error;
	error = serve(&source, modelling->request->http);
	view_close(source.view);
	return error;
}

/* Of the journal, the token and the address, while the page is there. */
static int make_folder(char folder[TWIN_PATH_MAX]) {
	const char *place = getenv("TMPDIR");

	snprintf(folder, TWIN_PATH_MAX, "%s/heddle-model-XXXXXX", place ? place : "/tmp");
	if (mkdtemp(folder))
		return 0;
	log_error("%s: %s", folder, strerror(errno));
	return -errno;
}

static int tell_story(struct modelling *modelling) {
	const struct twin_request *request = modelling->request;
	int error = request->json ? 0 : print_design(modelling);

	if (!error && request->count == 2)
		error = play(modelling, request->words[1]);
	(request->json ? timeline_print_json : timeline_print)(request->timeline);
	fflush(stdout);
	return error || !request->http ? error : show_page(modelling);
}

int twin_model(const struct twin_request *request) {
	struct modelling modelling = {.request = request, .began = clock_real()};
	int error;

	if (request->count != 1 && request->count != 2)
		return EXIT_USAGE;
	error = request->http ? make_folder(modelling.folder) : 0;
	if (!error)
		error = imagined_open(
			request->words[0], take_entry, &modelling, &modelling.imagined);
	if (!error)
		error = tell_story(&modelling);
	imagined_close(modelling.imagined);
	if (modelling.folder[0])
		twin_remove_folder(modelling.folder);
	return error ? EXIT_FAILED : EXIT_DONE;
}
