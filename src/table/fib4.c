/*
 * fib4: the IPv4 forwarding table; see fib4.h. A root is the region of a /19 whose slots are /24s;
 * tree.h does the rest. Roots that could not be written wholly stay stale until there is room.
 */
#include "table/fib4.h"

#include "table/clones.h"
#include "table/grace.h"
#include "table/lookup.h"
#include "table/reason.h"
#include "table/rib.h"
#include "table/runs.h"
#include "table/stale.h"
#include "table/tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOT_LEN = 19,
	ROOT_SHIFT = 32 - ROOT_LEN,
	ROOT_SLOT_BITS = 5,
	BATCH = 64, /* look-ups in flight at once */
};

struct fib4 {
	struct tree tree;
	struct tables view;
	struct stale stale;
	bool bulk;
};

static uint32_t root_of(uint32_t address) {
	return address >> ROOT_SHIFT;
}

/* How many roots a prefix touches. */
static uint32_t roots_within(unsigned int prefix_len) {
	return prefix_len < ROOT_LEN ? 1u << (ROOT_LEN - prefix_len) : 1;
}

static bool is_prefix(uint32_t prefix, unsigned int prefix_len) {
	return prefix_len <= 32 && (prefix_len == 32 || !(prefix & (UINT32_MAX >> prefix_len)));
}

/* What a word could not be given room for stays stale; the rest of the root is right. */
static void write_root(struct fib4 *fib, uint32_t root, const struct change *change) {
	uint32_t region = NET32(root << ROOT_SHIFT);
	size_t failures = fib->tree.failures;

	tree_write(&fib->tree, &fib->view.fib4.roots[root], (const uint8_t *)&region, ROOT_LEN,
		ROOT_SLOT_BITS, change);
	if (fib->tree.failures != failures)
		stale_add(&fib->stale, root, 1);
}

/* Roots in which no prefix begins are all one run. */
static void fill_roots(struct fib4 *fib, uint32_t first, uint32_t end, uint32_t nexthop) {
	size_t failures = fib->tree.failures;

	if (first >= end)
		return;
	tree_fill(&fib->tree, &fib->view.fib4.roots[first], end - first, nexthop);
	if (fib->tree.failures != failures)
		stale_add(&fib->stale, first, end - first);
}

/* Writes only what the change shows through: most roots of a full table do not see its default. */
static void write_roots(struct fib4 *fib, uint32_t prefix, const struct change *change) {
	uint32_t root = root_of(prefix), end = root + roots_within(change->prefix_len);
	uint32_t nexthop = tree_match(&fib->tree, change->prefix, change->prefix_len);
	struct rib_walk walk;

	rib_walk_start(&walk, fib->tree.rib, change->prefix, change->prefix_len);
	while (rib_walk_next(&walk)) {
		uint32_t taken = root_of(NET32(load32(walk.prefix)));

		if (walk.prefix_len <= change->prefix_len || taken < root)
			continue;
		fill_roots(fib, root, taken, nexthop);
		root = taken + roots_within(walk.prefix_len);
		if (walk.prefix_len <= ROOT_LEN)
			rib_walk_skip(&walk);
		else
			write_root(fib, taken, change);
	}
	fill_roots(fib, root, end, nexthop);
}

/* Writes what the RIB's change of this prefix changes: 0, or -ENOSPC. */
static int write_change(struct fib4 *fib, uint32_t prefix, unsigned int prefix_len) {
	uint32_t key = NET32(prefix);
	struct change change = {(const uint8_t *)&key, prefix_len, prefix_len};
	size_t failures = fib->tree.failures;

	if (fib->bulk) {
		stale_add(&fib->stale, root_of(prefix), roots_within(prefix_len));
		return 0;
	}
	if (prefix_len < ROOT_LEN)
		write_roots(fib, prefix, &change);
	else
		write_root(fib, root_of(prefix), &change);
	return fib->tree.failures == failures ? 0 : -ENOSPC;
}

static int write_stale_roots(struct fib4 *fib) {
	size_t failures = fib->tree.failures;

	for (size_t root = stale_next(&fib->stale, 0); root < FIB4_ROOTS;
		root = stale_next(&fib->stale, root + 1)) {
		uint32_t region = NET32((uint32_t)root << ROOT_SHIFT);
		struct change all = {(const uint8_t *)&region, ROOT_LEN, TREE_ALL};

		stale_remove(&fib->stale, root);
		write_root(fib, (uint32_t)root, &all);
	}
	return fib->tree.failures == failures ? 0 : -ENOSPC;
}

struct fib4 *fib4_create(const struct fib4_memory *memory, struct grace *grace) {
	struct pool_memory words = {
		.nodes = memory->nodes,
		.leaves = memory->leaves,
		.node_count = memory->node_count,
		.leaf_count = memory->leaf_count,
	};
	struct fib4 *fib = calloc(1, sizeof(*fib));
	int error = -ENOMEM;

	if (!fib)
		return NULL;
	fib->view.fib4 = *memory;
	if (stale_create(&fib->stale, FIB4_ROOTS))
		goto no_stale;
	error = tree_create(&fib->tree, sizeof(uint32_t), &words, grace);
	if (error)
		goto no_tree;

