/* optics_plot_lit: see optics_plot_lit.h. */
#include "cmd/optics_plot_lit.h"

#include "cmd/optics_labels.h"
#include "cmd/optics_plot_spectrum.h"
#include "optics/flexgrid.h"

#include <math.h>

/* Lines as links, and their slots, in an arena. */
struct picture {
	struct arena arena;
	const struct plan *plan;
	const char **links;
	struct plot_slot *slots;
	size_t slot_count;
	double low_hz, high_hz;
};

/* The end of a section, without the words that all nodes begin with. */
static const char *site(const struct picture *picture, int node, size_t common) {
	const struct sections *sections = picture->plan->sections;

	return sections->network->elements[sections->nodes[node]]->name + common;
}

static size_t common_words(struct picture *picture) {
	const struct sections *sections = picture->plan->sections;
	const char **names = arena_array(&picture->arena, sections->node_count + 1, sizeof(*names));
	size_t count = 0;

	for (size_t n = 0; n < sections->node_count; n++)
		if (sections_passable(sections, (int)n))
			names[count++] = site(picture, (int)n, 0);
	return labels_in_common(names, count);
}

static void name_links(struct picture *picture) {
	const struct sections *sections = picture->plan->sections;
	const struct occupancy *occupancy = &picture->plan->occupancy;
	size_t common = common_words(picture);

	picture->links =
		arena_array(&picture->arena, occupancy->line_count + 1, sizeof(*picture->links));
	for (size_t s = 0; s < sections->count; s++) {
		const struct section *section = &sections->list[s];
		int line = occupancy->lines[s];
		bool sites = sections_passable(sections, section->from) &&
			     sections_passable(sections, section->to);

		if (line != SECTION_NONE && !picture->links[line])
			picture->links[line] = arena_print(&picture->arena, "%s – %s",
				site(picture, section->from, sites ? common : 0),
				site(picture, section->to, sites ? common : 0));
	}
}

static void add_slot(
	struct picture *picture, const struct carried *carried, int line, const struct slot *slot) {
	struct plot_slot *one =
		arena_append(&picture->arena, &picture->slots, &picture->slot_count, sizeof(*one));

	*one = (struct plot_slot){(size_t)line, flexgrid_low(slot->n, slot->m),
		flexgrid_high(slot->n, slot->m), carried->service->id};
	picture->low_hz = fmin(picture->low_hz, one->low_hz);
	picture->high_hz = fmax(picture->high_hz, one->high_hz);
}

static void add_service(struct picture *picture, const struct carried *carried) {
	const struct route *route = &carried->routing.route;

	for (size_t i = 0; i < route->count; i++) {
		int line = picture->plan->occupancy.lines[route->sections[i]];

		for (size_t k = 0; line != SECTION_NONE && k < carried->slot_count; k++)
			add_slot(picture, carried, line, &carried->slots[k]);
	}
}

void plot_lit_draw(const struct plan *plan, FILE *to) {
	const struct occupancy *occupancy = &plan->occupancy;
	struct picture picture = {.plan = plan,
		.low_hz = flexgrid_frequency(occupancy->low_n),
		.high_hz = flexgrid_frequency(occupancy->low_n + (int)occupancy->bits)};
	struct plot_spectrum plot;

	name_links(&picture);
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->list[i].blocking)
			add_service(&picture, &plan->list[i]);
	plot = (struct plot_spectrum){.title = "What is lit on each line",
		.links = picture.links,
		.link_count = occupancy->line_count,
		.slots = picture.slots,
		.slot_count = picture.slot_count,
		.low_hz = picture.low_hz,
		.high_hz = picture.high_hz};
	plot_spectrum_draw(&plot, to);
	arena_free(&picture.arena);
}
