/* growth: how many more of each a design has room for, before a device or a prefix is full. */
#pragma once

#include "fabric/fabric.h"

struct growth_role {
	size_t switches;
	uint32_t ports;      /* of the device */
	uint32_t left_least; /* of any */
	uint64_t left_all;   /* of all together */
	int fullest;         /* which has the least left; FABRIC_NONE: there is none */
};

/* How many more, and what the first that is one too many would lack. */
struct growth_room {
	uint32_t more;
	char limit[64];
};

struct growth {
	struct growth_role roles[ROLES];
	struct growth_room leaves, spines; /* in each pod or site, if there are such */
	struct growth_room pods;           /* of a clos, or sites */
	struct growth_room hosts;          /* on each leaf */
	uint32_t leaf_uplinks;             /* cables that the next leaf takes to the spines */
	uint32_t leaf_hosts;               /* and cables to hosts, as the others have by default */
};

void growth_measure(const struct fabric *fabric, struct growth *growth);
