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

/* The bits of a word from root `first` up to, but without, root `end`, which are 64 apart at most.
 */
static uint64_t bits_within(size_t first, size_t end) {
	return ~0ull >> (64 - (end - first)) << first % 64;
}

void stale_add(struct stale *stale, size_t first, size_t count) {
	size_t end = first + count, next;

	for (size_t root = first; root < end; root = next) {
		uint64_t *word = &stale->bits[root / 64];
		uint64_t added;

		next = (root / 64 + 1) * 64 < end ? (root / 64 + 1) * 64 : end;
		added = bits_within(root, next) & ~*word;
		stale->count += (size_t)__builtin_popcountll(added);
		*word |= added;
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
