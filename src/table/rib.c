/*
 * rib: prefixes in a path-compressed binary trie; see rib.h.
 *
 * A node stands for a prefix. It either has a value or exists because its two children part there,
 * so that n prefixes take fewer than 2n nodes. Nodes lie in one growing array, each followed by its
 * key (a node of IPv4 is 20 bytes, one of IPv6 32), and name each other by index; index 0 is
 * "none". A node that is free is linked by its first child.
 */
#include "table/rib.h"

#include "table/target.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct rib_node {
	uint32_t children[2];
	uint32_t value;
	uint8_t prefix_len;
	bool has_value;
	uint8_t padding[2];
	uint8_t key[];
};

struct rib {
	uint8_t *nodes;
	size_t stride;
	size_t address_bytes;
	size_t count;
	uint32_t capacity;
	uint32_t used; /* indices below this were given out at least once */
	uint32_t free;
	uint32_t root;
};

enum { FIRST_CAPACITY = 64 };

static inline struct rib_node *node_at(const struct rib *rib, uint32_t index) {
	return (struct rib_node *)(rib->nodes + (size_t)index * rib->stride);
}

static inline unsigned int bit_at(const uint8_t *key, unsigned int position) {
	return key[position / 8] >> (7 - position % 8) & 1;
}

/* How many leading bits two keys share, `most` at most. */
static inline unsigned int shared_bits(
	const struct rib *rib, const uint8_t *one, const uint8_t *other, unsigned int most) {
	unsigned int shared;

	if (rib->address_bytes == 4) {
		uint32_t difference = NET32(load32(one) ^ load32(other));

		shared = difference ? (unsigned int)__builtin_clz(difference) : 32;
	} else {
		uint64_t high = NET64(load64(one) ^ load64(other));
		uint64_t low = NET64(load64(one + 8) ^ load64(other + 8));

		shared = high  ? (unsigned int)__builtin_clzll(high)
			 : low ? 64 + (unsigned int)__builtin_clzll(low)
			       : 128;
	}
	return shared < most ? shared : most;
}

static inline bool node_covers(const struct rib *rib, const struct rib_node *node,
	const uint8_t *prefix, unsigned int prefix_len) {
	return node->prefix_len <= prefix_len &&
	       shared_bits(rib, node->key, prefix, node->prefix_len) == node->prefix_len;
}

/* Makes sure that two more nodes can be taken, which is what one insertion needs at most. */
static int reserve(struct rib *rib) {
	uint32_t capacity = rib->capacity + rib->capacity / 4;
	uint8_t *nodes;

	if (rib->used + 2 <= rib->capacity)
		return 0;
	if (capacity < rib->capacity || !(nodes = realloc(rib->nodes, capacity * rib->stride)))
		return -ENOMEM;
	rib->nodes = nodes;
	rib->capacity = capacity;
	return 0;
}

static uint32_t take_node(struct rib *rib, const uint8_t *prefix, unsigned int prefix_len) {
	uint32_t index = rib->free;
	struct rib_node *node;

	if (!index)
		index = rib->used++;
	node = node_at(rib, index);
	if (rib->free)
		rib->free = node->children[0];

	memset(node, 0, rib->stride);
	node->prefix_len = (uint8_t)prefix_len;
	memcpy(node->key, prefix, (prefix_len + 7) / 8);
	if (prefix_len % 8)
		node->key[prefix_len / 8] &= (uint8_t)(0xff << (8 - prefix_len % 8));
	return index;
}

static void give_node(struct rib *rib, uint32_t index) {
	node_at(rib, index)->children[0] = rib->free;
	rib->free = index;
}

static void set_value(struct rib *rib, struct rib_node *node, uint32_t value) {
	rib->count += !node->has_value;
	node->has_value = true;
	node->value = value;
}

/* The node at which the subtree of all prefixes within this one begins, 0 if there are none. */
static uint32_t subtree(const struct rib *rib, const uint8_t *within, unsigned int within_len) {
	uint32_t index = rib->root;

	while (index) {
		const struct rib_node *node = node_at(rib, index);

		if (node->prefix_len >= within_len)
			return shared_bits(rib, node->key, within, within_len) == within_len ? index
											     : 0;
		if (!node_covers(rib, node, within, within_len))
			return 0;
		index = node->children[bit_at(within, node->prefix_len)];
	}
	return 0;
}

