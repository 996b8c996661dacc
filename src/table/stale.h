/*
 * stale: the set of roots that must be written anew: because a bulk load has only noted them, or
 * because there was no room. Private to the room.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct stale {
	uint64_t *bits; /* a bit a root */
	size_t roots;
	size_t count;
};

/* 0, or -ENOMEM. */
int stale_create(struct stale *stale, size_t roots);
void stale_destroy(struct stale *stale);

void stale_add(struct stale *stale, size_t first, size_t count);
void stale_remove(struct stale *stale, size_t root);

/* The first stale root from this one on; `roots` if there is none. */
size_t stale_next(const struct stale *stale, size_t root);
