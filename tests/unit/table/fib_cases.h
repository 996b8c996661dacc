/*
 * fib_cases: the tests that fib4 and fib6 both pass, written once against a table of their
 * functions. Addresses are 16 bytes; fib4's are the first four.
 */
#pragma once

#include "oracle.h"

struct fib_kind {
	unsigned int bits;
	/* A table with so much memory of its own, waiting by *grace. */
	void *(*create)(uint32_t nodes, uint32_t leaves, struct grace *grace);
	void (*destroy)(void *fib);
	int (*insert)(void *fib, const uint8_t *prefix, unsigned int prefix_len, uint32_t nexthop);
	int (*remove)(void *fib, const uint8_t *prefix, unsigned int prefix_len);
	int (*get)(void *fib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *nexthop);
	void (*begin)(void *fib);
	int (*commit)(void *fib);
	uint32_t (*lookup)(void *fib, const uint8_t *address);
	void (*lookup_batch)(
		void *fib, const uint8_t (*addresses)[16], uint32_t *nexthops, size_t count);
	int (*match)(void *fib, const uint8_t *address, uint8_t *prefix, unsigned int *prefix_len,
		uint32_t *nexthop);
	int (*next)(void *fib, uint8_t *prefix, unsigned int *prefix_len, uint32_t *nexthop);
	size_t (*unwritten)(void *fib);
	size_t (*routes)(void *fib);
	size_t (*word_bytes)(void *fib);
	/* What a reader that read the root some time ago finds now. */
	uint64_t (*read_root)(void *fib, const uint8_t *address);
	uint32_t (*finish)(void *fib, uint64_t root, const uint8_t *address);
};

void lookups_equal_a_scan(const struct fib_kind *kind);
void bulk_equals_single(const struct fib_kind *kind);
void iterates_in_order(const struct fib_kind *kind);
void refuses_what_is_wrong(const struct fib_kind *kind);
void says_table_full_and_recovers(const struct fib_kind *kind);
void reader_of_old_words_finds_what_was_there(const struct fib_kind *kind);
void stable_prefix_never_wavers(const struct fib_kind *kind);
void empties_to_what_it_was(const struct fib_kind *kind);
