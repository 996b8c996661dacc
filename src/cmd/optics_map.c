/* optics_map: see optics_map.h. */
#include "cmd/optics_map.h"

#include "base/svg.h"
#include "cmd/optics_map_private.h"

#include <math.h>
#include <string.h>

enum { ABOUT_BYTES = 96, TITLE_SIZE = 20, EDGE = 24, TRIES = 8, SITES_LEGIBLE = 400 };

static const double grow = 1.2, bend = 28;

static const char style[] =
	"text { font: 13px sans-serif; fill: #111; text-anchor: middle; paint-order: stroke; "
	"stroke: #fff; stroke-width: 3px; stroke-linejoin: round }\n"
	".title { font-size: 20px; font-weight: bold; text-anchor: start } .about { text-anchor: "
	"start }\n"
	".km { font-size: 10px; fill: #345; stroke-width: 5px } .joint { stroke: #999; "
	"stroke-width: 0.8 }\n"
	".link { fill: none; stroke: #7d9bb5; stroke-width: 2 }\n"
	".roadm { fill: #0072b2; stroke: #fff; stroke-width: 1.5 }\n"
	".transceiver { fill: #d55e00; stroke: #fff; stroke-width: 1.5 }\n"
	".link:hover { stroke: #d55e00; stroke-width: 4 } circle:hover { stroke: #000 }\n";

/* ---- links ---- */

/* How far the middle of a link is beside the straight line: the first is on it, the others by and
 * by further off, on either side. */
static struct map_point bent(const struct map *map, const struct map_link *link) {
	const struct map_point *from = &map->sites[link->from].at, *to = &map->sites[link->to].at;
	double far = fmax(hypot(to->x - from->x, to->y - from->y), 1);
	double aside = bend * ((link->nth + 1) / 2) * (link->nth % 2 ? 1 : -1);

	if (link->from > link->to)
		aside = -aside;
	return (struct map_point){
		-(to->y - from->y) / far * aside, (to->x - from->x) / far * aside};
}

struct map_point map_link_at(const struct map *map, const struct map_link *link, double part) {
	const struct map_point *from = &map->sites[link->from].at, *to = &map->sites[link->to].at;
	struct map_point aside = bent(map, link);
	double share = 4 * part * (1 - part);

	return (struct map_point){from->x + (to->x - from->x) * part + aside.x * share,
		from->y + (to->y - from->y) * part + aside.y * share};
}

/* A parabola; its point of control is twice as far aside as its middle. */
static void draw_link(const struct map *map, const struct map_link *link, FILE *to) {
	const struct map_site *one = &map->sites[link->from], *other = &map->sites[link->to];
	struct map_point aside = bent(map, link);

	fprintf(to, "<path class=\"link\" d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\">", one->at.x,
		one->at.y, (one->at.x + other->at.x) / 2 + 2 * aside.x,
		(one->at.y + other->at.y) / 2 + 2 * aside.y, other->at.x, other->at.y);
	svg_tip(to, "%s %s %s: %.1f km", one->element->name, link->has_back ? "and" : "to",
		other->element->name, link->km);
	fputs("</path>\n", to);
}

/* ---- sites ---- */

static void draw_joint(const struct map_site *site, FILE *to) {
	const struct map_box *box = &site->name;
	double x = fmin(fmax(site->at.x, box->x - box->wide / 2), box->x + box->wide / 2);
	double y = fmin(fmax(site->at.y, box->y - box->high / 2), box->y + box->high / 2);

	svg_line(to, "joint", site->at.x, site->at.y, x, y);
}

static void draw_site(const struct map_site *site, FILE *to) {
	const struct location *location = &site->element->location;

	fprintf(to, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\">",
		site->element->kind == ELEMENT_ROADM ? "roadm" : "transceiver", site->at.x,
		site->at.y, MAP_SITE_RADIUS);
	svg_tip(to, "%s, %.3f, %.3f", site->element->name, location->latitude, location->longitude);
	fputs("</circle>\n", to);
}

/* ---- the picture ---- */

static void draw_head(struct map *map, const char *path, FILE *to) {
	const char *slash = strrchr(path, '/'), *title = slash ? slash + 1 : path;
	char about[ABOUT_BYTES];
	double km = 0;

	for (size_t i = 0; i < map->link_count; i++)
		km += map->links[i].km;
	snprintf(about, sizeof(about), "%zu sites, %zu links, %.0f km", map->site_count,
		map->link_count, km);
	map->wide = fmax(map->wide, svg_text_wide(title, TITLE_SIZE) + 3 * EDGE);
	svg_begin(to, map->wide, map->high, title, style);
	svg_text(to, "title", EDGE, 34, title);
	svg_text(to, "about", EDGE, 54, about);
}

static void draw(struct map *map, const char *path, FILE *to) {
	draw_head(map, path, to);
	for (size_t i = 0; i < map->link_count; i++)
		draw_link(map, &map->links[i], to);
	for (size_t i = 0; i < map->site_count; i++)
		if (map->sites[i].is_far)
			draw_joint(&map->sites[i], to);
	for (size_t i = 0; i < map->site_count; i++)
		draw_site(&map->sites[i], to);
	for (size_t i = 0; i < map->link_count; i++)
		svg_text(to, "km", map->links[i].length.x, map->links[i].length.y + 3.5,
			map->links[i].text);
	for (size_t i = 0; i < map->site_count; i++)
		svg_text(to, "site", map->sites[i].name.x, map->sites[i].name.y + 4.5,
			map->sites[i].label);
	svg_end(to);
}

/* The picture grows until all texts have room; of very many sites nobody reads all. */
void map_draw(const struct network *network, FILE *to) {
	struct map map = {0};
	double scale = 1;
	int tries;

	map_gather(&map, network);
	tries = map.site_count <= SITES_LEGIBLE ? TRIES : 1;
	for (int try = 0; try < tries; try++, scale *= grow) {
		map_place(&map, scale);
		if (map_place_names(&map) == 0)
			break;
	}
	draw(&map, network->path, to);
	arena_free(&map.arena);
}
