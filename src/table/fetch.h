/*
 * fetch: how a reader in user space gets a word of a table. The BPF program has the same functions
 * over its maps (datapath/maps.bpf.h); stages and look-ups are written against these names only.
 */
#pragma once

#ifndef __bpf__

#include "table/tables.h"

ALWAYS_INLINE uint64_t fetch_fib4_root(const struct tables *tables, uint32_t index) {
	return __atomic_load_n(&tables->fib4.roots[index], __ATOMIC_RELAXED);
}

ALWAYS_INLINE uint64_t fetch_fib4_node(const struct tables *tables, uint32_t node, uint32_t word) {
	return __atomic_load_n(&tables->fib4.nodes[node * NODE_WORDS + word], __ATOMIC_RELAXED);
}

ALWAYS_INLINE uint32_t fetch_fib4_leaf(const struct tables *tables, uint32_t index) {
	return __atomic_load_n(&tables->fib4.leaves[index], __ATOMIC_RELAXED);
}

ALWAYS_INLINE uint32_t fetch_fib6_root(const struct tables *tables, uint32_t index) {
	return __atomic_load_n(&tables->fib6.roots[index], __ATOMIC_RELAXED);
}

ALWAYS_INLINE uint64_t fetch_fib6_node(const struct tables *tables, uint32_t node, uint32_t word) {
	return __atomic_load_n(&tables->fib6.nodes[node * NODE_WORDS + word], __ATOMIC_RELAXED);
}

ALWAYS_INLINE uint32_t fetch_fib6_leaf(const struct tables *tables, uint32_t index) {
	return __atomic_load_n(&tables->fib6.leaves[index], __ATOMIC_RELAXED);
}

ALWAYS_INLINE struct nexthop *fetch_nexthop(const struct tables *tables, uint32_t id) {
	return &tables->nexthop.nexthops[id];
}

ALWAYS_INLINE uint32_t fetch_bucket(const struct tables *tables, uint32_t index) {
	return __atomic_load_n(&tables->nexthop.buckets[index], __ATOMIC_RELAXED);
}

ALWAYS_INLINE uint64_t fetch_local_filter(const struct tables *tables, uint32_t word) {
	return tables->local_filter[word];
}

#endif
