/*
 * path: what a route leads to: its hops, or a next-hop object. Interned by content, so that a
 * million routes share some hundred paths, and a change of state visits paths, not routes.
 *
 * A path compiles to one id: its only hop's, or a group of its own, or a constant verdict. When the
 * id must change, or a path becomes usable or unusable, it is marked dirty and the routes that lead
 * there are written again by routes_settle, one walk for however many paths.
 *
 * The kernel removes IPv4 routes silently. A path whose routes it has so removed is condemned: no
 * longer interned (a route that comes anew gets a new path), never usable, and its routes are
 * removed by the same walk.
 */
#pragma once

#include "mirror/mirror.h"

#include <linux/netlink.h>
#include <uthash.h>

struct mirror;
struct neighbour;

enum { HOPS_MAX = 512, PATHS_MAX = 1 << 20, PATH_NONE = ~0u };

enum hop_flag {
	HOP_DEAD = 1,       /* the kernel says so of a link that is up */
	HOP_HOST_SCOPE = 2, /* of a local route: stays when the link goes down */
	HOP_FEATURE = 4,    /* encapsulation, or a hop without a link */
};

struct hop {
	uint32_t ifindex;
	uint16_t weight;
	uint8_t family; /* of the gateway; AF_UNSPEC: none, on link */
	uint8_t flags;
	uint8_t gateway[16];
};

/* All that tells one path from another; the key of the interning hash. */
struct path_content {
	uint32_t family; /* of the routes */
	uint32_t source; /* preferred source, IPv4 as on the wire, 0 if none */
	uint32_t object; /* nhid, or 0 */
	uint32_t hop_count;
	struct hop hops[];
};

struct path {
	UT_hash_handle hh;
	uint32_t index;
	uint32_t references; /* of routes */
	uint32_t id;         /* where its routes lead */
	uint32_t on_link;    /* ifindex if its routes are connected networks, else 0 */
	uint32_t group;      /* its own id in the next-hop table, or NEIGHBOUR_NO_ID */
	bool usable;         /* some hop is alive */
	bool condemned;
	bool dirty;
	bool idle;        /* unreferenced, waiting to be freed */
	struct hop *hops; /* as they are now: its own, or a copy of its object's */
	size_t hop_count;
	struct neighbour **ways; /* what its id needs, held; one a hop, or none */
	size_t way_count;
	struct path_content content;
};

struct paths {
	struct path *table;
	struct path **all; /* by index, NULL: free */
	uint32_t count, capacity, first_free;
	uint32_t *idle; /* indices of paths without routes, freed when their ids are out of use */
	size_t idle_count, idle_capacity;
	struct neighbour **dropped; /* what dirty paths held, until routes are written again */
	size_t dropped_count, dropped_capacity;
	bool dirty[2];    /* by family: some path is dirty or condemned */
	size_t dead_hops; /* paths with HOP_DEAD */
};

/* The content to fill in before path_intern; room for HOPS_MAX hops. */
size_t path_content_size(uint32_t hop_count);

/* The path of this content, new or known, with one more reference; NULL if there is no room. */
struct path *path_intern(struct mirror *mirror, const struct path_content *content);
/* The path of this content if there is one, without a reference. */
struct path *path_find(const struct mirror *mirror, const struct path_content *content);
void path_release(struct mirror *mirror, struct path *path);

static inline struct path *path_at(const struct paths *paths, uint32_t index) {
	return paths->all[index];
}

/* State that paths depend on changed; each marks what must be written again. */
void paths_update_link(struct mirror *mirror, uint32_t ifindex);
void paths_update_object(struct mirror *mirror, uint32_t object);

/* The kernel has silently removed routes; each condemns the paths that those led to, and wants an
 * audit if there were any. */
void paths_condemn_link_down(struct mirror *mirror, uint32_t ifindex);
void paths_condemn_link_gone(struct mirror *mirror, uint32_t ifindex);
void paths_condemn_addresses(struct mirror *mirror, uint32_t ifindex);
void paths_condemn_source(struct mirror *mirror, uint32_t source);
void paths_condemn_object(struct mirror *mirror, uint32_t object);

/* After routes were written again: nothing is dirty, what is out of use is freed. */
void paths_settle(struct mirror *mirror);
void paths_destroy(struct mirror *mirror);
