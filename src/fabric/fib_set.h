/*
 * fib_set: the forwarding tables of many nodes, side by side, to be proven over. Prefixes and next
 * hops are interned, so that what a thousand switches have in common is held once: eight bytes an
 * entry.
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

/* 0 or -ENOMEM. A second entry of the same node and prefix takes the place of the first. */
int fib_set_add(struct fib_set *set, uint32_t node, const struct prefix *prefix, uint32_t group);

/* After the last addition, and before what follows: brings entries into the order of prefixes. 0 or
 * -ENOMEM. */
int fib_set_finish(struct fib_set *set);

/* Prefixes in order: by address, the shorter first. */
size_t fib_set_prefix_count(const struct fib_set *set);
const struct prefix *fib_set_prefix(const struct fib_set *set, size_t n);
const struct fib_entry *fib_set_entries(const struct fib_set *set, size_t n, size_t *count);

size_t fib_set_entry_count(const struct fib_set *set);
size_t fib_set_memory(const struct fib_set *set);
