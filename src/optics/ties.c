/* ties: see ties.h. */
#include "optics/ties.h"

#include <stdlib.h>

static void tie_to_others(
	struct ties *ties, const struct disjunction *disjunction, size_t service) {
	for (size_t k = 0; k < disjunction->count; k++)
		if (disjunction->services[k] != service)
			*(struct tie *)arena_append(&ties->arena, &ties->of[service],
				&ties->count[service], sizeof(struct tie)) =
				(struct tie){disjunction->services[k],
					disjunction->relaxable ? 0 : disjunction->kinds,
					disjunction->relaxable ? disjunction->kinds : 0};
}

static int by_other(const void *a, const void *b) {
	size_t one = ((const struct tie *)a)->other, other = ((const struct tie *)b)->other;

	return (one > other) - (one < other);
}

/* Sorts, and makes one tie of those to the same service. */
static size_t join(struct tie *ties, size_t count) {
	size_t kept = 0;

	if (count)
		qsort(ties, count, sizeof(*ties), by_other);
	for (size_t i = 0; i < count; i++)
		if (kept && ties[kept - 1].other == ties[i].other) {
			ties[kept - 1].firm |= ties[i].firm;
			ties[kept - 1].soft |= ties[i].soft;
		} else {
			ties[kept++] = ties[i];
		}
	return kept;
}

void ties_build(struct ties *ties, const struct services *services) {
	*ties = (struct ties){0};
	ties->of = arena_array(&ties->arena, services->count, sizeof(*ties->of));
	ties->count = arena_array(&ties->arena, services->count, sizeof(*ties->count));
	for (size_t i = 0; i < services->disjunction_count; i++) {
		const struct disjunction *disjunction = &services->disjunctions[i];

		for (size_t k = 0; k < disjunction->count; k++)
			tie_to_others(ties, disjunction, disjunction->services[k]);
	}
	for (size_t i = 0; i < services->count; i++)
		ties->count[i] = join(ties->of[i], ties->count[i]);
}

void ties_free(struct ties *ties) {
	arena_free(&ties->arena);
	*ties = (struct ties){0};
}
