/* live_fib: see live_fib.h. */
#include "twin/live_fib.h"

#include "mirror/netlink.h"
#include "twin/wiring.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

enum { HOPS_MAX = 1024, LOOPBACK_INDEX = 1 };

struct reading {
	const struct fabric *fabric;
	const struct fabric_node *node;
	unsigned int *indexes; /* ifindex of each of the node's ports */
	const struct verify_place *place;
	uint32_t ports[HOPS_MAX];
	size_t port_count;
	int error;
};

static void add_hop(struct reading *reading, unsigned int ifindex) {
	uint32_t port = reading->place->strange_port;

	for (size_t n = 0; n < reading->node->port_count; n++)
		if (reading->indexes[n] == ifindex)
			port = reading->place->first_port + (uint32_t)reading->node->ports[n];
	if (reading->port_count < HOPS_MAX)
		reading->ports[reading->port_count++] = port;
}

static void add_hops(struct reading *reading, const struct nlattr *multipath) {
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);
	int left = mnl_attr_get_payload_len(multipath);

	for (; RTNH_OK(hop, left); left -= (int)RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
		if (!(hop->rtnh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)))
			add_hop(reading, (unsigned int)hop->rtnh_ifindex);
}

static uint32_t group_of(struct reading *reading, const struct rtmsg *header,
	const struct nlattr *oif, const struct nlattr *multipath) {
	reading->port_count = 0;
	switch (header->rtm_type) {
	case RTN_LOCAL:
		return FIB_LOCAL;
	case RTN_UNICAST:
		if (multipath)
			add_hops(reading, multipath);
		else if (oif && !(header->rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)))
			add_hop(reading, mnl_attr_get_u32(oif));
		return fib_set_group(reading->place->set, reading->ports, reading->port_count);
	default:
		return FIB_DROP;
	}
}

static void read_route(void *context, const struct nlmsghdr *message) {
	struct reading *reading = context;
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute, *oif = NULL, *multipath = NULL;
	struct prefix prefix = {.family = header->rtm_family, .length = header->rtm_dst_len};
	uint32_t group;

	if (message->nlmsg_type != RTM_NEWROUTE ||
		(header->rtm_table != RT_TABLE_MAIN && header->rtm_table != RT_TABLE_LOCAL) ||
		header->rtm_flags & RTM_F_CLONED || header->rtm_type == RTN_BROADCAST ||
		header->rtm_type == RTN_MULTICAST || header->rtm_type == RTN_ANYCAST)
		return;
	mnl_attr_for_each(attribute, message, sizeof(*header)) {
		switch (mnl_attr_get_type(attribute)) {
		case RTA_DST:
			memcpy(prefix.address, mnl_attr_get_payload(attribute),
				prefix_bits(prefix.family) / 8);
			break;
		case RTA_OIF:
			oif = attribute;
			break;
		case RTA_MULTIPATH:
			multipath = attribute;
			break;
		default:
			break;
		}
	}
	/* IPv6 has a machine's own addresses in table main, too, by the loopback. */
	if (prefix_is_apart(&prefix) || (oif && mnl_attr_get_u32(oif) == LOOPBACK_INDEX &&
						header->rtm_protocol == RTPROT_KERNEL &&
						header->rtm_table == RT_TABLE_MAIN))
		return;
	group = group_of(reading, header, oif, multipath);
	if (group == UINT32_MAX ||
		fib_set_add(reading->place->set, reading->place->node, &prefix, group))
		reading->error = -ENOMEM;
}

static int read_family(struct reading *reading, struct wiring *wiring, sa_family_t family) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];
	struct netlink_reader reader = {.read = read_route, .context = reading};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *header;

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->rtm_family = (uint8_t)family;
	return netlink_ask(wiring_netlink(wiring), request, &reader);
}

int live_fib_read(struct wiring *wiring, const struct fabric *fabric, int node,
	const struct verify_place *place) {
	struct reading *reading = calloc(1, sizeof(*reading));
	int error = -ENOMEM;

	if (!reading)
		return error;
	*reading = (struct reading){.fabric = fabric, .node = &fabric->nodes[node], .place = place};
	reading->indexes = calloc(reading->node->port_count + 1, sizeof(*reading->indexes));
	if (reading->indexes) {
		for (size_t n = 0; n < reading->node->port_count; n++)
			reading->indexes[n] =
				wiring_index(wiring, fabric->ports[reading->node->ports[n]].name);
		error = read_family(reading, wiring, AF_INET);
		if (!error)
			error = read_family(reading, wiring, AF_INET6);
		if (!error)
			error = reading->error;
	}
	free(reading->indexes);
	free(reading);
	return error;
}
