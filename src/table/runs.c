/* runs: run words from and to the leaves of their slots; see runs.h. */
#include "table/runs.h"

#include "table/pool.h"

#include <string.h>

uint64_t runs_constant(uint32_t index) {
	return (uint64_t)index << 32;
}

void runs_read(const uint32_t *leaves, uint64_t word, uint32_t slots[RUN_SLOTS]) {
	uint32_t starts = (uint32_t)word;
	const uint32_t *leaf = leaves + (word >> 32);

	for (unsigned int slot = 0; slot < RUN_SLOTS; slot++) {
		leaf += starts >> slot & 1;
		slots[slot] = *leaf;
	}
}

int runs_hold(struct pool *pool, const uint32_t slots[RUN_SLOTS], uint64_t *word) {
	uint32_t block[RUN_SLOTS], starts = 0, base;
	unsigned int size = 1;
	int error;

	block[0] = slots[0];
	for (unsigned int slot = 1; slot < RUN_SLOTS; slot++) {
		if (slots[slot] == slots[slot - 1])
			continue;
		starts |= 1u << slot;
		block[size++] = slots[slot];
	}

	error = pool_hold_block(pool, block, size, &base);
	if (error)
		return error;
	*word = (uint64_t)base << 32 | starts;
	return 0;
}

void runs_drop(struct pool *pool, uint64_t word) {
	pool_drop_block(pool, (uint32_t)(word >> 32));
}
