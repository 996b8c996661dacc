/* services: see services.h. */
#include "optics/services.h"

#include "optics/names.h"
#include "optics/physics.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pairs of services that are kept apart: what a large disjunction has many of. */
enum { SERVICES_MAX = 1000000, SLOTS_MAX = 4096, PAIRS_MAX = 4000000, NAME_BYTES = 128 };

struct service_reading {
	struct services *services;
	const struct network *network;
	const struct equipment *equipment;
	struct document *document;
	struct node **nodes; /* by service */
};

static const char *keep(const struct service_reading *reading, const char *text) {
	return arena_text(&reading->services->arena, text);
}

/* What there is no going without; NULL or NAN after a message. */
static const char *needed_text(
	const struct service_reading *reading, struct node *object, const char *key) {
	const char *text = document_text(reading->document, object, key, NULL);

	if (!text || !*text) {
		document_mistake(reading->document, object, "'%s' is missing", key);
		return NULL;
	}
	return text;
}

static double needed_number(const struct service_reading *reading, struct node *object,
	const char *key, double least, double most) {
	if (!document_member(object, key))
		document_mistake(reading->document, object, "'%s' is missing", key);
	return document_number(reading->document, object, key, least, most, NAN);
}

/* ---- ends and routes ---- */

static const char *element_at(const void *owner, size_t i) {
	return ((const struct network *)owner)->elements[i]->name;
}

static const char *transceiver_at(const void *owner, size_t i) {
	const struct element *element = ((const struct network *)owner)->elements[i];

	return element->kind == ELEMENT_TRANSCEIVER ? element->name : NULL;
}

static int take_end(const struct service_reading *reading, struct node *object, const char *key) {
	const char *name = needed_text(reading, object, key);
	int number = name ? network_find(reading->network, name) : ELEMENT_NONE;

	if (name && (number == ELEMENT_NONE ||
			    reading->network->elements[number]->kind != ELEMENT_TRANSCEIVER)) {
		names_mistake(reading->document, document_member(object, key), "transceiver", name,
			transceiver_at, reading->network, reading->network->count);
		return ELEMENT_NONE;
	}
	return number;
}

/* One object of an explicit route, with its place in it. */
struct route_object {
	double index;
	int element;
	bool strict, exclude;
};

static bool take_route_object(
	const struct service_reading *reading, struct node *item, struct route_object *object) {
	struct node *hop = document_object(reading->document, item, "num-unnum-hop");
	const char *usage =
		document_text(reading->document, item, "explicit-route-usage", "route-include-ero");
	const char *type = document_text(reading->document, hop, "hop-type", "LOOSE");
	const char *name = needed_text(reading, hop ? hop : item, "node-id");

	document_skip(hop, "link-tp-id");
	object->index = document_number(reading->document, item, "index", 0, 1e9, 0);
	object->strict = strcmp(type, "STRICT") == 0;
	if (!object->strict && strcmp(type, "LOOSE") != 0)
		document_mistake(reading->document, document_member(hop, "hop-type"),
			"'%s': STRICT or LOOSE is expected", type);
	object->exclude = strcmp(usage, "route-exclude-ero") == 0;
	if (!object->exclude && strcmp(usage, "route-include-ero") != 0)
		document_mistake(reading->document, document_member(item, "explicit-route-usage"),
			"'%s': route-include-ero or route-exclude-ero is expected", usage);
	object->element = name ? network_find(reading->network, name) : ELEMENT_NONE;
	if (!name || object->element != ELEMENT_NONE)
		return object->element != ELEMENT_NONE;
	if (object->strict)
		names_mistake(reading->document, document_member(hop, "node-id"), "element", name,
			element_at, reading->network, reading->network->count);
	else
		document_warning(reading->document, document_member(hop, "node-id"),
			"no element is called '%s'; the route does without, for it is LOOSE", name);
	return false;
}

static int by_index(const void *a, const void *b) {
	double one = ((const struct route_object *)a)->index;
	double other = ((const struct route_object *)b)->index;

	return (one > other) - (one < other);
}

