/*
 * mirror: Linux's forwarding state, learnt by netlink and kept in Heddle's tables.
 *
 * The model. The kernel's links, addresses, neighbours, next-hop objects, routes and rules are
 * dumped once and followed by notifications. For each prefix the route that the kernel would use is
 * compiled to a next hop; whatever is not plainly forwardable compiles to a verdict that leaves the
 * traffic to the kernel, with the reason. Neighbours on a connected network become host routes.
 *
 * The invariant. At a quiet point, for every address: either the tables lead to the very neighbour
 * and interface that the kernel would choose, or they lead to a verdict that leaves it to the
 * kernel. While state is in doubt it is the latter.
 *
 * Threads: all functions belong to the one thread that owns the mirror. It blocks for the dumps of
 * mirror_open and of mirror_resync (after notifications were lost), and for tables waiting out a
 * grace period. An audit, the dump a second after routes went that the kernel removes without a
 * word, reads routes a bounded number a turn; the rest of it, and holds, are read at once.
 */
#pragma once

#include "table/reason.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct mirror;
struct fib4;
struct fib6;
struct nexthops;

/* Where the mirror writes; owned by the caller, alive as long as the mirror. */
struct mirror_tables {
	struct fib4 *fib4;
	struct fib6 *fib6;
	struct nexthops *nexthops;
	uint64_t *local_filter; /* layout.h */
};

/* A link as the kernel has it. */
struct mirror_link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char kind[32]; /* IFLA_INFO_KIND: "veth", "vlan", "bridge" …, "" for hardware */
	uint8_t mac[6];
	uint16_t type; /* ARPHRD_* */
	uint32_t mtu;
	uint32_t flags;  /* IFF_* */
	uint32_t master; /* ifindex of the bridge, bond or VRF it belongs to, or 0 */
	char master_kind[32];
	bool carrier;
	bool has_uppers;         /* devices lie on it that take frames before they are routed */
	bool xdp_features_known; /* the kernel tells them (6.3 and later) */
	uint64_t xdp_features;   /* NETDEV_XDP_ACT_* */
	uint32_t xdp_program;    /* id of what is attached, or 0: its change is one of the link */
	/* sysctls, as they act on this link */
	bool forwarding4, forwarding6;
	bool send_redirects;
	uint8_t rp_filter; /* 0, 1 strict, 2 loose */
};

/* What in the namespace decides over forwarded traffic besides routes, and that a frame forwarded
 * by Heddle would bypass. `ifindex` 0 means all ports; family AF_UNSPEC means both. */
enum mirror_hold_kind {
	HOLD_NETFILTER,       /* nftables or iptables rules, NAT, IPVS, BPF, flowtables */
	HOLD_TRAFFIC_CONTROL, /* tc filters (ingress, clsact, tcx), shaping qdiscs */
	HOLD_XFRM,
	HOLD_RULE, /* ip rules beyond the default three */
	HOLD_KINDS,
};

struct mirror_hold {
	enum mirror_hold_kind kind;
	sa_family_t family;
	uint32_t ifindex;
	bool egress;    /* acts on what leaves by ifindex; otherwise on what arrives there */
	char text[160]; /* what it is: "nftables chain inet filter forward (12 rules)"; what stands
			 * before a parenthesis stays while it is the same thing */
};

/* All may be NULL. Called from within mirror_process and mirror_open. */
struct mirror_listener {
	void (*link_changed)(void *owner, const struct mirror_link *link); /* new or changed */
	void (*link_gone)(void *owner, uint32_t ifindex, const char *name);
	void (*holds_changed)(void *owner);
	void *owner;
};

struct mirror_statistics {
	uint64_t messages;  /* notifications handled */
	uint64_t overruns;  /* ENOBUFS, each followed by a resynchronisation */
	uint64_t resyncs;   /* full dumps compared with the state, for any reason */
	uint64_t malformed; /* messages not understood: skipped, or a route left to the kernel */
	uint64_t refused_routes; /* routes that tables had no room for, now */
	size_t links, addresses, neighbours, nexthop_objects, routes4, routes6;
	double load_seconds; /* the first dump, up to tables written */
};

/* Opens the sockets, subscribes, dumps and writes the tables. 0 and *mirror, or a negative errno
 * after a logged message. */
int mirror_open(const struct mirror_tables *tables, const struct mirror_listener *listener,
	struct mirror **mirror);
void mirror_close(struct mirror *mirror);

/* Readable when there is something to do; mirror_process then handles a bounded amount and returns
 * 0, or a negative errno if the mirror can no longer follow the kernel. */
int mirror_fd(const struct mirror *mirror);
int mirror_process(struct mirror *mirror);

/* To be called about once a second while traffic flows (and may be left out when none does):
 * refreshes neighbours in use, resolves gateways that routes wait for, rereads sysctls. */
void mirror_tick(struct mirror *mirror);

/* Dumps everything again and applies the difference. */
int mirror_resync(struct mirror *mirror);

/* Tells that an interface is a port of Heddle: `slot` 1 .. PORTS_MAX-1 (0: it is none), and whether
 * frames may leave by it: REASON_FORWARDED if so, else the reason why not. */
void mirror_set_port(struct mirror *mirror, uint32_t ifindex, uint8_t slot, enum reason egress);

/* Links in order of ifindex; NULL beyond the last. `after` 0 for the first. */
const struct mirror_link *mirror_next_link(const struct mirror *mirror, uint32_t after);
const struct mirror_link *mirror_link(const struct mirror *mirror, uint32_t ifindex);
const struct mirror_link *mirror_link_named(const struct mirror *mirror, const char *name);

/* All holds in force, among them one for each source of holds that could not be read; valid until
 * the next call into the mirror. Never NULL. */
const struct mirror_hold *mirror_holds(const struct mirror *mirror, size_t *count);

struct mirror_statistics mirror_statistics(const struct mirror *mirror);

/* For people: what the mirror knows of a prefix's route ("via fe80::1 dev eth1 weight 1, nhid 12,
 * proto bgp, metric 20"). A string in *text of `size` bytes; 0 or -ENOENT. */
struct mirror_route {
	uint8_t protocol; /* RTPROT_* */
	uint8_t type;     /* RTN_* */
	uint32_t table;
	uint32_t metric;
	uint32_t nexthop_object; /* nhid, or 0 */
	uint32_t nexthop;        /* id in the next-hop table */
	bool neighbour;          /* a host route made from a neighbour, not a kernel route */
};
int mirror_route(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len, struct mirror_route *route);

/* Neighbours, for showing: iterate with *cursor = 0 at first; false at the end. */
struct mirror_neighbour {
	sa_family_t family;
	uint8_t address[16];
	uint32_t ifindex;
	uint16_t state; /* NUD_* */
	uint8_t mac[6];
	uint32_t nexthop; /* its adjacency, or 0 if it has none */
	bool in_use;      /* frames went there within the last seconds */
};
bool mirror_next_neighbour(
	const struct mirror *mirror, size_t *cursor, struct mirror_neighbour *neighbour);

/* What a next hop of the table stands for, in words: "192.0.2.1 dev eth1", "group of 4". False if
 * the id is not the mirror's. */
bool mirror_nexthop_text(const struct mirror *mirror, uint32_t id, char *text, size_t size);
