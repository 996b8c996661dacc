/*
 * mirror: see mirror.h. This file is the life cycle: sockets, who handles which message, and the
 * settling at the end of each batch.
 *
 * Subscribed first, dumped second, followed third: a notification may then tell what the dump
 * already showed, and every handler bears that. A resynchronisation is the same dump with a new
 * generation; what it does not show is swept.
 */
#include "mirror/attribute.h"
#include "mirror/mirror_private.h"
#include "mirror/reread.h"
#include "mirror/xdp_features.h"

#include "base/log.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const uint64_t second_ns = 1000000000;

enum {
	FOLLOWED = 6,       /* four sockets, an audit's, and the timer */
	BATCHES_A_CALL = 4, /* of 64 datagrams, in one mirror_process */
	SILENT_SECONDS = 10,
};

/*
 * Messages.
 */

void mirror_dispatch(struct mirror *mirror, const struct nlmsghdr *message) {
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_handle(mirror, message);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address_handle(mirror, message);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		neighbour_handle(mirror, message);
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		nexthop_object_handle(mirror, message);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		route_handle(mirror, message);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		mirror_want(mirror, REREAD_RULES);
		break;
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		mirror_want(mirror, REREAD_TRAFFIC_CONTROL);
		break;
	case RTM_NEWNETCONF:
	case RTM_DELNETCONF:
		mirror_want(mirror, REREAD_SYSCTLS);
		break;
	default:
		break;
	}
}

static void read_routing(void *context, const struct nlmsghdr *message) {
	struct mirror *mirror = context;

	mirror->statistics.messages++;
	mirror_dispatch(mirror, message);
}

static void read_generic(void *context, const struct nlmsghdr *message) {
	xdp_features_handle(context, message);
}

static void read_nftables(void *context, const struct nlmsghdr *message) {
	mirror_want(context, REREAD_NETFILTER);
}

static void read_policies(void *context, const struct nlmsghdr *message) {
	mirror_want(context, REREAD_XFRM);
}

void mirror_settle(struct mirror *mirror) {
	routes_settle(mirror);
	paths_settle(mirror);
	if (!mirror->holds_changed)
		return;
	mirror->holds_changed = false;
	if (mirror->listener.holds_changed)
		mirror->listener.holds_changed(mirror->listener.owner);
}

/*
 * Dumps.
 */

void mirror_dump_begin(struct mirror *mirror) {
	mirror->generation++;
	mirror->dumping = true;
}

void mirror_end_dump(struct mirror *mirror) {
	mirror->dumping = false;
	for (size_t i = 0; i < mirror->links.count; i++)
		mirror->links.sorted[i]->lost_addresses = false; /* routes now say it themselves */
	mirror->statistics.resyncs++;
}

void mirror_dump_end(struct mirror *mirror) {
	links_sweep(mirror);
	addresses_sweep(mirror);
	nexthop_objects_sweep(mirror);
	routes_sweep(mirror, AF_INET);
	routes_sweep(mirror, AF_INET6);
	neighbours_sweep(mirror);
	mirror_end_dump(mirror);
	mirror_settle(mirror);
}

static void read_holds(struct mirror *mirror) {
	reread_now(mirror, REREAD_RULES);
	reread_now(mirror, REREAD_NETFILTER);
	reread_now(mirror, REREAD_TRAFFIC_CONTROL);
	reread_now(mirror, REREAD_XFRM);
	reread_now(mirror, REREAD_XDP_FEATURES);
}

void mirror_audited(struct mirror *mirror, int error) {
	mirror->audits_in_vain = error ? mirror->audits_in_vain + 1 : 0;
	if (error)
		mirror_want(mirror, REREAD_ALL);
	read_holds(mirror);
}

int mirror_resync(struct mirror *mirror) {
	int error;

	mirror->now_ns = reread_clock_ns();
	mirror->reread_due_ns[REREAD_ALL] = 0;
	error = audit_at_once(mirror);
	mirror_audited(mirror, error);
	mirror_settle(mirror);
	if (mirror->epoll_fd >= 0)
		reread_set_timer(mirror);
	return error == -EAGAIN ? 0 : error;
}

