/* live_routes: the routes of a running node's kernel, one by one, with their ways. */
#pragma once

#include "fabric/prefix.h"

#include <stddef.h>

struct wiring;

/* One way of a route. */
struct live_hop {
	unsigned int ifindex;
	unsigned int weight;
	bool is_dead;          /* its interface is down, or has no carrier */
	struct prefix gateway; /* AF_UNSPEC: on the link; of another family than the route, maybe */
};

/* Valid during the call. */
struct live_route {
	struct prefix destination;
	unsigned int metric;         /* the least of those to one destination holds */
	unsigned int table;          /* RT_TABLE_* */
	unsigned int type;           /* RTN_* */
	unsigned int protocol;       /* RTPROT_* */
	const struct live_hop *hops; /* none for what is dropped */
	size_t hop_count;
};

/* All of both families, but what the kernel clones for its own use. 0 or a negative errno. */
int live_routes_each(struct wiring *wiring,
	void (*told)(void *owner, const struct live_route *route), void *owner);
