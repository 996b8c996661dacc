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
#include <math.h>
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

static int do_step(struct modelling *modelling, struct step *step, double at, char *why) {
	char *words[STEP_WORDS_MOST] = {NULL};

	for (int k = 0; k < step->count; k++)
		words[k] = step->words[k];
	return imagined_do(modelling->imagined, at, step->verb, words, step->count, why);
}

/* What cannot be computed is left out. */
static int play(struct modelling *modelling, const struct scenario *scenario) {
	char why[IMAGINED_WHY_MAX];
	int error = 0;

	for (size_t i = 0; i < scenario->count && !error; i++) {
		struct step *step = &scenario->steps[i];

		error = do_step(modelling, step, step->at_s, why);
		if (error)
			log_error("%s:%d: %s%s", modelling->request->words[1], step->line, why,
				error == -EOPNOTSUPP ? "; the story goes on without it" : "");
		if (error == -EOPNOTSUPP)
			error = 0;
	}
	return error ? error : imagined_settle(modelling->imagined, INFINITY);
}

/* ---- the page ---- */

static int act(void *owner, const char *verb, const char *words, char error[HTTP_ERROR_MAX]) {
	struct modelling *modelling = owner;
	struct step step = {0};
	char why[IMAGINED_WHY_MAX];
	int failed = step_take(&step, verb, words, error, HTTP_ERROR_MAX);

	if (failed)
		return -EINVAL;
	failed = do_step(modelling, &step, clock_real() - modelling->began, why);
	if (failed)
		snprintf(error, HTTP_ERROR_MAX, "%s", why);
	return failed ? -EINVAL : 0;
}

/* Light that is restored after its time. */
static void tick(void *owner) {
	struct modelling *modelling = owner;

	imagined_settle(modelling->imagined, clock_real() - modelling->began);
}

static int show_page(struct modelling *modelling) {
	const struct imagined *imagined = modelling->imagined;
	const struct view_model model = {.name = imagined_fabric(imagined)->intent->name,
		.fabric = imagined_fabric(imagined),
		.light = imagined_light(imagined),
		.failures = imagined_failures(imagined),
		.link_is_drained = imagined_drained(imagined)};
	struct serving_source source = {
		.folder = modelling->folder, .act = act, .tick = tick, .owner = modelling};
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

	int length =
		snprintf(folder, TWIN_PATH_MAX, "%s/heddle-model-XXXXXX", place ? place : "/tmp");
	int error = length >= TWIN_PATH_MAX ? -ENAMETOOLONG : mkdtemp(folder) ? 0 : -errno;

	if (!error)
		return 0;
	log_error("%.200s: no folder can be made there: %s; TMPDIR names another", folder,
		strerror(-error));
	folder[0] = '\0'; /* it is not ours to remove */
	return error;
}

static int tell_story(struct modelling *modelling) {
	const struct twin_request *request = modelling->request;
	struct scenario scenario = {0};
	int error = request->count == 2 ? scenario_read(&scenario, request->words[1]) : 0;

	if (error)
		return error;
	if (!request->json)
		error = print_design(modelling);
	if (!error)
		error = play(modelling, &scenario);
	scenario_free(&scenario);
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
