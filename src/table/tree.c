/* tree: run words below a root, computed from a RIB; see tree.h. */
#include "table/tree.h"

#include "table/layout.h"
#include "table/reason.h"
#include "table/rib.h"
#include "table/runs.h"

#include <errno.h>
#include <string.h>

enum {
	NODE_BITS = 8,
	SLOTS_MAX = 1 << NODE_BITS,
	ROOM_STEPS = 256, /* try again when this fraction has come free or has gone */
};

_Static_assert(SLOTS_MAX == NODE_WORDS * RUN_SLOTS, "a node's words are its slots");

/* A region while its slots are brought up to date; only slots first .. end-1 count. */
struct drawing {
	const uint8_t *region;
	unsigned int region_len;
	unsigned int slot_len; /* the length of a slot's prefix */
	unsigned int first;
	unsigned int end;
	uint32_t before[SLOTS_MAX];
	uint32_t after[SLOTS_MAX];
	uint8_t covered_by[SLOTS_MAX];   /* length of the prefix that covers the slot */
	uint64_t deeper[SLOTS_MAX / 64]; /* slots in which the RIB holds longer prefixes */
};

static unsigned int clamp(unsigned int value, unsigned int least, unsigned int most) {
	return value < least ? least : value > most ? most : value;
}

/* The slot in which an address lies: its bits region_len .. slot_len-1, eight at most. */
static unsigned int slot_of(const struct drawing *drawing, const uint8_t *address) {
	unsigned int byte = (drawing->slot_len - 1) / 8;
	unsigned int bits = address[byte] >> (7 - (drawing->slot_len - 1) % 8);

	return bits & ((1u << (drawing->slot_len - drawing->region_len)) - 1);
}

/* The prefix of a slot. No region begins within a byte that a slot's end is not in. */
static void slot_prefix(const struct drawing *drawing, unsigned int slot, uint8_t prefix[16]) {
	unsigned int byte = (drawing->slot_len - 1) / 8;
	uint8_t bits = (uint8_t)(slot << (7 - (drawing->slot_len - 1) % 8));

	memset(prefix, 0, 16);
	memcpy(prefix, drawing->region, (drawing->region_len + 7) / 8);
	prefix[byte] |= bits;
}

static void drop_node(struct tree *tree, uint32_t node) {
	uint64_t *words = pool_node(&tree->memory, node);
	uint32_t slots[RUN_SLOTS];

	for (unsigned int i = 0; i < NODE_WORDS; i++) {
		runs_read(tree->memory.leaves, words[i], slots);
		for (unsigned int slot = 0; slot < RUN_SLOTS; slot++)
			tree_drop_leaf(tree, slots[slot]);
		runs_drop(tree->pool, words[i]);
	}
	pool_drop_node(tree->pool, node);
}

/* A node of its own for a region that had none, or the verdict if there is none left. */
static uint32_t new_node(struct tree *tree, const uint8_t *region, unsigned int region_len) {
	struct change all = {region, region_len, TREE_ALL};
	uint64_t *words;
	uint32_t node;

	if (pool_take_node(tree->pool, &node)) {
		tree->failures++;
		return REASON_TABLE_FULL;
	}
	words = pool_node(&tree->memory, node);
	for (unsigned int i = 0; i < NODE_WORDS; i++)
		words[i] = runs_constant(NEXTHOP_NONE);
	tree_write(tree, words, region, region_len, NODE_BITS, &all);
	return node | LEAF_NODE;
}

/* The leaf of a region in which the RIB holds longer prefixes. */
static uint32_t node_leaf(struct tree *tree, const uint8_t *region, unsigned int region_len,
	uint32_t current, const struct change *change) {
	if (!(current & LEAF_NODE))
		return new_node(tree, region, region_len);
	tree_write(tree, pool_node(&tree->memory, current & ~LEAF_NODE), region, region_len,
		NODE_BITS, change);
	return current;
}