/* The first of a subtree in order. A node without a value has two children. */
static uint32_t first_valued(const struct rib *rib, uint32_t index) {
	while (!node_at(rib, index)->has_value)
		index = node_at(rib, index)->children[0];
	return index;
}

/* The node with a value that follows a prefix, which itself need not be there; 0 at the end. */
static uint32_t successor(const struct rib *rib, const uint8_t *prefix, unsigned int prefix_len) {
	uint32_t index = rib->root, later = 0;

	while (index) {
		const struct rib_node *node = node_at(rib, index);
		unsigned int most = node->prefix_len < prefix_len ? node->prefix_len : prefix_len;
		unsigned int shared = shared_bits(rib, node->key, prefix, most);
		unsigned int side;

		if (shared < most && bit_at(node->key, shared) == 0)
			break;
		if (shared < most || node->prefix_len > prefix_len)
			return first_valued(rib, index);

		/* The node covers the prefix, or is it. */
		side = node->prefix_len < prefix_len ? bit_at(prefix, node->prefix_len) : 0;
		if (side == 0 && node->children[1])
			later = node->children[1];
		index = node->children[side];
	}
	return later ? first_valued(rib, later) : 0;
}

static uint32_t find(const struct rib *rib, const uint8_t *prefix, unsigned int prefix_len) {
	uint32_t index = subtree(rib, prefix, prefix_len);

	if (!index || node_at(rib, index)->prefix_len != prefix_len ||
		!node_at(rib, index)->has_value)
		return 0;
	return index;
}

/* Takes out a node without a value that no longer parts two children. */
static void splice(struct rib *rib, uint32_t *link) {
	uint32_t index = *link;
	const struct rib_node *node = node_at(rib, index);

	if (node->has_value || (node->children[0] && node->children[1]))
		return;
	*link = node->children[0] ? node->children[0] : node->children[1];
	give_node(rib, index);
}

static void copy_node(const struct rib *rib, uint32_t index, uint8_t *prefix,
	unsigned int *prefix_len, uint32_t *value) {
	const struct rib_node *node = node_at(rib, index);

	memcpy(prefix, node->key, rib->address_bytes);
	*prefix_len = node->prefix_len;
	*value = node->value;
}

struct rib *rib_create(size_t address_bytes) {
	struct rib *rib = calloc(1, sizeof(*rib));

	assert(address_bytes == 4 || address_bytes == 16);
	if (!rib)
		return NULL;
	rib->address_bytes = address_bytes;
	rib->stride = sizeof(struct rib_node) + address_bytes;
	rib->capacity = FIRST_CAPACITY;
	rib->used = 1;
	rib->nodes = malloc(rib->capacity * rib->stride);
	if (!rib->nodes) {
		free(rib);
		return NULL;
	}
	return rib;
}

void rib_destroy(struct rib *rib) {
	if (!rib)
		return;
	free(rib->nodes);
	free(rib);
}

int rib_set(struct rib *rib, const uint8_t *prefix, unsigned int prefix_len, uint32_t value) {
	unsigned int shared = 0;
	uint32_t *link = &rib->root;
	uint32_t leaf, branch;

	if (reserve(rib))
		return -ENOMEM;

	while (*link) {
		struct rib_node *node = node_at(rib, *link);

		shared = shared_bits(rib, node->key, prefix,
			node->prefix_len < prefix_len ? node->prefix_len : prefix_len);
		if (shared < node->prefix_len)
			break;
		if (node->prefix_len == prefix_len) {
			set_value(rib, node, value);
			return 0;
		}
		link = &node->children[bit_at(prefix, node->prefix_len)];
	}

	leaf = take_node(rib, prefix, prefix_len);
	set_value(rib, node_at(rib, leaf), value);
	if (!*link) {
		*link = leaf;
	} else if (shared == prefix_len) {
		node_at(rib, leaf)->children[bit_at(node_at(rib, *link)->key, shared)] = *link;
		*link = leaf;
	} else {
		branch = take_node(rib, prefix, shared);
		node_at(rib, branch)->children[bit_at(prefix, shared)] = leaf;
		node_at(rib, branch)->children[!bit_at(prefix, shared)] = *link;
		*link = branch;
	}
	return 0;
}

