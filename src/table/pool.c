/* pool: the leaves and the nodes of one forwarding table; see pool.h. */
#include "table/pool.h"

#include "table/grace.h"
#include "table/layout.h"
#include "table/reason.h"
#include "table/spans.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

enum {
	SIZE_BITS = 6,
	RETIRED_LEAVES_MIN = 4096, /* fewer than that are not worth a grace period */
	RETIRED_FRACTION = 8,      /* of all leaves: more than that are */
};

/* What the pool knows of the block that begins at a leaf. */
struct block {
	uint32_t next;                     /* of equal hash while held, else of the retired */
	uint32_t holders : 32 - SIZE_BITS; /* 0 when retired */
	uint32_t size : SIZE_BITS;
};

struct pool {
	struct pool_memory memory;
	struct grace *grace;

	struct spans *free_leaves;
	struct block *blocks; /* leaf_count */
	uint32_t *equals;     /* heads of the chains of blocks with equal hash */
	uint32_t hash_shift;
	uint32_t retired_blocks;
	uint32_t retired_leaves; /* in them */

	uint32_t *next_nodes; /* node_count: links of the two lists below */
	uint32_t free_nodes;
	uint32_t retired_nodes;
	uint32_t free_node_count;
	uint32_t retired_node_count;
};

static uint32_t *chain_of(struct pool *pool, const uint32_t *leaves, unsigned int size) {
	uint64_t hash = size;

	for (unsigned int i = 0; i < size; i++)
		hash = (hash ^ leaves[i]) * 0x9e3779b97f4a7c15u;
	return &pool->equals[hash >> pool->hash_shift];
}

static void retire_block(struct pool *pool, uint32_t base) {
	struct block *block = &pool->blocks[base];

	block->next = pool->retired_blocks;
	pool->retired_blocks = base;
	pool->retired_leaves += block->size;
}

/* Waits until no reader is left in what is retired, and takes all of it back. */
static void reclaim(struct pool *pool) {
	uint32_t next;

	pool->grace->wait(pool->grace);

	for (uint32_t base = pool->retired_blocks; base != NOWHERE; base = next) {
		next = pool->blocks[base].next;
		spans_give(pool->free_leaves, base, pool->blocks[base].size);
	}
	pool->retired_blocks = NOWHERE;
	pool->retired_leaves = 0;

	for (uint32_t node = pool->retired_nodes; node != NOWHERE; node = next) {
		next = pool->next_nodes[node];
		pool->next_nodes[node] = pool->free_nodes;
		pool->free_nodes = node;
	}
	pool->free_node_count += pool->retired_node_count;
	pool->retired_nodes = NOWHERE;
	pool->retired_node_count = 0;
}

static bool has_retired(const struct pool *pool) {
	return pool->retired_blocks != NOWHERE || pool->retired_nodes != NOWHERE;
}

static bool much_is_retired(const struct pool *pool) {
	return pool->retired_leaves >= RETIRED_LEAVES_MIN &&
	       pool->retired_leaves >= pool->memory.leaf_count / RETIRED_FRACTION;
}

static int take_leaves(struct pool *pool, unsigned int size, uint32_t *base) {
	if (much_is_retired(pool))
		reclaim(pool);
	if (!spans_take(pool->free_leaves, size, base))
		return 0;
	if (!has_retired(pool))
		return -ENOSPC;
	reclaim(pool);
	return spans_take(pool->free_leaves, size, base);
}

static void write_constants(struct pool *pool) {
	uint32_t base;

	for (uint32_t reason = 0; reason < REASON_COUNT; reason++) {
		pool_hold_block(pool, &reason, 1, &base);
		assert(base == reason);
	}
}

