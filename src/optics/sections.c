/* sections: see sections.h. */
#include "optics/sections.h"

#include "optics/names.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Every element costs a centimetre, so that of equally long ways the one of fewer elements wins. */
static double length_of(const struct element *element) {
	return (element->fibre ? element->fibre->length_m : 0) + 0.01;
}

static void number_nodes(struct sections *sections) {
	const struct network *network = sections->network;

	sections->nodes = arena_array(&sections->arena, network->count, sizeof(*sections->nodes));
	sections->node_of =
		arena_array(&sections->arena, network->count, sizeof(*sections->node_of));
	sections->section_of =
		arena_array(&sections->arena, network->count, sizeof(*sections->section_of));
	for (size_t i = 0; i < network->count; i++) {
		bool is_node = element_is_node(network->elements[i]);

		sections->section_of[i] = SECTION_NONE;
		sections->node_of[i] = is_node ? (int)sections->node_count : NODE_NONE;
		if (is_node)
			sections->nodes[sections->node_count++] = (int)i;
	}
}

/* The section that begins with `next` behind a node, unless it ends nowhere. */
static void add_section(struct sections *sections, int node, int next) {
	const struct network *network = sections->network;
	struct section *section;
	int *elements = NULL, at = next, from = sections->nodes[node];
	double length = 0;
	size_t count = 0;

	while (!element_is_node(network->elements[at])) {
		if (!network->elements[at]->next_count)
			return;
		length += length_of(network->elements[at]);
		*(int *)arena_append(&sections->arena, &elements, &count, sizeof(int)) = at;
		at = network->elements[at]->next[0];
	}
	if (at == from)
		return;
	for (size_t i = 0; i < count; i++)
		sections->section_of[elements[i]] = (int)sections->count;
	section =
		arena_append(&sections->arena, &sections->list, &sections->count, sizeof(*section));
	*section = (struct section){.from = node,
		.to = sections->node_of[at],
		.elements = elements,
		.count = count,
		.length_m = length + length_of(network->elements[at]),
		.opposite = SECTION_NONE};
	*(int *)arena_append(&sections->arena, &sections->out[node], &sections->out_count[node],
		sizeof(int)) = (int)sections->count - 1;
}

/* Of several lines between the same nodes, those of the same length belong together. */
static int find_opposite(const struct sections *sections, const struct section *section) {
	int found = SECTION_NONE;

	for (size_t i = 0; i < sections->out_count[section->to]; i++) {
		int number = sections->out[section->to][i];
		const struct section *other = &sections->list[number];

		if (other->to != section->from || other->opposite != SECTION_NONE)
			continue;
		if (found == SECTION_NONE ||
			fabs(other->length_m - section->length_m) <
				fabs(sections->list[found].length_m - section->length_m))
			found = number;
	}
	return found;
}

void sections_build(struct sections *sections, const struct network *network) {
	*sections = (struct sections){.network = network};
	number_nodes(sections);
	sections->out = arena_array(&sections->arena, sections->node_count, sizeof(int *));
	sections->out_count = arena_array(&sections->arena, sections->node_count, sizeof(size_t));
	for (size_t n = 0; n < sections->node_count; n++) {
		const struct element *element = network->elements[sections->nodes[n]];

		for (size_t i = 0; i < element->next_count; i++)
			add_section(sections, (int)n, element->next[i]);
	}
	for (size_t i = 0; i < sections->count; i++) {
		struct section *section = &sections->list[i];

		if (section->opposite != SECTION_NONE)
			continue;
		section->opposite = find_opposite(sections, section);
		if (section->opposite != SECTION_NONE)
			sections->list[section->opposite].opposite = (int)i;
	}
}

void sections_free(struct sections *sections) {
	arena_free(&sections->arena);
	*sections = (struct sections){0};
}

const char *section_name(const struct sections *sections, int section, struct arena *arena) {
	const struct section *it = &sections->list[section];
	struct element *const *elements = sections->network->elements;

	return arena_print(arena, "%s - %s", elements[sections->nodes[it->from]]->name,
		elements[sections->nodes[it->to]]->name);
}

bool sections_passable(const struct sections *sections, int node) {
	return sections->network->elements[sections->nodes[node]]->kind == ELEMENT_ROADM;
}

/* ---- shared risks ---- */

static void put_at_risk(struct sections *sections, int number, int risk) {
	struct section *section = &sections->list[number];

	if (section->risk_count && section->risks[section->risk_count - 1] == risk)
		return;
	*(int *)arena_append(&sections->arena, &section->risks, &section->risk_count, sizeof(int)) =
		risk;
	if (section->opposite != SECTION_NONE)
		put_at_risk(sections, section->opposite, risk);
}

static const char *line_element_at(const void *owner, size_t i) {
	const struct sections *sections = owner;

	return sections->section_of[i] == SECTION_NONE ? NULL
						       : sections->network->elements[i]->name;
}

static void take_group(struct sections *sections, struct document *document, struct node *group) {
	struct node *list = document_list(document, group, "elements");
	const char *name = document_text(document, group, "name", NULL);
	int risk = (int)sections->risk_count;

	if (!name || !list)
		document_mistake(document, group, "'name' and a list 'elements' are expected");
	*(const char **)arena_append(&sections->arena, &sections->risk_names, &sections->risk_count,
		sizeof(name)) = arena_text(&sections->arena, name ? name : "");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		int element = item->kind == NODE_TEXT ? network_find(sections->network, item->text)
						      : ELEMENT_NONE;

		if (element == ELEMENT_NONE || sections->section_of[element] == SECTION_NONE)
			names_mistake(document, item, "element of a line",
				item->kind == NODE_TEXT ? item->text : "?", line_element_at,
				sections, sections->network->count);
		else
			put_at_risk(sections, sections->section_of[element], risk);
	}
}

int sections_read_risks(struct sections *sections, const char *path) {
	struct document document;
	int error = document_read(&document, path);
	struct node *list;

	if (!error) {
		list = document_list(&document, document.root, "shared-risk-groups");
		if (!list)
			document_mistake(&document, document.root,
				"an object with a list 'shared-risk-groups' is expected");
		for (struct node *item = list ? list->first : NULL; item; item = item->next)
			take_group(sections, &document, item);
		error = document_finish(&document);
	}
	document_free(&document);
	return error;
}