int rib_remove(struct rib *rib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *value) {
	uint32_t index = find(rib, prefix, prefix_len);
	uint32_t *link = &rib->root, *parent = NULL;
	struct rib_node *node;

	if (!index)
		return -ENOENT;
	while (*link != index) {
		parent = link;
		node = node_at(rib, *link);
		link = &node->children[bit_at(prefix, node->prefix_len)];
	}

	node = node_at(rib, index);
	if (value)
		*value = node->value;
	node->has_value = false;
	rib->count--;
	splice(rib, link);
	if (parent)
		splice(rib, parent);
	return 0;
}

int rib_get(
	const struct rib *rib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *value) {
	uint32_t index = find(rib, prefix, prefix_len);

	if (!index)
		return -ENOENT;
	*value = node_at(rib, index)->value;
	return 0;
}

int rib_match(const struct rib *rib, const uint8_t *address, unsigned int longest, uint8_t *prefix,
	unsigned int *prefix_len, uint32_t *value) {
	uint32_t index = rib->root, best = 0;

	while (index) {
		const struct rib_node *node = node_at(rib, index);

		if (!node_covers(rib, node, address, longest))
			break;
		if (node->has_value)
			best = index;
		if (node->prefix_len == longest)
			break;
		index = node->children[bit_at(address, node->prefix_len)];
	}
	if (!best)
		return -ENOENT;

	if (prefix)
		memcpy(prefix, node_at(rib, best)->key, rib->address_bytes);
	if (prefix_len)
		*prefix_len = node_at(rib, best)->prefix_len;
	*value = node_at(rib, best)->value;
	return 0;
}

bool rib_has_longer(const struct rib *rib, const uint8_t *within, unsigned int within_len) {
	uint32_t index = subtree(rib, within, within_len);
	const struct rib_node *node;

	if (!index)
		return false;
	node = node_at(rib, index);
	return node->prefix_len > within_len || node->children[0] || node->children[1];
}

int rib_next(const struct rib *rib, uint8_t *prefix, unsigned int *prefix_len, uint32_t *value) {
	static const uint8_t everything[16];

	return rib_next_within(rib, everything, 0, prefix, prefix_len, value);
}

int rib_next_within(const struct rib *rib, const uint8_t *within, unsigned int within_len,
	uint8_t *prefix, unsigned int *prefix_len, uint32_t *value) {
	uint32_t index;

	if (*prefix_len == RIB_START) {
		index = subtree(rib, within, within_len);
		index = index ? first_valued(rib, index) : 0;
	} else {
		index = successor(rib, prefix, *prefix_len);
	}
	if (!index || node_at(rib, index)->prefix_len < within_len ||
		shared_bits(rib, node_at(rib, index)->key, within, within_len) < within_len)
		return -ENOENT;
	copy_node(rib, index, prefix, prefix_len, value);
	return 0;
}

void rib_walk_start(struct rib_walk *walk, const struct rib *rib, const uint8_t *within,
	unsigned int within_len) {
	uint32_t top = subtree(rib, within, within_len);

	walk->rib = rib;
	walk->pending = 0;
	if (top)
		walk->stack[walk->pending++] = top;
}

bool rib_walk_next(struct rib_walk *walk) {
	while (walk->pending) {
		const struct rib_node *node = node_at(walk->rib, walk->stack[--walk->pending]);

		walk->pending_before = walk->pending;
		if (node->children[1])
			walk->stack[walk->pending++] = node->children[1];
		if (node->children[0])
			walk->stack[walk->pending++] = node->children[0];
		if (node->has_value) {
			walk->prefix = node->key;
			walk->prefix_len = node->prefix_len;
			walk->value = node->value;
			return true;
		}
	}
	return false;
}

void rib_walk_skip(struct rib_walk *walk) {
	walk->pending = walk->pending_before;
}

size_t rib_count(const struct rib *rib) {
	return rib->count;
}

size_t rib_bytes(const struct rib *rib) {
	return sizeof(*rib) + rib->capacity * rib->stride;
}
