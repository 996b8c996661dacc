/* equipment: see equipment.h. */
#include "optics/equipment_private.h"

#include "optics/defaults.h"
#include "optics/physics.h"

#include <errno.h>
#include <string.h>

/* ---- small parts ---- */

struct arena *reading_arena(const struct reading *reading) {
	return &reading->equipment->arena;
}

const char *reading_keep_text(const struct reading *reading, const char *text) {
	return text ? arena_text(reading_arena(reading), text) : NULL;
}

double reading_number(const struct reading *reading, struct node *object, const char *key,
	double least, double most, double absent) {
	return document_number(reading->document, object, key, least, most, absent);
}

/* One that there is no going without. */
double reading_needed(const struct reading *reading, struct node *object, const char *key,
	double least, double most) {
	if (!document_member(object, key)) {
		document_mistake(reading->document, object, "'%s' is missing", key);
		return least;
	}
	return reading_number(reading, object, key, least, most, least);
}

const char *reading_needed_text(
	const struct reading *reading, struct node *object, const char *key) {
	const char *text = document_text(reading->document, object, key, NULL);

	if (!text && !document_member(object, key))
		document_mistake(reading->document, object, "'%s' is missing", key);
	return reading_keep_text(reading, text ? text : "");
}

double *reading_keep_numbers(const struct reading *reading, const double *numbers, size_t count) {
	double *own = arena_array(reading_arena(reading), count, sizeof(*own));

	if (count)
		memcpy(own, numbers, count * sizeof(*own));
	return own;
}

void *reading_grow(const struct reading *reading, const void *array, size_t count,
	const struct node *list, size_t size) {
	void *more = arena_array(reading_arena(reading), count + (list ? list->count : 0), size);

	if (count)
		memcpy(more, array, count * size);
	return more;
}

void *reading_place(const struct reading *reading, const struct node *node, const char *name,
	void *array, size_t size, size_t *count) {
	for (size_t i = 0; i < *count; i++) {
		char *place = (char *)array + i * size;

		if (strcmp(*(const char *const *)place, name) != 0)
			continue;
		if (reading->extends)
			document_warning(
				reading->document, node, "'%s' replaces another of its name", name);
		else
			document_mistake(
				reading->document, node, "'%s' is already in this library", name);
		return reading->extends ? place : NULL;
	}
	return (char *)array + (*count)++ * size;
}

/* ---- fibres ---- */

static struct curve take_frequency_curve(
	const struct reading *reading, struct node *object, double least, double most) {
	size_t values, points;
	const double *value =
		document_numbers(reading->document, object, "value", least, most, &values);
	const double *at = document_numbers(
		reading->document, object, "frequency", HZ_LEAST, HZ_MOST, &points);

	if (values != points || !values) {
		document_mistake(reading->document, object,
			"as many numbers in 'value' as in 'frequency' are expected");
		return (struct curve){0};
	}
	for (size_t i = 1; i < points; i++)
		if (at[i] <= at[i - 1]) {
			document_mistake(reading->document, object, "frequencies are to ascend");
			return (struct curve){0};
		}
	return (struct curve){reading_keep_numbers(reading, at, points),
		reading_keep_numbers(reading, value, points), points};
}

/* Measured gain (1/(W m)) of this fibre for a pump at reference_frequency; kept normalised by the
 * areas that it was measured in. */
static const struct raman_gain *take_raman(
	const struct reading *reading, struct node *object, double area_m2) {
	struct node *given = document_object(reading->document, object, "raman_coefficient");
	struct fibre fibre = {.area_m2 = area_m2};
	size_t gains, offsets;
	const double *gain, *offset;
	double *own, reference;

	if (!given)
		return reading->equipment->raman;
	gain = document_numbers(reading->document, given, "g0", -1, 1, &gains);
	offset = document_numbers(
		reading->document, given, "frequency_offset", 0, HZ_MOST, &offsets);
	reference = reading_needed(reading, given, "reference_frequency", HZ_LEAST, HZ_MOST);
	if (!gains || gains != offsets) {
		document_mistake(reading->document, given,
			"as many numbers in 'g0' as in 'frequency_offset' are expected");
		return reading->equipment->raman;
	}
	own = reading_keep_numbers(reading, gain, gains);
	for (size_t i = 0; i < gains; i++) {
		if (i && offset[i] <= offset[i - 1])
			document_mistake(reading->document, given, "offsets are to ascend");
		own[i] *= (fibre_area(&fibre, reference) +
				  fibre_area(&fibre, fmax(reference - offset[i], 1e14))) /
			  2;
	}
	return raman_gain_create(reading_arena(reading), offset, own, gains, reference);
}

