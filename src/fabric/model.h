/*
 * model: the tables that the fabric's BGP comes to, computed: for every prefix that somebody
 * announces, each switch's equal ways to it (spread.h), and what is each switch's own. Links and
 * nodes may be down.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/fib_set.h"
#include "fabric/spread.h"

/* Fills an empty set with the tables of all switches; entries' ports are the design's ports, and so
 * are its nodes. Not finished: more may be added. 0 or -ENOMEM. */
int model_tables(
	const struct fabric *fabric, const struct model_failures *failures, struct fib_set *set);
