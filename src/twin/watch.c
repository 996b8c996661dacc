/* watch: see watch.h. */
#include "twin/watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "mirror/netlink.h"
#include "twin/netns.h"
#include "twin/twin.h"
#include "twin/wiring.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 1024 };

struct watched {
	struct watch *watch;
	int node;
	bool is_open, has_changed;
	struct netlink netlink;
	long log_from; /* what of bgpd's log was there before */
	bool *carrier; /* by ifindex, as last seen; grown as needed */
	size_t carrier_count;
};

struct watch {
	const struct fabric *fabric;
	char folder[TWIN_PATH_MAX];
	struct watched *watched; /* by node */
	struct netlink_batch *batch;
	int epoll_fd;
	struct watch_report report;
};

/* Keeps the earliest and the latest. */
static void note(struct watch_event *first, struct watch_event *last, double at, int node,
	const char *words) {
	struct watch_event event = {.at = at, .node = node};

	snprintf(event.words, sizeof(event.words), "%s", words);
	if (!first->at || at < first->at)
		*first = event;
	if (at >= last->at)
		*last = event;
}

/* --- netlink --- */

static bool carrier_changes(struct watched *watched, unsigned int index, bool is_running) {
	bool before;

	if (index >= watched->carrier_count) {
		size_t count = 2 * (size_t)index + 16;
		bool *more = index < UINT16_MAX ? realloc(watched->carrier, count) : NULL;

		if (!more)
			return false;
		memset(more + watched->carrier_count, true, count - watched->carrier_count);
		watched->carrier = more;
		watched->carrier_count = count;
	}
	before = watched->carrier[index];
	watched->carrier[index] = is_running;
	return before != is_running;
}

static void read_link(struct watched *watched, const struct nlmsghdr *message) {
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	bool is_running = (link->ifi_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	const struct nlattr *attribute;
	char words[WATCH_WORDS_MAX];
	const char *name = "?";

	if (link->ifi_index <= 0 ||
		!carrier_changes(watched, (unsigned int)link->ifi_index, is_running))
		return;
	mnl_attr_for_each(attribute, message,
		sizeof(*link)) if (mnl_attr_get_type(attribute) == IFLA_IFNAME) name =
		mnl_attr_get_str(attribute);
	snprintf(words, sizeof(words), "%s %s carrier", name, is_running ? "has" : "lost");
	note(&watched->watch->report.first_carrier, &watched->watch->report.last_carrier,
		clock_real(), watched->node, words);
}

static void read_route(struct watched *watched, const struct nlmsghdr *message) {
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	struct prefix prefix = {.family = route->rtm_family, .length = route->rtm_dst_len};
	struct watch_report *report = &watched->watch->report;
	char words[WATCH_WORDS_MAX], text[PREFIX_TEXT_MAX];
	const struct nlattr *attribute;

	if (route->rtm_table != RT_TABLE_MAIN ||
		(route->rtm_family != AF_INET && route->rtm_family != AF_INET6))
		return;
	mnl_attr_for_each(attribute, message,
		sizeof(*route)) if (mnl_attr_get_type(attribute) == RTA_DST) memcpy(prefix.address,
		mnl_attr_get_payload(attribute), prefix_bits(prefix.family) / 8);
	if (prefix_is_apart(&prefix))
		return;
	snprintf(words, sizeof(words), "%s %s", prefix_text(&prefix, text),
		message->nlmsg_type == RTM_NEWROUTE ? "set" : "withdrawn");
	note(&report->first_route, &report->last_route, clock_real(), watched->node, words);
	report->routes++;
	report->nodes += !watched->has_changed;
	watched->has_changed = true;
}

static void read_message(void *context, const struct nlmsghdr *message) {
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
		read_link(context, message);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		read_route(context, message);
		break;
	default:
		break;
	}
}

void watch_read(struct watch *watch) {
	struct epoll_event events[64];
	int count = epoll_wait(watch->epoll_fd, events, 64, 0);

	for (int i = 0; i < count; i++) {
		struct watched *watched = events[i].data.ptr;
		struct netlink_reader reader = {.read = read_message, .context = watched};
		int result;

		do {
			result = netlink_follow(&watched->netlink, watch->batch, &reader);
		} while (result == NETLINK_BATCH);
		watch->report.unseen += result == -ENOBUFS;
	}
}

int watch_fd(const struct watch *watch) {
	return watch->epoll_fd;
}

/* --- bgpd's logs --- */

static FILE *open_log(const struct watch *watch, int node) {
	char path[TWIN_PATH_MAX + FABRIC_NAME_MAX + 32];

	snprintf(path, sizeof(path), "%s/nodes/%s/bgpd.log", watch->folder,
		watch->fabric->nodes[node].name);
	return fopen(path, "re");
}

/* "2026/01/31 12:00:00.123456 BGP: …", local time. 0: the line has no time. */
static double time_of(const char *line) {
	struct tm parts = {.tm_isdst = -1};
	const char *rest = strptime(line, "%Y/%m/%d %H:%M:%S", &parts);

	return rest ? (double)mktime(&parts) + strtod(rest, NULL) : 0;
}

/* BGP says whom it believed: "… Down BFD down received". */
static void note_bfd(struct watched *watched, const char *change, double at) {
	struct watch_event *event = &watched->watch->report.first_bfd;

	if (!strstr(change, "BFD down received") || (event->at && event->at <= at))
		return;
	*event = (struct watch_event){.at = at, .node = watched->node};
	snprintf(event->words, sizeof(event->words), "neighbour %.*s does not answer",
		(int)strcspn(change + strlen("neighbor "), " "), change + strlen("neighbor "));
}

