/*
 * nexthop_object: the kernel's next-hop objects (ip nexthop): single hops, blackholes and groups.
 * Paths of routes with an nhid ask here for their hops; a change of an object is passed on to the
 * paths that lead through it.
 */
#pragma once

#include "mirror/path.h"

struct nexthop_object;

struct nexthop_objects {
	struct nexthop_object *table; /* uthash, by id */
	size_t count;
};

/* RTM_NEWNEXTHOP and RTM_DELNEXTHOP. */
void nexthop_object_handle(struct mirror *mirror, const struct nlmsghdr *message);
void nexthop_objects_sweep(struct mirror *mirror);
void nexthop_objects_free(struct nexthop_objects *objects);

/* The kernel drops the objects of a link that went down or lost its carrier, without a word.
 * Returns how many there were. */
size_t nexthop_objects_link_down(struct mirror *mirror, uint32_t ifindex);

enum object_kind {
	OBJECT_MISSING,
	OBJECT_HOP,
	OBJECT_GROUP,
	OBJECT_BLACKHOLE,
	OBJECT_FEATURE, /* encapsulation, FDB, or nothing that is understood */
};

/* What the object is and, for a hop or a group, its hops: at most HOPS_MAX. */
enum object_kind nexthop_object_hops(
	const struct mirror *mirror, uint32_t id, struct hop *hops, size_t *count);
