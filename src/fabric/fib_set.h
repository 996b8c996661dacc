/*
 * fib_set: the forwarding tables of many nodes, side by side, to be proven over. Prefixes and next
 * hops are interned, and prefixes that all nodes treat alike share a row of entries, so that what a
 * thousand switches and fifty thousand prefixes have in common is held once.
 *
 * A node's way on for a prefix is a group: a set of ports by which it may leave, or a verdict.
 */
#pragma once

#include "fabric/prefix.h"

#include <stddef.h>

struct fib_set;

/* Groups that are no sets of ports. */
enum fib_verdict { FIB_NO_ROUTE, FIB_DROP, FIB_LOCAL, FIB_VERDICTS };

/* One entry: this node sends what the prefix matches to that group. */
struct fib_entry {
	uint32_t node;
	uint32_t group;
};

struct fib_set *fib_set_create(void); /* NULL without memory */
void fib_set_destroy(struct fib_set *set);

/* The group of these ports, in any order; they are sorted, and doubles removed, in place.
 * UINT32_MAX without memory. */
uint32_t fib_set_group(struct fib_set *set, uint32_t *ports, size_t count);

/* A group's ports; none for verdicts. */
const uint32_t *fib_set_ports(const struct fib_set *set, uint32_t group, size_t *count);
size_t fib_set_group_count(const struct fib_set *set);

/* The number of a prefix, in the order of asking. UINT32_MAX without memory. */
uint32_t fib_set_number(struct fib_set *set, const struct prefix *prefix);

/* A node's table, entry by entry: best one node after the other. A second entry of the same node
 * and prefix takes the place of the first. 0, -EEXIST (taken, and this run of the node's entries
 * has that prefix already) or -ENOMEM. */
int fib_set_add_number(struct fib_set *set, uint32_t node, uint32_t number, uint32_t group);

/* The same by the prefix itself. 0 or -ENOMEM. */
int fib_set_add(struct fib_set *set, uint32_t node, const struct prefix *prefix, uint32_t group);

/* The same entries for each of these prefixes (by number, each once). 0 or -ENOMEM. */
int fib_set_add_alike(struct fib_set *set, const uint32_t *numbers, size_t number_count,
	const struct fib_entry *entries, size_t entry_count);

/* After the last addition, and before what follows: brings prefixes into order. 0 or -ENOMEM. */
int fib_set_finish(struct fib_set *set);

/* Prefixes in order: by address, the shorter first. Those of one row have the same entries. */
size_t fib_set_prefix_count(const struct fib_set *set);
const struct prefix *fib_set_prefix(const struct fib_set *set, size_t n);
const struct fib_entry *fib_set_entries(const struct fib_set *set, size_t n, size_t *count);
uint32_t fib_set_row(const struct fib_set *set, size_t n);
size_t fib_set_row_count(const struct fib_set *set);

/* A node's table: the group of each prefix in order, FIB_ABSENT where it has no entry. 0 or
 * -ENOMEM. */
enum { FIB_ABSENT = UINT32_MAX };
int fib_set_column(const struct fib_set *set, uint32_t node, uint32_t *groups);

size_t fib_set_entry_count(const struct fib_set *set);
