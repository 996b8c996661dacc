/* fib_change: how much of the switches' tables differs between two sets of them. */
#pragma once

#include "fabric/fib_set.h"

struct fib_change {
	size_t entries; /* that only one has, or that go by other ports */
	size_t nodes;   /* with such entries */
};

/* Of finished sets with nodes of the same numbers, up to `node_count`. 0 or -ENOMEM. */
int fib_change_count(const struct fib_set *before, const struct fib_set *after, size_t node_count,
	struct fib_change *change);
