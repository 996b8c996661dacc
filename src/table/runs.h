/*
 * runs: run words (layout.h) from and to the 32 leaves of their slots. Private to the room.
 */
#pragma once

#include <stdint.h>

struct pool;

enum { RUN_SLOTS = 32 };

/* The word whose slots all have the leaf at this index; a reason is the index of its verdict. */
uint64_t runs_constant(uint32_t index);

/* The leaves of a word's slots. */
void runs_read(const uint32_t *leaves, uint64_t word, uint32_t slots[RUN_SLOTS]);

/* A word for these leaves, and the pool's block for it: 0, or -ENOSPC. */
int runs_hold(struct pool *pool, const uint32_t slots[RUN_SLOTS], uint64_t *word);

/* Drops the block of a word that readers can no longer find. */
void runs_drop(struct pool *pool, uint64_t word);
