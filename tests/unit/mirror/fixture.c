/* fixture: see fixture.h. */
#include "fixture.h"

#include "mirror/attribute.h"

#include <arpa/inet.h>
#include <linux/lwtunnel.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>

static _Alignas(8) char buffer[16384];

static struct nlmsghdr *begin(uint16_t type, uint16_t flags, size_t header_size, void **header) {
	struct nlmsghdr *message;

	memset(buffer, 0, sizeof(buffer));
	message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	*header = mnl_nlmsg_put_extra_header(message, header_size);
	return message;
}

static sa_family_t read_address(const char *text, uint8_t *address) {
	sa_family_t family = strchr(text, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, text, address), 1);
	return family;
}

static void put_address(struct nlmsghdr *message, uint16_t type, const char *text) {
	uint8_t address[16];
	sa_family_t family = read_address(text, address);

	mnl_attr_put(message, type, family_bytes(family), address);
}

static void put_gateway(struct nlmsghdr *message, sa_family_t family, const char *text) {
	struct {
		uint16_t family;
		uint8_t address[16];
	} via;

	if (!text)
		return;
	via.family = read_address(text, via.address);
	if (via.family == family)
		mnl_attr_put(message, RTA_GATEWAY, family_bytes(family), via.address);
	else
		mnl_attr_put(message, RTA_VIA, 2 + family_bytes(via.family), &via);
}

static void put_hops(struct nlmsghdr *message, sa_family_t family, const struct route_said *said) {
	struct nlattr *nest = mnl_attr_nest_start(message, RTA_MULTIPATH);

	for (size_t i = 0; i < 4 && said->hops[i].dev; i++) {
		struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(message);
		uint32_t before = message->nlmsg_len;

		message->nlmsg_len += sizeof(*hop);
		hop->rtnh_ifindex = (int)said->hops[i].dev;
		hop->rtnh_hops = said->hops[i].weight ? said->hops[i].weight - 1 : 0;
		hop->rtnh_flags = 0;
		put_gateway(message, family, said->hops[i].via);
		hop->rtnh_len = (unsigned short)(message->nlmsg_len - before);
	}
	mnl_attr_nest_end(message, nest);
}

static void say(struct fixture *fixture, uint16_t message_type, const struct route_said *said) {
	struct nlmsghdr *message;
	struct rtmsg *header;
	char prefix[64];
	uint8_t address[16];

	message = begin(message_type, said->flags, sizeof(*header), (void **)&header);
	snprintf(prefix, sizeof(prefix), "%s", said->prefix);
	header->rtm_dst_len = (uint8_t)atoi(strchr(prefix, '/') + 1);
	*strchr(prefix, '/') = '\0';
	header->rtm_family = (uint8_t)read_address(prefix, address);
	header->rtm_table = (uint8_t)(said->table ? said->table : RT_TABLE_MAIN);
	header->rtm_type = said->type ? said->type : RTN_UNICAST;
	header->rtm_tos = said->tos;
	header->rtm_scope = said->scope;
	header->rtm_protocol = said->protocol ? said->protocol : RTPROT_STATIC;
	if (header->rtm_dst_len)
		mnl_attr_put(message, RTA_DST, family_bytes(header->rtm_family), address);
	if (said->metric)
		mnl_attr_put_u32(message, RTA_PRIORITY, said->metric);
	if (said->object)
		mnl_attr_put_u32(message, RTA_NH_ID, said->object);
	if (said->dev)
		mnl_attr_put_u32(message, RTA_OIF, said->dev);
	put_gateway(message, header->rtm_family, said->via);
	if (said->short_gateway)
		mnl_attr_put_u16(message, RTA_GATEWAY, 0);
	if (said->hops[0].dev)
		put_hops(message, header->rtm_family, said);
	if (said->source)
		put_address(message, RTA_PREFSRC, said->source);
	if (said->encapsulated)
		mnl_attr_put_u16(message, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_MPLS);
	if (said->mtu) {
		struct nlattr *nest = mnl_attr_nest_start(message, RTA_METRICS);

		mnl_attr_put_u32(message, RTAX_MTU, said->mtu);
		mnl_attr_nest_end(message, nest);
	}
	mirror_handle(fixture->mirror, message);
}

void say_route_of_hops(struct fixture *fixture, const char *prefix, size_t hops) {
	struct rtmsg *header;
	struct nlmsghdr *message = begin(RTM_NEWROUTE, 0, sizeof(*header), (void **)&header);
	uint32_t address, length;
	char text[64];
	struct nlattr *nest;

	snprintf(text, sizeof(text), "%s", prefix);
	length = (uint32_t)atoi(strchr(text, '/') + 1);
	*strchr(text, '/') = '\0';
	*header = (struct rtmsg){.rtm_family = AF_INET,
		.rtm_dst_len = (uint8_t)length,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_type = RTN_UNICAST};
	inet_pton(AF_INET, text, &address);
	mnl_attr_put_u32(message, RTA_DST, address);
	nest = mnl_attr_nest_start(message, RTA_MULTIPATH);
	for (uint32_t i = 0; i < hops; i++) {
		struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(message);

		message->nlmsg_len += sizeof(*hop);
		*hop = (struct rtnexthop){.rtnh_ifindex = 2, .rtnh_len = sizeof(*hop) + 8};
		mnl_attr_put_u32(message, RTA_GATEWAY, htonl(0x0a010000 + i));
	}
	mnl_attr_nest_end(message, nest);
	mirror_handle(fixture->mirror, message);
}