static void take_fibre(
	const struct reading *reading, struct node *object, struct fibre_type *type) {
	struct node *curve = document_object(reading->document, object, "dispersion_per_frequency");
	double gamma = reading_number(reading, object, "gamma", 1e-6, 1, NAN);

	type->dispersion = reading_number(reading, object, "dispersion", -1e-3, 1e-3, 1.67e-5);
	type->dispersion_slope =
		reading_number(reading, object, "dispersion_slope", -1e6, 1e6, NAN);
	if (curve)
		type->dispersion_curve = take_frequency_curve(reading, curve, -1e-3, 1e-3);
	type->area_m2 = reading_number(reading, object, "effective_area", 1e-12, 1e-8,
		isnan(gamma) ? 83e-12 : fibre_area_of_gamma(gamma));
	type->pmd_coefficient = reading_number(reading, object, "pmd_coef", 0, 1e-9, 1.265e-15);
	type->raman = take_raman(reading, object, type->area_m2);
}

/* ---- rules ---- */

static void take_span(const struct reading *reading, struct node *object, struct span_rules *span) {
	const char *units = document_text(reading->document, object, "length_units", "km");
	double unit = strcmp(units, "m") == 0 ? 1 : 1e3;
	size_t count;
	const double *range = document_numbers(
		reading->document, object, "delta_power_range_db", -DB_MOST, DB_MOST, &count);

	if (strcmp(units, "m") != 0 && strcmp(units, "km") != 0)
		document_mistake(reading->document, document_member(object, "length_units"),
			"m or km is expected");
	if (count == 3) {
		span->delta_p_min_db = range[0];
		span->delta_p_max_db = range[1];
		span->delta_p_step_db = range[2];
	} else if (document_member(object, "delta_power_range_db")) {
		document_mistake(reading->document, document_member(object, "delta_power_range_db"),
			"least, most and step are expected");
	}
	span->power_mode = document_bool(reading->document, object, "power_mode", true);
	span->raman_loss_max_db_m =
		reading_number(reading, object, "max_fiber_lineic_loss_for_raman", 0, 10, 0.25) *
		1e-3;
	span->extended_gain_db =
		reading_number(reading, object, "target_extended_gain", 0, 50, 2.5);
	span->max_length_m = reading_number(reading, object, "max_length", 1e-3, 1e7, 150) * unit;
	span->max_loss_db = reading_number(reading, object, "max_loss", 0, DB_MOST, INFINITY);
	span->padding_db = reading_number(reading, object, "padding", 0, DB_MOST, 10);
	span->end_of_life_db = reading_number(reading, object, "EOL", 0, 50, 0);
	span->connector_in_db = reading_number(reading, object, "con_in", 0, 50, 0);
	span->connector_out_db = reading_number(reading, object, "con_out", 0, 50, 0);
	span->loss_reference_db = reading_number(reading, object, "span_loss_ref", 0, DB_MOST, 20);
	span->power_slope = reading_number(reading, object, "power_slope", -10, 10, 0.3);
	document_skip(object, "voa_margin");
	document_skip(object, "voa_step");
}

static void take_load(const struct reading *reading, struct node *object, struct load_rules *load) {
	load->f_min_hz = reading_needed(reading, object, "f_min", HZ_LEAST, HZ_MOST);
	load->f_max_hz = reading_needed(reading, object, "f_max", HZ_LEAST, HZ_MOST);
	load->spacing_hz = reading_needed(reading, object, "spacing", 1e8, 1e13);
	load->baud_hz = reading_needed(reading, object, "baud_rate", 1e8, 1e12);
	load->roll_off = reading_number(reading, object, "roll_off", 0, 1, 0.15);
	load->tx_osnr_db = reading_number(reading, object, "tx_osnr", 0, DB_MOST, INFINITY);
	load->power_dbm = reading_number(reading, object, "power_dbm", -DB_MOST, 60, 0);
	load->tx_power_dbm = reading_number(reading, object, "tx_power_dbm", -DB_MOST, 60, NAN);
	load->margin_db = reading_number(reading, object, "sys_margins", -50, 50, 0);
	load->counts_for_design =
		document_bool(reading->document, object, "use_si_channel_count_for_design", false);
	document_skip(object, "power_range_db");
	if (load->f_min_hz >= load->f_max_hz)
		document_mistake(reading->document, object, "its band is empty");
	else if ((load->f_max_hz - load->f_min_hz) / load->spacing_hz > SPECTRUM_CHANNELS_MAX)
		document_mistake(
			reading->document, object, "more than %d channels", SPECTRUM_CHANNELS_MAX);
}

/* ---- the file ---- */

