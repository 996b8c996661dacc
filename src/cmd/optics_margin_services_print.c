/* optics_margin_services_print: what trials of services came to, as text or as JSON. */
#include "cmd/optics_margin_services.h"

#include "cmd/optics_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *name_of(const struct service_margins *margins, int element) {
	return margins->planning.world.network.elements[element]->name;
}

/* ---- JSON ---- */

static json_t *service_json(
	const struct service_margins *margins, const struct service_margin *margin) {
	const struct service *service = margin->carried->service;
	const struct transceiver_mode *mode = margin->carried->judgement.mode;
	json_t *object = json_object();

	json_object_set_new(object, "request_id", json_string(service->id));
	json_object_set_new(object, "source", json_string(name_of(margins, service->from)));
	json_object_set_new(object, "destination", json_string(name_of(margins, service->to)));
	json_object_set_new(object, "trx_type", json_string(service->type->name));
	json_object_set_new(object, "mode", json_string(mode->format));
	json_object_set_new(object, "required_osnr_db", json_real(mode->osnr_db));
	json_object_set_new(object, "channels", json_integer(margin->carried->channels));
	verdict_put(object, &margin->verdict);
	return object;
}

static json_t *all_json(const struct service_margins *margins) {
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "closes", margins->all_close.value,
		"closes_low", margins->all_close.low, "closes_high", margins->all_close.high,
		"closing_mean", margins->closing_spread.mean, "closing_1_percent",
		margins->closing_spread.low, "closing_50_percent", margins->closing_spread.median,
		"closing_99_percent", margins->closing_spread.high);
}

static void print_json(const struct service_margins *margins) {
	const struct optics_request *request = margins->request;
	json_t *services = json_array(), *whole;

	for (size_t i = 0; i < margins->count; i++)
		json_array_append_new(services, service_json(margins, &margins->list[i]));
	whole = json_pack("{s:f, s:s, s:I, s:I, s:s, s:I, s:o, s:o}", "sys_margins_db",
		margins->planning.world.equipment.loads[0].margin_db, "load",
		request->real_load ? "real" : "full", "samples", (json_int_t)request->samples,
		"seed", (json_int_t)request->seed, "amplifiers", verdict_control(request->control),
		"n_blocked", (json_int_t)margins->planning.plan.blocked, "all", all_json(margins),
		"services", services);
	optics_json_print(whole);
}

/* ---- text ---- */

enum { OWN_COLUMNS = 4 };

static void print_text(const struct service_margins *margins) {
	struct column titles[OWN_COLUMNS + VERDICT_COLUMNS] = {{"request", COLUMN_LEFT},
		{"from", COLUMN_LEFT}, {"to", COLUMN_LEFT}, {"mode", COLUMN_LEFT}};
	const struct optics_request *request = margins->request;
	struct columns *table;

	memcpy(titles + OWN_COLUMNS, verdict_titles, sizeof(verdict_titles));
	table = columns_create(titles, OWN_COLUMNS + VERDICT_COLUMNS);
	for (size_t i = 0; table && i < margins->count; i++) {
		const struct carried *carried = margins->list[i].carried;
		const char *const cells[] = {carried->service->id,
			name_of(margins, carried->service->from),
			name_of(margins, carried->service->to), carried->judgement.mode->format};

		verdict_row(table, cells, OWN_COLUMNS, &margins->list[i].verdict);
	}
	if (table)
		columns_finish(table);
	printf("\n%zu of %zu carried.\nOf %" PRIu64 " networks (%s, seed %" PRIu64
	       ") all of them close in %.2f %% (%.2f to %.2f); in the mean %.2f do, in 99 %% of "
	       "networks %.0f or more.\n",
		margins->planning.plan.count - margins->planning.plan.blocked,
		margins->planning.plan.count, request->samples, verdict_control(request->control),
		request->seed, 100 * margins->all_close.value, 100 * margins->all_close.low,
		100 * margins->all_close.high, margins->closing_spread.mean,
		margins->closing_spread.low);
}

void service_margins_print(const struct service_margins *margins) {
	(margins->request->json ? print_json : print_text)(margins);
}
