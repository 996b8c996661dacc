/* occupancy: see occupancy.h. */
#include "optics/occupancy.h"

#include "optics/flexgrid.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORD_BITS = 64,
	/* What is broken up beside a route against what is on it: of 0 to 3 the best on CORONET
	 * CONUS, where it blocks 2 to 8 % fewer of 800 services than the first fit. */
	BESIDE_WEIGHT = 3,
	/* The narrowest slot is two steps wide. */
	BITS_MOST = 2 * SPECTRUM_CHANNELS_MAX,
};

/* A line's. */
static uint64_t *row(const struct occupancy *occupancy, int line) {
	return occupancy->lit + (size_t)line * occupancy->words;
}

static bool bit(const uint64_t *words, size_t at) {
	return words[at / WORD_BITS] >> (at % WORD_BITS) & 1;
}

static void set_bits(uint64_t *words, size_t from, size_t to, bool lit) {
	for (size_t i = from; i < to; i++) {
		uint64_t mask = (uint64_t)1 << (i % WORD_BITS);

		if (lit)
			words[i / WORD_BITS] |= mask;
		else
			words[i / WORD_BITS] &= ~mask;
	}
}

/* ---- bands ---- */

/* The step that begins at a frequency or above it; and that ends there or below. */
static int step_from(double hz) {
	return (int)ceil((hz - FLEXGRID_ANCHOR_HZ) / FLEXGRID_STEP_HZ - 1e-6);
}

static int step_to(double hz) {
	return (int)floor((hz - FLEXGRID_ANCHOR_HZ) / FLEXGRID_STEP_HZ + 1e-6);
}

/* The bit of a step; of those beyond a line's, the nearest. */
static size_t place_of(const struct occupancy *occupancy, int step) {
	int at = step - occupancy->low_n;

	return at < 0 ? 0 : (size_t)at > occupancy->bits ? occupancy->bits : (size_t)at;
}

/* Narrows what is free on a line to the bands of an element. */
static void narrow(struct occupancy *occupancy, uint64_t *lit, const struct element *element,
	double guard_hz) {
	size_t from = 0;

	for (size_t b = 0; b < element->amplifier_count; b++) {
		const struct amplifier_type *type = element->amplifiers[b].type;
		size_t low = place_of(occupancy, step_from(type->f_min_hz + guard_hz));
		size_t high = place_of(occupancy, step_to(type->f_max_hz - guard_hz));

		if (low > from)
			set_bits(lit, from, low, true);
		from = high > from ? high : from;
	}
	set_bits(lit, from, occupancy->bits, true);
}

static void narrow_section(
	struct occupancy *occupancy, const struct section *section, int line, double guard_hz) {
	for (size_t i = 0; i < section->count; i++) {
		const struct element *element =
			occupancy->sections->network->elements[section->elements[i]];

		if (element->amplifier_count)
			narrow(occupancy, row(occupancy, line), element, guard_hz);
	}
}

static bool is_amplified(const struct sections *sections, const struct section *section) {
	for (size_t i = 0; i < section->count; i++)
		if (sections->network->elements[section->elements[i]]->amplifier_count)
			return true;
	return false;
}

/* The widest band of all: what bits are for. One that holds no step of the grid has none. */
static int span(struct occupancy *occupancy, const struct load_rules *rules) {
	const struct network *network = occupancy->sections->network;
	double low = rules->f_min_hz, high = rules->f_max_hz;

	for (size_t i = 0; i < network->count; i++)
		for (size_t b = 0; b < network->elements[i]->amplifier_count; b++) {
			const struct amplifier_type *type =
				network->elements[i]->amplifiers[b].type;

			low = fmin(low, type->f_min_hz);
			high = fmax(high, type->f_max_hz);
		}
	occupancy->low_n = step_from(low);
	if (step_to(high) > occupancy->low_n)
		occupancy->bits = (size_t)(step_to(high) - occupancy->low_n);
	occupancy->words = occupancy->bits / WORD_BITS + 1;
	return occupancy->bits > BITS_MOST ? -ERANGE : 0;
}