/* A RamanFiber is a Fiber whose element has pumps: one library for both, those of one name once. */
static void take_fibres(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct document *document = reading->document;
	struct node *plain = document_list(document, document->root, "Fiber");
	struct node *pumped = document_list(document, document->root, "RamanFiber");
	struct node *item;

	equipment->fibres = reading_grow(reading, equipment->fibres, equipment->fibre_count, plain,
		sizeof(*equipment->fibres));
	for (item = plain ? plain->first : NULL; item; item = item->next) {
		struct fibre_type read = {0}, *place;

		read.name = reading_needed_text(reading, item, "type_variety");
		take_fibre(reading, item, &read);
		place = reading_place(reading, item, read.name, equipment->fibres, sizeof(read),
			&equipment->fibre_count);
		if (place)
			*place = read;
	}
	equipment->fibres = reading_grow(reading, equipment->fibres, equipment->fibre_count, pumped,
		sizeof(*equipment->fibres));
	for (item = pumped ? pumped->first : NULL; item; item = item->next) {
		struct fibre_type read = {0};

		read.name = reading_needed_text(reading, item, "type_variety");
		take_fibre(reading, item, &read);
		if (!equipment_fibre(equipment, read.name))
			equipment->fibres[equipment->fibre_count++] = read;
	}
}

/* The rules of design and the loads, which only a whole library has. */
static void take_rules(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct document *document = reading->document;
	struct node *spans = document_list(document, document->root, "Span");
	struct node *loads = document_list(document, document->root, "SI");

	if (spans && spans->first)
		take_span(reading, spans->first, &equipment->span);
	else
		document_mistake(
			document, document->root, "'Span', the rules of design, is missing");
	equipment->loads = reading_grow(reading, NULL, 0, loads, sizeof(*equipment->loads));
	for (struct node *item = loads ? loads->first : NULL; item; item = item->next) {
		struct load_rules *load = &equipment->loads[equipment->load_count++];

		load->name = reading_keep_text(
			reading, document_text(document, item, "type_variety", "default"));
		take_load(reading, item, load);
	}
	if (!equipment->load_count)
		document_mistake(document, document->root,
			"'SI', the load that is designed for, is missing");
}

static void take_types(struct reading *reading) {
	equipment_take_amplifiers(reading);
	take_fibres(reading);
	equipment_take_roadms(reading);
	equipment_take_transceivers(reading);
}

static const char *folder_of(struct arena *arena, const char *path) {
	const char *slash = strrchr(path, '/');

	return slash ? arena_text_of(arena, path, (size_t)(slash - path) + !(slash - path)) : ".";
}

/* Reads the file; `take` takes what is in it. */
static int read_file(struct reading *reading, const char *path, void (*take)(struct reading *)) {
	struct document document;
	int error = document_read(&document, path);

	if (!error && document.root->kind != NODE_OBJECT) {
		document_mistake(&document, document.root, "an object is expected");
		error = -EINVAL;
	}
	if (!error) {
		reading->document = &document;
		reading->folder = folder_of(reading_arena(reading), path);
		take(reading);
		error = document_finish(&document);
	}
	document_free(&document);
	return error;
}

static void take_all(struct reading *reading) {
	struct equipment *equipment = reading->equipment;

	equipment->gain_tilt = defaults_gain_tilt(&equipment->arena);
	if (defaults_read(&equipment->arena, reading->folder, &equipment->raman,
		    &equipment->gain_tilt) < 0)
		document_mistake(reading->document, reading->document->root,
			"defaults.json beside it cannot be used");
	if (!equipment->raman)
		equipment->raman = defaults_raman(&equipment->arena);
	take_types(reading);
	take_rules(reading);
}

int equipment_read(struct equipment *equipment, const char *path) {
	struct reading reading = {.equipment = equipment};
	int error;

	*equipment = (struct equipment){0};
	error = read_file(&reading, path, take_all);
	if (error)
		equipment_free(equipment);
	return error;
}

int equipment_extend(struct equipment *equipment, const char *path) {
	struct reading reading = {.equipment = equipment, .extends = true};

	return read_file(&reading, path, take_types);
}

void equipment_free(struct equipment *equipment) {
	arena_free(&equipment->arena);
	*equipment = (struct equipment){0};
}

const struct amplifier_type *equipment_amplifier(
	const struct equipment *equipment, const char *name) {
	for (size_t i = 0; i < equipment->amplifier_count; i++)
		if (strcmp(equipment->amplifiers[i].name, name) == 0)
			return &equipment->amplifiers[i];
	return NULL;
}

const struct fibre_type *equipment_fibre(const struct equipment *equipment, const char *name) {
	for (size_t i = 0; i < equipment->fibre_count; i++)
		if (strcmp(equipment->fibres[i].name, name) == 0)
			return &equipment->fibres[i];
	return NULL;
}

const struct roadm_type *equipment_roadm(const struct equipment *equipment, const char *name) {
	if (!name || !*name)
		name = "default";
	for (size_t i = 0; i < equipment->roadm_count; i++)
		if (strcmp(equipment->roadms[i].name, name) == 0)
			return &equipment->roadms[i];
	return NULL;
}

const struct transceiver_type *equipment_transceiver(
	const struct equipment *equipment, const char *name) {
	for (size_t i = 0; i < equipment->transceiver_count; i++)
		if (strcmp(equipment->transceivers[i].name, name) == 0)
			return &equipment->transceivers[i];
	return NULL;
}