static void cover(
	struct drawing *drawing, const uint8_t *prefix, unsigned int prefix_len, uint32_t nexthop) {
	unsigned int first = slot_of(drawing, prefix);
	unsigned int end = first + (1u << (drawing->slot_len - prefix_len));

	for (unsigned int slot = first; slot < end; slot++) {
		drawing->after[slot] = nexthop;
		drawing->covered_by[slot] = (uint8_t)prefix_len;
	}
}

/* Shorter prefixes come first and are drawn over by longer ones. */
static void draw_prefixes(struct tree *tree, struct drawing *drawing, const uint8_t *within,
	unsigned int within_len) {
	uint32_t inherited = tree_match(tree, within, within_len);
	struct rib_walk walk;

	for (unsigned int slot = drawing->first; slot < drawing->end; slot++) {
		drawing->after[slot] = inherited;
		drawing->covered_by[slot] = 0;
	}
	memset(drawing->deeper, 0, sizeof(drawing->deeper));

	rib_walk_start(&walk, tree->rib, within, within_len);
	while (rib_walk_next(&walk)) {
		unsigned int slot = slot_of(drawing, walk.prefix);

		if (walk.prefix_len > drawing->slot_len) {
			drawing->deeper[slot / 64] |= 1ull << slot % 64;
			rib_walk_skip(&walk);
		} else if (walk.prefix_len > within_len) {
			cover(drawing, walk.prefix, walk.prefix_len, walk.value);
		}
	}
}

static void draw_nodes(struct tree *tree, struct drawing *drawing, const struct change *change) {
	uint8_t prefix[16];

	for (unsigned int slot = drawing->first; slot < drawing->end; slot++) {
		if (!(drawing->deeper[slot / 64] >> slot % 64 & 1))
			continue;
		if (drawing->covered_by[slot] > change->hidden_beyond) {
			drawing->after[slot] = drawing->before[slot];
			continue;
		}
		slot_prefix(drawing, slot, prefix);
		drawing->after[slot] =
			node_leaf(tree, prefix, drawing->slot_len, drawing->before[slot], change);
	}
}

static void draw(struct tree *tree, struct drawing *drawing, const struct change *change) {
	unsigned int within_len = clamp(change->prefix_len, drawing->region_len, drawing->slot_len);
	const uint8_t *within =
		change->prefix_len < drawing->region_len ? drawing->region : change->prefix;

	draw_prefixes(tree, drawing, within, within_len);
	draw_nodes(tree, drawing, change);
}

/* Only one slot can differ when the change is within it: no need to look at the others. */
static void draw_slot(struct tree *tree, struct drawing *drawing, const struct change *change) {
	unsigned int slot = drawing->first;
	uint8_t prefix[16];

	slot_prefix(drawing, slot, prefix);
	drawing->after[slot] =
		tree_leaf(tree, prefix, drawing->slot_len, drawing->before[slot], change);
}

/* Publishes one word. Nodes have one holder, so a slot that no longer has its node was the last. */
static void publish(struct tree *tree, uint64_t *word, const uint32_t *before, uint32_t *after) {
	uint32_t wanted[RUN_SLOTS];
	uint64_t old = *word, new;

	if (!memcmp(before, after, RUN_SLOTS * sizeof(*after)))
		return;

	memcpy(wanted, after, sizeof(wanted));
	if (runs_hold(tree->pool, after, &new)) {
		tree->failures++;
		new = runs_constant(REASON_TABLE_FULL);
		for (unsigned int slot = 0; slot < RUN_SLOTS; slot++)
			after[slot] = REASON_TABLE_FULL;
	}
	__atomic_store_n(word, new, __ATOMIC_RELEASE);
	runs_drop(tree->pool, old);

	for (unsigned int slot = 0; slot < RUN_SLOTS; slot++) {
		if (before[slot] != after[slot])
			tree_drop_leaf(tree, before[slot]);
		if (wanted[slot] != after[slot] && wanted[slot] != before[slot])
			tree_drop_leaf(tree, wanted[slot]);
	}
}

