/*
 * classes: what becomes of packets, over all destinations, by classes of those that all nodes treat
 * alike. Prefixes nest; the part of one that no longer prefix takes is of one class, and where the
 * tables say the same, classes fall together: a fabric of a thousand switches has about as many
 * classes as it has places that traffic goes to, however many prefixes lie there.
 *
 * A class is a graph: each node goes on by the ports of one group, or ends. It is followed once,
 * from where packets end backwards, in time linear in its edges, and then known by its number.
 */
#pragma once

#include "fabric/fib_set.h"

#include <stdbool.h>

/* Where a node's packets of a class come to, by all of the equal ways that they may take. */
enum outcome {
	OUTCOME_DELIVERED = 1 << 0, /* at a node that has the destination itself */
	OUTCOME_LEFT = 1 << 1,    /* by a port to where nothing is known (hosts, others' routers) */
	OUTCOME_DROPPED = 1 << 2, /* by a route that says so */
	OUTCOME_NO_ROUTE = 1 << 3,
	OUTCOME_LOOP = 1 << 4,
	OUTCOME_DEAD = 1 << 5, /* by a port that is down, or to a neighbour that is not there */
};

/* The network that the tables are of. Ports are numbered over all nodes. */
struct topology {
	uint32_t node_count, port_count;
	const uint32_t *node_of_port;
	const uint32_t *far_node; /* of a port; TOPOLOGY_OUTSIDE: where nothing is known */
	const bool *port_is_dead; /* NULL: none is */
};

enum { TOPOLOGY_OUTSIDE = UINT32_MAX };

/* The part of a prefix that no longer one takes, and its class, as they are told of: valid during
 * the call. Only of a class that is new, `groups` and what follows are there. */
struct class_result {
	struct prefix prefix;    /* whose own destinations these are */
	struct prefix address;   /* one of those */
	uint32_t number;         /* of the class, from 0 */
	bool is_new;             /* its graph was not seen before */
	const uint32_t *groups;  /* each node's */
	const uint8_t *outcomes; /* each node's, OUTCOME_* of all its ways */
	const uint32_t *paths; /* each node's: how many ways, to where they end; UINT32_MAX: more */
	const uint32_t *hops;  /* each node's longest way */
	const uint32_t *ends;  /* where packets of this class end well: nodes that deliver, or from
				* which they leave */
	size_t end_count;
};

/* Calls `told` for each prefix that has destinations of its own; stops, and returns what it
 * returns, if that is not 0. -ENOMEM. */
int classes_walk(const struct fib_set *set, const struct topology *topology,
	int (*told)(void *owner, const struct class_result *result), void *owner);
