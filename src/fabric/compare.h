/* compare: two sets of tables of one fabric, over all destinations. */
#pragma once

#include "fabric/fabric.h"
#include "fabric/fib_set.h"

/*
 * `set` (not finished yet) holds what is wanted of node n as node n, and what it has as node
 * n + node_count. Returns how many classes of destinations are treated otherwise somewhere, with
 * the first of them in words in `where`; or -ENOMEM.
 */
int compare_tables(
	const struct fabric *fabric, struct fib_set *set, char *where, size_t where_size);
