/* lit: see lit.h. */
#include "optics/lit.h"

#include "optics/flexgrid.h"

#include <errno.h>
#include <stdlib.h>

/* Channels of a service lie side by side in its slots, each in the middle of its part. */
static struct channel channel_of(
	const struct carried *carried, const struct slot *slot, int number, int width) {
	const struct transceiver_mode *mode = carried->judgement.mode;
	const struct service *service = carried->service;

	return (struct channel){
		flexgrid_low(slot->n, slot->m) + ((double)number + 0.5) * width * FLEXGRID_WIDTH_HZ,
		mode->baud_hz, width * FLEXGRID_WIDTH_HZ, mode->roll_off, mode->tx_osnr_db,
		mode->offset_db, service_tx_dbm(service, mode)};
}

/* How many of its channels a slot holds, of those that are left. */
static int channels_in(const struct slot *slot, int width, int left) {
	int held = slot->m / width;

	return held < left ? held : left;
}

static void add_channels(const struct carried *carried, struct spectrum *spectrum) {
	int width = flexgrid_width(1, carried->service->spacing_hz), left = carried->channels;

	for (size_t i = 0; i < carried->slot_count; i++) {
		int held = channels_in(&carried->slots[i], width, left);

		for (int k = 0; k < held; k++) {
			const struct channel channel =
				channel_of(carried, &carried->slots[i], k, width);

			spectrum_add(spectrum, &channel);
		}
		left -= held;
	}
}

int lit_channels_own(const struct carried *carried, struct spectrum *own) {
	int error = spectrum_create(own, (size_t)carried->channels);
	size_t at;

	if (!error)
		add_channels(carried, own);
	if (!error)
		spectrum_sort(own, &at);
	return error;
}

/* Calls for each line of each service that is carried. */
static void visit(struct lit_channels *lit,
	void (*take)(struct spectrum *line, size_t *room, const struct carried *carried),
	size_t *rooms) {
	const struct plan *plan = lit->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const struct carried *carried = &plan->list[i];

		for (size_t k = 0; !carried->blocking && k < carried->routing.route.count; k++) {
			int line = plan->occupancy.lines[carried->routing.route.sections[k]];

			if (line != SECTION_NONE)
				take(&lit->lines[line], &rooms[line], carried);
		}
	}
}

static void count_channels(struct spectrum *line, size_t *room, const struct carried *carried) {
	*room += (size_t)carried->channels;
}

static void take_channels(struct spectrum *line, size_t *room, const struct carried *carried) {
	add_channels(carried, line);
}

int lit_channels_create(struct lit_channels *lit, const struct plan *plan) {
	size_t count = plan->sections->count + 1, at;
	size_t *rooms = calloc(count, sizeof(*rooms));
	int error = 0;

	*lit = (struct lit_channels){plan, calloc(count, sizeof(*lit->lines)), count};
	if (!rooms || !lit->lines)
		error = -ENOMEM;
	if (!error)
		visit(lit, count_channels, rooms);
	for (size_t i = 0; i < count && !error; i++)
		error = spectrum_create(&lit->lines[i], rooms[i]);
	if (!error)
		visit(lit, take_channels, rooms);
	for (size_t i = 0; i < count && !error; i++)
		spectrum_sort(&lit->lines[i], &at);
	free(rooms);
	if (error)
		lit_channels_free(lit);
	return error;
}

void lit_channels_free(struct lit_channels *lit) {
	for (size_t i = 0; lit->lines && i < lit->count; i++)
		spectrum_free(&lit->lines[i]);
	free(lit->lines);
	*lit = (struct lit_channels){0};
}

void lit_channels_along(const struct lit_channels *lit, const int *way, size_t count,
	const struct spectrum *own, const struct spectrum **along) {
	const struct sections *sections = lit->plan->sections;
	size_t last = 0;

	for (size_t i = 0; i < count; i++) {
		int section = i + 1 < count ? sections->section_of[way[i + 1]] : SECTION_NONE;

		along[i] = NULL;
		if (sections->node_of[way[i]] == NODE_NONE)
			continue;
		if (section != SECTION_NONE)
			along[i] = &lit->lines[lit->plan->occupancy.lines[section]];
		if (sections->section_of[way[i]] == SECTION_NONE && i > 0 &&
			sections->section_of[way[i - 1]] != SECTION_NONE)
			last = i;
	}
	along[last] = last ? own : NULL;
}
