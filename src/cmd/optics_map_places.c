/* optics_map_places: where the sites of a map stand: where they are on earth, with crowds drawn
 * apart; or in a circle. */
#include "cmd/optics_map_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EDGE = 90, HEAD = 85, PUSHES = 300 };

/* Nearer to each other than this, names have no room. */
static const double room = 56;
static const double wide_least = 600, wide_by_root = 170;
static const double flat_most = 0.75, flat_least = 0.4; /* height over width */
static const double circle_gap = 70;

/* ---- on earth ---- */

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

/* Where the map is cut: in the middle of the widest stretch of longitude without a site. */
static double find_cut(const struct map *map, double *sorted) {
	size_t n = map->site_count, widest = n - 1;
	double gap;

	for (size_t i = 0; i < n; i++)
		sorted[i] = map->sites[i].element->location.longitude;
	qsort(sorted, n, sizeof(*sorted), compare);
	gap = sorted[0] + 360 - sorted[n - 1];
	for (size_t i = 0; i + 1 < n; i++)
		if (sorted[i + 1] - sorted[i] > gap) {
			gap = sorted[i + 1] - sorted[i];
			widest = i;
		}
	return sorted[widest] + gap / 2;
}

/* Plate carree about the middle latitude; degrees. */
static void project(struct map *map, double *sorted) {
	double cut = find_cut(map, sorted), south = INFINITY, north = -INFINITY, scale;

	for (size_t i = 0; i < map->site_count; i++) {
		south = fmin(south, map->sites[i].element->location.latitude);
		north = fmax(north, map->sites[i].element->location.latitude);
	}
	scale = fmax(cos((south + north) / 2 * M_PI / 180), 0.2);
	for (size_t i = 0; i < map->site_count; i++) {
		const struct location *location = &map->sites[i].element->location;

		map->sites[i].at =
			(struct map_point){remainder(location->longitude - cut - 180, 360) * scale,
				-location->latitude};
	}
}

/* Whether most sites have a place of their own. */
static bool is_on_earth(const struct map *map) {
	size_t alone = 0;

	for (size_t i = 0; i < map->site_count; i++) {
		const struct location *one = &map->sites[i].element->location;
		bool shares = false;

		for (size_t k = 0; k < map->site_count && !shares; k++) {
			const struct location *other = &map->sites[k].element->location;

			shares = k != i && one->latitude == other->latitude &&
				 one->longitude == other->longitude;
		}
		alone += !shares;
	}
	return 3 * alone >= 2 * map->site_count && map->site_count > 1;
}

/* ---- crowds ---- */

/* One coordinate of all sites. */
struct spread_out {
	double *part; /* of its range */
	double *rank; /* among all, as a part of them */
};

static struct spread_out measure(struct arena *arena, const double *value, size_t count) {
	struct spread_out made = {arena_array(arena, count, sizeof(double)),
		arena_array(arena, count, sizeof(double))};
	double *sorted = arena_array(arena, count, sizeof(*sorted));

	memcpy(sorted, value, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		double range = sorted[count - 1] - sorted[0];
		size_t rank = 0;

		while (sorted[rank] < value[i])
			rank++;
		made.part[i] = range > 0 ? (value[i] - sorted[0]) / range : 0.5;
		made.rank[i] = range > 0 ? (double)rank / (double)(count - 1) : 0.5;
	}
	return made;
}

static double distance(const struct map *map, size_t i, size_t k) {
	double x = map->sites[i].at.x - map->sites[k].at.x;
	double y = map->sites[i].at.y - map->sites[k].at.y;

	return sqrt(x * x + y * y);
}

static size_t count_crowded(const struct map *map) {
	size_t crowded = 0;

	for (size_t i = 0; i < map->site_count; i++)
		for (size_t k = 0; k < map->site_count; k++)
			if (k != i && distance(map, i, k) < room) {
				crowded++;
				break;
			}
	return crowded;
}

static void keep_inside(const struct map *map, struct map_point *at) {
	at->x = fmin(fmax(at->x, EDGE), map->wide - EDGE);
	at->y = fmin(fmax(at->y, HEAD), map->high - EDGE / 2);
}

