/* optics_map_private: what the files of the map share. */
#pragma once

#include "base/arena.h"
#include "optics/network.h"

#include <stdbool.h>
#include <stddef.h>

enum { MAP_SITE_RADIUS = 6, MAP_NAME_SIZE = 13, MAP_LENGTH_SIZE = 10, MAP_LENGTH_BYTES = 16 };

struct map_point {
	double x, y;
};

/* A text's box, by its middle. */
struct map_box {
	double x, y, wide, high;
};

struct map_site {
	const struct element *element;
	const char *label;
	struct map_point at;
	struct map_box name;
	bool is_far; /* the name, so that a joint is to lead to it */
};

/* Both directions, if there are both. Of several between the same two sites the n-th bends aside.
 */
struct map_link {
	size_t from, to; /* sites */
	double km;
	int nth;
	bool has_back;
	char text[MAP_LENGTH_BYTES];
	struct map_box length; /* its text's */
};

struct map {
	struct arena arena;
	struct map_site *sites;
	struct map_link *links;
	size_t site_count, link_count;
	double wide, high;
};

/* optics_map_sites: what there is. */
void map_gather(struct map *map, const struct network *network);

/* optics_map_places: where sites stand, in a picture `scale` times as large as usual. */
void map_place(struct map *map, double scale);

/* optics_map_names: where names and lengths stand; how many of them lie on something that they
 * should not. */
size_t map_place_names(struct map *map);

/* A point of a link, 0 <= part <= 1. */
struct map_point map_link_at(const struct map *map, const struct map_link *link, double part);
