/* twin_light: `heddle twin light`: the light below the interconnects of a twin: what each link has
 * of it; and what becomes of the network when fibres are cut or age, amplifiers fail, and light
 * takes another route. */
#include "cmd/twin_light.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/twin_timeline.h"
#include "twin/control.h"
#include "twin/light_words.h"
#include "twin/wires.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_BYTES = 160 };

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

/* A port sees no light: its carrier is gone; or it is back. `at` is the moment of the first. */
static int set_carrier(
	const struct light_session *session, const struct link_light *link, double *at) {
	double moment = 0;
	int error;

	if (live_has_failed(session->live, link->link) == light_is_dark(link))
		return 0;
	error = twin_ask_change(live_name(session->live),
		json_pack("{s:{s:i, s:b}}", light_is_dark(link) ? "fail" : "restore", "link",
			link->link, "silent", 0),
		&moment);
	if (*at == 0)
		*at = moment;
	return error;
}

/* Services whose margin is another than before. */
static void note_news(const struct light_session *session, double at) {
	const struct light *lights;
	char text[LIGHT_NEWS_BYTES];
	size_t count;

	lights = light_services(session->light, &count);
	for (size_t i = 0; i < count; i++)
		if (lights[i].margin_db != session->margins[i]) {
			light_write_news(light_network(session->light), &lights[i], text);
			timeline_note(session->request->timeline, at, "light", text);
		}
}

/* What goes dark goes first; then what is lit, with its rate and delay. */
static int carry_out(struct light_session *session, double *at) {
	const struct link_light *links;
	struct wire_settings settings;
	size_t count;
	int error = light_look(session->light, &links, &count);

	*at = 0;
	if (!error)
		error = light_keep_done(session->light);
	if (!error)
		error = live_read_failures(session->live);
	for (size_t i = 0; i < count && !error; i++)
		if (light_is_dark(&links[i]))
			error = set_carrier(session, &links[i], at);
	for (size_t i = 0; i < count && !error; i++) {
		if (light_is_dark(&links[i]))
			continue;
		settings_of(session, &links[i], &settings);
		error = wire_change(live_nodes(session->live), links[i].link, &settings);
		if (!error)
			error = set_carrier(session, &links[i], at);
	}
	if (*at == 0)
		*at = clock_real();
	if (!error && session->margins)
		note_news(session, *at);
	return error;
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

/* Light that is out, after its time, while the failure is still being observed. */
static int protect(struct light_session *session) {
	char words[TITLE_BYTES];
	double restore_s = light_restore_s(session->light), at;
	int error;

	clock_wait_until(session->changed + restore_s);
	free(session->margins);
	session->margins = read_margins(session);
	error = light_restore(session->light, false);
	if (!error)
		error = carry_out(session, &at);
	if (error)
		return error;
	snprintf(words, sizeof(words), "protection has acted, after %g s", restore_s);
	timeline_note(session->request->timeline, at, "light", words);
	return 0;
}

/* As drill_request has it. */
static int change(void *owner, double *at) {
	struct light_session *session = owner;
	int error;

	if (session->due > 0)
		clock_wait_until(session->due);
	error = carry_out(session, at);
	session->changed = clock_now();
	return !error && session->is_protected && light_is_any_out(session->light)
		       ? protect(session)
		       : error;
}

int twin_light_begin(const char *name) {
	const struct twin_request request = {.name = name};
	char folder[TWIN_PATH_MAX];
	struct light_session session;
	double at;
	int error;

	twin_folder(name, folder);
	if (!light_is_kept(folder))
		return 0;
	if (open_session(&session, &request) < 0)
		return -EINVAL;
	error = carry_out(&session, &at);
	close_session(&session);
	return error;
}

/* ---- what is done ---- */

/* What the network makes of what was done to the light since `margins` were read. */
static int observe(struct light_session *session, const char *title) {
	int error = twin_observe(session->request, session->live, title, change, session);

	free(session->margins);
	session->margins = NULL;
	return error;
}

/* After its time, what is out is carried elsewhere. */
static int restore(struct light_session *session) {
	double restore_s = light_restore_s(session->light);
	char title[TITLE_BYTES];
	int error;

	session->due = session->changed + restore_s;
	session->margins = read_margins(session);
	error = light_restore(session->light, false);
	snprintf(title, sizeof(title), "light restored, after %g s", restore_s);
	return error ? error : observe(session, title);
}

/* What acts within this does so before all is proven, and is no event of its own. */
static const double protection_most_s = 1;

/* Something that was done to the light, and what becomes of what is out. */
static int see_through(struct light_session *session, const char *title, bool may_restore) {
	double restore_s = may_restore ? light_restore_s(session->light) : INFINITY;
	int error;

	session->is_protected = restore_s <= protection_most_s;
	error = observe(session, title);
	if (!error && !session->is_protected && isfinite(restore_s) &&
		light_is_any_out(session->light))
		error = restore(session);
	if (!error && !session->request->json && !session->request->is_played) {
		putchar('\n');
		light_print(session);
	}
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int make_damage(
	struct light_session *session, const char *element, const struct damage *damage) {
	char title[TITLE_BYTES];
	int error;

	session->margins = read_margins(session);
	error = light_damage(session->light, element, damage);
	if (!error && damage->kind == DAMAGE_NONE)
		error = light_restore(session->light, true);
	if (error)
		return EXIT_FAILED;
	light_write_damage(element, damage, title, sizeof(title));
	return see_through(session, title, damage->kind != DAMAGE_NONE);
}

/* ---- words ---- */

static int upgrade(struct light_session *session, const char *service, const char *mode) {
	char title[TITLE_BYTES];

	session->margins = read_margins(session);
	if (light_upgrade(session->light, service, mode) < 0)
		return EXIT_FAILED;
	snprintf(title, sizeof(title), "%s becomes %s", service, mode);
	return see_through(session, title, false);
}

static int show(struct light_session *session) {
	const struct link_light *links;
	size_t count;

	if (light_look(session->light, &links, &count) < 0)
		return EXIT_FAILED;
	light_print(session);
	return EXIT_DONE;
}

static int damage(struct light_session *session, char *const *words, int count) {
	struct damage damage;
	char why[TITLE_BYTES];

	switch (light_read_damage(words, count, &damage, why, sizeof(why))) {
	case 0:
		return make_damage(session, words[1], &damage);
	case -ENOENT:
		log_error("twin light: '%s': expected show, cut, age, fail, lose-pump, upgrade or "
			  "mend",
			words[0]);
		break;
	case -EINVAL:
		log_error("twin light: %s", why);
		break;
	default:
		break;
	}
	return EXIT_USAGE;
}

static int act(struct light_session *session) {
	const struct twin_request *request = session->request;
	char *const *words = request->words;

	if (request->count == 0 || strcmp(words[0], "show") == 0)
		return request->count > 1 ? EXIT_USAGE : show(session);
	if (strcmp(words[0], "upgrade") == 0)
		return request->count == 3 ? upgrade(session, words[1], words[2]) : EXIT_USAGE;
	return damage(session, words, request->count);
}

int twin_light(const struct twin_request *request) {
	struct light_session session;
	int status;

	if (open_session(&session, request) < 0)
		return EXIT_FAILED;
	status = act(&session);
	free(session.margins);
	close_session(&session);
	return status;
}
