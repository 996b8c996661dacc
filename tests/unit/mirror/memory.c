/* memory: see memory.h. */
#include "memory.h"

#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { NEXTHOPS = 1 << 16, BUCKETS = 1 << 18 };

static void no_readers(struct grace *grace) {
}

/* Pages come when they are touched: a fuzzer's small tables cost little. */
static void *map(size_t count, size_t size) {
	void *at = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		perror("no memory for tables");
		exit(2);
	}
	return at;
}

void memory_create(struct memory *memory, size_t routes) {
	uint32_t words = (uint32_t)(1024 + routes);

	memory->grace.wait = no_readers;
	memory->tables = (struct tables){
		.fib4 = {map(FIB4_ROOTS, 8), map(words, 8 * NODE_WORDS),
			map(FIB4_ROOTS + 8 * words, 4), words, FIB4_ROOTS + 8 * words},
		.fib6 = {map(FIB6_ROOTS, 4), map(words, 8 * NODE_WORDS), map(16 * words, 4), words,
			16 * words},
		.nexthop = {map(NEXTHOPS, sizeof(struct nexthop)), map(BUCKETS, 4), NEXTHOPS,
			BUCKETS},
		.local_filter = map(LOCAL_FILTER_WORDS, 8),
	};
	memory->mirror = (struct mirror_tables){
		.fib4 = fib4_create(&memory->tables.fib4, &memory->grace),
		.fib6 = fib6_create(&memory->tables.fib6, &memory->grace),
		.nexthops = nexthops_create(&memory->tables.nexthop, &memory->grace),
		.local_filter = memory->tables.local_filter,
	};
	if (!memory->mirror.fib4 || !memory->mirror.fib6 || !memory->mirror.nexthops) {
		perror("no memory for tables");
		exit(2);
	}
}

void memory_destroy(struct memory *memory) {
	const struct tables *tables = &memory->tables;

	fib4_destroy(memory->mirror.fib4);
	fib6_destroy(memory->mirror.fib6);
	nexthops_destroy(memory->mirror.nexthops);
	munmap(tables->fib4.roots, FIB4_ROOTS * 8);
	munmap(tables->fib4.nodes, tables->fib4.node_count * 8 * NODE_WORDS);
	munmap(tables->fib4.leaves, tables->fib4.leaf_count * 4);
	munmap(tables->fib6.roots, FIB6_ROOTS * 4);
	munmap(tables->fib6.nodes, tables->fib6.node_count * 8 * NODE_WORDS);
	munmap(tables->fib6.leaves, tables->fib6.leaf_count * 4);
	munmap(tables->nexthop.nexthops, NEXTHOPS * sizeof(struct nexthop));
	munmap(tables->nexthop.buckets, BUCKETS * 4);
	munmap(tables->local_filter, LOCAL_FILTER_WORDS * 8);
}
