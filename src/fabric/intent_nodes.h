/* intent_nodes: the nodes that an intent asks for, one after the other, in an order that only the
 * intent decides: what is above comes first. */
#pragma once

#include "fabric/intent.h"

struct wanted_node {
	fabric_name name;
	bool is_cut; /* the name that it should have is too long */
	enum fabric_role role;
	uint32_t pod;                  /* from 1; 0: none */
	fabric_name leaf;              /* of a host: what it hangs below; "" if cables say so */
	fabric_name partner;           /* of a dual-homed host: the other leaf; else "" */
	fabric_name tenant;            /* of a host */
	const struct intent_place *at; /* where the file says so; NULL: by a count or default */
};

/* Calls `take` with each; stops and returns what it returns if that is not 0. */
int intent_each_node(const struct intent *intent,
	int (*take)(void *owner, const struct wanted_node *node), void *owner);

/* The rack that the file describes for a leaf, or NULL. */
const struct intent_rack *intent_rack_of(const struct intent *intent, const char *leaf);

/* The external router of this name, or NULL. */
const struct intent_external *intent_external_of(const struct intent *intent, const char *name);
