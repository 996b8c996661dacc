/*
 * maps: the tables as BPF arrays, and how a stage gets a word of them (the counterpart of
 * table/fetch.h). The daemon maps them into its memory and writes them with plain stores. Arrays
 * are sized by the daemon before loading; an element is a multiple of eight bytes, since BPF arrays
 * are laid out so, and 32-bit words lie two to an element.
 */
#pragma once

#include "datapath/ledger.h"
#include "datapath/port.h"
#include "table/layout.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct word_pair {
	uint32_t words[2];
};

struct node {
	uint64_t words[NODE_WORDS];
};

#define ARRAY(name, element, entries)                                                              \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, entries);                                                      \
		__type(key, uint32_t);                                                             \
		__type(value, element);                                                            \
	} name SEC(".maps")

ARRAY(fib4_roots, uint64_t, FIB4_ROOTS);
ARRAY(fib4_nodes, struct node, 1);
ARRAY(fib4_leaves, struct word_pair, 1);
ARRAY(fib6_roots, struct word_pair, FIB6_ROOTS / 2);
ARRAY(fib6_nodes, struct node, 1);
ARRAY(fib6_leaves, struct word_pair, 1);
ARRAY(nexthops, struct nexthop, 1);
ARRAY(buckets, struct word_pair, 1);
ARRAY(ledger, struct ledger_entry, PORTS_MAX); /* times the CPUs */

/* Of fixed size, and so small that they are the program's own data: reached without a look-up. */
uint64_t local_filter[LOCAL_FILTER_WORDS];
struct port ports[PORTS_MAX];

/* Where frames leave: port slot to device. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, PORTS_MAX);
	__uint(key_size, sizeof(uint32_t));
	__uint(value_size, sizeof(uint32_t));
} transmit SEC(".maps");

/* Slots whose device does not take redirected frames: set by the program, cleared by the daemon. A
 * byte in the ring, whatever it is, wakes the daemon. */
uint8_t refuses[PORTS_MAX];

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} refusals SEC(".maps");

/* Replacing an inner map makes the kernel wait for all running programs: the grace period. */
struct grace_gate {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint64_t);
} grace_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__array(values, struct grace_gate);
} grace_gate SEC(".maps") = {.values = {&grace_inner}};

/* A stage passes `tables` on; here the maps are global and it is NULL. */
struct tables;

ALWAYS_INLINE uint32_t fetch_paired_word(void *map, uint32_t index) {
	uint32_t element = index >> 1;
	const struct word_pair *pair = bpf_map_lookup_elem(map, &element);

	return pair ? pair->words[index & 1] : REASON_NO_ROUTE;
}

ALWAYS_INLINE uint64_t fetch_node_word(void *map, uint32_t index, uint32_t word) {
	const struct node *node = bpf_map_lookup_elem(map, &index);

	return node ? node->words[word & (NODE_WORDS - 1)] : 0;
}

ALWAYS_INLINE uint64_t fetch_fib4_root(const struct tables *tables, uint32_t index) {
	const uint64_t *word = bpf_map_lookup_elem(&fib4_roots, &index);

	return word ? *word : 0;
}

ALWAYS_INLINE uint64_t fetch_fib4_node(const struct tables *tables, uint32_t node, uint32_t word) {
	return fetch_node_word(&fib4_nodes, node, word);
}

ALWAYS_INLINE uint32_t fetch_fib4_leaf(const struct tables *tables, uint32_t index) {
	return fetch_paired_word(&fib4_leaves, index);
}

ALWAYS_INLINE uint32_t fetch_fib6_root(const struct tables *tables, uint32_t index) {
	return fetch_paired_word(&fib6_roots, index);
}

ALWAYS_INLINE uint64_t fetch_fib6_node(const struct tables *tables, uint32_t node, uint32_t word) {
	return fetch_node_word(&fib6_nodes, node, word);
}

ALWAYS_INLINE uint32_t fetch_fib6_leaf(const struct tables *tables, uint32_t index) {
	return fetch_paired_word(&fib6_leaves, index);
}

ALWAYS_INLINE struct nexthop *fetch_nexthop(const struct tables *tables, uint32_t id) {
	return bpf_map_lookup_elem(&nexthops, &id);
}

ALWAYS_INLINE uint32_t fetch_bucket(const struct tables *tables, uint32_t index) {
	return fetch_paired_word(&buckets, index);
}

ALWAYS_INLINE uint64_t fetch_local_filter(const struct tables *tables, uint32_t word) {
	return local_filter[word & (LOCAL_FILTER_WORDS - 1)];
}
