/*
 * lookup: longest-prefix match, for both targets. The layout is layout.h's; `tables` says where the
 * words are (unused by the BPF program, whose maps are global). Bounded: three dependent fetches at
 * most for IPv4 beside the root, two per eight bits for IPv6.
 */
#pragma once

#include "table/layout.h"
#ifndef __bpf__
#include "table/fetch.h"
#endif

enum { FIB6_LEVELS = 14 }; /* of eight bits below the root's sixteen */

/* address in host byte order; returns the id of the next hop. */
ALWAYS_INLINE uint32_t lookup4(const struct tables *tables, uint32_t address) {
	uint64_t word = fetch_fib4_root(tables, address >> 13);
	uint32_t leaf = fetch_fib4_leaf(tables, run_leaf(word, (address >> 8) & 31));

	if (leaf & LEAF_NODE) {
		word = fetch_fib4_node(tables, leaf & ~LEAF_NODE, (address >> 5) & 7);
		leaf = fetch_fib4_leaf(tables, run_leaf(word, address & 31));
	}
	return leaf;
}

/* The address as on the wire, 16 bytes; returns the id of the next hop. */
ALWAYS_INLINE uint32_t lookup6(const struct tables *tables, const uint8_t *address) {
	uint64_t high = NET64(load64(address));
	uint64_t low = NET64(load64(address + 8));
	uint32_t leaf = fetch_fib6_root(tables, (uint32_t)(high >> 48));

	high = high << 16 | low >> 48;
	low <<= 16;
	for (int level = 0; level < FIB6_LEVELS && (leaf & LEAF_NODE); level++) {
		uint32_t byte = (uint32_t)(high >> 56);
		uint64_t word = fetch_fib6_node(tables, leaf & ~LEAF_NODE, byte >> 5);

		leaf = fetch_fib6_leaf(tables, run_leaf(word, byte & 31));
		high = high << 8 | low >> 56;
		low <<= 8;
	}
	return leaf;
}
