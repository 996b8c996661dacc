/* twin_light: `heddle twin light`: the light below the interconnects of a twin: what each link has
 * of it; and what becomes of the network when fibres are cut or age, amplifiers fail, and light
 * takes another route. */
#include "cmd/twin_light.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/twin_timeline.h"
#include "twin/control.h"
#include "twin/wires.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_BYTES = 160, NEWS_BYTES = 400 };

static int open_session(struct light_session *session, const struct twin_request *request) {
	char folder[TWIN_PATH_MAX];
	int error;

	*session = (struct light_session){.request = request};
	if (live_open(request->name, &session->live) < 0)
		return -ENOENT;
	twin_folder(live_name(session->live), folder);
	error = light_open(live_fabric(session->live), folder, &session->light);
	if (error == -ENOENT)
		log_error("twin '%s' has no light: 'optics' in its intent gives it some",
			live_name(session->live));
	if (error)
		live_close(session->live);
	return error;
}

static void close_session(struct light_session *session) {
	light_close(session->light);
	live_close(session->live);
}

/* ---- links as the light has them ---- */

static void settings_of(const struct light_session *session, const struct link_light *link,
	struct wire_settings *settings) {
	wire_settings_init(settings);
	settings->delay_ns = (uint64_t)llround(link->latency_s * 1e9);
	settings->rate_bps = (uint64_t)llround(link->bit_rate / light_scale(session->light));
	settings->loss_percent = 100 * link->frame_loss;
}

/* A port whose every frame is beyond repair has no carrier, as one without light has none. */
static bool is_dark(const struct link_light *link) {
	return link->bit_rate <= 0 || link->frame_loss >= 1;
}

static void take_time(void *owner, const json_t *row) {
	double *at = owner, time = json_number_value(json_object_get(row, "at"));

	if (*at == 0)
		*at = time;
}

/* A port sees no light: its carrier is gone; or it is back. */
static int set_carrier(
	const struct light_session *session, const struct link_light *link, double *at) {
	const struct model_failures *failures = live_failures(session->live);
	bool is_down = failures->link_is_down && failures->link_is_down[link->link];

	if (is_down == is_dark(link))
		return 0;
	return twin_ask(live_name(session->live),
		json_pack("{s:{s:i, s:b}}", is_dark(link) ? "fail" : "restore", "link", link->link,
			"silent", 0),
		take_time, at);
}

/* What goes dark goes first; then what is lit, with its rate and delay. */
static int carry_out(void *owner, double *at) {
	const struct light_session *session = owner;
	const struct link_light *links;
	struct wire_settings settings;
	size_t count;
	int error = light_look(session->light, &links, &count);

	*at = 0;
	if (!error)
		error = live_read_failures(session->live);
	for (size_t i = 0; i < count && !error; i++)
		if (is_dark(&links[i]))
			error = set_carrier(session, &links[i], at);
	for (size_t i = 0; i < count && !error; i++) {
		if (is_dark(&links[i]))
			continue;
		settings_of(session, &links[i], &settings);
		error = wire_change(live_nodes(session->live), links[i].link, &settings);
		if (!error)
			error = set_carrier(session, &links[i], at);
	}
	if (*at == 0)
		*at = clock_real();
	return error;
}

int twin_light_begin(const char *name) {
	const struct twin_request request = {.name = name};
	struct light_session session;
	double at;
	int error;

	if (open_session(&session, &request) < 0)
		return -EINVAL;
	error = carry_out(&session, &at);
	close_session(&session);
	return error;
}

/* ---- what is done ---- */

static int show(struct light_session *session) {
	const struct link_light *links;
	size_t count;

	if (light_look(session->light, &links, &count) < 0)
		return EXIT_FAILED;
	light_print(session);
	return EXIT_DONE;
}

/* What has become of a service, in words. */
static void write_news(const struct light_session *session, const struct light *light, char *text) {
	const struct carried *carried = light->carried;
	char sites[LIGHT_SITES_BYTES];
	int used = snprintf(text, NEWS_BYTES, "%s: %d x %s %s", carried->service->id,
		carried->channels, carried->judgement.mode->format, light_state_name(light));

	if (!light->is_lit || used >= NEWS_BYTES)
		return;
	light_write_sites(session, carried, sites);
	snprintf(text + used, (size_t)(NEWS_BYTES - used), ", %g Gbit/s, margin %+.2f dB, by %s",
		light->bit_rate / 1e9, light->margin_db, sites);
}

