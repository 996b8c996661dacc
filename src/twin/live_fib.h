/* live_fib: the forwarding table of a running node, as its kernel has it, for proofs. */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

struct wiring;

/*
 * Adds the node's tables main and local in their place. Link-local, multicast and
 * loopback destinations are left out. 0 or a negative errno.
 */
int live_fib_read(struct wiring *wiring, const struct fabric *fabric, int node,
	const struct verify_place *place);
