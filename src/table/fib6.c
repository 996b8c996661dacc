/*
 * fib6: the IPv6 forwarding table; see fib6.h. A root is the leaf of a /16; below lie nodes, and
 * tree.h does the rest. Roots that could not be written wholly stay stale until there is room.
 */
#include "table/fib6.h"

#include "table/clones.h"
#include "table/grace.h"
#include "table/lookup.h"
#include "table/reason.h"
#include "table/rib.h"
#include "table/stale.h"
#include "table/tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOT_LEN = 16,
	ADDRESS_BYTES = 16,
	BATCH = 64, /* look-ups in flight at once */
};

struct fib6 {
	struct tree tree;
	struct tables view;
	struct stale stale;
	bool bulk;
};

static uint32_t root_of(const uint8_t *address) {
	return (uint32_t)address[0] << 8 | address[1];
}

/* How many roots a prefix touches. */
static uint32_t roots_within(unsigned int prefix_len) {
	return prefix_len < ROOT_LEN ? 1u << (ROOT_LEN - prefix_len) : 1;
}

static bool is_prefix(const uint8_t *prefix, unsigned int prefix_len) {
	if (prefix_len > 8 * ADDRESS_BYTES)
		return false;
	if (prefix_len % 8 && prefix[prefix_len / 8] & (0xff >> prefix_len % 8))
		return false;
	for (unsigned int byte = (prefix_len + 7) / 8; byte < ADDRESS_BYTES; byte++) {
		if (prefix[byte])
			return false;
	}
	return true;
}

/* What there was no room for stays stale; the rest of the root is right. */
static void write_root(struct fib6 *fib, uint32_t root, const struct change *change) {
	uint32_t *leaf = &fib->view.fib6.roots[root];
	uint8_t region[ADDRESS_BYTES] = {(uint8_t)(root >> 8), (uint8_t)root};
	size_t failures = fib->tree.failures;
	uint32_t old = *leaf, new = tree_leaf(&fib->tree, region, ROOT_LEN, old, change);

	if (new != old) {
		__atomic_store_n(leaf, new, __ATOMIC_RELEASE);
		tree_drop_leaf(&fib->tree, old);
	}
	if (fib->tree.failures != failures)
		stale_add(&fib->stale, root, 1);
}

/* Writes what the RIB's change of this prefix changes: 0, or -ENOSPC. */
static int write_change(struct fib6 *fib, const uint8_t *prefix, unsigned int prefix_len) {
	struct change change = {prefix, prefix_len, prefix_len};
	uint32_t first = root_of(prefix), end = first + roots_within(prefix_len);
	size_t failures = fib->tree.failures;

	if (fib->bulk) {
		stale_add(&fib->stale, first, end - first);
		return 0;
	}
	for (uint32_t root = first; root < end; root++)
		write_root(fib, root, &change);
	return fib->tree.failures == failures ? 0 : -ENOSPC;
}

static int write_stale_roots(struct fib6 *fib) {
	static const uint8_t everything[ADDRESS_BYTES];
	struct change all = {everything, 0, TREE_ALL};
	size_t failures = fib->tree.failures;

	for (size_t root = stale_next(&fib->stale, 0); root < FIB6_ROOTS;
		root = stale_next(&fib->stale, root + 1)) {
		stale_remove(&fib->stale, root);
		write_root(fib, (uint32_t)root, &all);
	}
	return fib->tree.failures == failures ? 0 : -ENOSPC;
}

struct fib6 *fib6_create(const struct fib6_memory *memory, struct grace *grace) {
	struct pool_memory words = {
		.nodes = memory->nodes,
		.leaves = memory->leaves,
		.node_count = memory->node_count,
		.leaf_count = memory->leaf_count,
	};
	struct fib6 *fib = calloc(1, sizeof(*fib));
	int error = -ENOMEM;

	if (!fib)
		return NULL;
	fib->view.fib6 = *memory;
	if (stale_create(&fib->stale, FIB6_ROOTS))
		goto no_stale;
	error = tree_create(&fib->tree, ADDRESS_BYTES, &words, grace);
	if (error)
		goto no_tree;

	for (size_t root = 0; root < FIB6_ROOTS; root++)
		__atomic_store_n(&memory->roots[root], NEXTHOP_NONE, __ATOMIC_RELEASE);
	return fib;

no_tree:
	stale_destroy(&fib->stale);
no_stale:
	free(fib);
	errno = -error;
	return NULL;
}

void fib6_destroy(struct fib6 *fib) {
	if (!fib)
		return;
	tree_destroy(&fib->tree);
	stale_destroy(&fib->stale);
	free(fib);
}

