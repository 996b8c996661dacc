/* topology: reads a network from GNPy's topology JSON; see network.h. */
#include "optics/document.h"
#include "optics/network.h"
#include "optics/physics.h"

#include "base/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HZ_LEAST 1e12
#define HZ_MOST  1e15

enum { DB_MOST = 200 };

struct reading {
	struct network *network;
	const struct equipment *equipment;
	struct document *document;
};

static const char *keep(const struct reading *reading, const char *text) {
	return text ? arena_text(&reading->network->arena, text) : NULL;
}

static double number(const struct reading *reading, struct node *object, const char *key,
	double least, double most, double absent) {
	return document_number(reading->document, object, key, least, most, absent);
}

/* ---- fibres ---- */

static struct curve take_points(const struct reading *reading, struct node *list,
	const char *value_key, double scale, double least, double most) {
	double *points = arena_array(&reading->network->arena, 2 * list->count, sizeof(*points));
	size_t count = 0;

	for (struct node *item = list->first; item; item = item->next, count++) {
		points[count] = number(reading, item, "frequency", HZ_LEAST, HZ_MOST, 0);
		points[list->count + count] =
			number(reading, item, value_key, least, most, least) * scale;
		if (count && points[count] <= points[count - 1])
			document_mistake(reading->document, item, "frequencies are to ascend");
	}
	return (struct curve){points, points + list->count, count};
}

/* {"value": [...], "frequency": [...]} */
static struct curve take_curve(const struct reading *reading, struct node *object, double scale,
	double least, double most) {
	size_t values, count;
	const double *value =
		document_numbers(reading->document, object, "value", least, most, &values);
	const double *at =
		document_numbers(reading->document, object, "frequency", HZ_LEAST, HZ_MOST, &count);
	double *points;

	if (!count || values != count) {
		document_mistake(reading->document, object,
			"as many numbers in 'value' as in 'frequency' are expected");
		return (struct curve){0};
	}
	points = arena_array(&reading->network->arena, 2 * count, sizeof(*points));
	for (size_t i = 0; i < count; i++) {
		points[i] = at[i];
		points[count + i] = value[i] * scale;
		if (i && at[i] <= at[i - 1])
			document_mistake(reading->document, object, "frequencies are to ascend");
	}
	return (struct curve){points, points + count, count};
}

static void take_loss(const struct reading *reading, struct node *params, struct fibre *fibre) {
	struct node *loss = document_member(params, "loss_coef");
	struct node *list = document_list(reading->document, params, "loss_coef_per_frequency");
	double *point;

	if (loss && loss->kind == NODE_OBJECT) {
		fibre->loss_db_m = take_curve(reading, loss, 1e-3, 0, 100);
		return;
	}
	if (!loss && list && list->count) {
		fibre->loss_db_m = take_points(reading, list, "loss_coef_value", 1e-3, 0, 100);
		return;
	}
	if (!loss)
		document_mistake(reading->document, params, "'loss_coef' is missing");
	point = arena_array(&reading->network->arena, 2, sizeof(*point));
	point[0] = FIBRE_REFERENCE_HZ;
	point[1] = number(reading, params, "loss_coef", 0, 100, 0) * 1e-3;
	fibre->loss_db_m = (struct curve){point, point + 1, 1};
}

static void take_lumped(
	const struct reading *reading, struct node *params, double unit, struct fibre *fibre) {
	struct node *list = document_list(reading->document, params, "lumped_losses");
	struct lumped_loss *lumped;

	if (!list)
		return;
	lumped = arena_array(&reading->network->arena, list->count, sizeof(*lumped));
	for (struct node *item = list->first; item; item = item->next) {
		struct lumped_loss one = {number(reading, item, "position", 0, 1e7, 0) * unit,
			number(reading, item, "loss", 0, DB_MOST, 0)};
		size_t at = fibre->lumped_count++;

		if (one.position_m > fibre->length_m)
			document_mistake(reading->document, item,
				"a loss at %g km lies behind the end of the fibre",
				one.position_m / 1e3);
		for (; at > 0 && lumped[at - 1].position_m > one.position_m; at--)
			lumped[at] = lumped[at - 1];
		lumped[at] = one;
	}
	fibre->lumped = lumped;
}

