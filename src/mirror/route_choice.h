/* route_choice: which of a prefix's routes the kernel would use, and what that leads to. */
#pragma once

#include "mirror/route.h"

struct choice {
	bool present;     /* some route is usable; otherwise a shorter prefix decides */
	uint32_t nexthop; /* id */
	uint32_t on_link; /* ifindex, if it is a connected network */
	uint32_t route;   /* index of the route that decides */
};

/* Of the list that starts with route `first`. */
struct choice route_choose(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len, uint32_t first);

/* The link that an address is connected to by its longest matching route; 0 if by none. */
uint32_t route_connected_link(
	const struct mirror *mirror, sa_family_t family, const uint8_t *address);