static bool allocate(struct pool *pool) {
	uint32_t leaf_count = pool->memory.leaf_count, node_count = pool->memory.node_count;
	unsigned int chain_bits = 6;

	while (chain_bits < 31 && (1u << chain_bits) < leaf_count / 4)
		chain_bits++;
	pool->hash_shift = 64 - chain_bits;
	pool->free_leaves = spans_create(leaf_count);
	pool->blocks = calloc(leaf_count, sizeof(*pool->blocks));
	pool->equals = malloc(sizeof(*pool->equals) << chain_bits);
	pool->next_nodes = malloc(sizeof(*pool->next_nodes) * ((size_t)node_count + 1));
	if (!pool->free_leaves || !pool->blocks || !pool->equals || !pool->next_nodes)
		return false;

	memset(pool->equals, 0xff, sizeof(*pool->equals) << chain_bits);
	for (uint32_t node = 0; node < node_count; node++)
		pool->next_nodes[node] = node + 1 < node_count ? node + 1 : NOWHERE;
	pool->free_nodes = node_count ? 0 : NOWHERE;
	pool->free_node_count = node_count;
	pool->retired_nodes = NOWHERE;
	pool->retired_blocks = NOWHERE;
	return true;
}

struct pool *pool_create(const struct pool_memory *memory, struct grace *grace) {
	struct pool *pool;

	if (memory->leaf_count < REASON_COUNT) {
		errno = EINVAL;
		return NULL;
	}
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return NULL;
	pool->memory = *memory;
	pool->grace = grace;
	if (!allocate(pool)) {
		pool_destroy(pool);
		errno = ENOMEM;
		return NULL;
	}
	write_constants(pool);
	return pool;
}

void pool_destroy(struct pool *pool) {
	if (!pool)
		return;
	spans_destroy(pool->free_leaves);
	free(pool->blocks);
	free(pool->equals);
	free(pool->next_nodes);
	free(pool);
}

int pool_hold_block(struct pool *pool, const uint32_t *leaves, unsigned int size, uint32_t *base) {
	uint32_t *chain = chain_of(pool, leaves, size);
	struct block *block;
	int error;

	for (uint32_t equal = *chain; equal != NOWHERE; equal = block->next) {
		block = &pool->blocks[equal];
		if (block->size == size &&
			!memcmp(pool->memory.leaves + equal, leaves, size * sizeof(*leaves))) {
			block->holders += equal >= REASON_COUNT; /* see pool_drop_block */
			*base = equal;
			return 0;
		}
	}

	error = take_leaves(pool, size, base);
	if (error)
		return error;
	for (unsigned int i = 0; i < size; i++)
		__atomic_store_n(&pool->memory.leaves[*base + i], leaves[i], __ATOMIC_RELAXED);
	pool->blocks[*base] = (struct block){.next = *chain, .holders = 1, .size = size & 63};
	*chain = *base;
	return 0;
}

void pool_drop_block(struct pool *pool, uint32_t base) {
	struct block *block = &pool->blocks[base];
	uint32_t *link;

	/* The constants are always there and not counted: words may have them without asking. */
	if (base < REASON_COUNT || --block->holders)
		return;
	link = chain_of(pool, pool->memory.leaves + base, block->size);
	while (*link != base)
		link = &pool->blocks[*link].next;
	*link = block->next;
	retire_block(pool, base);
}

int pool_take_node(struct pool *pool, uint32_t *node) {
	if (pool->free_nodes == NOWHERE && has_retired(pool))
		reclaim(pool);
	if (pool->free_nodes == NOWHERE)
		return -ENOSPC;
	*node = pool->free_nodes;
	pool->free_nodes = pool->next_nodes[*node];
	pool->free_node_count--;
	return 0;
}

void pool_drop_node(struct pool *pool, uint32_t node) {
	pool->next_nodes[node] = pool->retired_nodes;
	pool->retired_nodes = node;
	pool->retired_node_count++;
}

size_t pool_room(const struct pool *pool) {
	size_t leaves = (size_t)spans_free(pool->free_leaves) + pool->retired_leaves;
	size_t nodes = (size_t)pool->free_node_count + pool->retired_node_count;

	return leaves * sizeof(uint32_t) + nodes * NODE_WORDS * sizeof(uint64_t);
}

size_t pool_size(const struct pool *pool) {
	return pool->memory.leaf_count * sizeof(uint32_t) +
	       pool->memory.node_count * NODE_WORDS * sizeof(uint64_t);
}

size_t pool_own_bytes(const struct pool *pool) {
	size_t spans = 3 * sizeof(uint32_t);

	return sizeof(*pool) + pool->memory.leaf_count * (spans + sizeof(struct block)) +
	       (sizeof(*pool->equals) << (64 - pool->hash_shift)) +
	       pool->memory.node_count * sizeof(*pool->next_nodes);
}
