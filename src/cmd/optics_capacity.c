/* optics_capacity: `heddle optics capacity`: how much a fibre pair carries, in which modes. */
#include "cmd/optics_actions.h"

#include "base/columns.h"
#include "base/json_put.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_json.h"
#include "cmd/optics_names.h"
#include "cmd/optics_way.h"
#include "optics/capacity.h"
#include "optics/flexgrid.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 32 };

/* ---- text ---- */

static void print_number(char *cell, const char *format, double value) {
	if (isfinite(value))
		snprintf(cell, CELL_BYTES, format, value);
	else
		snprintf(cell, CELL_BYTES, "-");
}

static void print_row(
	struct columns *columns, const struct capacity *capacity, const struct filling *filling) {
	char ghz[CELL_BYTES] = "-", count[CELL_BYTES], closing[CELL_BYTES], tbit[CELL_BYTES];
	char margin[CELL_BYTES], watts[CELL_BYTES];
	const char *const cells[] = {filling->type ? filling->type->name : "the best mix",
		filling->mode ? filling->mode->format : "", ghz, count, closing, tbit, margin,
		watts};

	if (filling->mode)
		print_number(ghz, "%g", filling->mode->min_spacing_hz / 1e9);
	snprintf(count, sizeof(count), "%zu", filling->count);
	snprintf(closing, sizeof(closing), "%zu", filling->closing);
	print_number(tbit, "%.1f", filling->bit_rate / 1e12);
	print_number(margin, "%+.2f", filling->least_margin_db);
	print_number(watts, "%.1f", capacity_watts_per_tbit(capacity, filling));
	columns_add(columns, cells);
}

static void print_mix(const struct capacity *capacity) {
	const struct filling *mix = &capacity->mix;

	for (size_t f = 0; f < capacity->count; f++) {
		const struct filling *filling = &capacity->fillings[f];
		size_t count = 0;

		for (size_t i = 0; i < mix->count; i++)
			count += mix->channels[i].filling == filling &&
				 capacity_closes(&mix->channels[i]);
		if (count)
			printf("  %zu x %s %s\n", count, filling->type->name,
				filling->mode->format);
	}
}

static void print_text(const struct capacity *capacity) {
	static const struct column titles[] = {{"transceiver", COLUMN_LEFT}, {"mode", COLUMN_LEFT},
		{"GHz", COLUMN_RIGHT}, {"fit", COLUMN_RIGHT}, {"close", COLUMN_RIGHT},
		{"Tbit/s", COLUMN_RIGHT}, {"margin", COLUMN_RIGHT}, {"W/Tbit/s", COLUMN_RIGHT}};
	struct columns *columns = columns_create(titles, 8);

	for (size_t i = 0; columns && i < capacity->count; i++)
		print_row(columns, capacity, &capacity->fillings[i]);
	if (!columns)
		return;
	print_row(columns, capacity, &capacity->mix);
	columns_finish(columns);
	printf("\nThe best mix carries %.1f Tbit/s each way:\n", capacity->mix.bit_rate / 1e12);
	print_mix(capacity);
}

/* ---- JSON ---- */

static json_t *filling_json(const struct capacity *capacity, const struct filling *filling) {
	json_t *object = json_object(), *channels = json_array();

	if (filling->mode) {
		json_object_set_new(object, "trx_type", json_string(filling->type->name));
		json_object_set_new(object, "mode", json_string(filling->mode->format));
		json_object_set_new(object, "spacing", json_real(filling->mode->min_spacing_hz));
	}
	json_object_set_new(object, "fit", json_integer((json_int_t)filling->count));
	json_object_set_new(object, "close", json_integer((json_int_t)filling->closing));
	json_object_set_new(object, "bit_rate", json_real(filling->bit_rate));
	json_put_number(object, "least_margin_db", filling->least_margin_db);
	json_put_number(object, "watts_per_tbit_s", capacity_watts_per_tbit(capacity, filling));
	for (size_t i = 0; i < filling->count; i++) {
		const struct capacity_channel *channel = &filling->channels[i];
		json_t *one = json_object();

		json_object_set_new(one, "N", json_integer(channel->slot.n));
		json_object_set_new(one, "M", json_integer(channel->slot.m));
		json_object_set_new(one, "frequency_THz",
			json_real(flexgrid_frequency(channel->slot.n) / 1e12));
		if (!filling->mode) {
			json_object_set_new(
				one, "trx_type", json_string(channel->filling->type->name));
			json_object_set_new(
				one, "mode", json_string(channel->filling->mode->format));
		}
		json_put_number(one, "margin_db", channel->margin_db);
		json_array_append_new(channels, one);
	}
	json_object_set_new(object, "channels", channels);
	return object;
}

