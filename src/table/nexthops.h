/*
 * nexthops: the writer's side of the next-hop table (layout.h): adjacencies, verdicts, and groups
 * whose buckets move as little as they can.
 *
 * Ids are stable from nexthops_allocate to nexthops_free; leaves of fib4 and fib6 hold them. One
 * writer thread; readers at any time. A member's change of state reaches every group that has it
 * before the call returns, in time independent of how many routes lead there.
 */
#pragma once

#include "table/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nexthops;
struct grace;
struct nexthop;
struct nexthop_memory;

enum { NEXTHOP_MEMBERS_MAX = 512 };

struct adjacency {
	uint32_t ifindex; /* the way out */
	uint32_t mtu;     /* of the way out, bytes of IP packet */
	uint8_t port;     /* its slot, 1 .. PORTS_MAX-1 */
	uint8_t destination_mac[6];
	uint8_t source_mac[6];
};

struct nexthop_member {
	uint32_t nexthop; /* id of an adjacency or verdict; groups are not nested */
	uint32_t weight;  /* 1 .. 65535 */
};

struct nexthops_usage {
	size_t nexthops; /* allocated, the constant verdicts not counted */
	size_t nexthops_max;
	size_t buckets;
	size_t buckets_max;
};

/* In *memory (copied; arrays stay the caller's, zero at first); writes the constant verdicts, ids
 * 0 .. REASON_COUNT-1. NULL and errno ENOMEM or EINVAL (memory too small for those). */
struct nexthops *nexthops_create(const struct nexthop_memory *memory, struct grace *grace);
void nexthops_destroy(struct nexthops *nexthops);

/* A new id, at first the verdict REASON_UNRESOLVED with no way out. 0, -ENOMEM, or -ENOSPC when
 * the table is full. */
int nexthops_allocate(struct nexthops *nexthops, uint32_t *id);

/* The id may be reused after a grace period; no leaf and no group may hold it any more. */
void nexthops_free(struct nexthops *nexthops, uint32_t id);

/* What the id leads to from now on. A verdict may carry its way out (`port`, `ifindex`, 0 if none),
 * which the reverse-path check reads. Setting what is set already is free. */
void nexthops_set_verdict(
	struct nexthops *nexthops, uint32_t id, enum reason reason, uint8_t port, uint32_t ifindex);
void nexthops_set_adjacency(
	struct nexthops *nexthops, uint32_t id, const struct adjacency *adjacency);

/* Says that nexthops_set_adjacency will follow: if that has to change what readers may hold, the id
 * is REASON_UNRESOLVED from now on. Who changes many at a time announces all of them first, and one
 * grace period then serves all. */
void nexthops_announce_adjacency(
	struct nexthops *nexthops, uint32_t id, const struct adjacency *adjacency);

/* Makes the id a group of 1 .. NEXTHOP_MEMBERS_MAX members; members that are no adjacency at the
 * moment get no buckets. With none left the group answers as its first member does. Buckets follow
 * the weights; a change moves only the buckets that it must. 0, -EINVAL, -ENOMEM, or -ENOSPC when
 * the buckets are full (the group is then the verdict REASON_TABLE_FULL). */
int nexthops_set_group(
	struct nexthops *nexthops, uint32_t id, const struct nexthop_member *members, size_t count);

/* Reads the entry; valid until the next change. */
const struct nexthop *nexthops_get(const struct nexthops *nexthops, uint32_t id);

/* The members of a group as they were set: copies up to `size`, returns how many there are, 0 if
 * the id is no group. */
size_t nexthops_members(
	const struct nexthops *nexthops, uint32_t id, struct nexthop_member *members, size_t size);

/* Whether a frame has used this adjacency since the last call; clears the mark. */
bool nexthops_take_used(struct nexthops *nexthops, uint32_t id);

struct nexthops_usage nexthops_usage(const struct nexthops *nexthops);
