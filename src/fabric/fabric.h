/*
 * fabric: a design: every node, cable, port, address and AS number that an intent comes to.
 *
 * It follows from the intent and the state alone, so that the same two give the same design, and a
 * change of the intent moves nothing that it does not name. All is routed, down to the hosts: each
 * cable is a link of its own (IPv6 link-local between switches, /31 and /127 to hosts), each switch
 * speaks eBGP with all its neighbours (RFC 7938, with IPv4 over IPv6 next hops, RFC 8950).
 *
 * Arrays are indexed by the ids that refer to them; they stay the design's.
 */
#pragma once

#include "fabric/intent.h"

struct state;

enum {
	PORT_NAME_MAX = 16,
	LINK_TEXT_MAX = 2 * (FABRIC_NAME_MAX + PORT_NAME_MAX),
	FABRIC_NONE = -1
};

enum fabric_tier {
	TIER_LEAF_SPINE,
	TIER_SPINE_SUPER,
	TIER_HOST,
	TIER_EXTERNAL,
	TIER_INTERCONNECT, /* borders of two sites */
	TIERS
};

struct fabric_node {
	fabric_name name;
	enum fabric_role role;
	uint32_t pod;                       /* or site, from 1; 0: none */
	uint32_t asn;                       /* 0: none (hosts) */
	struct prefix loopback4, loopback6; /* /32 and /128; AF_UNSPEC: none */
	int tenant;                         /* of a host; else FABRIC_NONE */
	int *ports;                         /* ids, by number */
	size_t port_count;
	int line; /* of the intent, 0 if a count says it */
};

struct fabric_port {
	int node, link;
	int other; /* the port at the far end */
	uint32_t number;
	char name[PORT_NAME_MAX]; /* "swp3"; of hosts "eth1" */
	/* Address and length of the link's prefix, host bits and all; AF_UNSPEC: link-local alone.
	 */
	struct prefix address4, address6;
};

struct fabric_link {
	int ports[2];    /* the upper end first */
	uint32_t number; /* of the cable, from 1; stays when others come or go */
	enum fabric_tier tier;
	uint64_t speed_mbps;
	uint32_t length_m;
	const struct intent_emulation *emulation; /* NULL: as it is */
};

/* The part of a tenant's prefixes that a leaf serves, and announces as a whole. */
struct fabric_network {
	int tenant, leaf;
	struct prefix ipv4, ipv6; /* AF_UNSPEC: none */
};

struct fabric {
	const struct intent *intent;
	struct fabric_node *nodes;
	struct fabric_port *ports;
	struct fabric_link *links;
	struct fabric_network *networks;
	uint32_t *tenant_numbers; /* by tenant: from 1, in its community; stays like the rest */
	size_t node_count, port_count, link_count, network_count;
};

/* 0, or a negative errno: -EINVAL if there are mistakes, those of the intent (intent_read) or more
 * that are noted here, which nothing that is wrong in the intent can have led to. The intent must
 * outlive the design; `state` gets what is given out. */
int fabric_create(const struct intent *intent, struct mistakes *mistakes, struct state *state,
	struct fabric **fabric);
void fabric_destroy(struct fabric *fabric);

/* The node of this name, or FABRIC_NONE. */
int fabric_find(const struct fabric *fabric, const char *name);

/*
 * The link that words mean: "leaf1:swp3", a port and its cable, or "leaf1:spine2", the cable
 * between two nodes. 0; -ENOENT if there is none; -EEXIST if there are several, so that a port has
 * to say which.
 */
int fabric_find_link(const struct fabric *fabric, const char *words, int *link);

/* "spine2:swp1 leaf1:swp63", the upper end first; `text` holds LINK_TEXT_MAX. Returns it. */
char *fabric_link_text(const struct fabric *fabric, int link, char *text);

/* The node at the far end of a port. */
const struct fabric_node *fabric_neighbour(const struct fabric *fabric, int port);

bool fabric_is_switch(const struct fabric_node *node);

/* Whether what joins them leads from one site to another: neither is above. */
bool fabric_are_across(const struct fabric_node *one, const struct fabric_node *other);

/* Whether traffic between two tenants is forbidden; INTENT_EXTERNAL stands for all beyond. */
enum { TENANT_EXTERNAL = -2 };
bool fabric_denies(const struct fabric *fabric, int one, int other);

/* Whether a node is to have a route to what belongs to this tenant (or TENANT_EXTERNAL). */
bool fabric_node_knows(const struct fabric *fabric, int node, int tenant);