/* Two that are too near push each other away; two in one place, in a direction of their own. */
static bool push_once(struct map *map) {
	bool has_pushed = false;

	for (size_t i = 0; i < map->site_count; i++)
		for (size_t k = 0; k < i; k++) {
			struct map_point *one = &map->sites[i].at, *other = &map->sites[k].at;
			double far = distance(map, i, k), step = (room - far) / 4;
			double x = far > 0 ? (one->x - other->x) / far : cos((double)i);
			double y = far > 0 ? (one->y - other->y) / far : sin((double)i);

			if (far >= room)
				continue;
			one->x += x * step;
			one->y += y * step;
			other->x -= x * step;
			other->y -= y * step;
			keep_inside(map, one);
			keep_inside(map, other);
			has_pushed = true;
		}
	return has_pushed;
}

static void push_apart(struct map *map) {
	for (int push = 0; push < PUSHES && push_once(map); push++)
		continue;
}

/* Height over width, within what a page bears. */
static double flatness(const double *x, const double *y, size_t count) {
	double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;

	for (size_t i = 0; i < count; i++) {
		left = fmin(left, x[i]);
		right = fmax(right, x[i]);
		top = fmin(top, y[i]);
		bottom = fmax(bottom, y[i]);
	}
	if (right <= left)
		return flat_most;
	return fmin(fmax((bottom - top) / (right - left), flat_least), flat_most);
}

/* Ranks draw crowds apart, and keep what is left of what, and above what. As much of them as it
 * takes. */
static void place_on_earth(struct map *map, double scale) {
	size_t n = map->site_count;
	double *x = arena_array(&map->arena, n, sizeof(*x));
	double *y = arena_array(&map->arena, n, sizeof(*y)), flat, wide;
	struct spread_out across, down;

	project(map, x);
	wide = fmax(wide_by_root * sqrt((double)n), wide_least) * scale;
	for (size_t i = 0; i < n; i++) {
		x[i] = map->sites[i].at.x;
		y[i] = map->sites[i].at.y;
	}
	across = measure(&map->arena, x, n);
	down = measure(&map->arena, y, n);
	flat = flatness(x, y, n);
	map->wide = wide + 2 * EDGE;
	map->high = wide * flat + HEAD + EDGE / 2;
	for (double by_rank = 0; by_rank < 0.8; by_rank += 0.15) {
		for (size_t i = 0; i < n; i++)
			map->sites[i].at =
				(struct map_point){EDGE + wide * ((1 - by_rank) * across.part[i] +
									 by_rank * across.rank[i]),
					HEAD + wide * flat *
							((1 - by_rank) * down.part[i] +
								by_rank * down.rank[i])};
		if (10 * count_crowded(map) <= n)
			break;
	}
	push_apart(map);
}

/* ---- in a circle ---- */

/* Sites in the order in which links lead to them, so that neighbours stand together. */
static size_t visit(const struct map *map, size_t site, size_t *order, bool *seen, size_t count) {
	order[count++] = site;
	seen[site] = true;
	for (size_t i = 0; i < map->link_count; i++) {
		const struct map_link *link = &map->links[i];
		size_t next = link->from == site ? link->to : link->from;

		if ((link->from == site || link->to == site) && !seen[next])
			count = visit(map, next, order, seen, count);
	}
	return count;
}

static void place_in_circle(struct map *map, double scale) {
	size_t n = map->site_count, count = 0;
	size_t *order = arena_array(&map->arena, n, sizeof(*order));
	bool *seen = arena_array(&map->arena, n, sizeof(*seen));
	double radius = fmax(circle_gap * (double)n / (2 * M_PI), 200) * scale;
	double high = n > 2 ? radius : 60;

	for (size_t i = 0; i < n; i++)
		if (!seen[i])
			count = visit(map, i, order, seen, count);
	map->wide = 2 * radius + 4 * EDGE;
	map->high = 2 * high + HEAD + EDGE;
	for (size_t i = 0; i < n; i++) {
		double angle = M_PI + 2 * M_PI * (double)i / (double)n;

		map->sites[order[i]].at = (struct map_point){
			2 * EDGE + radius + radius * cos(angle), HEAD + high + high * sin(angle)};
	}
}

void map_place(struct map *map, double scale) {
	if (is_on_earth(map))
		place_on_earth(map, scale);
	else
		place_in_circle(map, scale);
}