static double *read_margins(const struct light_session *session) {
	const struct link_light *links;
	const struct light *lights;
	size_t count;
	double *margins;

	if (light_look(session->light, &links, &count) < 0)
		return NULL;
	lights = light_services(session->light, &count);
	margins = calloc(count + 1, sizeof(*margins));
	for (size_t i = 0; margins && i < count; i++)
		margins[i] = lights[i].margin_db;
	return margins;
}

/* Services whose margin is another than before. */
static void note_news(const struct light_session *session, const double *before, double at) {
	const struct light *lights;
	char text[NEWS_BYTES];
	size_t count;

	lights = light_services(session->light, &count);
	for (size_t i = 0; i < count; i++)
		if (lights[i].margin_db != before[i]) {
			write_news(session, &lights[i], text);
			timeline_note(session->request->timeline, at, "light", text);
		}
}

/* The network while the light does what it now does, and what of the light is left. */
static int observe(struct light_session *session, const char *title, double *margins) {
	const struct twin_request *request = session->request;
	double at;
	int error = twin_observe(request, session->live, title, carry_out, session, &at);

	if (at > 0 && request->timeline && margins)
		note_news(session, margins, at);
	return error;
}

static bool is_any_out(struct light_session *session) {
	const struct link_light *links;
	const struct light *lights;
	size_t count;

	if (light_look(session->light, &links, &count) < 0)
		return false;
	lights = light_services(session->light, &count);
	for (size_t i = 0; i < count; i++)
		if (lights[i].frame_loss >= 1)
			return true;
	return false;
}

/* After its time, what is out is carried elsewhere. */
static int restore(struct light_session *session, double began) {
	char title[TITLE_BYTES];
	double *margins;
	int error;

	clock_wait_until(began + light_restore_s(session->light));
	margins = read_margins(session);
	error = light_restore(session->light, false);
	if (error) {
		free(margins);
		return error;
	}
	snprintf(title, sizeof(title), "light restored, after %g s",
		light_restore_s(session->light));
	error = observe(session, title, margins);
	free(margins);
	return error;
}

static int make_damage(
	struct light_session *session, enum damage_kind kind, const char *element, double loss_db) {
	static const char *const verbs[] = {[DAMAGE_NONE] = "mended",
		[DAMAGE_CUT] = "cut",
		[DAMAGE_AGEING] = "aged",
		[DAMAGE_FAILED] = "failed"};
	char title[TITLE_BYTES];
	double began = clock_now(), *margins = read_margins(session);
	int error = light_damage(session->light, element, kind, loss_db);

	if (!error && kind == DAMAGE_NONE)
		error = light_restore(session->light, true);
	if (!error) {
		snprintf(title, sizeof(title), "%s %s", element, verbs[kind]);
		error = observe(session, title, margins);
	}
	free(margins);
	if (!error && kind != DAMAGE_NONE && is_any_out(session))
		error = restore(session, began);
	if (!error && !session->request->json && !session->request->timeline) {
		putchar('\n');
		light_print(session);
	}
	return error ? EXIT_FAILED : EXIT_DONE;
}

static const struct {
	const char *word;
	enum damage_kind kind;
	int words;
} verbs[] = {{"cut", DAMAGE_CUT, 2}, {"age", DAMAGE_AGEING, 3}, {"fail", DAMAGE_FAILED, 2},
	{"mend", DAMAGE_NONE, 2}};

static int act(struct light_session *session) {
	const struct twin_request *request = session->request;
	double loss_db = 0;

	if (request->count == 0 || strcmp(request->words[0], "show") == 0)
		return request->count > 1 ? EXIT_USAGE : show(session);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(request->words[0], verbs[i].word) != 0)
			continue;
		if (request->count != verbs[i].words)
			return EXIT_USAGE;
		if (request->count == 3 && !decimal_parse(request->words[2], &loss_db)) {
			log_error("twin light: '%s' is no loss in dB", request->words[2]);
			return EXIT_USAGE;
		}
		return make_damage(session, verbs[i].kind, request->words[1], loss_db);
	}
	log_error("twin light: '%s': expected show, cut, age, fail or mend", request->words[0]);
	return EXIT_USAGE;
}

int twin_light(const struct twin_request *request) {
	struct light_session session;
	int status;

	if (open_session(&session, request) < 0)
		return EXIT_FAILED;
	status = act(&session);
	close_session(&session);
	return status;
}
