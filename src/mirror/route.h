/*
 * route: the kernel's routes of the tables local and main, a list a prefix in the kernel's order,
 * and the one of them that decides, written into fib4 and fib6.
 *
 * The two tables are one here: for a prefix in both, local comes first, and a prefix of main within
 * a shorter one of local is left to the kernel (which looks through local first when rules were
 * ever changed, and always for IPv6).
 */
#pragma once

#include "mirror/mirror.h"

#include <linux/netlink.h>

struct mirror;
struct neighbour;
struct rib;

enum { ROUTES_MAX = 4 << 20, ROUTE_NONE = ~0u };

enum route_flag {
	ROUTE_IS_FEATURE = 1, /* metrics that decide, or a source prefix */
	ROUTE_MAY_GROW = 2,   /* IPv6: routes of this metric are siblings, one multipath route */
	ROUTE_IS_UNKNOWN = 4, /* where it leads was not understood; a feature, too */
};

struct route {
	uint32_t next; /* of this prefix, or ROUTE_NONE */
	uint32_t path;
	uint32_t metric;
	uint8_t is_local; /* of table local */
	uint8_t tos;
	uint8_t type;     /* RTN_* */
	uint8_t protocol; /* RTPROT_* */
	uint8_t flags;
	uint8_t generation;
};

struct routes {
	struct route *pool;
	uint32_t used, capacity, free;
	size_t count[2];           /* by family */
	struct rib *prefixes[2];   /* index of the first route */
	struct rib *local_nets[2]; /* prefixes with a route of table local, hosts left out */
	uint32_t *own_addresses;   /* references of each bit of the local filter */
	size_t own_nets;           /* IPv4 networks that are this machine's own: all bits are set */
};

int routes_create(struct routes *routes);
void routes_destroy(struct routes *routes);

/* RTM_NEWROUTE and RTM_DELROUTE, notified or dumped. */
void route_handle(struct mirror *mirror, const struct nlmsghdr *message);
void routes_sweep(struct mirror *mirror, sa_family_t family);

/* Writes again what dirty and condemned paths concern. */
void routes_settle(struct mirror *mirror);

/* A neighbour of this address became resolved or no longer is: its host route is set or removed. */
void route_update_host(struct mirror *mirror, sa_family_t family, const uint8_t *address);

int route_show(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len, struct mirror_route *route);
