/*
 * optics_map_names: where the names of sites and the lengths of links stand on a map. Each takes
 * the place, of a few around its site or along its link, that costs least: on another text or a
 * site costs most, on a link less, far away a little. Names choose again when all have chosen.
 */
#include "cmd/optics_map_private.h"

#include "base/svg.h"

#include <math.h>

enum { ROUNDS = 4, DIRECTIONS = 8, DISTANCES = 4 };

static const double cost_text = 1000, cost_edge = 3000, cost_link = 25;
static const double cost_distance = 12, cost_direction = 1, cost_aside = 15;
static const double distances[DISTANCES] = {4, 12, 22, 34};

/* Where names are looked for first: at the right, the left, above, below, and the corners. */
static const struct map_point directions[DIRECTIONS] = {
	{1, 0}, {-1, 0}, {0, -1}, {0, 1}, {1, -1}, {1, 1}, {-1, -1}, {-1, 1}};

/* Along a link, from the middle. */
static const double parts[] = {0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8};

/* ---- what lies on what ---- */

static bool overlap(const struct map_box *one, const struct map_box *other) {
	return fabs(one->x - other->x) < (one->wide + other->wide) / 2 &&
	       fabs(one->y - other->y) < (one->high + other->high) / 2;
}

static struct map_box site_box(const struct map_site *site) {
	return (struct map_box){
		site->at.x, site->at.y, 2 * MAP_SITE_RADIUS + 2, 2 * MAP_SITE_RADIUS + 2};
}

/* Clips the part [from, to] of a segment to where it is within half a size of the middle. */
static void clip(double start, double step, double middle, double half, double *from, double *to) {
	double one, other;

	if (step == 0) {
		if (fabs(start - middle) > half)
			*to = -1;
		return;
	}
	one = (middle - half - start) / step;
	other = (middle + half - start) / step;
	*from = fmax(*from, fmin(one, other));
	*to = fmin(*to, fmax(one, other));
}

static bool crosses(const struct map *map, const struct map_link *link, const struct map_box *box) {
	const struct map_point *from = &map->sites[link->from].at, *to = &map->sites[link->to].at;
	double start = 0, end = 1;

	if (fmax(from->x, to->x) < box->x - box->wide / 2 ||
		fmin(from->x, to->x) > box->x + box->wide / 2 ||
		fmax(from->y, to->y) < box->y - box->high / 2 ||
		fmin(from->y, to->y) > box->y + box->high / 2)
		return false;
	clip(from->x, to->x - from->x, box->x, box->wide / 2, &start, &end);
	clip(from->y, to->y - from->y, box->y, box->high / 2, &start, &end);
	return start <= end;
}

/* ---- costs ---- */

/* How many texts and sites a box lies on, but for those of a site's name or a link's length. */
static size_t count_hits(
	const struct map *map, const struct map_box *box, size_t own_site, size_t own_link) {
	size_t hits = 0;

	for (size_t i = 0; i < map->site_count; i++) {
		struct map_box site = site_box(&map->sites[i]);

		hits += overlap(box, &site);
		hits += i != own_site && overlap(box, &map->sites[i].name);
	}
	for (size_t i = 0; i < map->link_count; i++)
		hits += i != own_link && overlap(box, &map->links[i].length);
	return hits;
}

/* What a place costs, on top of `cost`; INFINITY if that is more than `best`. */
static double cost_of(const struct map *map, const struct map_box *box, size_t own_site,
	size_t own_link, double cost, double best) {
	if (box->x - box->wide / 2 < 0 || box->x + box->wide / 2 > map->wide ||
		box->y - box->high / 2 < 0 || box->y + box->high / 2 > map->high)
		cost += cost_edge;
	if (cost >= best)
		return INFINITY;
	cost += cost_text * (double)count_hits(map, box, own_site, own_link);
	for (size_t i = 0; i < map->link_count && cost < best; i++)
		if (i != own_link && crosses(map, &map->links[i], box))
			cost += cost_link;
	return cost < best ? cost : INFINITY;
}

/* ---- choosing ---- */

static void choose_name(struct map *map, size_t number) {
	struct map_site *site = &map->sites[number];
	double wide = svg_text_wide(site->label, MAP_NAME_SIZE) + 4, high = MAP_NAME_SIZE + 2;
	double best = INFINITY;

	for (int far = 0; far < DISTANCES; far++)
		for (int way = 0; way < DIRECTIONS; way++) {
			double away = MAP_SITE_RADIUS + distances[far];
			struct map_box box = {site->at.x + directions[way].x * (away + wide / 2),
				site->at.y + directions[way].y * (away + high / 2), wide, high};
			double cost;

			if (directions[way].x * directions[way].y != 0) {
				box.x = site->at.x + directions[way].x * (away / 2 + wide / 2);
				box.y = site->at.y + directions[way].y * (away / 2 + high / 2);
			}
			cost = cost_of(map, &box, number, map->link_count,
				cost_distance * far + cost_direction * way, best);
			if (cost >= best)
				continue;
			best = cost;
			site->name = box;
			site->is_far = far > 1;
		}
}

/* On the link, or beside it by as much as the text needs. */
static struct map_box length_box(
	const struct map *map, const struct map_link *link, double part, int side) {
	struct map_point from = map_link_at(map, link, 0), to = map_link_at(map, link, 1);
	struct map_point at = map_link_at(map, link, part);
	double far = fmax(hypot(to.x - from.x, to.y - from.y), 1);
	double x = -(to.y - from.y) / far, y = (to.x - from.x) / far;
	double wide = svg_text_wide(link->text, MAP_LENGTH_SIZE) + 3, high = MAP_LENGTH_SIZE + 1;
	double away = side * (fabs(x) * wide + fabs(y) * high + 3) / 2;

	return (struct map_box){at.x + x * away, at.y + y * away, wide, high};
}

static void choose_length(struct map *map, size_t number) {
	struct map_link *link = &map->links[number];
	double best = INFINITY;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (int side = -1; side <= 1; side++) {
			struct map_box box = length_box(map, link, parts[i], side);
			double cost = cost_of(map, &box, map->site_count, number,
				(double)i + (side ? cost_aside : 0), best);

			if (cost >= best)
				continue;
			best = cost;
			link->length = box;
		}
}

/* Those that stand on something. */
static size_t count_misplaced(const struct map *map) {
	size_t misplaced = 0;

	for (size_t i = 0; i < map->site_count; i++)
		misplaced += count_hits(map, &map->sites[i].name, i, map->link_count) > 0;
	for (size_t i = 0; i < map->link_count; i++)
		misplaced += count_hits(map, &map->links[i].length, map->site_count, i) > 0;
	return misplaced;
}

size_t map_place_names(struct map *map) {
	for (size_t i = 0; i < map->site_count; i++)
		map->sites[i].name = (struct map_box){-1e6, -1e6, 0, 0};
	for (size_t i = 0; i < map->link_count; i++)
		map->links[i].length = (struct map_box){-1e6, -1e6, 0, 0};
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < map->site_count; i++)
			choose_name(map, i);
		for (size_t i = 0; i < map->link_count; i++)
			choose_length(map, i);
	}
	return count_misplaced(map);
}
