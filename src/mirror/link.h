/* link: the links of the namespace, in order of ifindex. */
#pragma once

#include "mirror/mirror.h"

#include <linux/netlink.h>

struct link {
	struct mirror_link shown;
	uint32_t lower; /* IFLA_LINK: what it lies on, or 0 */
	uint32_t mtu6;  /* net.ipv6.conf.*.mtu, at most the MTU */
	uint32_t addresses4;
	enum reason egress; /* REASON_FORWARDED, or why frames cannot leave by this port */
	uint8_t slot;       /* 0: no port */
	uint8_t generation;
	bool ignore_linkdown4, ignore_linkdown6; /* routes without carrier are passed over */
	bool lost_addresses; /* its last IPv4 address went, and with it hops there; see path.h */
};

struct links {
	struct link **sorted;
	size_t count, capacity;
};

struct mirror;

struct link *link_find(const struct links *links, uint32_t ifindex);
struct link *link_named(const struct links *links, const char *name);
struct link *link_next(const struct links *links, uint32_t after);
void links_free(struct links *links);

/* RTM_NEWLINK and RTM_DELLINK. */
void link_handle(struct mirror *mirror, const struct nlmsghdr *message);

/* Removes the links that the last dump did not show. */
void links_sweep(struct mirror *mirror);

bool link_is_up(const struct link *link);       /* administratively */
bool link_can_carry(const struct link *link);   /* up, and with carrier */
bool link_is_ethernet(const struct link *link); /* has neighbours found by ARP or ND */

/* Reads the sysctls of a link, or of all, and tells the listener of what changed. */
void link_read_sysctls(struct mirror *mirror, struct link *link);
void links_read_sysctls(struct mirror *mirror);

/* xdp-features of a link, from generic netlink. */
void link_set_xdp_features(struct mirror *mirror, uint32_t ifindex, uint64_t features);

void link_set_port(struct mirror *mirror, struct link *link, uint8_t slot, enum reason egress);
