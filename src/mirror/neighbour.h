/*
 * neighbour: one (link, address) that frames may be sent to, whether the kernel knows it, a route
 * names it as its gateway, or both; and one (link, no address) a link that connected routes lead
 * to. Interned, so that every route by one gateway shares one next-hop id.
 *
 * An entry has an id while a path or a host route holds it, and the id's state is computed in one
 * place from link, port and neighbour state. On a connected network a neighbour that the kernel
 * has resolved gets a host route to its id (route.c decides whether it may).
 */
#pragma once

#include "mirror/mirror.h"

#include <linux/netlink.h>
#include <uthash.h>

struct mirror;
struct link;

struct neighbour_key {
	uint32_t ifindex;
	uint32_t family;     /* AF_UNSPEC: the link as such */
	uint8_t address[16]; /* zero beyond the family's size */
};

struct neighbour {
	struct neighbour_key key;
	uint32_t id;         /* in the next-hop table, or NEIGHBOUR_NO_ID */
	uint32_t references; /* of paths */
	uint32_t slot;       /* its place in neighbours.slots */
	uint32_t next_alike; /* slot + 1 of the next with this address, on another link */
	uint16_t state;      /* NUD_*; 0: the kernel does not know it */
	uint8_t mac[6];
	uint8_t generation;
	bool has_mac;
	bool known;      /* the kernel has the entry; such are counted and may be host routes */
	bool host_route; /* a leaf holds its id */
	uint8_t backoff_seconds;
	uint64_t used_ns;  /* when a frame was last seen to have gone there */
	uint64_t asked_ns; /* when the kernel was last asked to probe it */
	UT_hash_handle hh;
};

enum { NEIGHBOUR_NO_ID = ~0u, NEIGHBOURS_MAX = 65536, GATEWAYS_MAX = 1 << 20 };

struct rib;

struct neighbours {
	struct neighbour *table;
	struct neighbour **slots; /* NULL: free */
	size_t slot_count, slot_capacity;
	uint32_t *free_slots;
	size_t free_count;
	struct rib *by_address[2]; /* known, not link-local: slot + 1 of the first */
	size_t known;
};

int neighbours_create(struct neighbours *neighbours);
void neighbours_destroy(struct mirror *mirror);

/* RTM_NEWNEIGH and RTM_DELNEIGH. */
void neighbour_handle(struct mirror *mirror, const struct nlmsghdr *message);
void neighbours_sweep(struct mirror *mirror);

/* The entry, with an id, for a path to hold; NULL if there is no room. */
struct neighbour *neighbour_take(
	struct mirror *mirror, uint32_t ifindex, sa_family_t family, const uint8_t *address);
void neighbour_drop(struct mirror *mirror, struct neighbour *neighbour);

/* The same for a host route, of which there is one at most. */
int neighbour_take_host_route(struct mirror *mirror, struct neighbour *neighbour);
void neighbour_drop_host_route(struct mirror *mirror, struct neighbour *neighbour);

/* The known entry for an address on a link that the kernel has resolved, or NULL. */
struct neighbour *neighbour_resolved(
	struct mirror *mirror, sa_family_t family, const uint8_t *address, uint32_t ifindex);
/* The entry with this address that has a host route, or NULL. */
struct neighbour *neighbour_with_host_route(
	const struct mirror *mirror, sa_family_t family, const uint8_t *address);

/* Something that decides over the link's neighbours changed. */
void neighbours_update_link(struct mirror *mirror, uint32_t ifindex);

/* Asks the kernel to probe what is in use and about to go stale, and what routes wait for. */
void neighbours_refresh(struct mirror *mirror);

void neighbour_text(
	const struct mirror *mirror, const struct neighbour *neighbour, char *text, size_t size);
