/*
 * tree: what fib4 and fib6 have in common: run words below a root, computed from a RIB. Private to
 * the room.
 *
 * A region is all addresses of a prefix; run words split it into slots. A slot's leaf is the next
 * hop of the longest prefix that covers the slot, or a node if the RIB holds longer prefixes in it.
 * A node is a region of its own, eight bits deep. So the words follow from the RIB alone, and what
 * does not differ from what is there is not written.
 *
 * What there is no room for answers REASON_TABLE_FULL: one word, or one slot. `failures` counts
 * those; the owner remembers where to try again.
 */
#pragma once

#include "table/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rib;
struct grace;

struct tree {
	struct rib *rib;
	struct pool *pool;
	struct pool_memory memory;
	size_t failures;
	size_t room_wanted;     /* since tree_await_room: with less it is not worth trying again, */
	size_t removals_wanted; /* unless so many routes have gone that need room no more */
};

/* What has changed in the RIB. Slots that a prefix longer than `hidden_beyond` covers are as they
 * were; in a table that must be written anew nothing is. */
struct change {
	const uint8_t *prefix; /* as many bytes as the RIB's addresses have */
	unsigned int prefix_len;
	unsigned int hidden_beyond;
};

enum { TREE_ALL = 129 };

/* 0; -ENOMEM, -EINVAL: as pool_create. */
int tree_create(struct tree *tree, size_t address_bytes, const struct pool_memory *memory,
	struct grace *grace);
void tree_destroy(struct tree *tree);

/* The next hop of the longest prefix that covers this one or is it, NEXTHOP_NONE if none does. */
uint32_t tree_match(const struct tree *tree, const uint8_t *prefix, unsigned int prefix_len);

/* Gives the slots of all these words one next hop. There are no nodes in them. */
void tree_fill(struct tree *tree, uint64_t *words, size_t count, uint32_t nexthop);

/* Brings those slots up to date that the change touches in a region of 1 << slot_bits slots (5 to
 * 8), the region's words being *words. */
void tree_write(struct tree *tree, uint64_t *words, const uint8_t *region, unsigned int region_len,
	unsigned int slot_bits, const struct change *change);

/* The leaf that a region should have, which has `current`; brings the nodes below up to date. */
uint32_t tree_leaf(struct tree *tree, const uint8_t *region, unsigned int region_len,
	uint32_t current, const struct change *change);

/* After a failure: how long to wait before all that failed is tried again, which takes long. The
 * owner asks once after each removal. */
void tree_await_room(struct tree *tree);
bool tree_may_have_room(struct tree *tree);

/* Drops what a leaf led to that readers can no longer find. */
void tree_drop_leaf(struct tree *tree, uint32_t leaf);
