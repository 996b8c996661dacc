/*
 * owner: whose each id of the next-hop table is, a neighbour's or a path's group. For showing: what
 * there was no memory to note has no owner.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mirror;
struct neighbour;
struct path;

struct owner {
	const struct neighbour *neighbour;
	const struct path *path; /* one of the two, or neither */
};

struct owners {
	struct owner *by_id;
	size_t capacity;
};

/* An id was allocated for its owner, or freed: {0}. */
void owner_set(struct mirror *mirror, uint32_t id, struct owner owner);
struct owner owner_of(const struct mirror *mirror, uint32_t id);
void owners_free(struct owners *owners);
