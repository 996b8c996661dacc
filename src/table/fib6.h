/*
 * fib6: the IPv6 forwarding table: longest-prefix match from an address to the id of a next hop.
 *
 * One writer thread calls everything here but the look-ups; readers (lookup.h, or the look-ups
 * here) run at any time in any thread or BPF program. A plain library: no I/O, no thread; its words
 * lie in the caller's memory (BPF arrays or ordinary), its RIB in its own.
 *
 * When the words' memory is full, the part of the table that could not be written answers
 * REASON_TABLE_FULL (a /16, a node's slot or 32 slots at a time), so that the kernel forwards it;
 * the RIB is complete all the same, and the words are written as removals make room (1/256 at a
 * time).
 *
 * Addresses are 16 bytes as on the wire; prefixes carry zeros below their length.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fib6;
struct grace;
struct fib6_memory;

struct fib6_usage {
	size_t routes;       /* prefixes held */
	size_t rib_bytes;    /* of the writer's own: the RIB, and who holds which words */
	size_t word_bytes;   /* of `memory` in use, roots included */
	size_t memory_bytes; /* of `memory` in all */
	size_t unwritten;    /* /16s with addresses that answer REASON_TABLE_FULL */
};

/* An empty table in *memory (copied; the arrays stay the caller's and must be zero) that waits by
 * *grace before it reuses words. NULL and errno ENOMEM if there is no memory for the RIB, EINVAL
 * if there are fewer leaves than REASON_COUNT, which are always used. */
struct fib6 *fib6_create(const struct fib6_memory *memory, struct grace *grace);
void fib6_destroy(struct fib6 *fib);

/* Sets the next hop of a prefix, new or known. 0; -EINVAL for a length above 128 or bits below it
 * or an id with LEAF_NODE's bit; -ENOMEM if the RIB cannot grow (nothing changed); -ENOSPC if the
 * words are full (the route is held, its addresses answer REASON_TABLE_FULL). */
int fib6_insert(
	struct fib6 *fib, const uint8_t prefix[16], unsigned int prefix_len, uint32_t nexthop);

/* Removes a prefix. 0, -EINVAL, or -ENOENT if it is not there. */
int fib6_remove(struct fib6 *fib, const uint8_t prefix[16], unsigned int prefix_len);

/* The next hop of exactly this prefix: 0 and *nexthop, or -ENOENT. */
int fib6_get(const struct fib6 *fib, const uint8_t prefix[16], unsigned int prefix_len,
	uint32_t *nexthop);

/* Between fib6_begin and fib6_commit, inserts and removals only note which words are stale, and the
 * words are written once at the end, whole /16s: for loading a table. fib6_commit returns 0 or
 * -ENOSPC. */
void fib6_begin(struct fib6 *fib);
int fib6_commit(struct fib6 *fib);

/* The next hop of an address, from the words that the data path reads; NEXTHOP_NONE for no route.
 */
uint32_t fib6_lookup(const struct fib6 *fib, const uint8_t address[16]);
void fib6_lookup_batch(
	const struct fib6 *fib, const uint8_t (*addresses)[16], uint32_t *nexthops, size_t count);

/* The longest prefix that covers an address, from the RIB: 0 or -ENOENT. */
int fib6_match(const struct fib6 *fib, const uint8_t address[16], uint8_t prefix[16],
	unsigned int *prefix_len, uint32_t *nexthop);

/* Iterates in order of prefix, shorter first: *prefix_len = FIB_START before the first call, then
 * each call moves on from what it returned. 0, or -ENOENT at the end. The table may change between
 * calls. */
#define FIB_START (~0u)
int fib6_next(
	const struct fib6 *fib, uint8_t prefix[16], unsigned int *prefix_len, uint32_t *nexthop);

struct fib6_usage fib6_usage(const struct fib6 *fib);