/* "… %ADJCHANGE: neighbor swp1(leaf1) in vrf default Down Interface down" */
static void read_log_line(struct watched *watched, const char *line) {
	const char *change = strstr(line, "%ADJCHANGE: ");
	struct watch_report *report = &watched->watch->report;
	char words[WATCH_WORDS_MAX];
	double at = time_of(line);

	if (!change || at == 0)
		return;
	snprintf(words, sizeof(words), "BGP %.*s",
		(int)strcspn(change + strlen("%ADJCHANGE: "), "\n"),
		change + strlen("%ADJCHANGE: "));
	note(&report->first_session, &report->last_session, at, watched->node, words);
	report->sessions++;
	note_bfd(watched, change + strlen("%ADJCHANGE: "), at);
}

static void read_log(struct watched *watched) {
	FILE *file = open_log(watched->watch, watched->node);
	char line[LOG_LINE_MAX];

	if (!file)
		return;
	if (fseek(file, watched->log_from, SEEK_SET) == 0)
		while (fgets(line, sizeof(line), file))
			read_log_line(watched, line);
	watched->log_from = ftell(file);
	fclose(file);
}

static void skip_log(struct watched *watched) {
	FILE *file = open_log(watched->watch, watched->node);

	if (!file)
		return;
	if (fseek(file, 0, SEEK_END) == 0)
		watched->log_from = ftell(file);
	fclose(file);
}

static void be_no_later(struct watch_event *event, const struct watch_event *than) {
	if (than->at > 0 && event->at > than->at)
		event->at = than->at;
}

/* A port's carrier is seen when its notification is read, which a busy machine may do after bgpd
 * has acted on it, by its own clock's word: it was gone by then. */
static void order(struct watch_report *report) {
	be_no_later(&report->first_carrier, &report->first_session);
	be_no_later(&report->first_carrier, &report->first_route);
}

void watch_report(struct watch *watch, struct watch_report *report) {
	watch_read(watch);
	for (size_t id = 0; id < watch->fabric->node_count; id++)
		if (watch->watched[id].is_open)
			read_log(&watch->watched[id]);
	*report = watch->report;
	order(report);
}

void watch_start(struct watch *watch) {
	watch_read(watch);
	watch->report = (struct watch_report){0};
	for (size_t id = 0; id < watch->fabric->node_count; id++) {
		watch->watched[id].has_changed = false;
		if (watch->watched[id].is_open)
			skip_log(&watch->watched[id]);
	}
}

/* --- life --- */

/* In the node's namespace. */
static int open_here(struct watched *watched) {
	static const unsigned int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watched};
	int error = netlink_open(&watched->netlink, NETLINK_ROUTE, NETLINK_FOLLOW);

	if (error)
		return error;
	watched->is_open = true;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]) && !error; i++)
		error = netlink_join(&watched->netlink, groups[i]);
	if (!error && epoll_ctl(watched->watch->epoll_fd, EPOLL_CTL_ADD,
			      netlink_fd(&watched->netlink), &event) < 0)
		error = -errno;
	return error;
}

/* How the ports are now, so that what changes is seen. */
static void look_at_ports(struct watched *watched, struct wiring *wiring) {
	const struct fabric *fabric = watched->watch->fabric;
	const struct fabric_node *node = &fabric->nodes[watched->node];

	for (size_t n = 0; n < node->port_count; n++) {
		const char *name = fabric->ports[node->ports[n]].name;
		struct wiring_link link;

		if (wiring_look(wiring, name, &link) == 0)
			carrier_changes(watched, wiring_index(wiring, name), link.is_running);
	}
}

static int open_switches(struct watch *watch, const struct nodes *nodes) {
	int home = netns_open(NULL), error = home < 0 ? home : 0;

	for (int id = 0; id < (int)watch->fabric->node_count && !error; id++) {
		watch->watched[id] = (struct watched){.watch = watch, .node = id};
		if (!fabric_is_switch(&watch->fabric->nodes[id]))
			continue;
		error = netns_enter(nodes->namespaces[id]);
		if (!error)
			error = open_here(&watch->watched[id]);
		look_at_ports(&watch->watched[id], nodes->wirings[id]);
	}
	if (home >= 0) {
		netns_enter(home);
		close(home);
	}
	return error;
}

int watch_open(const struct nodes *nodes, const char *twin, struct watch **out) {
	struct watch *watch = calloc(1, sizeof(*watch));
	int error = 0;

	if (!watch)
		return -ENOMEM;
	watch->fabric = nodes->fabric;
	twin_folder(twin, watch->folder);
	watch->watched = calloc(watch->fabric->node_count + 1, sizeof(*watch->watched));
	watch->batch = netlink_batch_create();
	watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!watch->watched || !watch->batch)
		error = -ENOMEM;
	else if (watch->epoll_fd < 0)
		error = -errno;
	if (!error)
		error = open_switches(watch, nodes);
	if (error) {
		log_error("the switches cannot be watched: %s", strerror(-error));
		watch_close(watch);
	} else {
		*out = watch;
	}
	return error;
}

void watch_close(struct watch *watch) {
	if (!watch)
		return;
	for (size_t id = 0; watch->watched && id < watch->fabric->node_count; id++) {
		if (watch->watched[id].is_open)
			netlink_close(&watch->watched[id].netlink);
		free(watch->watched[id].carrier);
	}
	if (watch->batch)
		netlink_batch_destroy(watch->batch);
	if (watch->epoll_fd >= 0)
		close(watch->epoll_fd);
	free(watch->watched);
	free(watch);
}