static void take_route(
	const struct service_reading *reading, struct node *object, struct service *service) {
	struct node *list = document_list(reading->document,
		document_object(reading->document, object, "explicit-route-objects"),
		"route-object-include-exclude");
	struct route_object *objects =
		arena_array(&reading->document->arena, list ? list->count : 0, sizeof(*objects));
	struct arena *arena = &reading->services->arena;
	size_t count = 0;

	for (struct node *item = list ? list->first : NULL; item; item = item->next)
		count += take_route_object(reading, item, &objects[count]);
	qsort(objects, count, sizeof(*objects), by_index);
	for (size_t i = 0; i < count; i++) {
		int element = objects[i].element;

		if (element == service->from || element == service->to)
			continue;
		if (objects[i].exclude)
			*(int *)arena_append(arena, &service->excludes, &service->exclude_count,
				sizeof(int)) = element;
		else
			*(struct include *)arena_append(arena, &service->includes,
				&service->include_count, sizeof(struct include)) =
				(struct include){element, objects[i].strict};
	}
}

/* ---- what is sent ---- */

static void take_type(
	const struct service_reading *reading, struct node *object, struct service *service) {
	const char *name = needed_text(reading, object, "trx_type");

	if (name)
		service->type = names_transceiver(reading->document,
			document_member(object, "trx_type"), reading->equipment, name);
}

static const char *mode_at(const void *owner, size_t i) {
	return ((const struct transceiver_type *)owner)->modes[i].format;
}

static void take_mode(
	const struct service_reading *reading, struct node *object, struct service *service) {
	const struct transceiver_type *type = service->type;
	const char *name = document_text(reading->document, object, "trx_mode", NULL);
	char what[NAME_BYTES];

	if (!name || !type)
		return;
	for (size_t i = 0; i < type->mode_count && !service->mode; i++)
		if (strcmp(type->modes[i].format, name) == 0)
			service->mode = &type->modes[i];
	if (service->mode)
		return;
	snprintf(what, sizeof(what), "mode of '%s'", type->name);
	names_mistake(reading->document, document_member(object, "trx_mode"), what, name, mode_at,
		type, type->mode_count);
}

static double take_power(const struct service_reading *reading, struct node *object,
	const char *key, double absent_dbm) {
	double watt = document_number(reading->document, object, key, 1e-9, 1e3, NAN);

	return isnan(watt) ? absent_dbm : watt_to_dbm(watt);
}

static int take_whole(
	const struct service_reading *reading, struct node *object, const char *key, int least) {
	double number =
		document_number(reading->document, object, key, least, SLOT_NUMBER_MOST, NAN);

	if (isnan(number))
		return SLOT_OPEN;
	if (number != floor(number))
		document_mistake(reading->document, document_member(object, key),
			"%g: a whole number is expected", number);
	return (int)number;
}

static struct slot *slots_of(
	const struct service_reading *reading, struct service *service, size_t count) {
	service->slots = arena_array(&reading->services->arena, count, sizeof(*service->slots));
	service->slot_count = count;
	return service->slots;
}

static void take_slots(
	const struct service_reading *reading, struct node *object, struct service *service) {
	struct node *list = document_list(reading->document, object, "effective-freq-slot");
	size_t count = list ? list->count : 0;
	struct slot *slot;

	if (count > SLOTS_MAX) {
		document_mistake(reading->document, list, "more than %d slots", SLOTS_MAX);
		count = 0;
	}
	if (!count) {
		*slots_of(reading, service, 1) = (struct slot){SLOT_OPEN, SLOT_OPEN};
		return;
	}
	slot = slots_of(reading, service, count);
	for (struct node *item = list->first; item; item = item->next, slot++) {
		*slot = (struct slot){take_whole(reading, item, "N", -SLOT_NUMBER_MOST),
			take_whole(reading, item, "M", 1)};
		if (slot->n != SLOT_OPEN && slot->m == SLOT_OPEN)
			document_mistake(reading->document, item, "'N' takes an 'M'");
	}
}

/* A band full of its channels is what a service is judged by. */
static void check_band(
	const struct service_reading *reading, struct node *object, const struct service *service) {
	const struct transceiver_type *type = service->type;
	size_t channels;

	if (!type || isnan(service->spacing_hz))
		return;
	channels = spectrum_count_in(type->f_min_hz, type->f_max_hz, service->spacing_hz);
	if (channels < 1 || channels > SPECTRUM_CHANNELS_MAX)
		document_mistake(reading->document, document_member(object, "spacing"),
			"the band of '%s', %g to %g THz, holds %zu channels of %g GHz; 1 to %d are "
			"expected",
			type->name, type->f_min_hz / 1e12, type->f_max_hz / 1e12, channels,
			service->spacing_hz / 1e9, SPECTRUM_CHANNELS_MAX);
}

