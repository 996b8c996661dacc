/*
 * spread: how what one node, or some together, announce spreads through the fabric's BGP: at every
 * node, the length of its AS path and the equal ways back, by what neighbours tell and take (frr.c
 * has the same rules in FRR's words; RFC 4271, section 9.1.2.2, with multipath over different paths
 * of one length). Links and nodes may be down.
 */
#pragma once

#include "fabric/fabric.h"

struct model_failures {
	const bool *link_is_down;   /* by link; NULL: none */
	const bool *node_is_down;   /* by node; NULL: none */
	const bool *link_is_silent; /* by link, of those down: ports do not notice; NULL: none is */
};

enum { SPREAD_FAR = 255 /* the length where there is no way */ };

struct spread;

struct spread *spread_create(const struct fabric *fabric); /* NULL without memory */
void spread_destroy(struct spread *spread);

/* From these nodes on; `tenant` is whose prefixes they are: FABRIC_NONE for loopbacks,
 * TENANT_EXTERNAL for those of others. What was spread before is forgotten. */
void spread_from(struct spread *spread, const struct model_failures *failures, const int *origins,
	size_t count, int tenant);

uint8_t spread_length(const struct spread *spread, int node); /* 0: an origin */

/* The node's ports by which equal paths came in; `ports` has room for all that it has. */
size_t spread_ways(const struct spread *spread, int node, uint32_t *ports);

/* The nodes that have a way, the nearest first. */
const int *spread_order(const struct spread *spread, size_t *count);

bool spread_node_is_up(const struct model_failures *failures, int node);

/* Whether a port and what is at both of its ends are up. */
bool spread_port_is_up(
	const struct fabric *fabric, const struct model_failures *failures, int port);
