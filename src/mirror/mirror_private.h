/*
 * mirror_private: the mirror as its own files see it, and the entrances for tests and fuzzers.
 *
 * A message is handled in two steps: its handler brings the state up to date and marks what it
 * could not afford to write at once; mirror_settle, once a batch, does what is marked.
 */
#pragma once

#include "mirror/address.h"
#include "mirror/audit.h"
#include "mirror/hold.h"
#include "mirror/link.h"
#include "mirror/mirror.h"
#include "mirror/neighbour.h"
#include "mirror/netlink.h"
#include "mirror/nexthop_object.h"
#include "mirror/owner.h"
#include "mirror/path.h"
#include "mirror/route.h"
#include "mirror/rule.h"

/* What is read again as a whole: at once when it is due, but no more often than each may. */
enum reread {
	REREAD_ALL, /* an audit: everything dumped and compared */
	REREAD_RULES,
	REREAD_NETFILTER,
	REREAD_TRAFFIC_CONTROL,
	REREAD_XFRM,
	REREAD_XDP_FEATURES,
	REREAD_SYSCTLS,
	REREADS,
};

struct mirror {
	struct mirror_tables tables;
	struct mirror_listener listener;

	struct netlink routing;   /* rtnetlink, followed */
	struct netlink generic;   /* genl, followed */
	struct netlink nftables;  /* nfnetlink, followed */
	struct netlink policies;  /* xfrm, followed */
	struct netlink questions; /* rtnetlink, asked */
	struct netlink probes;    /* rtnetlink, told */
	struct netlink_batch *batch;
	int epoll_fd;
	int timer_fd;
	uint64_t timer_ns; /* what the timer is set to; UINT64_MAX: off */
	bool detached;     /* no sockets */

	struct links links;
	struct addresses addresses;
	struct neighbours neighbours;
	struct nexthop_objects objects;
	struct paths paths;
	struct owners owners;
	struct routes routes;
	struct rules rules;
	struct holds holds;
	struct audit audit;
	uint16_t netdev_family; /* of generic netlink, 0 if the kernel lacks it */
	uint32_t netdev_group;

	uint64_t now_ns;                 /* CLOCK_MONOTONIC at the start of the batch */
	uint64_t reread_due_ns[REREADS]; /* 0: not wanted */
	uint64_t reread_last_ns[REREADS];
	uint64_t audit_wanted_ns;    /* since when */
	unsigned int audits_in_vain; /* interrupted one after the other */
	uint64_t silent_read_ns;     /* what changes without a word */
	uint8_t generation;          /* of the last full dump */
	bool dumping;                /* what is handled comes from a dump */
	bool loading;                /* the first dump: fib words are written at its end */
	bool holds_changed;
	bool lost;     /* a change could not be kept: the mirror no longer follows the kernel */
	uint32_t told; /* a bit for each limit that was logged */

	_Alignas(8) uint8_t content[sizeof(struct path_content) + HOPS_MAX * sizeof(struct hop)];

	struct mirror_statistics statistics;
};

/* A mirror without sockets, whose messages are given to it: for tests. NULL and errno ENOMEM. */
struct mirror *mirror_create_detached(
	const struct mirror_tables *tables, const struct mirror_listener *listener);

/* Handles one message of rtnetlink as if it had been notified, and settles. */
void mirror_handle(struct mirror *mirror, const struct nlmsghdr *message);

/* The same for messages between mirror_dump_begin and mirror_dump_end, which make one full dump. */
void mirror_dump_begin(struct mirror *mirror);
void mirror_dump_end(struct mirror *mirror);

/* For the mirror's own files. */
void mirror_dispatch(struct mirror *mirror, const struct nlmsghdr *message);
void mirror_settle(struct mirror *mirror);
void mirror_end_dump(struct mirror *mirror);
void mirror_audited(struct mirror *mirror, int error); /* an audit came to its end */
void mirror_want(struct mirror *mirror, enum reread what);
void mirror_retry(struct mirror *mirror, enum reread what); /* in a second: it failed */

enum limit {
	LIMIT_LINKS,
	LIMIT_ADDRESSES,
	LIMIT_NEIGHBOURS,
	LIMIT_GATEWAYS,
	LIMIT_PATHS,
	LIMIT_OBJECTS,
	LIMIT_ROUTES,
	LIMIT_HOPS,
	LIMIT_TABLES
};
/* Logs a limit reached, once. */
void mirror_tell_limit(struct mirror *mirror, enum limit limit, const char *text);

static inline unsigned int family_index(sa_family_t family) {
	return family == AF_INET6;
}

static inline size_t family_bytes(sa_family_t family) {
	return family == AF_INET6 ? 16 : 4;
}

static inline bool family_is_ip(unsigned int family) {
	return family == AF_INET || family == AF_INET6;
}