static void take_bandwidth(
	const struct service_reading *reading, struct node *object, struct service *service) {
	const struct load_rules *rules = &reading->equipment->loads[0];
	double most;

	document_skip(object, "technology");
	take_type(reading, object, service);
	take_mode(reading, object, service);
	service->spacing_hz = needed_number(reading, object, "spacing", 1e9, 1e13);
	service->bit_rate = needed_number(reading, object, "path_bandwidth", 0, 1e16);
	most = document_number(
		reading->document, object, "max-nb-of-channel", 1, SPECTRUM_CHANNELS_MAX, 0);
	service->channels_most = (size_t)most;
	service->power_dbm = take_power(reading, object, "output-power", rules->power_dbm);
	service->tx_power_dbm = take_power(reading, object, "tx_power", NAN);
	service->library_tx_dbm =
		isnan(rules->tx_power_dbm) ? service->power_dbm : rules->tx_power_dbm;
	take_slots(reading, object, service);
	if (service->mode && service->spacing_hz < service->mode->min_spacing_hz)
		document_mistake(reading->document, document_member(object, "spacing"),
			"%g GHz is less than the %g GHz that '%s' takes", service->spacing_hz / 1e9,
			service->mode->min_spacing_hz / 1e9, service->mode->format);
	check_band(reading, object, service);
}

static void take_service(
	const struct service_reading *reading, struct node *object, struct service *service) {
	struct node *constraints = document_object(reading->document, object, "path-constraints");
	struct node *bandwidth = document_object(reading->document, constraints, "te-bandwidth");
	const char *id = needed_text(reading, object, "request-id");

	service->id = keep(reading, id ? id : "");
	service->line = object->line;
	service->from = take_end(reading, object, "source");
	service->to = take_end(reading, object, "destination");
	if (service->from != ELEMENT_NONE && service->from == service->to)
		document_mistake(reading->document, object, "source and destination are the same");
	document_skip(object, "src-tp-id");
	document_skip(object, "dst-tp-id");
	service->bidirectional = document_bool(reading->document, object, "bidirectional", false);
	if (bandwidth)
		take_bandwidth(reading, bandwidth, service);
	else
		document_mistake(reading->document, object,
			"'path-constraints' with 'te-bandwidth' is missing");
	take_route(reading, object, service);
}

/* ---- by id ---- */

struct id_place {
	const char *id;
	size_t number;
};

static int by_id(const void *a, const void *b) {
	const struct id_place *one = a, *other = b;
	int order = strcmp(one->id, other->id);

	return order ? order : (one->number > other->number) - (one->number < other->number);
}

static int compare_id(const void *id, const void *place) {
	return strcmp(id, ((const struct id_place *)place)->id);
}

/* Sorted; ids that occur twice are told. */
static struct id_place *index_ids(const struct service_reading *reading) {
	const struct services *services = reading->services;
	struct id_place *places =
		arena_array(&reading->document->arena, services->count, sizeof(*places));

	for (size_t i = 0; i < services->count; i++)
		places[i] = (struct id_place){services->list[i].id, i};
	qsort(places, services->count, sizeof(*places), by_id);
	for (size_t i = 1; i < services->count; i++)
		if (strcmp(places[i].id, places[i - 1].id) == 0 && *places[i].id) {
			document_mistake(reading->document, reading->nodes[places[i].number],
				"'%s' is the request-id of another request", places[i].id);
		}
	return places;
}

/* ---- disjunctions ---- */

static unsigned int take_kinds(
	const struct service_reading *reading, struct node *svec, const char *text) {
	static const struct {
		const char *word;
		unsigned int kind;
	} words[] = {{"link", DISJOINT_LINK}, {"node", DISJOINT_NODE | DISJOINT_LINK},
		{"srlg", DISJOINT_RISK | DISJOINT_LINK}};
	unsigned int kinds = 0;

	while (*text) {
		size_t length = strcspn(text, " ,"), i = 0;

		while (i < 3 && (strlen(words[i].word) != length ||
					strncmp(words[i].word, text, length) != 0))
			i++;
		if (i < 3)
			kinds |= words[i].kind;
		else if (length)
			document_mistake(reading->document, document_member(svec, "disjointness"),
				"'%.*s': link, node or srlg is expected", (int)length, text);
		text += length + (text[length] != 0);
	}
	return kinds ? kinds : DISJOINT_LINK;
}

