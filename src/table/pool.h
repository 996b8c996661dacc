/*
 * pool: the leaves and the nodes of one forwarding table, and who holds them. Private to the room.
 *
 * Leaves come in blocks of 1 to 32, those of one run word. A block never changes once written, so
 * equal blocks are one block, counted by its holders: a table has few next hops and many words that
 * look alike. A node has one holder and changes in place, a word at a time.
 *
 * What nobody holds any more is retired: readers may still be there. It is reused after a grace
 * period, which takes long; so the pool waits only when it has run out or when much is retired, and
 * then takes back everything that was retired until then. Hence: drop only what is unreachable for
 * readers that start now.
 *
 * The first REASON_COUNT leaves hold the constant verdicts, each a block by itself that is always
 * there: what to write when there is room for nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pool;
struct grace;

struct pool_memory {
	uint64_t *nodes;
	uint32_t *leaves;
	uint32_t node_count;
	uint32_t leaf_count;
};

/* NULL and errno ENOMEM, or EINVAL if the leaves do not even suffice for the constants. */
struct pool *pool_create(const struct pool_memory *memory, struct grace *grace);
void pool_destroy(struct pool *pool);

/* A block with these leaves, 1 .. 32 of them: 0 and the index of its first, or -ENOSPC. */
int pool_hold_block(struct pool *pool, const uint32_t *leaves, unsigned int size, uint32_t *base);
void pool_drop_block(struct pool *pool, uint32_t base);

/* A node, its words as somebody left them: 0, or -ENOSPC. */
int pool_take_node(struct pool *pool, uint32_t *node);
void pool_drop_node(struct pool *pool, uint32_t node);

static inline uint64_t *pool_node(const struct pool_memory *memory, uint32_t node) {
	return memory->nodes + (size_t)node * 8;
}

/* A measure of what is free or will be after a grace period, and of all there is; in bytes. */
size_t pool_room(const struct pool *pool);
size_t pool_size(const struct pool *pool);

/* Bytes of its own, beside the memory that it hands out. */
size_t pool_own_bytes(const struct pool *pool);
