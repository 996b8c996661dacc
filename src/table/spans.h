/*
 * spans: which parts of an array are free. Hands out spans of elements by size and joins what comes
 * back with its free neighbours. Best fit: a list for each size up to SPAN_EXACT, then one for each
 * doubling. Never touches the array itself, which readers may be reading. Private to the room.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct spans;

/* All `count` elements are free at first. NULL if there is no memory. */
struct spans *spans_create(uint32_t count);
void spans_destroy(struct spans *spans);

/* The first of `size` (1 or more) elements in a row: 0, or -ENOSPC. */
int spans_take(struct spans *spans, uint32_t size, uint32_t *first);

/* Gives back exactly what was taken. */
void spans_give(struct spans *spans, uint32_t first, uint32_t size);

/* How many elements are free, in spans of any size. */
uint32_t spans_free(const struct spans *spans);