/* The first dump: the tables' words are written once, at its end. */
static int load(struct mirror *mirror) {
	uint64_t start = reread_clock_ns();
	int error;

	mirror->loading = true;
	fib4_begin(mirror->tables.fib4);
	fib6_begin(mirror->tables.fib6);
	mirror->now_ns = start;
	error = audit_at_once(mirror);
	routes_settle(mirror);
	if (fib4_commit(mirror->tables.fib4) | fib6_commit(mirror->tables.fib6))
		mirror_tell_limit(mirror, LIMIT_TABLES, "a forwarding table is full");
	mirror->loading = false;
	mirror->statistics.load_seconds = (double)(reread_clock_ns() - start) / (double)second_ns;
	if (error == -EAGAIN)
		mirror_want(mirror, REREAD_ALL);
	read_holds(mirror);
	mirror_settle(mirror);
	return error == -EAGAIN ? 0 : error;
}

/*
 * Sockets.
 */

static int join_routing_groups(struct mirror *mirror) {
	static const unsigned int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
		RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
		RTNLGRP_IPV6_RULE, RTNLGRP_NEIGH, RTNLGRP_TC, RTNLGRP_IPV4_NETCONF,
		RTNLGRP_IPV6_NETCONF};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		int error = netlink_join(&mirror->routing, groups[i]);

		if (error)
			return error;
	}
	netlink_join(&mirror->routing, RTNLGRP_NEXTHOP); /* since 5.3 */
	return 0;
}

