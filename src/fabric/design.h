/*
 * design: a fabric in the making (fabric.h), for fabric.c and the design_ files: nodes first, then
 * cables with their ports, then addresses; each number comes from the state by a key that says what
 * it is for. Mistakes are noted, and the making goes on, so that all of them are told.
 */
#pragma once

#include "fabric/fabric.h"

#include <uthash.h>

enum { DESIGN_KEY_MAX = 3 * FABRIC_NAME_MAX };

struct name_entry {
	const char *name;
	int node;
	UT_hash_handle hh;
};

struct design {
	struct fabric fabric; /* first: what is given out */
	struct mistakes *mistakes;
	struct state *state;
	struct name_entry *names;
	bool is_sure; /* of what this step needs, all is right in the intent */
	bool no_memory;
};

/* `line` 0: it has none. What may come of a mistake in the intent is none. */
void __attribute__((format(printf, 3, 4)))
design_mistake(struct design *design, int line, const char *format, ...);

/* One more element, zeroed, at the end of an array (by its address); NULL without memory. */
void *design_append(struct design *design, void *array, size_t *count, size_t size);

/* The number that a key has in a pool of the state. */
uint32_t __attribute__((format(printf, 3, 4)))
design_take(struct design *design, const char *pool, const char *format, ...);

/* A prefix that is dealt out, and the line of the intent that says it. */
struct pool {
	const struct prefix *prefix;
	int line;
};

/* The n-th part of a pool, AF_UNSPEC of one that is; a mistake if there is none, which says for
 * what. */
struct prefix design_part_of(
	struct design *design, struct pool pool, unsigned int length, uint64_t n, const char *what);

/* The steps, in this order. */
void design_nodes(struct design *design);
void design_cables(struct design *design);
void design_check_ports(struct design *design);
void design_emulation(struct design *design);
void design_addresses(struct design *design);
void design_check_policies(struct design *design);
void design_check_applications(struct design *design);
