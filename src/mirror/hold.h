/*
 * hold: what decides over forwarded traffic besides routes. Each source of holds is read wholly
 * each time: hold_begin, hold_add for each, hold_end, which tells whether the list differs now.
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
	struct hold_list next;
	struct mirror_hold *all;
	size_t all_count;
};

void hold_begin(struct mirror *mirror);
void hold_add(struct mirror *mirror, const struct mirror_hold *hold, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void hold_end(struct mirror *mirror, enum hold_source source);
void holds_free(struct holds *holds);
