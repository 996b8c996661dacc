/*
 * hold: what decides over forwarded traffic besides routes. Each source of holds is read wholly
 * each time: hold_begin, hold_add for each, hold_end, which tells whether the list differs now.
 *
 * A source that could not be read holds all traffic: its list stays as it was before, one more hold
 * says so, and it is read again each second until that succeeds.
 */
#pragma once

#include "mirror/mirror.h"

struct mirror;

enum hold_source {
	SOURCE_RULES,
	SOURCE_NETFILTER,
	SOURCE_TRAFFIC_CONTROL,
	SOURCE_XFRM,
	HOLD_SOURCES,
};

enum { HOLDS_MAX = 1024 }; /* of a source; more are counted in the last one's text */

struct hold_list {
	struct mirror_hold *holds;
	size_t count, capacity;
	size_t left_out;
};

struct holds {
	struct hold_list current[HOLD_SOURCES];
	int errors[HOLD_SOURCES]; /* of the last reading, 0 if it succeeded */
	struct hold_list next;
	struct mirror_hold *all;
};

void hold_begin(struct mirror *mirror);
void hold_add(struct mirror *mirror, const struct mirror_hold *hold, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void hold_end(struct mirror *mirror, enum hold_source source);
/* Instead of hold_end: the source could not be read, or not wholly (a negative errno). */
void hold_fail(struct mirror *mirror, enum hold_source source, int error);

/* All three: `read` adds the holds and returns 0 or a negative errno; -EAGAIN, if what it read
 * changed meanwhile, has it called again some times. */
void hold_read(struct mirror *mirror, enum hold_source source, int (*read)(struct mirror *mirror));

void holds_free(struct holds *holds);