void say_route(struct fixture *fixture, struct route_said said) {
	say(fixture, RTM_NEWROUTE, &said);
}

void say_no_route(struct fixture *fixture, struct route_said said) {
	say(fixture, RTM_DELROUTE, &said);
}

static struct nlmsghdr *put_link(uint32_t ifindex, unsigned int flags, bool carrier, uint32_t mtu) {
	uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)ifindex};
	struct nlmsghdr *message;
	struct ifinfomsg *header;
	char name[16];

	message = begin(RTM_NEWLINK, 0, sizeof(*header), (void **)&header);
	header->ifi_index = (int)ifindex;
	header->ifi_flags = flags;
	header->ifi_type = flags & IFF_LOOPBACK ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
	snprintf(name, sizeof(name), ifindex == 1 ? "lo" : "port%u", ifindex);
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(mac), mac);
	mnl_attr_put_u32(message, IFLA_MTU, mtu);
	mnl_attr_put_u8(message, IFLA_CARRIER, carrier);
	return message;
}

void say_link(
	struct fixture *fixture, uint32_t ifindex, unsigned int flags, bool carrier, uint32_t mtu) {
	mirror_handle(fixture->mirror, put_link(ifindex, flags, carrier, mtu));
}

void say_link_mac(struct fixture *fixture, uint32_t ifindex, uint8_t mac) {
	struct nlmsghdr *message = put_link(ifindex, IFF_UP | IFF_LOWER_UP, true, 1500);
	uint8_t address[6] = {2, 0, 0, 0, 0, mac};

	mnl_attr_put(message, IFLA_ADDRESS, sizeof(address), address); /* the last one counts */
	mirror_handle(fixture->mirror, message);
}

void say_link_xdp(struct fixture *fixture, uint32_t ifindex, uint32_t program, uint8_t operstate) {
	struct nlmsghdr *message = put_link(ifindex, IFF_UP | IFF_LOWER_UP, true, 1500);
	struct nlattr *nest = mnl_attr_nest_start(message, IFLA_XDP);

	mnl_attr_put_u32(message, IFLA_XDP_PROG_ID, program);
	mnl_attr_nest_end(message, nest);
	mnl_attr_put_u8(message, IFLA_OPERSTATE, operstate);
	mirror_handle(fixture->mirror, message);
}

