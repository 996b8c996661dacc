/*
 * lot: numbers drawn at random, each by what it is drawn for and by nothing else: the same whoever
 * asks, in whatever order, on however many threads.
 */
#pragma once

#include <stdint.h>

/* What a number is drawn for. The same element has the same lot on every way that it is on. */
struct lot {
	uint64_t seed, sample;
	uint64_t quantity; /* what of it */
	uint64_t element;  /* whose; and which part of it: an end, a channel's frequency */
	uint64_t part;
};

/* Evenly distributed in 0 < p < 1. */
double lot_draw(const struct lot *lot);