int fib6_insert(
	struct fib6 *fib, const uint8_t prefix[16], unsigned int prefix_len, uint32_t nexthop) {
	int error;

	if (!is_prefix(prefix, prefix_len) || nexthop & LEAF_NODE)
		return -EINVAL;
	error = rib_set(fib->tree.rib, prefix, prefix_len, nexthop);
	if (error)
		return error;
	error = write_change(fib, prefix, prefix_len);
	if (error)
		tree_await_room(&fib->tree);
	return error;
}

int fib6_remove(struct fib6 *fib, const uint8_t prefix[16], unsigned int prefix_len) {
	int error;

	if (!is_prefix(prefix, prefix_len))
		return -EINVAL;
	error = rib_remove(fib->tree.rib, prefix, prefix_len, NULL);
	if (error)
		return error;
	write_change(fib, prefix, prefix_len);
	if (fib->stale.count && !fib->bulk && tree_may_have_room(&fib->tree) &&
		write_stale_roots(fib))
		tree_await_room(&fib->tree);
	return 0;
}

int fib6_get(const struct fib6 *fib, const uint8_t prefix[16], unsigned int prefix_len,
	uint32_t *nexthop) {
	return rib_get(fib->tree.rib, prefix, prefix_len, nexthop);
}

void fib6_begin(struct fib6 *fib) {
	fib->bulk = true;
}

int fib6_commit(struct fib6 *fib) {
	int error;

	fib->bulk = false;
	error = write_stale_roots(fib);
	if (error)
		tree_await_room(&fib->tree);
	return error;
}

POPULATION_COUNT_CLONES
uint32_t fib6_lookup(const struct fib6 *fib, const uint8_t address[16]) {
	return lookup6(&fib->view, address);
}

/* A level at a time for all of a batch that is not done yet, so that the misses of a level
 * overlap. */
POPULATION_COUNT_CLONES
static void lookup_batch(const struct tables *view, const uint8_t (*addresses)[16],
	uint32_t *nexthops, size_t count) {
	uint8_t pending[BATCH];
	uint32_t leaves[BATCH];
	size_t pending_count = 0;

	for (size_t i = 0; i < count; i++)
		nexthops[i] = fetch_fib6_root(view, root_of(addresses[i]));
	for (size_t i = 0; i < count; i++) {
		pending[pending_count] = (uint8_t)i;
		pending_count += nexthops[i] >> 31;
	}

	for (unsigned int byte = 2; pending_count && byte < ADDRESS_BYTES; byte++) {
		size_t still = 0;

		for (size_t p = 0; p < pending_count; p++) {
			uint8_t slot = addresses[pending[p]][byte];
			uint32_t node = nexthops[pending[p]] & ~LEAF_NODE;

			leaves[p] = run_leaf(fetch_fib6_node(view, node, slot >> 5), slot & 31);
		}
		for (size_t p = 0; p < pending_count; p++) {
			uint8_t i = pending[p];

			nexthops[i] = fetch_fib6_leaf(view, leaves[p]);
			pending[still] = i;
			still += nexthops[i] >> 31;
		}
		pending_count = still;
	}
}

void fib6_lookup_batch(
	const struct fib6 *fib, const uint8_t (*addresses)[16], uint32_t *nexthops, size_t count) {
	for (size_t done = 0; done < count; done += BATCH)
		lookup_batch(&fib->view, addresses + done, nexthops + done,
			count - done < BATCH ? count - done : BATCH);
}

int fib6_match(const struct fib6 *fib, const uint8_t address[16], uint8_t prefix[16],
	unsigned int *prefix_len, uint32_t *nexthop) {
	return rib_match(fib->tree.rib, address, 8 * ADDRESS_BYTES, prefix, prefix_len, nexthop);
}

int fib6_next(
	const struct fib6 *fib, uint8_t prefix[16], unsigned int *prefix_len, uint32_t *nexthop) {
	return rib_next(fib->tree.rib, prefix, prefix_len, nexthop);
}

struct fib6_usage fib6_usage(const struct fib6 *fib) {
	size_t roots = FIB6_ROOTS * sizeof(uint32_t);

	return (struct fib6_usage){
		.routes = rib_count(fib->tree.rib),
		.rib_bytes = rib_bytes(fib->tree.rib) + pool_own_bytes(fib->tree.pool),
		.word_bytes = roots + pool_size(fib->tree.pool) - pool_room(fib->tree.pool),
		.memory_bytes = roots + pool_size(fib->tree.pool),
		.unwritten = fib->stale.count,
	};
}
