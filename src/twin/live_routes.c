/* live_routes: see live_routes.h. */
#include "twin/live_routes.h"

#include "twin/wiring.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

enum { HOPS_MAX = 1024 };

struct reading {
	void (*told)(void *owner, const struct live_route *route);
	void *owner;
	struct live_hop hops[HOPS_MAX];
	size_t hop_count;
};

static bool is_dead(unsigned int flags) {
	return flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN);
}

static struct prefix address_of(sa_family_t family, const void *bytes, size_t size) {
	struct prefix prefix = {.family = family, .length = (uint8_t)prefix_bits(family)};

	if ((family != AF_INET && family != AF_INET6) || size < prefix_bits(family) / 8U)
		return (struct prefix){0};
	memcpy(prefix.address, bytes, prefix_bits(family) / 8);
	return prefix;
}

/* RTA_GATEWAY is of the route's family; RTA_VIA says its own. */
static void take_gateway(struct live_hop *hop, const struct nlattr *attribute, sa_family_t family) {
	const struct rtvia *via = mnl_attr_get_payload(attribute);
	size_t size = mnl_attr_get_payload_len(attribute);

	if (mnl_attr_get_type(attribute) == RTA_GATEWAY)
		hop->gateway = address_of(family, mnl_attr_get_payload(attribute), size);
	else if (mnl_attr_get_type(attribute) == RTA_VIA && size > sizeof(*via))
		hop->gateway = address_of(via->rtvia_family, via->rtvia_addr, size - sizeof(*via));
}

static void add_hop(struct reading *reading, const struct live_hop *hop) {
	if (reading->hop_count < HOPS_MAX)
		reading->hops[reading->hop_count++] = *hop;
}

static void take_hops(struct reading *reading, const struct nlattr *multipath, sa_family_t family) {
	const struct rtnexthop *next = mnl_attr_get_payload(multipath);
	int left = mnl_attr_get_payload_len(multipath);

	for (; RTNH_OK(next, left);
		left -= (int)RTNH_ALIGN(next->rtnh_len), next = RTNH_NEXT(next)) {
		struct live_hop hop = {.ifindex = (unsigned int)next->rtnh_ifindex,
			.weight = next->rtnh_hops + 1U,
			.is_dead = is_dead(next->rtnh_flags)};
		const struct nlattr *attribute = (const struct nlattr *)RTNH_DATA(next);
		int size = next->rtnh_len - (int)RTNH_LENGTH(0);

		for (; mnl_attr_ok(attribute, size); size -= (int)MNL_ALIGN(attribute->nla_len),
			attribute = mnl_attr_next(attribute))
			take_gateway(&hop, attribute, family);
		add_hop(reading, &hop);
	}
}

static void read_route(void *context, const struct nlmsghdr *message) {
	struct reading *reading = context;
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;
	struct live_hop only = {.weight = 1, .is_dead = is_dead(header->rtm_flags)};
	struct live_route route = {
		.destination = {.family = header->rtm_family, .length = header->rtm_dst_len},
		.table = header->rtm_table,
		.type = header->rtm_type,
		.protocol = header->rtm_protocol,
		.hops = reading->hops};

	if (message->nlmsg_type != RTM_NEWROUTE || header->rtm_flags & RTM_F_CLONED ||
		(header->rtm_family != AF_INET && header->rtm_family != AF_INET6))
		return;
	reading->hop_count = 0;
	mnl_attr_for_each(attribute, message, sizeof(*header)) {
		switch (mnl_attr_get_type(attribute)) {
		case RTA_DST:
			memcpy(route.destination.address, mnl_attr_get_payload(attribute),
				prefix_bits(header->rtm_family) / 8);
			break;
		case RTA_OIF:
			only.ifindex = mnl_attr_get_u32(attribute);
			break;
		case RTA_PRIORITY:
			route.metric = mnl_attr_get_u32(attribute);
			break;
		case RTA_MULTIPATH:
			take_hops(reading, attribute, header->rtm_family);
			break;
		default:
			take_gateway(&only, attribute, header->rtm_family);
		}
	}
	if (!reading->hop_count && only.ifindex)
		add_hop(reading, &only);
	route.hop_count = reading->hop_count;
	reading->told(reading->owner, &route);
}

static int read_family(struct reading *reading, struct wiring *wiring, sa_family_t family) {
	return wiring_dump(wiring, RTM_GETROUTE, sizeof(struct rtmsg), family, read_route, reading);
}

int live_routes_each(struct wiring *wiring,
	void (*told)(void *owner, const struct live_route *route), void *owner) {
	struct reading *reading = malloc(sizeof(*reading));
	int error;

	if (!reading)
		return -ENOMEM;
	reading->told = told;
	reading->owner = owner;
	error = read_family(reading, wiring, AF_INET);
	if (!error)
		error = read_family(reading, wiring, AF_INET6);
	free(reading);
	return error;
}