static void print_json(const struct capacity *capacity) {
	json_t *whole = json_object(), *modes = json_array();

	for (size_t i = 0; i < capacity->count; i++)
		json_array_append_new(modes, filling_json(capacity, &capacity->fillings[i]));
	json_object_set_new(whole, "modes", modes);
	json_object_set_new(whole, "mix", filling_json(capacity, &capacity->mix));
	json_put_number(whole, "amplifiers_w", capacity->amplifier_w);
	optics_json_print(whole);
}

/* ---- the action ---- */

/* The shortest route and its ways; false after a message. */
static bool find_route(struct arena *arena, const struct sections *sections,
	const struct optics_request *request, struct route *route, struct ways *ways) {
	const struct network *network = sections->network;
	int from = optics_find_transceiver(network, request->words[0]);
	int to = optics_find_transceiver(network, request->words[1]);
	struct route back;

	if (from == ELEMENT_NONE || to == ELEMENT_NONE)
		return false;
	from = sections->node_of[from];
	to = sections->node_of[to];
	if (!route_shortest(arena, sections, from, to, NULL, route)) {
		log_error("%s: nothing leads from '%s' to '%s'", network->path, request->words[0],
			request->words[1]);
		return false;
	}
	*ways = (struct ways){0};
	ways->there = route_way(arena, sections, route, from, &ways->there_count);
	if (!route_reverse(arena, sections, route, &back)) {
		log_error("%s: nothing leads back from '%s' to '%s' on the same lines",
			network->path, request->words[1], request->words[0]);
		return false;
	}
	ways->back = route_way(arena, sections, &back, to, &ways->back_count);
	return true;
}

/* The type that is asked for; false after a message if the library has none. */
static bool find_type(const struct optics_request *request, const struct equipment *equipment,
	const struct transceiver_type **type) {
	*type = NULL;
	if (request->transceiver)
		*type = optics_find_type(request, equipment);
	else if (!equipment->transceiver_count)
		log_error("%s: no transceivers", request->equipment);
	return *type || (!request->transceiver && equipment->transceiver_count);
}

static int compute(const struct optics_request *request, const struct optics_world *world,
	const struct sections *sections, struct arena *arena) {
	struct capacity_options options = {&world->equipment, &world->sim, NULL, world->power_dbm};
	struct occupancy occupancy;
	struct capacity capacity;
	struct route route;
	struct ways ways;
	int error;

	if (!find_type(request, &world->equipment, &options.type) ||
		!find_route(arena, sections, request, &route, &ways))
		return -ENOENT;
	error = occupancy_create(&occupancy, sections, &world->equipment.loads[0], 0);
	if (error) {
		optics_spectrum_failed(&world->network, error);
		return error;
	}
	error = capacity_compute(&capacity, &occupancy, &route, &ways, &options);
	occupancy_free(&occupancy);
	if (error) {
		log_error("optics: the band cannot be filled: %s", strerror(-error));
		return error;
	}
	(request->json ? print_json : print_text)(&capacity);
	capacity_free(&capacity);
	return 0;
}

int optics_capacity(const struct optics_request *request) {
	struct optics_world world;
	struct sections sections;
	struct arena arena = {0};
	int error;

	if (request->word_count != 2 || !request->topology || !request->equipment)
		return optics_wrong_usage();
	if (optics_open(&world, request, NULL, NULL) < 0)
		return EXIT_FAILED;
	sections_build(&sections, &world.network);
	error = compute(request, &world, &sections, &arena);
	arena_free(&arena);
	sections_free(&sections);
	optics_close(&world);
	return error ? EXIT_FAILED : EXIT_DONE;
}