static size_t number_lines(struct occupancy *occupancy) {
	const struct sections *sections = occupancy->sections;
	size_t count = 0;

	for (size_t s = 0; s < sections->count; s++) {
		const struct section *section = &sections->list[s];
		bool second = section->opposite != SECTION_NONE && section->opposite < (int)s;

		occupancy->lines[s] = !section_is_line(section) ? SECTION_NONE
				      : second ? occupancy->lines[section->opposite]
					       : (int)count++;
	}
	return count;
}

int occupancy_create(struct occupancy *occupancy, const struct sections *sections,
	const struct load_rules *rules, double guard_hz) {
	size_t count;
	int error;

	*occupancy = (struct occupancy){.sections = sections};
	error = span(occupancy, rules);
	if (error)
		return error;
	occupancy->lines = calloc(sections->count + 1, sizeof(*occupancy->lines));
	if (!occupancy->lines)
		return -ENOMEM;
	count = occupancy->line_count = number_lines(occupancy);
	occupancy->lit = calloc((count + 1) * occupancy->words, sizeof(*occupancy->lit));
	occupancy->taken = calloc(occupancy->words, sizeof(*occupancy->taken));
	if (!occupancy->lit || !occupancy->taken) {
		occupancy_free(occupancy);
		return -ENOMEM;
	}
	for (size_t s = 0; s < sections->count; s++) {
		const struct section *section = &sections->list[s];
		struct amplifier_type type = {
			.f_min_hz = rules->f_min_hz, .f_max_hz = rules->f_max_hz};
		struct amplifier amplifier = {.type = &type};
		const struct element band = {.amplifiers = &amplifier, .amplifier_count = 1};

		if (occupancy->lines[s] == SECTION_NONE)
			continue;
		if (!is_amplified(sections, section))
			narrow(occupancy, row(occupancy, occupancy->lines[s]), &band, 0);
		narrow_section(occupancy, section, occupancy->lines[s], guard_hz);
	}
	return 0;
}

int occupancy_copy(struct occupancy *to, const struct occupancy *from) {
	size_t sections = from->sections->count + 1;
	size_t words = (from->line_count + 1) * from->words;

	*to = *from;
	to->lines = calloc(sections, sizeof(*to->lines));
	to->taken = calloc(to->words, sizeof(*to->taken));
	to->lit = calloc(words, sizeof(*to->lit));
	if (!to->lines || !to->taken || !to->lit) {
		occupancy_free(to);
		return -ENOMEM;
	}
	memcpy(to->lines, from->lines, sections * sizeof(*to->lines));
	memcpy(to->lit, from->lit, words * sizeof(*to->lit));
	return 0;
}

void occupancy_free(struct occupancy *occupancy) {
	free(occupancy->lit);
	free(occupancy->taken);
	free(occupancy->lines);
	*occupancy = (struct occupancy){0};
}

/* ---- slots ---- */

static void find_taken(struct occupancy *occupancy, const struct route *route) {
	uint64_t *taken = occupancy->taken;

	memset(taken, 0, occupancy->words * sizeof(*taken));
	for (size_t i = 0; i < route->count; i++) {
		int line = occupancy->lines[route->sections[i]];

		for (size_t w = 0; line != SECTION_NONE && w < occupancy->words; w++)
			taken[w] |= row(occupancy, line)[w];
	}
}

bool occupancy_is_lit(const struct occupancy *occupancy, int section, int n) {
	int line = occupancy->lines[section];
	int at = n - occupancy->low_n;

	return line == SECTION_NONE || at < 0 || (size_t)at >= occupancy->bits ||
	       bit(row(occupancy, line), (size_t)at);
}

int occupancy_channels_most(const struct occupancy *occupancy, int m) {
	return (int)occupancy->bits / (2 * m);
}

bool occupancy_is_free(
	const struct occupancy *occupancy, const struct route *route, const struct slot *slot) {
	for (size_t i = 0; i < route->count; i++)
		for (int n = slot->n - slot->m; n < slot->n + slot->m; n++)
			if (occupancy->lines[route->sections[i]] != SECTION_NONE &&
				occupancy_is_lit(occupancy, route->sections[i], n))
				return false;
	return true;
}

void occupancy_set(
	struct occupancy *occupancy, const struct route *route, const struct slot *slot, bool lit) {
	size_t from = (size_t)(slot->n - slot->m - occupancy->low_n);

	for (size_t i = 0; i < route->count; i++) {
		int line = occupancy->lines[route->sections[i]];

		if (line != SECTION_NONE)
			set_bits(row(occupancy, line), from, from + 2 * (size_t)slot->m, lit);
	}
}

