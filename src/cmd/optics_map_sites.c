/* optics_map_sites: the sites of a network, and the lines between them. */
#include "cmd/optics_map_private.h"

#include "cmd/optics_labels.h"

#include <stdio.h>

static const size_t nowhere = (size_t)-1;

static bool has_roadm(const struct network *network, const struct element *element) {
	for (size_t k = 0; k < element->next_count; k++)
		if (network->elements[element->next[k]]->kind == ELEMENT_ROADM)
			return true;
	for (size_t k = 0; k < element->previous_count; k++)
		if (network->elements[element->previous[k]]->kind == ELEMENT_ROADM)
			return true;
	return false;
}

static bool is_site(const struct network *network, const struct element *element) {
	return element->kind == ELEMENT_ROADM ||
	       (element->kind == ELEMENT_TRANSCEIVER && !has_roadm(network, element));
}

static void label(struct map *map) {
	const char **names = arena_array(&map->arena, map->site_count, sizeof(*names));
	size_t skipped;

	for (size_t i = 0; i < map->site_count; i++)
		names[i] = map->sites[i].element->name;
	skipped = labels_in_common(names, map->site_count);
	for (size_t i = 0; i < map->site_count; i++)
		map->sites[i].label = names[i] + skipped;
}

/* The site at the end of the line that begins with an element; `km` of fibre are on it. */
static size_t follow(const struct network *network, const size_t *site_of, int number, double *km) {
	const struct element *element = network->elements[number];

	*km = 0;
	while (!element_is_node(element)) {
		*km += element->fibre ? element->fibre->length_m / 1e3 : 0;
		if (!element->next_count)
			return nowhere;
		number = element->next[0];
		element = network->elements[number];
	}
	return site_of[number];
}

/* The way back of a link that is there already; if not, one more. */
static void add_link(struct map *map, size_t from, size_t to, double km) {
	struct map_link *link;
	int nth = 0;

	for (size_t i = 0; i < map->link_count; i++) {
		link = &map->links[i];
		if (link->from == to && link->to == from && !link->has_back) {
			link->has_back = true;
			return;
		}
		nth += (link->from == from && link->to == to) ||
		       (link->from == to && link->to == from);
	}
	link = arena_append(&map->arena, &map->links, &map->link_count, sizeof(*link));
	*link = (struct map_link){.from = from, .to = to, .km = km, .nth = nth};
	snprintf(link->text, sizeof(link->text), "%.*f km", km < 10 ? 1 : 0, km);
}

void map_gather(struct map *map, const struct network *network) {
	size_t *site_of = arena_array(&map->arena, network->count, sizeof(*site_of));

	map->sites = arena_array(&map->arena, network->count, sizeof(*map->sites));
	for (size_t i = 0; i < network->count; i++) {
		site_of[i] = nowhere;
		if (!is_site(network, network->elements[i]))
			continue;
		site_of[i] = map->site_count;
		map->sites[map->site_count++].element = network->elements[i];
	}
	label(map);
	for (size_t i = 0; i < network->count; i++)
		for (size_t k = 0; site_of[i] != nowhere && k < network->elements[i]->next_count;
			k++) {
			double km;
			size_t to = follow(network, site_of, network->elements[i]->next[k], &km);

			if (to != nowhere && to != site_of[i])
				add_link(map, site_of[i], to, km);
		}
}