static int watch(struct mirror *mirror, int fd) {
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(mirror->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* A protocol that the kernel lacks is no error: nothing of it can decide over a packet. */
static int open_optional(
	struct mirror *mirror, struct netlink *netlink, int protocol, unsigned int group) {
	int error = netlink_open(netlink, protocol, NETLINK_FOLLOW);

	if (error)
		return netlink_is_absent(error) ? 0 : error;
	if (group && netlink_join(netlink, group)) {
		netlink_close(netlink);
		return 0;
	}
	return watch(mirror, netlink_fd(netlink));
}

static int open_sockets(struct mirror *mirror) {
	int error;

	mirror->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (mirror->epoll_fd < 0)
		return -errno;
	mirror->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (mirror->timer_fd < 0)
		return -errno;
	mirror->batch = netlink_batch_create();
	if (!mirror->batch)
		return -ENOMEM;
	if ((error = netlink_open(&mirror->routing, NETLINK_ROUTE, NETLINK_FOLLOW)) ||
		(error = netlink_open(&mirror->questions, NETLINK_ROUTE, NETLINK_ASK)) ||
		(error = netlink_open(&mirror->probes, NETLINK_ROUTE, NETLINK_ASK)) ||
		(error = join_routing_groups(mirror)) ||
		(error = watch(mirror, netlink_fd(&mirror->routing))) ||
		(error = watch(mirror, mirror->timer_fd)) ||
		(error = open_optional(mirror, &mirror->generic, NETLINK_GENERIC, 0)) ||
		(error = open_optional(
			 mirror, &mirror->nftables, NETLINK_NETFILTER, NFNLGRP_NFTABLES)) ||
		(error = open_optional(mirror, &mirror->policies, NETLINK_XFRM, XFRMNLGRP_POLICY)))
		return error;
	if (mirror->generic.socket)
		xdp_features_open(mirror);
	return 0;
}

static void close_sockets(struct mirror *mirror) {
	netlink_close(&mirror->routing);
	netlink_close(&mirror->generic);
	netlink_close(&mirror->nftables);
	netlink_close(&mirror->policies);
	netlink_close(&mirror->questions);
	netlink_close(&mirror->probes);
	netlink_batch_destroy(mirror->batch);
	if (mirror->timer_fd >= 0)
		close(mirror->timer_fd);
	if (mirror->epoll_fd >= 0)
		close(mirror->epoll_fd);
}

/* Follows one of the sockets that only say "look again": what was lost is looked at again too. */
static void follow(struct mirror *mirror, struct netlink *netlink,
	void (*read_message)(void *, const struct nlmsghdr *), enum reread if_lost) {
	struct netlink_reader reader = {read_message, mirror};
	int outcome;

	outcome = netlink_follow(netlink, mirror->batch, &reader);
	if (outcome == -ENOBUFS) {
		mirror->statistics.overruns++;
		mirror_want(mirror, if_lost);
	}
}

/* A bounded number of notifications: 0, or a negative errno if the socket is of no more use. */
static int follow_routing(struct mirror *mirror) {
	struct netlink_reader reader = {read_routing, mirror};

	for (unsigned int i = 0; i < BATCHES_A_CALL; i++) {
		int outcome = netlink_follow(&mirror->routing, mirror->batch, &reader);

		if (outcome == -ENOBUFS) {
			mirror->statistics.overruns++;
			log_warning("netlink: notifications were lost; dumping again");
			return mirror_resync(mirror);
		}
		if (outcome < NETLINK_BATCH)
			return outcome < 0 ? outcome : 0;
	}
	return 0;
}

static bool is_of(const struct netlink *netlink, int fd) {
	return netlink->socket && netlink_fd(netlink) == fd;
}

static int follow_one(struct mirror *mirror, int fd) {
	if (is_of(&mirror->routing, fd))
		return follow_routing(mirror);
	if (is_of(&mirror->generic, fd))
		follow(mirror, &mirror->generic, read_generic, REREAD_XDP_FEATURES);
	else if (is_of(&mirror->nftables, fd))
		follow(mirror, &mirror->nftables, read_nftables, REREAD_NETFILTER);
	else if (is_of(&mirror->policies, fd))
		follow(mirror, &mirror->policies, read_policies, REREAD_XFRM);
	else if (is_of(&mirror->audit.netlink, fd))
		audit_go_on(mirror);
	else
		reread_clear_timer(mirror);
	return 0;
}

static struct mirror *create(
	const struct mirror_tables *tables, const struct mirror_listener *listener) {
	struct mirror *mirror = calloc(1, sizeof(*mirror));

	if (!mirror)
		return NULL;
	mirror->tables = *tables;
	if (listener)
		mirror->listener = *listener;
	mirror->epoll_fd = mirror->timer_fd = -1;
	mirror->timer_ns = UINT64_MAX;
	mirror->now_ns = reread_clock_ns();
	if (neighbours_create(&mirror->neighbours) || routes_create(&mirror->routes)) {
		mirror_close(mirror);
		errno = ENOMEM;
		return NULL;
	}
	return mirror;
}

static const char *reason_lost(const struct mirror *mirror) {
	return mirror->told ? "a limit was reached (see above)" : "out of memory";
}

/*
 * The mirror's interface.
 */

void mirror_tell_limit(struct mirror *mirror, enum limit limit, const char *text) {
	if (mirror->told & 1u << limit)
		return;
	mirror->told |= 1u << limit;
	log_warning("mirror: %s; what does not fit is left to the kernel", text);
}

struct mirror *mirror_create_detached(
	const struct mirror_tables *tables, const struct mirror_listener *listener) {
	struct mirror *mirror = create(tables, listener);

	if (mirror)
		mirror->detached = true;
	return mirror;
}

void mirror_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	mirror->now_ns = reread_clock_ns();
	mirror->statistics.messages++;
	mirror_dispatch(mirror, message);
	mirror_settle(mirror);
}

int mirror_open(const struct mirror_tables *tables, const struct mirror_listener *listener,
	struct mirror **opened) {
	struct mirror *mirror = create(tables, listener);
	int error;

	if (!mirror)
		return -ENOMEM;
	error = open_sockets(mirror);
	if (error) {
		log_error("netlink: cannot follow the kernel: %s", strerror(-error));
		goto fail;
	}
	error = load(mirror);
	if (!error && mirror->lost) {
		log_error("mirror: cannot hold the kernel's state: %s", reason_lost(mirror));
		error = -ENOSPC;
	}
	if (error)
		goto fail;
	reread_set_timer(mirror);
	*opened = mirror;
	return 0;

fail:
	mirror_close(mirror);
	return error;
}

void mirror_close(struct mirror *mirror) {
	if (!mirror)
		return;
	audit_cancel(mirror);
	close_sockets(mirror);
	paths_destroy(mirror);
	neighbours_destroy(mirror);
	routes_destroy(&mirror->routes);
	nexthop_objects_free(&mirror->objects);
	addresses_free(&mirror->addresses);
	links_free(&mirror->links);
	holds_free(&mirror->holds);
	owners_free(&mirror->owners);
	free(mirror);
}

int mirror_fd(const struct mirror *mirror) {
	return mirror->epoll_fd;
}

int mirror_process(struct mirror *mirror) {
	struct epoll_event ready[FOLLOWED];
	int count, error = 0;

	mirror->now_ns = reread_clock_ns();
	count = epoll_wait(mirror->epoll_fd, ready, FOLLOWED, 0);
	for (int i = 0; i < count && !error; i++)
		error = follow_one(mirror, ready[i].data.fd);
	mirror_settle(mirror);
	reread_due(mirror);
	mirror_settle(mirror);
	reread_set_timer(mirror);
	if (!error && mirror->lost) {
		log_error("mirror: cannot follow the kernel any more: %s", reason_lost(mirror));
		error = -ENOSPC;
	}
	return error;
}

void mirror_tick(struct mirror *mirror) {
	mirror->now_ns = reread_clock_ns();
	neighbours_refresh(mirror);
	if (mirror->now_ns - mirror->silent_read_ns < SILENT_SECONDS * second_ns)
		return;
	mirror->silent_read_ns = mirror->now_ns;
	/* These change without a word: sysctls, iptables' tables, hooks, tcx programs. */
	reread_now(mirror, REREAD_SYSCTLS);
	reread_now(mirror, REREAD_NETFILTER);
	reread_now(mirror, REREAD_TRAFFIC_CONTROL);
	mirror_settle(mirror);
	reread_set_timer(mirror);
}

void mirror_set_port(struct mirror *mirror, uint32_t ifindex, uint8_t slot, enum reason egress) {
	struct link *link = link_find(&mirror->links, ifindex);

	if (link)
		link_set_port(mirror, link, slot, egress);
}

const struct mirror_link *mirror_next_link(const struct mirror *mirror, uint32_t after) {
	const struct link *link = link_next(&mirror->links, after);

	return link ? &link->shown : NULL;
}

const struct mirror_link *mirror_link(const struct mirror *mirror, uint32_t ifindex) {
	const struct link *link = link_find(&mirror->links, ifindex);

	return link ? &link->shown : NULL;
}

const struct mirror_link *mirror_link_named(const struct mirror *mirror, const char *name) {
	const struct link *link = link_named(&mirror->links, name);

	return link ? &link->shown : NULL;
}

struct mirror_statistics mirror_statistics(const struct mirror *mirror) {
	struct mirror_statistics statistics = mirror->statistics;

	statistics.refused_routes = fib4_usage(mirror->tables.fib4).unwritten +
				    fib6_usage(mirror->tables.fib6).unwritten;
	statistics.links = mirror->links.count;
	statistics.addresses = mirror->addresses.count;
	statistics.neighbours = mirror->neighbours.known;
	statistics.nexthop_objects = mirror->objects.count;
	statistics.routes4 = mirror->routes.count[0];
	statistics.routes6 = mirror->routes.count[1];
	return statistics;
}

int mirror_route(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len, struct mirror_route *route) {
	if (!family_is_ip(family) || prefix_len > family_bytes(family) * 8)
		return -ENOENT;
	return route_show(mirror, family, prefix, prefix_len, route);
}

bool mirror_nexthop_text(const struct mirror *mirror, uint32_t id, char *text, size_t size) {
	struct owner owner = owner_of(mirror, id);

	if (id < REASON_COUNT) {
		snprintf(text, size, "%s", reason_name(id));
		return true;
	}
	if (owner.neighbour)
		neighbour_text(mirror, owner.neighbour, text, size);
	else if (owner.path)
		snprintf(text, size, "group of %zu", owner.path->hop_count);
	return owner.neighbour || owner.path;
}