/* The run of free steps at or behind `at`: where it begins and ends; false if there is no more. */
static bool next_run(const uint64_t *taken, size_t bits, size_t at, size_t *from, size_t *to) {
	while (at < bits && bit(taken, at))
		at++;
	*from = at;
	while (at < bits && !bit(taken, at))
		at++;
	*to = at;
	return *from < bits;
}

/* ---- what a slot breaks up ---- */

/* Lines that meet the route at a node and are not of it, once each; how many. */
static size_t find_beside(
	const struct occupancy *occupancy, const struct route *route, int *lines, bool *seen) {
	const struct sections *sections = occupancy->sections;
	size_t count = 0;

	for (size_t i = 0; i < route->count; i++)
		if (occupancy->lines[route->sections[i]] != SECTION_NONE)
			seen[occupancy->lines[route->sections[i]]] = true;
	for (size_t i = 0; i < route->count; i++) {
		const struct section *section = &sections->list[route->sections[i]];

		for (size_t k = 0; k < sections->out_count[section->to]; k++) {
			int line = occupancy->lines[sections->out[section->to][k]];

			if (line == SECTION_NONE || seen[line])
				continue;
			seen[line] = true;
			lines[count++] = line;
		}
	}
	return count;
}

static size_t count_free(const uint64_t *lit, size_t from, size_t to) {
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		count += !bit(lit, i);
	return count;
}

static bool is_free_at(const struct occupancy *occupancy, int line, size_t at) {
	return at < occupancy->bits && !bit(row(occupancy, line), at);
}

/* On the route: gaps that begin or end at the slot, where there were none. Beside it: how much of
 * the slot is free there, and so can no longer be used together with the route. */
static double breakage(const struct occupancy *occupancy, const struct route *route,
	const int *beside, size_t beside_count, size_t from, size_t to) {
	double cost = 0;

	for (size_t i = 0; i < route->count; i++) {
		int line = occupancy->lines[route->sections[i]];

		if (line == SECTION_NONE)
			continue;
		cost += from > 0 && is_free_at(occupancy, line, from - 1);
		cost += is_free_at(occupancy, line, to);
	}
	for (size_t i = 0; i < beside_count; i++)
		cost += BESIDE_WEIGHT * (double)count_free(row(occupancy, beside[i]), from, to) /
			(double)(to - from);
	return cost;
}

/* Of the places at either edge of a run, the one that breaks the least; the lowest of equals. */
static size_t least_broken(const struct occupancy *occupancy, const struct route *route,
	const uint64_t *taken, size_t width) {
	size_t sections = occupancy->sections->count, found = SIZE_MAX, beside_count, from, to;
	int *beside = calloc(sections + 1, sizeof(*beside));
	bool *seen = calloc(sections + 1, sizeof(*seen));
	double least = INFINITY;

	beside_count = beside && seen ? find_beside(occupancy, route, beside, seen) : 0;
	for (size_t at = 0; next_run(taken, occupancy->bits, at, &from, &to); at = to) {
		const size_t places[] = {from, to - width};

		for (int k = 0; k < 2 && to - from >= width; k++) {
			double cost = breakage(occupancy, route, beside, beside_count, places[k],
				places[k] + width);

			if (cost < least) {
				least = cost;
				found = places[k];
			}
		}
	}
	free(beside);
	free(seen);
	return found;
}

static size_t first_fit(const struct occupancy *occupancy, const uint64_t *taken, size_t width) {
	size_t from, to;

	for (size_t at = 0; next_run(taken, occupancy->bits, at, &from, &to); at = to)
		if (to - from >= width)
			return from;
	return SIZE_MAX;
}

bool occupancy_find(struct occupancy *occupancy, const struct route *route, enum slot_choice choice,
	struct slot *slot) {
	size_t width = 2 * (size_t)slot->m, found;
	const uint64_t *taken = occupancy->taken;

	find_taken(occupancy, route);
	found = choice == SLOT_FIRST_FIT ? first_fit(occupancy, taken, width)
					 : least_broken(occupancy, route, taken, width);
	if (found == SIZE_MAX)
		return false;
	slot->n = occupancy->low_n + (int)found + slot->m;
	return true;
}
