/* companies: see companies.h. */
#include "optics/companies.h"

/* All that ties lead to from one service, by a list of those whose ties are still to be followed.
 */
static void follow_ties(struct companies *companies, size_t first, bool *found, size_t *waiting) {
	const struct ties *ties = &companies->ties;
	size_t count = 1;

	waiting[0] = first;
	found[first] = true;
	while (count > 0) {
		size_t service = waiting[--count];

		companies->of[service] = first;
		companies->count[first]++;
		for (size_t t = 0; t < ties->count[service]; t++) {
			size_t other = ties->of[service][t].other;

			if (!found[other])
				waiting[count++] = other;
			found[other] = true;
		}
	}
}

static void add_member(struct companies *companies, size_t service, bool *added, size_t *filled) {
	size_t company = companies->of[service];

	if (added[service])
		return;
	added[service] = true;
	companies->place[service] = filled[company]++;
	companies->members[companies->begin[company] + companies->place[service]] = service;
}

void companies_find(struct companies *companies, const struct services *services) {
	size_t count = services->count, begin = 0, *numbers;
	struct arena *arena = &companies->ties.arena;
	bool *found, *added;

	ties_build(&companies->ties, services);
	companies->of = arena_array(arena, count, sizeof(size_t));
	companies->begin = arena_array(arena, count, sizeof(size_t));
	companies->count = arena_array(arena, count, sizeof(size_t));
	companies->members = arena_array(arena, count, sizeof(size_t));
	companies->place = arena_array(arena, count, sizeof(size_t));
	numbers = arena_array(arena, 2 * count, sizeof(size_t)); /* waiting, filled */
	found = arena_array(arena, count, sizeof(bool));
	added = arena_array(arena, count, sizeof(bool));
	for (size_t i = 0; i < count; i++) {
		if (!found[i])
			follow_ties(companies, i, found, numbers);
		companies->begin[i] = begin;
		begin += companies->count[i];
	}
	for (size_t i = 0; i < services->disjunction_count; i++)
		for (size_t k = 0; k < services->disjunctions[i].count; k++)
			add_member(companies, services->disjunctions[i].services[k], added,
				numbers + count);
	for (size_t i = 0; i < count; i++)
		add_member(companies, i, added, numbers + count);
}

void companies_free(struct companies *companies) {
	ties_free(&companies->ties);
}
