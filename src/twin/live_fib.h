/* live_fib: the forwarding table of a running node, as its kernel has it, for proofs. */
#pragma once

#include "fabric/fabric.h"
#include "fabric/fib_set.h"

struct wiring;

/*
 * Adds the node's tables main and local to `set`, as those of node `as`. Ways by interfaces that
 * are no ports of the design count as ways by the port `strange`. Link-local, multicast and
 * loopback destinations are left out. 0 or a negative errno.
 */
int live_fib_read(struct wiring *wiring, const struct fabric *fabric, int node, uint32_t as,
	uint32_t strange, struct fib_set *set);