static void take_pumps(const struct reading *reading, struct node *object, struct fibre *fibre) {
	struct node *operational = document_object(reading->document, object, "operational");
	struct node *list = document_list(reading->document, operational, "raman_pumps");
	struct raman_pump *pumps;

	fibre->temperature_k = number(reading, operational, "temperature", 1, 1000, 283);
	if (!list)
		return;
	if (list->count > FIBRE_PUMPS_MAX) {
		document_mistake(reading->document, list, "more than %d pumps", FIBRE_PUMPS_MAX);
		return;
	}
	pumps = arena_array(&reading->network->arena, list->count, sizeof(*pumps));
	fibre->pumps = pumps;
	for (struct node *item = list->first; item; item = item->next, pumps++) {
		const char *way = document_text(
			reading->document, item, "propagation_direction", "counterprop");

		pumps->power_w = number(reading, item, "power", 0, 100, 0);
		pumps->frequency_hz = number(reading, item, "frequency", HZ_LEAST, HZ_MOST, 205e12);
		pumps->is_counter = strcmp(way, "counterprop") == 0;
		if (!pumps->is_counter && strcmp(way, "coprop") != 0)
			document_mistake(reading->document, item,
				"coprop or counterprop is expected, not '%s'", way);
		fibre->pump_count++;
	}
}

