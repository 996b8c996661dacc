/*
 * occupancy: which part of the spectrum is lit on which line, in steps of the flexible grid (ITU-T
 * G.694.1: 6.25 GHz). Both directions of a line are one: what is lit there is lit back.
 */
#pragma once

#include "optics/routes.h"
#include "optics/services.h"

#include <stdint.h>

enum slot_choice {
	SLOT_FIRST_FIT,    /* the lowest that is free on the whole route */
	SLOT_LEAST_BROKEN, /* the one that breaks up the least of what is free, there and beside */
};

struct occupancy {
	const struct sections *sections;
	int low_n;   /* of bit 0 */
	size_t bits; /* a line */
	size_t words, line_count;
	uint64_t *lit;   /* by line; what no amplifier has a band for counts as lit */
	uint64_t *taken; /* one line's: what is lit somewhere on a route */
	int *lines;      /* by section; of both directions the same; SECTION_NONE of patches */
};

/* Nothing is lit. The network is designed: all amplifiers have types. `guard_hz` is left free at
 * each edge of amplifiers' bands. Lines without amplifiers have the band of `rules`. 0, -ENOMEM, or
 * -ERANGE if the bands of all lines together are wider than SPECTRUM_CHANNELS_MAX of the narrowest
 * slots, so that no line is ever lit with more channels. */
int occupancy_create(struct occupancy *occupancy, const struct sections *sections,
	const struct load_rules *rules, double guard_hz);
int occupancy_copy(struct occupancy *to, const struct occupancy *from);
void occupancy_free(struct occupancy *occupancy);

/* Channels that are each `m` wide: as many as a line has room for. */
int occupancy_channels_most(const struct occupancy *occupancy, int m);

bool occupancy_is_free(
	const struct occupancy *occupancy, const struct route *route, const struct slot *slot);

/* A place for `slot->m` on the route; false if there is none. */
bool occupancy_find(struct occupancy *occupancy, const struct route *route, enum slot_choice choice,
	struct slot *slot);

void occupancy_set(
	struct occupancy *occupancy, const struct route *route, const struct slot *slot, bool lit);

/* Steps of the grid on a section that are lit, and of those that amplifiers have a band for. */
bool occupancy_is_lit(const struct occupancy *occupancy, int section, int n);
