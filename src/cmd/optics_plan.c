/* optics_plan: `heddle optics plan`: carries services over a network. */
#include "cmd/optics_actions.h"

#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "optics/design.h"
#include "optics/plan.h"
#include "optics/plan_write.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CELL_BYTES = 64 };

/* ---- networks designed for a service ---- */

struct redesigned {
	double power_dbm;
	size_t channels;
	struct network network;
	struct redesigned *next;
};

struct redesigns {
	const struct optics_request *request;
	struct optics_world *world;
	struct redesigned *list;
};

static const struct network *redesign(void *owner, double power_dbm, size_t channels) {
	struct redesigns *redesigns = owner;
	const struct design_options how = {
		.power_dbm = power_dbm, .sim = &redesigns->world->sim, .channels = channels};
	const struct equipment *equipment = &redesigns->world->equipment;
	struct redesigned *one;

	for (one = redesigns->list; one; one = one->next)
		if (one->power_dbm == power_dbm && one->channels == channels)
			return &one->network;
	one = calloc(1, sizeof(*one));
	if (!one || network_read(&one->network, equipment, redesigns->request->topology) < 0) {
		free(one);
		return NULL;
	}
	one->power_dbm = power_dbm;
	one->channels = channels;
	one->next = redesigns->list;
	redesigns->list = one;
	return design_network_built(&one->network, equipment, redesigns->world->power_dbm, &how) < 0
		       ? NULL
		       : &one->network;
}

static void free_redesigns(struct redesigns *redesigns) {
	while (redesigns->list) {
		struct redesigned *one = redesigns->list;

		redesigns->list = one->next;
		network_free(&one->network);
		free(one);
	}
}

/* ---- text ---- */

static void print_slots(char *cell, const struct carried *carried) {
	int length = 0;

	*cell = 0;
	for (size_t i = 0; i < carried->slot_count && length < CELL_BYTES; i++)
		length += snprintf(cell + length, (size_t)(CELL_BYTES - length), "%s%d,%d",
			i ? " " : "", carried->slots[i].n, carried->slots[i].m);
}

static double length_km(const struct plan *plan, const struct carried *carried) {
	double km = 0;

	for (size_t i = 0; i < carried->ways.there_count; i++) {
		const struct fibre *fibre =
			plan->sections->network->elements[carried->ways.there[i]]->fibre;

		km += fibre ? fibre->length_m / 1e3 : 0;
	}
	return km;
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
		snprintf(km, sizeof(km), "%.0f", length_km(plan, carried));
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
	arena_free(&arena);
}

/* ---- the action ---- */

static void show_progress(void *owner, size_t done, size_t of) {
	if (done % 64 == 0 || done == of)
		fprintf(stderr, "\r%zu of %zu services%s", done, of, done == of ? "\r\033[K" : "");
}

static int write_response(const struct plan *plan, const char *path) {
	json_t *response = plan_response_json(plan);
	int error = json_dump_file(response, path, JSON_INDENT(2) | JSON_REAL_PRECISION(12));

	json_decref(response);
	if (error)
		log_error("%s: cannot be written: %s", path, strerror(errno));
	return error ? -EIO : 0;
}

static int print_plan(
	const struct optics_request *request, const struct plan *plan, double margin_db) {
	json_t *results;

	if (request->output && write_response(plan, request->output) < 0)
		return -EIO;
	if (!request->json) {
		print_text(plan, margin_db);
		return 0;
	}
	results = plan_results_json(plan);
	json_dumpf(results, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(results);
	return 0;
}

static int plan_services(const struct optics_request *request, struct optics_world *world,
	struct sections *sections, struct services *services) {
	struct redesigns redesigns = {request, world, NULL};
	const struct plan_options options = {.equipment = &world->equipment,
		.sim = &world->sim,
		.choice = request->choice,
		.alternatives = request->compat ? 1 : request->alternatives,
		.both_ways = request->bidir,
		.real_load = request->real_load,
		.redesign = request->redesign ? redesign : NULL,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
		.owner = &redesigns};
	struct plan plan;
	int error = plan_begin(&plan, sections, &options);

	if (error)
		return error;
	services_aggregate(services);
	if (request->lit)
		error = plan_read_lit(&plan, request->lit);
	if (!error)
		error = plan_make(&plan, services, &options);
	if (!error)
		error = print_plan(request, &plan, world->equipment.loads[0].margin_db);
	plan_free(&plan);
	free_redesigns(&redesigns);
	return error;
}

int optics_plan(const struct optics_request *request) {
	struct optics_world world;
	struct sections sections;
	struct services services;
	int error;

	if (request->word_count != 1 || !request->topology || !request->equipment)
		return optics_wrong_usage();
	if (optics_open(&world, request, NULL, NULL) < 0)
		return EXIT_FAILED;
	sections_build(&sections, &world.network);
	error = services_read(&services, &world.network, &world.equipment, request->words[0]);
	if (!error) {
		if (request->risks)
			error = sections_read_risks(&sections, request->risks);
		if (!error)
			error = plan_services(request, &world, &sections, &services);
		services_free(&services);
	}
	sections_free(&sections);
	optics_close(&world);
	return error ? EXIT_FAILED : EXIT_DONE;
}