static const struct fibre_type *find_fibre(
	const struct reading *reading, struct node *object, const char *name) {
	const struct fibre_type *type = equipment_fibre(reading->equipment, name);
	const char **names, *nearest;
	size_t count = reading->equipment->fibre_count;

	if (type)
		return type;
	names = arena_array(&reading->network->arena, count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = reading->equipment->fibres[i].name;
	nearest = nearest_word(name, names);
	document_mistake(reading->document, object, "no fibre of the library is called '%s'%s%s%s",
		name, nearest ? "; '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return NULL;
}

/* What the element says itself goes before what the library says of its type. */
static void take_fibre(
	const struct reading *reading, struct node *object, struct element *element) {
	struct node *params = document_object(reading->document, object, "params");
	const struct fibre_type *type = find_fibre(
		reading, object, document_text(reading->document, object, "type_variety", "SSMF"));
	const char *units = document_text(reading->document, params, "length_units", "km");
	double unit = strcmp(units, "m") == 0 ? 1 : 1e3, gamma;
	struct fibre *fibre = arena_alloc(&reading->network->arena, sizeof(*fibre));
	struct node *curve = document_object(reading->document, params, "dispersion_per_frequency");

	element->fibre = fibre;
	element->has_pumps =
		strcmp(document_text(reading->document, object, "type", ""), "RamanFiber") == 0;
	if (strcmp(units, "m") != 0 && strcmp(units, "km") != 0)
		document_mistake(reading->document, document_member(params, "length_units"),
			"m or km is expected");
	if (!params || !document_member(params, "length"))
		document_mistake(reading->document, object, "'length' is missing");
	fibre->length_m = number(reading, params, "length", 0, 2e7 / unit, 0) * unit;
	take_loss(reading, params, fibre);
	fibre->connector_in_db = number(reading, params, "con_in", 0, DB_MOST, NAN);
	fibre->connector_out_db = number(reading, params, "con_out", 0, DB_MOST, NAN);
	fibre->padding_db = number(reading, params, "att_in", 0, DB_MOST, 0);
	take_lumped(reading, params, 1e3, fibre);
	if (!type)
		return;
	fibre->type_name = type->name;
	fibre->dispersion = number(reading, params, "dispersion", -1e-3, 1e-3, type->dispersion);
	fibre->dispersion_slope =
		number(reading, params, "dispersion_slope", -1e6, 1e6, type->dispersion_slope);
	fibre->dispersion_curve =
		curve ? take_curve(reading, curve, 1, -1e-3, 1e-3) : type->dispersion_curve;
	gamma = number(reading, params, "gamma", 1e-6, 1, NAN);
	fibre->area_m2 = number(reading, params, "effective_area", 1e-12, 1e-8,
		isnan(gamma) ? type->area_m2 : fibre_area_of_gamma(gamma));
	fibre->pmd_coefficient =
		number(reading, params, "pmd_coef", 0, 1e-9, type->pmd_coefficient);
	fibre->raman = type->raman;
	fibre->temperature_k = 283;
	if (element->has_pumps)
		take_pumps(reading, object, fibre);
}

/* ---- amplifiers ---- */

static const struct amplifier_type *find_amplifier(
	const struct reading *reading, const struct node *node, const char *name) {
	const struct amplifier_type *type = equipment_amplifier(reading->equipment, name);
	const char **names, *nearest;
	size_t count = reading->equipment->amplifier_count;

	if (type || !*name)
		return type;
	names = arena_array(&reading->network->arena, count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = reading->equipment->amplifiers[i].name;
	nearest = nearest_word(name, names);
	document_mistake(reading->document, node,
		"no amplifier of the library is called '%s'%s%s%s", name, nearest ? "; '" : "",
		nearest ? nearest : "", nearest ? "'?" : "");
	return NULL;
}

static void take_amplifier(
	const struct reading *reading, struct node *object, struct amplifier *amplifier) {
	struct node *operational = document_object(reading->document, object, "operational");

	amplifier->type = find_amplifier(
		reading, object, document_text(reading->document, object, "type_variety", ""));
	amplifier->gain_db = number(reading, operational, "gain_target", -DB_MOST, DB_MOST, NAN);
	amplifier->delta_p_db = number(reading, operational, "delta_p", -DB_MOST, DB_MOST, NAN);
	amplifier->tilt_db = number(reading, operational, "tilt_target", -50, 50, NAN);
	amplifier->out_voa_db = number(reading, operational, "out_voa", 0, DB_MOST, NAN);
	amplifier->in_voa_db = number(reading, operational, "in_voa", 0, DB_MOST, NAN);
	if (amplifier->type) {
		amplifier->f_min_hz = amplifier->type->f_min_hz;
		amplifier->f_max_hz = amplifier->type->f_max_hz;
	}
}

static void take_choice(
	const struct reading *reading, struct node *object, struct element *element) {
	struct node *list = document_list(reading->document, object, "variety_list");
	const struct amplifier_type **choice;

	if (!list)
		return;
	choice = arena_array(&reading->network->arena, list->count, sizeof(*choice));
	for (const struct node *item = list->first; item; item = item->next) {
		const struct amplifier_type *type =
			find_amplifier(reading, item, item->kind == NODE_TEXT ? item->text : "?");

		if (type)
			choice[element->choice_count++] = type;
	}
	element->choice = choice;
}

static void take_plain(
	const struct reading *reading, struct node *object, struct element *element) {
	element->amplifiers = arena_alloc(&reading->network->arena, sizeof(*element->amplifiers));
	element->amplifier_count = 1;
	take_amplifier(reading, object, element->amplifiers);
	if (element->amplifiers->type && element->amplifiers->type->kind == AMPLIFIER_MULTI_BAND)
		document_mistake(reading->document, object,
			"'%s' has several bands; the element's type is to be Multiband_amplifier",
			element->amplifiers->type->name);
	take_choice(reading, object, element);
}

static void take_multi_band(
	const struct reading *reading, struct node *object, struct element *element) {
	struct node *list = document_list(reading->document, object, "amplifiers");
	size_t count = list ? list->count : 0;

	if (count > BANDS_MAX) {
		document_mistake(reading->document, list, "more than %d bands", BANDS_MAX);
		return;
	}
	element->is_multi_band = true;
	element->multi = find_amplifier(
		reading, object, document_text(reading->document, object, "type_variety", ""));
	element->amplifiers =
		arena_array(&reading->network->arena, count, sizeof(*element->amplifiers));
	for (struct node *item = list ? list->first : NULL; item; item = item->next) {
		struct amplifier one = {0};
		size_t at = element->amplifier_count++;

		take_amplifier(reading, item, &one);
		for (; at > 0 && element->amplifiers[at - 1].f_min_hz > one.f_min_hz; at--)
			element->amplifiers[at] = element->amplifiers[at - 1];
		element->amplifiers[at] = one;
	}
	take_choice(reading, object, element);
}

/* ---- ROADMs ---- */

static const struct {
	const char *target, *per_degree;
	enum equalisation kind;
	double least, most;
} targets[] = {
	{"target_pch_out_db", "per_degree_pch_out_db", EQUALISE_POWER, -DB_MOST, 60},
	{"target_psd_out_mWperGHz", "per_degree_psd_out_mWperGHz", EQUALISE_PSD, 1e-12, 1e3},
	{"target_out_mWperSlotWidth", "per_degree_psd_out_mWperSlotWidth", EQUALISE_PSW, 1e-12,
		1e3},
};

static void take_targets(const struct reading *reading, struct node *params, struct roadm *roadm) {
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct node *each =
			document_object(reading->document, params, targets[i].per_degree);

		if (document_member(params, targets[i].target))
			roadm->type.target = (struct target){targets[i].kind,
				number(reading, params, targets[i].target, targets[i].least,
					targets[i].most, targets[i].least)};
		for (struct node *one = each ? each->first : NULL; one; one = one->next) {
			struct degree_target *own = arena_append(&reading->network->arena,
				&roadm->targets, &roadm->target_count, sizeof(*own));

			own->degree = keep(reading, one->key);
			own->target = (struct target){
				targets[i].kind, number(reading, each, one->key, targets[i].least,
							 targets[i].most, targets[i].least)};
		}
	}
}

static const char *const *take_names(const struct reading *reading, struct node *object,
	const char *key, const char *const *absent, size_t *count) {
	struct node *list = document_list(reading->document, object, key);
	const char **names;

	if (!list)
		return absent;
	names = arena_array(&reading->network->arena, list->count, sizeof(*names));
	*count = 0;
	for (const struct node *item = list->first; item; item = item->next)
		if (item->kind != NODE_TEXT || !find_amplifier(reading, item, item->text))
			document_mistake(
				reading->document, item, "an amplifier's name is expected");
		else
			names[(*count)++] = keep(reading, item->text);
	return names;
}

static const struct design_band *take_bands(
	const struct reading *reading, struct node *list, size_t *count) {
	struct design_band *bands = NULL;

	*count = 0;
	if (!list || list->kind != NODE_LIST)
		return NULL;
	if (list->count > BANDS_MAX) {
		document_mistake(reading->document, list, "more than %d bands", BANDS_MAX);
		return NULL;
	}
	for (struct node *item = list->first; item; item = item->next) {
		struct design_band *band =
			arena_append(&reading->network->arena, &bands, count, sizeof(*band));

		band->f_min_hz = number(reading, item, "f_min", HZ_LEAST, HZ_MOST, HZ_LEAST);
		band->f_max_hz = number(reading, item, "f_max", HZ_LEAST, HZ_MOST, HZ_MOST);
		band->spacing_hz = number(reading, item, "spacing", 1e8, 1e13, NAN);
		if (band->f_min_hz >= band->f_max_hz)
			document_mistake(reading->document, item, "this band is empty");
	}
	return bands;
}

static void take_degrees(const struct reading *reading, struct node *params, struct roadm *roadm) {
	struct node *list = document_list(reading->document, params, "per_degree_impairments");
	struct node *bands = document_object(reading->document, params, "per_degree_design_bands");
	struct degree_impairment *impairments;
	struct degree_bands *own;

	roadm->bands = take_bands(reading, document_list(reading->document, params, "design_bands"),
		&roadm->band_count);
	if (list) {
		impairments =
			arena_array(&reading->network->arena, list->count, sizeof(*impairments));
		for (struct node *item = list->first; item; item = item->next)
			impairments[roadm->impairment_count++] = (struct degree_impairment){
				keep(reading,
					document_text(reading->document, item, "from_degree", "")),
				keep(reading,
					document_text(reading->document, item, "to_degree", "")),
				(int)number(reading, item, "impairment_id", 0, 1e6, -1)};
		roadm->impairments = impairments;
	}
	if (bands) {
		own = arena_array(&reading->network->arena, bands->count, sizeof(*own));
		for (struct node *one = bands->first; one; one = one->next) {
			struct degree_bands *degree = &own[roadm->degree_band_count++];

			one->used = true;
			degree->degree = keep(reading, one->key);
			degree->bands = take_bands(reading, one, &degree->count);
		}
		roadm->degree_bands = own;
	}
}

static void take_roadm(
	const struct reading *reading, struct node *object, struct element *element) {
	struct node *params = document_object(reading->document, object, "params");
	struct node *restrictions = document_object(reading->document, params, "restrictions");
	const char *name = document_text(reading->document, object, "type_variety", "default");
	const struct roadm_type *type = equipment_roadm(reading->equipment, name);
	struct roadm *roadm = arena_alloc(&reading->network->arena, sizeof(*roadm));

	element->roadm = roadm;
	if (!type) {
		document_mistake(
			reading->document, object, "no ROADM of the library is called '%s'", name);
		return;
	}
	roadm->type = *type;
	take_targets(reading, params, roadm);
	roadm->type.add_drop_osnr_db =
		number(reading, params, "add_drop_osnr", 0, DB_MOST, roadm->type.add_drop_osnr_db);
	roadm->type.pmd_s = number(reading, params, "pmd", 0, 1e-9, roadm->type.pmd_s);
	roadm->type.pdl_db = number(reading, params, "pdl", 0, 50, roadm->type.pdl_db);
	roadm->type.preamps = take_names(reading, restrictions, "preamp_variety_list",
		roadm->type.preamps, &roadm->type.preamp_count);
	roadm->type.boosters = take_names(reading, restrictions, "booster_variety_list",
		roadm->type.boosters, &roadm->type.booster_count);
	take_degrees(reading, params, roadm);
	document_skip(params, "loss"); /* of old files; the target makes it */
}

/* ---- elements ---- */

static void take_location(
	const struct reading *reading, struct node *object, struct location *location) {
	struct node *metadata = document_object(reading->document, object, "metadata");
	struct node *where = document_object(reading->document, metadata, "location");

	location->latitude = number(reading, where, "latitude", -1e6, 1e6, 0);
	location->longitude = number(reading, where, "longitude", -1e6, 1e6, 0);
	location->city = keep(reading, document_text(reading->document, where, "city", NULL));
	location->region = keep(reading, document_text(reading->document, where, "region", NULL));
	document_skip(object, "metadata");
}

static const struct {
	const char *type;
	enum element_kind kind;
	void (*take)(const struct reading *, struct node *, struct element *);
} kinds[] = {
	{"Transceiver", ELEMENT_TRANSCEIVER, NULL},
	{"Roadm", ELEMENT_ROADM, take_roadm},
	{"Fiber", ELEMENT_FIBRE, take_fibre},
	{"RamanFiber", ELEMENT_FIBRE, take_fibre},
	{"Edfa", ELEMENT_AMPLIFIER, take_plain},
	{"Multiband_amplifier", ELEMENT_AMPLIFIER, take_multi_band},
	{"Fused", ELEMENT_FUSED, NULL},
};

static void take_element(const struct reading *reading, struct node *object) {
	const char *name = document_text(reading->document, object, "uid", NULL);
	const char *type = document_text(reading->document, object, "type", "");
	struct element *element;

	if (!name || !*name) {
		document_mistake(reading->document, object, "'uid', its name, is missing");
		return;
	}
	if (network_find(reading->network, name) != ELEMENT_NONE) {
		document_mistake(
			reading->document, object, "'%s' is the name of another element", name);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(type, kinds[i].type) != 0)
			continue;
		element = network_add(reading->network, keep(reading, name), kinds[i].kind);
		element->line = object->line;
		take_location(reading, object, &element->location);
		if (kinds[i].take)
			kinds[i].take(reading, object, element);
		if (kinds[i].kind == ELEMENT_FUSED)
			element->loss_db = number(reading,
				document_object(reading->document, object, "params"), "loss", 0,
				DB_MOST, 1);
		if (kinds[i].kind == ELEMENT_TRANSCEIVER) {
			document_skip(object, "params");
			document_skip(object, "type_variety");
		}
		return;
	}
	document_mistake(reading->document, object, "'%s' is no type of element", type);
}

static int take_end(const struct reading *reading, struct node *link, const char *key) {
	const char *name = document_text(reading->document, link, key, NULL);
	int number = name ? network_find(reading->network, name) : ELEMENT_NONE;

	if (!name)
		document_mistake(reading->document, link, "'%s' is missing", key);
	else if (number == ELEMENT_NONE)
		document_mistake(reading->document, document_member(link, key),
			"no element is called '%s'", name);
	return number;
}

static void take_link(const struct reading *reading, struct node *link) {
	int from = take_end(reading, link, "from_node"), to = take_end(reading, link, "to_node");
	const struct element *element;

	document_skip(link, "metadata");
	if (from == ELEMENT_NONE || to == ELEMENT_NONE)
		return;
	if (from == to) {
		document_mistake(reading->document, link, "an element cannot follow itself");
		return;
	}
	element = reading->network->elements[from];
	for (size_t i = 0; i < element->next_count; i++)
		if (element->next[i] == to) {
			document_warning(reading->document, link, "given twice, taken once");
			return;
		}
	if (!element_is_node(element) && element->next_count)
		document_mistake(reading->document, link,
			"'%s' leads to more than one element; only ROADMs and transceivers may",
			element->name);
	element = reading->network->elements[to];
	if (!element_is_node(element) && element->previous_count)
		document_mistake(reading->document, link,
			"more than one element leads to '%s'; only ROADMs and transceivers may "
			"have that",
			element->name);
	network_connect(reading->network, from, to);
}

/* Line elements that no chain from a ROADM, a transceiver or an open end reaches go in circles. */
static void refuse_circles(const struct reading *reading) {
	const struct network *network = reading->network;
	bool *reached = arena_array(&reading->document->arena, network->count, sizeof(*reached));

	for (size_t i = 0; i < network->count; i++) {
		const struct element *start = network->elements[i];

		if (!element_is_node(start) && start->previous_count)
			continue;
		reached[i] = true;
		for (size_t k = 0; k < start->next_count; k++) {
			int at = start->next[k];

			while (!element_is_node(network->elements[at]) && !reached[at]) {
				reached[at] = true;
				if (!network->elements[at]->next_count)
					break;
				at = network->elements[at]->next[0];
			}
		}
	}
	for (size_t i = 0; i < network->count; i++)
		if (!reached[i]) {
			const struct node where = {.line = network->elements[i]->line};

			document_mistake(reading->document, &where,
				"'%s' is in a circle that no ROADM is in",
				network->elements[i]->name);
			return;
		}
}

int network_read(struct network *network, const struct equipment *equipment, const char *path) {
	struct document document;
	struct reading reading = {network, equipment, &document};
	int error = document_read(&document, path);
	struct node *elements, *links;

	*network = (struct network){.path = path};
	if (error)
		goto out;
	elements = document_list(&document, document.root, "elements");
	links = document_list(&document, document.root, "connections");
	if (!elements || !links)
		document_mistake(&document, document.root,
			"an object with the lists 'elements' and 'connections' is expected");
	for (struct node *item = elements ? elements->first : NULL; item; item = item->next)
		take_element(&reading, item);
	for (struct node *item = links ? links->first : NULL; item; item = item->next)
		take_link(&reading, item);
	refuse_circles(&reading);
	document_skip(document.root, "network_name");
	document_skip(document.root, "metadata");
	error = document_finish(&document);
out:
	document_free(&document);
	if (error)
		network_free(network);
	return error;
}
