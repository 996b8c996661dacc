/* twin_light: `heddle twin light`: the light below the interconnects of a twin: what each link has
 * of it; and what becomes of the network when fibres are cut or age, amplifiers fail, and light
 * takes another route. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/columns.h"
#include "base/log.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/twin_timeline.h"
#include "twin/control.h"
#include "twin/drill.h"
#include "twin/light.h"
#include "twin/wires.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CELL_BYTES = 64, SITES_BYTES = 160, TITLE_BYTES = 160, NEWS_BYTES = 400 };

struct session {
	const struct twin_request *request;
	struct live *live;
	struct light_layer *light;
};

static int open_session(struct session *session, const struct twin_request *request) {
	char folder[TWIN_PATH_MAX];
	int error;

	*session = (struct session){.request = request};
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

static void close_session(struct session *session) {
	light_close(session->light);
	live_close(session->live);
}

/* ---- links as the light has them ---- */

static void settings_of(const struct session *session, const struct link_light *link,
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
static int set_carrier(const struct session *session, const struct link_light *link, double *at) {
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
	const struct session *session = owner;
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
	struct session session;
	double at;
	int error;

	if (open_session(&session, &request) < 0)
		return -EINVAL;
	error = carry_out(&session, &at);
	close_session(&session);
	return error;
}

/* ---- what is shown ---- */

/* "A B C": the nodes of a route, without what is within them. */
static void write_sites(const struct session *session, const struct carried *carried, char *text) {
	const struct network *network = light_network(session->light);
	size_t used = 0;

	*text = 0;
	for (size_t i = 0; i < carried->ways.there_count && used < SITES_BYTES; i++) {
		const struct element *element = network->elements[carried->ways.there[i]];

		if (element_is_node(element))
			used += (size_t)snprintf(text + used, SITES_BYTES - used, "%s%s",
				used ? ", " : "", element->name);
	}
}

static const char *state_of(const struct light *light) {
	if (!light->is_lit)
		return "dark";
	if (light->frame_loss >= 1)
		return "lost";
	if (light->frame_loss > 0)
		return "failing";
	return light->is_restored ? "restored" : "lit";
}

static void print_row(
	struct columns *columns, const struct session *session, const struct light *light) {
	const struct carried *carried = light->carried;
	char rate[CELL_BYTES], margin[CELL_BYTES] = "-", delay[CELL_BYTES] = "-", mode[CELL_BYTES];
	char sites[SITES_BYTES];
	const char *const cells[] = {
		carried->service->id, state_of(light), mode, rate, margin, delay, sites};

	snprintf(mode, sizeof(mode), "%d x %s", carried->channels, carried->judgement.mode->format);
	snprintf(rate, sizeof(rate), "%g", light->bit_rate / 1e9);
	if (light->is_lit) {
		snprintf(margin, sizeof(margin), "%+.2f", light->margin_db);
		snprintf(delay, sizeof(delay), "%.3f", light->latency_s * 1e3);
	}
	write_sites(session, carried, sites);
	columns_add(columns, cells);
}

static void print_text(const struct session *session) {
	static const struct column titles[] = {{"link", COLUMN_LEFT}, {"state", COLUMN_LEFT},
		{"mode", COLUMN_LEFT}, {"Gbit/s", COLUMN_RIGHT}, {"margin dB", COLUMN_RIGHT},
		{"ms", COLUMN_RIGHT}, {"route", COLUMN_LEFT}};
	struct columns *columns = columns_create(titles, 7);
	const struct light *lights;
	size_t count;

	lights = light_services(session->light, &count);
	for (size_t i = 0; columns && i < count; i++)
		print_row(columns, session, &lights[i]);
	if (columns)
		columns_finish(columns);
	printf("\nIn the twin rates are 1/%.0f of these.\n", light_scale(session->light));
}

static json_t *service_json(const struct session *session, const struct light *light) {
	const struct carried *carried = light->carried;
	const struct network *network = light_network(session->light);
	json_t *object =
		json_pack("{s:s, s:s, s:s, s:i, s:f, s:f, s:f}", "link", carried->service->id,
			"state", state_of(light), "mode", carried->judgement.mode->format,
			"channels", carried->channels, "bit_rate", light->bit_rate, "frame_loss",
			light->frame_loss, "latency_ms", light->latency_s * 1e3);
	json_t *path = json_array();

	json_object_set_new(object, "margin_db",
		isfinite(light->margin_db) ? json_real(light->margin_db) : json_null());
	for (size_t i = 0; i < carried->ways.there_count; i++)
		json_array_append_new(
			path, json_string(network->elements[carried->ways.there[i]]->name));
	json_object_set_new(object, "path", path);
	return object;
}

static void print_json(const struct session *session) {
	json_t *whole = json_object(), *services = json_array();
	const struct light *lights;
	size_t count;

	lights = light_services(session->light, &count);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(services, service_json(session, &lights[i]));
	json_object_set_new(whole, "services", services);
	json_object_set_new(whole, "scale", json_real(light_scale(session->light)));
	json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(whole);
}

static int show(struct session *session) {
	const struct link_light *links;
	size_t count;

	if (light_look(session->light, &links, &count) < 0)
		return EXIT_FAILED;
	(session->request->json ? print_json : print_text)(session);
	return EXIT_DONE;
}

/* ---- what is done ---- */

/* What has become of a service, in words. */
static void write_news(const struct session *session, const struct light *light, char *text) {
	const struct carried *carried = light->carried;
	char sites[SITES_BYTES];
	int used = snprintf(text, NEWS_BYTES, "%s: %d x %s %s", carried->service->id,
		carried->channels, carried->judgement.mode->format, state_of(light));

	if (!light->is_lit)
		return;
	write_sites(session, carried, sites);
	snprintf(text + used, (size_t)(NEWS_BYTES - used), ", %g Gbit/s, margin %+.2f dB, by %s",
		light->bit_rate / 1e9, light->margin_db, sites);
}

static double *read_margins(const struct session *session) {
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
static void note_news(const struct session *session, const double *before, double at) {
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
static int observe(struct session *session, const char *title, double *margins) {
	struct drill_request drill;
	struct drill_report report;
	int error;

	twin_drill_defaults(session->request, &drill);
	drill.change = carry_out;
	drill.owner = session;
	error = drill_run(session->live, &drill, &report);
	if (error)
		return error;
	twin_drill_tell(session->request, live_fabric(session->live), title, &report);
	if (session->request->timeline && margins)
		note_news(session, margins, report.at);
	error = report.has_converged ? 0 : -ETIME;
	drill_free(&report);
	return error;
}

static bool is_any_out(struct session *session) {
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

static void wait_until(double at) {
	double left = at - clock_now();
	const struct timespec pause = {
		.tv_sec = (time_t)left, .tv_nsec = (long)((left - floor(left)) * 1e9)};

	if (left > 0)
		nanosleep(&pause, NULL);
}

/* After its time, what is out is carried elsewhere. */
static int restore(struct session *session, double began) {
	char title[TITLE_BYTES];
	double *margins;
	int error;

	wait_until(began + light_restore_s(session->light));
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
	struct session *session, enum damage_kind kind, const char *element, double loss_db) {
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
		print_text(session);
	}
	return error ? EXIT_FAILED : EXIT_DONE;
}

static const struct {
	const char *word;
	enum damage_kind kind;
	int words;
} verbs[] = {{"cut", DAMAGE_CUT, 2}, {"age", DAMAGE_AGEING, 3}, {"fail", DAMAGE_FAILED, 2},
	{"mend", DAMAGE_NONE, 2}};

static int act(struct session *session) {
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
	struct session session;
	int status;

	if (open_session(&session, request) < 0)
		return EXIT_FAILED;
	status = act(&session);
	close_session(&session);
	return status;
}