static void take_disjunction(const struct service_reading *reading, struct node *item,
	const struct id_place *ids, struct disjunction *disjunction) {
	struct services *services = reading->services;
	struct node *svec = document_object(reading->document, item, "svec");
	struct node *list = document_list(reading->document, svec, "request-id-number");
	const char *id = needed_text(reading, item, "synchronization-id");

	disjunction->id = keep(reading, id ? id : "");
	disjunction->relaxable = document_bool(reading->document, svec, "relaxable", false);
	disjunction->kinds = take_kinds(
		reading, svec, document_text(reading->document, svec, "disjointness", "link"));
	disjunction->services =
		arena_array(&services->arena, list ? list->count : 0, sizeof(size_t));
	for (const struct node *one = list ? list->first : NULL; one; one = one->next) {
		const struct id_place *place =
			one->kind == NODE_TEXT
				? bsearch(one->text, ids, services->count, sizeof(*ids), compare_id)
				: NULL;

		if (place)
			disjunction->services[disjunction->count++] = place->number;
		else
			document_mistake(reading->document, one, "no request is called '%s'",
				one->kind == NODE_TEXT ? one->text : "?");
	}
	if (!list || list->count < 2)
		document_mistake(reading->document, item,
			"'svec' with a 'request-id-number' of two or more is expected");
}

/* ---- the whole ---- */

static void take_all(struct service_reading *reading) {
	struct services *services = reading->services;
	struct node *root = reading->document->root;
	struct node *list = document_list(reading->document, root, "path-request");
	struct node *groups = document_list(reading->document, root, "synchronization");
	const struct id_place *ids;
	double pairs = 0;

	if (!list || list->count > SERVICES_MAX) {
		document_mistake(reading->document, list ? list : root,
			"an object with a list 'path-request' of at most %d is expected",
			SERVICES_MAX);
		return;
	}
	services->list = arena_array(&services->arena, list->count, sizeof(*services->list));
	reading->nodes =
		arena_array(&reading->document->arena, list->count, sizeof(*reading->nodes));
	for (struct node *item = list->first; item; item = item->next) {
		reading->nodes[services->count] = item;
		take_service(reading, item, &services->list[services->count++]);
	}
	ids = index_ids(reading);
	services->disjunctions = arena_array(
		&services->arena, groups ? groups->count : 0, sizeof(*services->disjunctions));
	for (struct node *item = groups ? groups->first : NULL; item; item = item->next) {
		struct disjunction *one = &services->disjunctions[services->disjunction_count++];

		take_disjunction(reading, item, ids, one);
		pairs += (double)one->count * (double)one->count / 2;
	}
	if (pairs > PAIRS_MAX)
		document_mistake(reading->document, groups,
			"%.0f pairs of requests are kept apart; at most %d can be", pairs,
			PAIRS_MAX);
}

int services_read(struct services *services, const struct network *network,
	const struct equipment *equipment, const char *path) {
	struct document document;
	struct service_reading reading = {services, network, equipment, &document, NULL};
	int error = document_read(&document, path);

	*services = (struct services){.path = path};
	if (!error) {
		take_all(&reading);
		error = document_finish(&document);
	}
	document_free(&document);
	if (error)
		services_free(services);
	return error;
}

void services_free(struct services *services) {
	arena_free(&services->arena);
	*services = (struct services){0};
}

double service_tx_dbm(const struct service *service, const struct transceiver_mode *mode) {
	if (!isnan(service->tx_power_dbm))
		return service->tx_power_dbm;
	return isnan(mode->tx_power_dbm) ? service->library_tx_dbm : mode->tx_power_dbm;
}

size_t service_channels(const struct service *service) {
	size_t count = spectrum_count_in(
		service->type->f_min_hz, service->type->f_max_hz, service->spacing_hz);

	return service->channels_most && count > service->channels_most ? service->channels_most
									: count;
}

int service_fill(
	const struct service *service, const struct transceiver_mode *mode, struct spectrum *load) {
	size_t count = service_channels(service);

	if (count > load->room) {
		int error;

		spectrum_free(load);
		error = spectrum_create(load, count);
		if (error)
			return error;
	}
	load->count = 0;
	for (size_t k = 1; k <= count; k++)
		spectrum_add(load,
			&(struct channel){service->type->f_min_hz + (double)k * service->spacing_hz,
				mode->baud_hz, service->spacing_hz, mode->roll_off,
				mode->tx_osnr_db, mode->offset_db, service_tx_dbm(service, mode)});
	return 0;
}
