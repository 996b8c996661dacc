/* topology: reads a network from GNPy's topology JSON; see network.h. */
#include "optics/topology_private.h"

#include "optics/names.h"
#include "optics/physics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *topology_keep(const struct topology_reading *reading, const char *text) {
	return text ? arena_text(&reading->network->arena, text) : NULL;
}

double topology_number(const struct topology_reading *reading, struct node *object, const char *key,
	double least, double most, double absent) {
	return document_number(reading->document, object, key, least, most, absent);
}

/* ---- amplifiers ---- */

const struct amplifier_type *topology_find_amplifier(
	const struct topology_reading *reading, const struct node *node, const char *name) {
	return *name ? names_amplifier(reading->document, node, reading->equipment, name) : NULL;
}

static void take_amplifier(
	const struct topology_reading *reading, struct node *object, struct amplifier *amplifier) {
	struct node *operational = document_object(reading->document, object, "operational");

	amplifier->type = topology_find_amplifier(
		reading, object, document_text(reading->document, object, "type_variety", ""));
	amplifier->gain_db =
		topology_number(reading, operational, "gain_target", -DB_MOST, DB_MOST, NAN);
	amplifier->delta_p_db =
		topology_number(reading, operational, "delta_p", -DB_MOST, DB_MOST, NAN);
	amplifier->tilt_db = topology_number(reading, operational, "tilt_target", -50, 50, NAN);
	amplifier->out_voa_db = topology_number(reading, operational, "out_voa", 0, DB_MOST, NAN);
	amplifier->in_voa_db = topology_number(reading, operational, "in_voa", 0, DB_MOST, NAN);
	if (amplifier->type) {
		amplifier->f_min_hz = amplifier->type->f_min_hz;
		amplifier->f_max_hz = amplifier->type->f_max_hz;
	}
}

static void take_choice(
	const struct topology_reading *reading, struct node *object, struct element *element) {
	struct node *list = document_list(reading->document, object, "variety_list");
	const struct amplifier_type **choice;

	if (!list)
		return;
	choice = arena_array(&reading->network->arena, list->count, sizeof(*choice));
	for (const struct node *item = list->first; item; item = item->next) {
		const struct amplifier_type *type = topology_find_amplifier(
			reading, item, item->kind == NODE_TEXT ? item->text : "?");

		if (type)
			choice[element->choice_count++] = type;
	}
	element->choice = choice;
}

static void take_plain(
	const struct topology_reading *reading, struct node *object, struct element *element) {
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
	const struct topology_reading *reading, struct node *object, struct element *element) {
	struct node *list = document_list(reading->document, object, "amplifiers");
	size_t count = list ? list->count : 0;

	if (count > BANDS_MAX) {
		document_mistake(reading->document, list, "more than %d bands", BANDS_MAX);
		return;
	}
	element->is_multi_band = true;
	element->multi = topology_find_amplifier(
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

/* ---- elements ---- */

static void take_location(
	const struct topology_reading *reading, struct node *object, struct location *location) {
	struct node *metadata = document_object(reading->document, object, "metadata");
	struct node *where = document_object(reading->document, metadata, "location");

	location->latitude = topology_number(reading, where, "latitude", -1e6, 1e6, 0);
	location->longitude = topology_number(reading, where, "longitude", -1e6, 1e6, 0);
	location->city =
		topology_keep(reading, document_text(reading->document, where, "city", NULL));
	location->region =
		topology_keep(reading, document_text(reading->document, where, "region", NULL));
	document_skip(object, "metadata");
}

static const struct {
	const char *type;
	enum element_kind kind;
	void (*take)(const struct topology_reading *, struct node *, struct element *);
} kinds[] = {
	{"Transceiver", ELEMENT_TRANSCEIVER, NULL},
	{"Roadm", ELEMENT_ROADM, topology_take_roadm},
	{"Fiber", ELEMENT_FIBRE, topology_take_fibre},
	{"RamanFiber", ELEMENT_FIBRE, topology_take_fibre},
	{"Edfa", ELEMENT_AMPLIFIER, take_plain},
	{"Multiband_amplifier", ELEMENT_AMPLIFIER, take_multi_band},
	{"Fused", ELEMENT_FUSED, NULL},
};

static void take_element(const struct topology_reading *reading, struct node *object) {
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
		element =
			network_add(reading->network, topology_keep(reading, name), kinds[i].kind);
		element->line = object->line;
		take_location(reading, object, &element->location);
		if (kinds[i].take)
			kinds[i].take(reading, object, element);
		if (kinds[i].kind == ELEMENT_FUSED)
			element->loss_db = topology_number(reading,
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

static int take_end(const struct topology_reading *reading, struct node *link, const char *key) {
	const char *name = document_text(reading->document, link, key, NULL);
	int number = name ? network_find(reading->network, name) : ELEMENT_NONE;

	if (!name)
		document_mistake(reading->document, link, "'%s' is missing", key);
	else if (number == ELEMENT_NONE)
		document_mistake(reading->document, document_member(link, key),
			"no element is called '%s'", name);
	return number;
}

static void take_link(const struct topology_reading *reading, struct node *link) {
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
static void refuse_circles(const struct topology_reading *reading) {
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
	struct topology_reading reading = {network, equipment, &document};
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
