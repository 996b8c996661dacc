/* twin_light_show: what each service has of light; see twin_light.h. */
#include "cmd/twin_light.h"

#include "base/columns.h"
#include "twin/light_words.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { CELL_BYTES = 64 };

static void print_row(
	struct columns *columns, const struct light_session *session, const struct light *light) {
	const struct carried *carried = light->carried;
	char rate[CELL_BYTES], margin[CELL_BYTES] = "-", delay[CELL_BYTES] = "-", mode[CELL_BYTES];
	char sites[LIGHT_SITES_BYTES];
	const char *const cells[] = {
		carried->service->id, light_state_name(light), mode, rate, margin, delay, sites};

	snprintf(mode, sizeof(mode), "%d x %s", carried->channels, carried->judgement.mode->format);
	snprintf(rate, sizeof(rate), "%g", light->bit_rate / 1e9);
	if (light->is_lit) {
		snprintf(margin, sizeof(margin), "%+.2f", light->margin_db);
		snprintf(delay, sizeof(delay), "%.3f", light->latency_s * 1e3);
	}
	light_write_sites(light_network(session->light), carried, sites);
	columns_add(columns, cells);
}

/* The line that two services share, by the name of its first fibre; NULL if they share none. */
static const char *shared_line(const struct light_session *session, size_t one, size_t other) {
	const struct network *network = light_network(session->light);
	int at = light_shared(session->light, one, other);

	while (at != ELEMENT_NONE && !network->elements[at]->fibre)
		at = network->elements[at]->next_count ? network->elements[at]->next[0]
						       : ELEMENT_NONE;
	return at == ELEMENT_NONE ? NULL : network->elements[at]->name;
}

static void print_shared(
	const struct light_session *session, const struct light *lights, size_t count) {
	const char *line;

	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++)
			if ((line = shared_line(session, i, k)))
				printf("\n%s and %s share a duct, that of %s: what cuts it takes "
				       "both.\n",
					lights[i].carried->service->id,
					lights[k].carried->service->id, line);
}

static void print_text(const struct light_session *session) {
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
	print_shared(session, lights, count);
	printf("\nIn the twin rates are 1/%.0f of these.\n", light_scale(session->light));
}

/* The links whose services share a duct with that one. */
static json_t *sharing_json(
	const struct light_session *session, const struct light *lights, size_t count, size_t one) {
	json_t *list = json_array();

	for (size_t k = 0; k < count; k++)
		if (k != one && light_shared(session->light, one, k) != ELEMENT_NONE)
			json_array_append_new(list, json_string(lights[k].carried->service->id));
	return list;
}

static json_t *service_json(const struct light_session *session, const struct light *light) {
	const struct carried *carried = light->carried;
	const struct network *network = light_network(session->light);
	json_t *object =
		json_pack("{s:s, s:s, s:s, s:i, s:f, s:f, s:f}", "link", carried->service->id,
			"state", light_state_name(light), "mode", carried->judgement.mode->format,
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

static void print_json(const struct light_session *session) {
	json_t *whole = json_object(), *services = json_array();
	const struct light *lights;
	size_t count;

	lights = light_services(session->light, &count);
	for (size_t i = 0; i < count; i++) {
		json_t *service = service_json(session, &lights[i]);

		json_object_set_new(
			service, "shares_duct_with", sharing_json(session, lights, count, i));
		json_array_append_new(services, service);
	}
	json_object_set_new(whole, "services", services);
	json_object_set_new(whole, "scale", json_real(light_scale(session->light)));
	json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(whole);
}

void light_print(const struct light_session *session) {
	(session->request->json ? print_json : print_text)(session);
}
