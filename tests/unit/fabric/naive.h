/*
 * naive: what becomes of packets, found out as a script would: from each switch, for each prefix,
 * hop by hop, by the longest match at each, along all equal paths. What the classes are measured
 * and tested against, so it is plain, but not slow by neglect: each node's table is a hash table of
 * prefixes, looked up from the longest length that it has down, and no node is gone through twice
 * on the ways from one switch.
 */
#pragma once

#include "fabric/classes.h"

struct naive;

/* Takes the tables of a finished set, of nodes below `node_count` of the topology. NULL without
 * memory. Both must outlive it. */
struct naive *naive_create(const struct fib_set *set, const struct topology *topology);
void naive_destroy(struct naive *naive);

/* The longest match of a node for an address; FIB_NO_ROUTE if there is none. */
uint32_t naive_look_up(const struct naive *naive, uint32_t node, const struct prefix *address);

/* Where packets of a node come to, OUTCOME_* of all their ways. */
uint8_t naive_follow(struct naive *naive, uint32_t node, const struct prefix *address);
