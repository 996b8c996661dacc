/*
 * model: the tables that the fabric's BGP comes to, computed: for every prefix that somebody
 * announces, each switch's ways to it, of least AS-path length (RFC 4271, section 9.1.2.2, with
 * multipath over different paths of one length), by what neighbours tell and take (frr.c has the
 * same rules in FRR's words). Links and nodes may be down.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/fib_set.h"

struct model_failures {
	const bool *link_is_down; /* by link; NULL: none */
	const bool *node_is_down; /* by node; NULL: none */
};

/* Fills an empty set with the tables of all switches; entries' ports are the design's ports, and so
 * are its nodes. Not finished: more may be added. 0 or -ENOMEM. */
int model_tables(
	const struct fabric *fabric, const struct model_failures *failures, struct fib_set *set);
