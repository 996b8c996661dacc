/*
 * traffic: who sends how much to whom, from a file:
 *
 *   traffic:
 *     - {from: leaf1-h1, to: leaf2-h1, rate: 10G}
 *     - {from: leaf1, to: db, rate: 40G}
 *     - {from: all, to: all, each: 100M}
 *
 * A place is a host, an external router, a leaf (all hosts below it), a tenant (all of its hosts),
 * or "all" hosts. `rate` is that of the whole row, shared evenly by its pairs; `each` is that of
 * every pair. Nobody sends to itself.
 */
#pragma once

#include "fabric/fabric.h"

struct demand {
	int from, to; /* hosts or external routers */
	double mbps;
};

struct traffic {
	struct demand *demands; /* by `from`, then `to`; one a pair */
	size_t count;
};

/* 0, or a negative errno after messages with file:line. To be freed only after 0. */
int traffic_read(struct traffic *traffic, const struct fabric *fabric, const char *path);
void traffic_free(struct traffic *traffic);