int tree_create(struct tree *tree, size_t address_bytes, const struct pool_memory *memory,
	struct grace *grace) {
	*tree = (struct tree){.memory = *memory};
	tree->rib = rib_create(address_bytes);
	if (!tree->rib)
		return -ENOMEM;
	tree->pool = pool_create(memory, grace);
	if (!tree->pool) {
		rib_destroy(tree->rib);
		return -errno;
	}
	return 0;
}

void tree_destroy(struct tree *tree) {
	pool_destroy(tree->pool);
	rib_destroy(tree->rib);
}

uint32_t tree_match(const struct tree *tree, const uint8_t *prefix, unsigned int prefix_len) {
	uint32_t nexthop;

	return rib_match(tree->rib, prefix, prefix_len, NULL, NULL, &nexthop) ? NEXTHOP_NONE
									      : nexthop;
}

void tree_fill(struct tree *tree, uint64_t *words, size_t count, uint32_t nexthop) {
	uint32_t base;

	for (size_t i = 0; i < count; i++) {
		uint64_t old = words[i];

		if (pool_hold_block(tree->pool, &nexthop, 1, &base)) {
			tree->failures++;
			base = REASON_TABLE_FULL;
		}
		__atomic_store_n(&words[i], runs_constant(base), __ATOMIC_RELEASE);
		runs_drop(tree->pool, old);
	}
}

void tree_write(struct tree *tree, uint64_t *words, const uint8_t *region, unsigned int region_len,
	unsigned int slot_bits, const struct change *change) {
	struct drawing drawing;
	unsigned int first_word, end_word, within_len;

	drawing.region = region;
	drawing.region_len = region_len;
	drawing.slot_len = region_len + slot_bits;
	within_len = clamp(change->prefix_len, region_len, drawing.slot_len);
	drawing.first = change->prefix_len > region_len ? slot_of(&drawing, change->prefix) : 0;
	drawing.end = drawing.first + (1u << (drawing.slot_len - within_len));
	first_word = drawing.first / RUN_SLOTS;
	end_word = (drawing.end - 1) / RUN_SLOTS + 1;

	for (unsigned int i = first_word; i < end_word; i++) {
		uint32_t *before = drawing.before + i * RUN_SLOTS;

		runs_read(tree->memory.leaves, words[i], before);
		memcpy(drawing.after + i * RUN_SLOTS, before, RUN_SLOTS * sizeof(*before));
	}

	if (change->prefix_len > drawing.slot_len)
		draw_slot(tree, &drawing, change);
	else
		draw(tree, &drawing, change);

	for (unsigned int i = first_word; i < end_word; i++)
		publish(tree, &words[i], drawing.before + i * RUN_SLOTS,
			drawing.after + i * RUN_SLOTS);
}

uint32_t tree_leaf(struct tree *tree, const uint8_t *region, unsigned int region_len,
	uint32_t current, const struct change *change) {
	if (!rib_has_longer(tree->rib, region, region_len))
		return tree_match(tree, region, region_len);
	return node_leaf(tree, region, region_len, current, change);
}

void tree_await_room(struct tree *tree) {
	tree->room_wanted = pool_room(tree->pool) + pool_size(tree->pool) / ROOM_STEPS;
	tree->removals_wanted = rib_count(tree->rib) / ROOM_STEPS;
}

bool tree_may_have_room(struct tree *tree) {
	if (pool_room(tree->pool) > tree->room_wanted || !tree->removals_wanted)
		return true;
	tree->removals_wanted--;
	return false;
}

void tree_drop_leaf(struct tree *tree, uint32_t leaf) {
	if (leaf & LEAF_NODE)
		drop_node(tree, leaf & ~LEAF_NODE);
}
