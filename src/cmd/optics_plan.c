/* optics_plan: `heddle optics plan`: carries services over a network. */
#include "cmd/optics_planning.h"

#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_json.h"
#include "cmd/optics_way.h"
#include "optics/plan_write.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 64 };

/* ---- text ---- */

static void print_slots(char *cell, const struct carried *carried) {
	int length = 0;

	*cell = 0;
	for (size_t i = 0; i < carried->slot_count && length < CELL_BYTES; i++)
		length += snprintf(cell + length, (size_t)(CELL_BYTES - length), "%s%d,%d",
			i ? " " : "", carried->slots[i].n, carried->slots[i].m);
}

static void print_row(struct columns *columns, const struct plan *plan,
	const struct carried *carried, double margin_db) {
	struct element *const *elements = plan->sections->network->elements;
	const struct transceiver_mode *mode = carried->judgement.mode;
	char km[CELL_BYTES] = "-", gsnr[CELL_BYTES] = "-", margin[CELL_BYTES] = "-";
	char slots[CELL_BYTES], gbit[CELL_BYTES];
	const char *const cells[] = {carried->service->id, elements[carried->service->from]->name,
		elements[carried->service->to]->name, gbit, mode ? mode->format : "-", km, gsnr,
		margin, carried->blocking ? blocking_name(carried->blocking) : slots};

	snprintf(gbit, sizeof(gbit), "%g", carried->service->bit_rate / 1e9);
	print_slots(slots, carried);
	if (carried->ways.there_count)
		snprintf(km, sizeof(km), "%.0f",
			optics_way_km(plan->sections->network, carried->ways.there,
				carried->ways.there_count));
	if (carried->judgement.there.channels) {
		double net = carried->judgement.there.net_gsnr_db;

		snprintf(gsnr, sizeof(gsnr), "%.2f", carried->judgement.there.gsnr_01nm_db.least);
		if (isfinite(net))
			snprintf(margin, sizeof(margin), "%+.2f", net - mode->osnr_db - margin_db);
	}
	columns_add(columns, cells);
}

static void print_text(const struct plan *plan, double margin_db) {
	static const struct column titles[] = {{"request", COLUMN_LEFT}, {"from", COLUMN_LEFT},
		{"to", COLUMN_LEFT}, {"Gbit/s", COLUMN_RIGHT}, {"mode", COLUMN_LEFT},
		{"km", COLUMN_RIGHT}, {"GSNR", COLUMN_RIGHT}, {"margin", COLUMN_RIGHT},
		{"slots N,M", COLUMN_LEFT}};
	struct columns *columns = columns_create(titles, 9);
	struct arena arena = {0};

	for (size_t i = 0; columns && i < plan->count; i++)
		print_row(columns, plan, &plan->list[i], margin_db);
	if (columns)
		columns_finish(columns);
	printf("\n%zu of %zu carried\n", plan->count - plan->blocked, plan->count);
	for (size_t i = 0; i < plan->count; i++) {
		const char *why = plan_why(plan, &plan->list[i], margin_db, &arena);

		if (why)
			printf("%s: %s: %s\n", plan->list[i].service->id,
				blocking_name(plan->list[i].blocking), why);
	}
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->list[i].blocking && !plan->list[i].holds)
			printf("%s: carried, but does not hold in the load that is lit\n",
				plan->list[i].service->id);
	arena_free(&arena);
}

/* ---- the action ---- */

static int write_response(const struct plan *plan, const char *path) {
	json_t *response = plan_response_json(plan);
	int error = json_dump_file(response, path, JSON_INDENT(2) | JSON_REAL_PRECISION(12));

	json_decref(response);
	if (error)
		log_error("%s: cannot be written: %s", path, strerror(errno));
	return error ? -EIO : 0;
}

static void print_json(const struct plan *plan) {
	json_t *results = plan_results_json(plan);

	optics_json_print(results);
}

int optics_plan(const struct optics_request *request) {
	struct optics_planning planning;
	int error = 0;

	if (request->word_count != 1 || !request->topology || !request->equipment)
		return optics_wrong_usage();
	if (optics_planning_open(&planning, request) < 0)
		return EXIT_FAILED;
	if (request->output)
		error = write_response(&planning.plan, request->output);
	if (!error && request->json)
		print_json(&planning.plan);
	else if (!error)
		print_text(&planning.plan, planning.world.equipment.loads[0].margin_db);
	optics_planning_close(&planning);
	return error ? EXIT_FAILED : EXIT_DONE;
}