	for (size_t root = 0; root < FIB4_ROOTS; root++)
		__atomic_store_n(
			&memory->roots[root], runs_constant(NEXTHOP_NONE), __ATOMIC_RELEASE);
	return fib;

no_tree:
	stale_destroy(&fib->stale);
no_stale:
	free(fib);
	errno = -error;
	return NULL;
}

void fib4_destroy(struct fib4 *fib) {
	if (!fib)
		return;
	tree_destroy(&fib->tree);
	stale_destroy(&fib->stale);
	free(fib);
}

int fib4_insert(struct fib4 *fib, uint32_t prefix, unsigned int prefix_len, uint32_t nexthop) {
	uint32_t key = NET32(prefix);
	int error;

	if (!is_prefix(prefix, prefix_len) || nexthop & LEAF_NODE)
		return -EINVAL;
	error = rib_set(fib->tree.rib, (const uint8_t *)&key, prefix_len, nexthop);
	if (error)
		return error;
	error = write_change(fib, prefix, prefix_len);
	if (error)
		tree_await_room(&fib->tree);
	return error;
}

int fib4_remove(struct fib4 *fib, uint32_t prefix, unsigned int prefix_len) {
	uint32_t key = NET32(prefix);
	int error;

	if (!is_prefix(prefix, prefix_len))
		return -EINVAL;
	error = rib_remove(fib->tree.rib, (const uint8_t *)&key, prefix_len, NULL);
	if (error)
		return error;
	write_change(fib, prefix, prefix_len);
	if (fib->stale.count && !fib->bulk && tree_may_have_room(&fib->tree) &&
		write_stale_roots(fib))
		tree_await_room(&fib->tree);
	return 0;
}

int fib4_get(const struct fib4 *fib, uint32_t prefix, unsigned int prefix_len, uint32_t *nexthop) {
	uint32_t key = NET32(prefix);

	return rib_get(fib->tree.rib, (const uint8_t *)&key, prefix_len, nexthop);
}

void fib4_begin(struct fib4 *fib) {
	fib->bulk = true;
}

int fib4_commit(struct fib4 *fib) {
	int error;

	fib->bulk = false;
	error = write_stale_roots(fib);
	if (error)
		tree_await_room(&fib->tree);
	return error;
}

POPULATION_COUNT_CLONES
uint32_t fib4_lookup(const struct fib4 *fib, uint32_t address) {
	return lookup4(&fib->view, address);
}

/* A stage at a time for all of a batch, so that the misses of a stage overlap. */
POPULATION_COUNT_CLONES
static void lookup_batch(
	const struct tables *view, const uint32_t *addresses, uint32_t *nexthops, size_t count) {
	uint32_t leaves[BATCH];

	for (size_t i = 0; i < count; i++)
		leaves[i] = run_leaf(fetch_fib4_root(view, addresses[i] >> ROOT_SHIFT),
			(addresses[i] >> 8) & 31);
	for (size_t i = 0; i < count; i++)
		nexthops[i] = fetch_fib4_leaf(view, leaves[i]);
	for (size_t i = 0; i < count; i++) {
		uint64_t word;

		if (LIKELY(!(nexthops[i] & LEAF_NODE)))
			continue;
		word = fetch_fib4_node(view, nexthops[i] & ~LEAF_NODE, (addresses[i] >> 5) & 7);
		nexthops[i] = fetch_fib4_leaf(view, run_leaf(word, addresses[i] & 31));
	}
}

void fib4_lookup_batch(
	const struct fib4 *fib, const uint32_t *addresses, uint32_t *nexthops, size_t count) {
	size_t done = 0;

	for (size_t i = 0; i < count && i < BATCH; i++)
		__builtin_prefetch(&fib->view.fib4.roots[root_of(addresses[i])]);
	while (done < count) {
		size_t ahead = done + BATCH;
		size_t size = count - done < BATCH ? count - done : BATCH;

		for (size_t i = ahead; i < count && i < ahead + BATCH; i++)
			__builtin_prefetch(&fib->view.fib4.roots[root_of(addresses[i])]);
		lookup_batch(&fib->view, addresses + done, nexthops + done, size);
		done += size;
	}
}

int fib4_match(const struct fib4 *fib, uint32_t address, uint32_t *prefix, unsigned int *prefix_len,
	uint32_t *nexthop) {
	uint32_t key = NET32(address), found;
	int error = rib_match(
		fib->tree.rib, (const uint8_t *)&key, 32, (uint8_t *)&found, prefix_len, nexthop);

	if (!error)
		*prefix = NET32(found);
	return error;
}

int fib4_next(
	const struct fib4 *fib, uint32_t *prefix, unsigned int *prefix_len, uint32_t *nexthop) {
	uint32_t key = *prefix_len == FIB_START ? 0 : NET32(*prefix);
	int error = rib_next(fib->tree.rib, (uint8_t *)&key, prefix_len, nexthop);

	if (!error)
		*prefix = NET32(key);
	return error;
}

struct fib4_usage fib4_usage(const struct fib4 *fib) {
	size_t roots = FIB4_ROOTS * sizeof(uint64_t);

	return (struct fib4_usage){
		.routes = rib_count(fib->tree.rib),
		.rib_bytes = rib_bytes(fib->tree.rib) + pool_own_bytes(fib->tree.pool),
		.word_bytes = roots + pool_size(fib->tree.pool) - pool_room(fib->tree.pool),
		.memory_bytes = roots + pool_size(fib->tree.pool),
		.unwritten = fib->stale.count,
	};
}
