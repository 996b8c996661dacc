/* stale: the set of roots that must be written anew; see stale.h. */
#include "table/stale.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t bit(size_t root) {
	return 1ull << root % 64;
}

int stale_create(struct stale *stale, size_t roots) {
	stale->roots = roots;
	stale->count = 0;
	stale->bits = calloc(roots / 64, sizeof(*stale->bits));
	return stale->bits ? 0 : -ENOMEM;
}

void stale_destroy(struct stale *stale) {
	free(stale->bits);
}

void stale_add(struct stale *stale, size_t first, size_t count) {
	for (size_t root = first; root < first + count; root++) {
		stale->count += !(stale->bits[root / 64] & bit(root));
		stale->bits[root / 64] |= bit(root);
	}
}

void stale_remove(struct stale *stale, size_t root) {
	stale->count -= !!(stale->bits[root / 64] & bit(root));
	stale->bits[root / 64] &= ~bit(root);
}

size_t stale_next(const struct stale *stale, size_t root) {
	while (root < stale->roots) {
		uint64_t rest = stale->bits[root / 64] >> root % 64;

		if (rest)
			return root + (size_t)__builtin_ctzll(rest);
		root = (root / 64 + 1) * 64;
	}
	return stale->roots;
}
