/*
 * tables: the memory of all tables as plain arrays, in whatever mapping they live (BPF arrays or
 * ordinary memory). Whoever maps the memory owns it; sizes are in elements. All zero is a valid
 * empty state before the tables are created in it.
 */
#pragma once

#include "table/layout.h"

struct fib4_memory {
	uint64_t *roots;  /* FIB4_ROOTS run words */
	uint64_t *nodes;  /* node_count * NODE_WORDS run words, 64-byte aligned */
	uint32_t *leaves; /* leaf_count */
	uint32_t node_count;
	uint32_t leaf_count;
};

struct fib6_memory {
	uint32_t *roots; /* FIB6_ROOTS leaves */
	uint64_t *nodes;
	uint32_t *leaves;
	uint32_t node_count;
	uint32_t leaf_count;
};

struct nexthop_memory {
	struct nexthop *nexthops;
	uint32_t *buckets;
	uint32_t nexthop_count;
	uint32_t bucket_count;
};

struct tables {
	struct fib4_memory fib4;
	struct fib6_memory fib6;
	struct nexthop_memory nexthop;
	uint64_t *local_filter; /* LOCAL_FILTER_WORDS */
};