void say_upper(struct fixture *fixture, uint32_t ifindex, const char *kind, uint32_t lower) {
	struct nlmsghdr *message = put_link(ifindex, IFF_UP | IFF_LOWER_UP, true, 1500);
	struct nlattr *nest = mnl_attr_nest_start(message, IFLA_LINKINFO);

	mnl_attr_put_strz(message, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(message, nest);
	mnl_attr_put_u32(message, IFLA_LINK, lower);
	mirror_handle(fixture->mirror, message);
}

void say_no_link(struct fixture *fixture, uint32_t ifindex) {
	struct ifinfomsg *header;
	struct nlmsghdr *message = begin(RTM_DELLINK, 0, sizeof(*header), (void **)&header);

	header->ifi_index = (int)ifindex;
	mirror_handle(fixture->mirror, message);
}

static void address_said(
	struct fixture *fixture, uint16_t type, const char *address, uint32_t ifindex) {
	struct ifaddrmsg *header;
	struct nlmsghdr *message = begin(type, 0, sizeof(*header), (void **)&header);
	uint8_t bytes[16];

	header->ifa_family = (uint8_t)read_address(address, bytes);
	header->ifa_prefixlen = 24;
	header->ifa_index = ifindex;
	put_address(message, IFA_LOCAL, address);
	mirror_handle(fixture->mirror, message);
}

void say_address(struct fixture *fixture, const char *address, uint32_t ifindex) {
	address_said(fixture, RTM_NEWADDR, address, ifindex);
}

void say_no_address(struct fixture *fixture, const char *address, uint32_t ifindex) {
	address_said(fixture, RTM_DELADDR, address, ifindex);
}

void say_neighbour(struct fixture *fixture, const char *address, uint32_t ifindex, uint16_t state,
	uint8_t last) {
	uint8_t mac[6] = {2, 1, 1, 1, 1, last}, bytes[16];
	struct ndmsg *header;
	struct nlmsghdr *message =
		begin(state ? RTM_NEWNEIGH : RTM_DELNEIGH, 0, sizeof(*header), (void **)&header);

	header->ndm_family = (uint8_t)read_address(address, bytes);
	header->ndm_ifindex = (int)ifindex;
	header->ndm_state = state;
	put_address(message, NDA_DST, address);
	if (last)
		mnl_attr_put(message, NDA_LLADDR, sizeof(mac), mac);
	mirror_handle(fixture->mirror, message);
}

void say_object(struct fixture *fixture, uint32_t id, const char *via, uint32_t ifindex) {
	struct nhmsg *header;
	struct nlmsghdr *message = begin(RTM_NEWNEXTHOP, 0, sizeof(*header), (void **)&header);
	uint8_t address[16];

	mnl_attr_put_u32(message, NHA_ID, id);
	mnl_attr_put_u32(message, NHA_OIF, ifindex);
	if (via) {
		header->nh_family = (uint8_t)read_address(via, address);
		put_address(message, NHA_GATEWAY, via);
	}
	mirror_handle(fixture->mirror, message);
}

void say_blackhole_object(struct fixture *fixture, uint32_t id) {
	struct nhmsg *header;
	struct nlmsghdr *message = begin(RTM_NEWNEXTHOP, 0, sizeof(*header), (void **)&header);

	mnl_attr_put_u32(message, NHA_ID, id);
	mnl_attr_put(message, NHA_BLACKHOLE, 0, NULL);
	mirror_handle(fixture->mirror, message);
}

void say_group(struct fixture *fixture, uint32_t id, const uint32_t *members) {
	struct nhmsg *header;
	struct nlmsghdr *message = begin(RTM_NEWNEXTHOP, 0, sizeof(*header), (void **)&header);
	struct nexthop_grp group[8];
	size_t count = 0;

	memset(group, 0, sizeof(group));
	for (; members[2 * count]; count++) {
		group[count].id = members[2 * count];
		group[count].weight = (uint8_t)(members[2 * count + 1] - 1);
	}
	mnl_attr_put_u32(message, NHA_ID, id);
	mnl_attr_put(message, NHA_GROUP, count * sizeof(*group), group);
	mirror_handle(fixture->mirror, message);
}

void say_no_object(struct fixture *fixture, uint32_t id) {
	struct nhmsg *header;
	struct nlmsghdr *message = begin(RTM_DELNEXTHOP, 0, sizeof(*header), (void **)&header);

	mnl_attr_put_u32(message, NHA_ID, id);
	mirror_handle(fixture->mirror, message);
}

bool takes_audit(struct fixture *fixture) {
	bool wanted = fixture->mirror->reread_due_ns[REREAD_ALL];

	fixture->mirror->reread_due_ns[REREAD_ALL] = 0;
	return wanted;
}

uint32_t id_for(struct fixture *fixture, const char *text) {
	uint8_t address[16];
	uint32_t host_order;

	if (read_address(text, address) == AF_INET6)
		return fib6_lookup(fixture->memory.mirror.fib6, address);
	memcpy(&host_order, address, sizeof(host_order));
	return fib4_lookup(fixture->memory.mirror.fib4, ntohl(host_order));
}

const struct nexthop *leads_to(struct fixture *fixture, const char *address) {
	return nexthops_get(fixture->memory.mirror.nexthops, id_for(fixture, address));
}

void assert_verdict(struct fixture *fixture, const char *address, enum reason reason) {
	const struct nexthop *nexthop = leads_to(fixture, address);

	assert_int_equal(nexthop->kind, NEXTHOP_VERDICT);
	assert_string_equal(reason_name(nexthop->reason), reason_name(reason));
}

void assert_forwards(struct fixture *fixture, const char *address, uint8_t port, uint8_t mac) {
	const struct nexthop *nexthop = leads_to(fixture, address);

	assert_int_equal(nexthop->kind, NEXTHOP_ADJACENCY);
	assert_int_equal(nexthop->port, port);
	assert_int_equal(nexthop->destination_mac[5], mac);
}

static void link_changed(void *owner, const struct mirror_link *link) {
	((struct fixture *)owner)->changes++;
}

int fixture_create(void **state) {
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct mirror_listener listener = {.link_changed = link_changed, .owner = fixture};

	memory_create(&fixture->memory, 4096);
	fixture->mirror = mirror_create_detached(&fixture->memory.mirror, &listener);
	say_link(fixture, 1, IFF_UP | IFF_LOOPBACK | IFF_LOWER_UP, true, 65536);
	for (uint32_t port = 2; port <= 4; port++) {
		say_link(fixture, port, IFF_UP | IFF_LOWER_UP, true, 1500);
		mirror_set_port(fixture->mirror, port, (uint8_t)port, REASON_FORWARDED);
	}
	*state = fixture;
	return 0;
}

int fixture_destroy(void **state) {
	struct fixture *fixture = *state;

	mirror_close(fixture->mirror);
	memory_destroy(&fixture->memory);
	free(fixture);
	return 0;
}
