/* blast: what is lost when one node or one link fails: its blast radius. */
#pragma once

#include "fabric/fabric.h"

struct blast {
	uint32_t networks;  /* of leaves, that some leaf which may reach them no longer does */
	uint32_t hosts;     /* with no leaf left, or only such as reach no other leaf */
	uint32_t externals; /* routers of others, likewise */
	double capacity;    /* what share the pair of leaves loses that loses most; 0 to 1 */
};

/* For each node and each link, by their ids; both arrays are the caller's. A failed leaf is no part
 * of a pair. 0 or -ENOMEM. */
int blast_radii(const struct fabric *fabric, struct blast *nodes, struct blast *links);
