/* route_message: see route_message.h. */
#include "mirror/route_message.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <linux/rtnetlink.h>

enum { ROUTE_ATTRIBUTE_MAX = RTA_NH_ID };

static bool has_bits_below(const uint8_t *prefix, size_t bytes, unsigned int prefix_len) {
	for (size_t i = prefix_len / 8; i < bytes; i++) {
		uint8_t below = i == prefix_len / 8 ? (uint8_t)(0xff >> prefix_len % 8) : 0xff;

		if (prefix[i] & below)
			return true;
	}
	return false;
}

static bool read_prefix(
	const struct rtmsg *header, const struct nlattr *destination, struct route_message *read) {
	size_t bytes = family_bytes(header->rtm_family);

	read->family = header->rtm_family;
	read->prefix_len = header->rtm_dst_len;
	memset(read->prefix, 0, sizeof(read->prefix));
	if (read->prefix_len > bytes * 8 || (destination && !attribute_has(destination, bytes)) ||
		(!destination && read->prefix_len))
		return false;
	if (destination)
		memcpy(read->prefix, mnl_attr_get_payload(destination), bytes);
	return !has_bits_below(read->prefix, bytes, read->prefix_len);
}

/* Metrics that change how a packet is forwarded; the others are for connections of our own. */
static bool metrics_decide(const struct nlattr *metrics) {
	const struct nlattr *attributes[RTAX_MTU + 1];

	if (!metrics)
		return false;
	attributes_parse_nest(metrics, attributes, RTAX_MTU);
	return attributes[RTAX_MTU] || attributes[RTAX_LOCK];
}

/* RTA_GATEWAY has the route's family, RTA_VIA names its own. False if malformed. */
static bool read_gateway(
	struct hop *hop, sa_family_t family, const struct nlattr *const *attributes) {
	const struct nlattr *gateway = attributes[RTA_GATEWAY], *via = attributes[RTA_VIA];
	const uint8_t *address;

	if (gateway) {
		if (!attribute_has(gateway, family_bytes(family)))
			return false;
		hop->family = (uint8_t)family;
		memcpy(hop->gateway, mnl_attr_get_payload(gateway), family_bytes(family));
		return true;
	}
	if (!via)
		return true;
	if (!attribute_has(via, sizeof(struct rtvia)))
		return false;
	address = ((const struct rtvia *)mnl_attr_get_payload(via))->rtvia_addr;
	family = ((const struct rtvia *)mnl_attr_get_payload(via))->rtvia_family;
	if (!family_is_ip(family) ||
		!attribute_has(via, sizeof(struct rtvia) + family_bytes(family)))
		return false;
	hop->family = (uint8_t)family;
	memcpy(hop->gateway, address, family_bytes(family));
	return true;
}

/* The kernel's word that a hop is dead counts only for what links do not tell: an IPv4 hop whose
 * link is up, but lost its last address. */
static uint8_t hop_flags(const struct mirror *mirror, const struct rtmsg *header,
	const struct hop *hop, unsigned int flags, const struct nlattr *const *attributes) {
	const struct link *link = link_find(&mirror->links, hop->ifindex);
	uint8_t told = 0;

	if (header->rtm_family == AF_INET && flags & RTNH_F_DEAD && link && link_is_up(link))
		told |= HOP_DEAD;
	if (header->rtm_family == AF_INET && header->rtm_scope == RT_SCOPE_HOST)
		told |= HOP_HOST_SCOPE;
	if (attributes[RTA_ENCAP] || attributes[RTA_ENCAP_TYPE] ||
		(!hop->ifindex && header->rtm_type == RTN_UNICAST))
		told |= HOP_FEATURE;
	return told;
}

static bool read_hop(const struct mirror *mirror, const struct rtmsg *header, uint32_t ifindex,
	uint16_t weight, unsigned int flags, const struct nlattr *const *attributes,
	struct hop *hop) {
	memset(hop, 0, sizeof(*hop));
	hop->ifindex = ifindex;
	hop->weight = weight;
	if (!read_gateway(hop, header->rtm_family, attributes))
		return false;
	hop->flags = hop_flags(mirror, header, hop, flags, attributes);
	return true;
}

static bool read_multipath(struct mirror *mirror, const struct rtmsg *header,
	const struct nlattr *multipath, struct path_content *content) {
	const struct nlattr *attributes[ROUTE_ATTRIBUTE_MAX + 1];
	const uint8_t *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);

	while (left >= sizeof(struct rtnexthop)) {
		const struct rtnexthop *member = (const void *)at;
		size_t length = member->rtnh_len;

		if (length < sizeof(*member) || length > left)
			return false;
		if (content->hop_count == HOPS_MAX) {
			mirror_tell_limit(mirror, LIMIT_HOPS, "a route of more than 512 hops");
			return false;
		}
		attributes_parse_at(RTNH_DATA(member), length - sizeof(*member), attributes,
			ROUTE_ATTRIBUTE_MAX);
		if (!read_hop(mirror, header, (uint32_t)member->rtnh_ifindex,
			    (uint16_t)(member->rtnh_hops + 1), member->rtnh_flags, attributes,
			    &content->hops[content->hop_count++]))
			return false;
		length = RTNH_ALIGN(length);
		if (length > left)
			break;
		at += length;
		left -= length;
	}
	return content->hop_count;
}

/* A source prefix (IPv6) becomes part of the content, so that routes that differ in nothing else
 * are told apart. */
static bool read_source_prefix(
	const struct rtmsg *header, const struct nlattr *source, struct path_content *content) {
	struct hop *hop = &content->hops[content->hop_count];

	if (!header->rtm_src_len)
		return true;
	if (!attribute_has(source, sizeof(hop->gateway)) || content->hop_count == HOPS_MAX)
		return false;
	memset(hop, 0, sizeof(*hop));
	hop->weight = header->rtm_src_len;
	hop->family = AF_INET6;
	hop->flags = HOP_FEATURE;
	memcpy(hop->gateway, mnl_attr_get_payload(source), sizeof(hop->gateway));
	content->hop_count++;
	return true;
}

static bool read_content(struct mirror *mirror, const struct rtmsg *header,
	const struct nlattr *const *attributes, struct path_content *content) {
	uint32_t ifindex = attribute_u32(attributes[RTA_OIF], 0);

	memset(content, 0, sizeof(*content));
	content->family = header->rtm_family;
	content->object = attribute_u32(attributes[RTA_NH_ID], 0);
	if (header->rtm_family == AF_INET)
		content->source = attribute_u32(attributes[RTA_PREFSRC], 0);
	if (content->object)
		return true; /* and what it leads to is told of the object */
	if (attributes[RTA_MULTIPATH]) {
		if (!read_multipath(mirror, header, attributes[RTA_MULTIPATH], content))
			return false;
	} else if (ifindex || header->rtm_type == RTN_UNICAST) {
		if (!read_hop(mirror, header, ifindex, 1, header->rtm_flags, attributes,
			    &content->hops[content->hop_count++]))
			return false;
	}
	return read_source_prefix(header, attributes[RTA_SRC], content);
}

/* A route that is there, but leads to what was not understood, is the kernel's: were it left out, a
 * shorter prefix would take its traffic. */
static void forget_content(const struct rtmsg *header, struct path_content *content) {
	memset(content, 0, sizeof(*content));
	content->family = header->rtm_family;
}

/* Whether the kernel makes this a sibling of others of its metric: rt6_qualify_for_ecmp. */
static bool may_grow(const struct rtmsg *header, const struct path_content *content) {
	if (header->rtm_family != AF_INET6 || content->object || !content->hop_count ||
		header->rtm_type != RTN_UNICAST || header->rtm_src_len ||
		header->rtm_protocol == RTPROT_RA)
		return false;
	return content->hops[0].family != AF_UNSPEC;
}

/* Whether table and metric, where they are told, can be read. */
static bool has_key(const struct nlattr *const *attributes) {
	return (!attributes[RTA_TABLE] || attribute_has(attributes[RTA_TABLE], sizeof(uint32_t))) &&
	       (!attributes[RTA_PRIORITY] ||
		       attribute_has(attributes[RTA_PRIORITY], sizeof(uint32_t)));
}

enum route_concern route_message_read(
	struct mirror *mirror, const struct nlmsghdr *message, struct route_message *read) {
	const struct nlattr *attributes[ROUTE_ATTRIBUTE_MAX + 1];
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	uint32_t table;

	if (!attributes_parse(message, sizeof(*header), attributes, ROUTE_ATTRIBUTE_MAX) ||
		!has_key(attributes))
		return ROUTE_MALFORMED;
	table = attribute_u32(attributes[RTA_TABLE], header->rtm_table);
	if (!family_is_ip(header->rtm_family) || header->rtm_flags & RTM_F_CLONED ||
		(table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL))
		return ROUTE_IGNORED;

	read->content = (struct path_content *)mirror->content;
	if (!read_prefix(header, attributes[RTA_DST], read))
		return ROUTE_MALFORMED;
	read->route = (struct route){
		.metric = attribute_u32(attributes[RTA_PRIORITY], 0),
		.is_local = table == RT_TABLE_LOCAL,
		.tos = header->rtm_family == AF_INET ? header->rtm_tos : 0,
		.type = header->rtm_type,
		.protocol = header->rtm_protocol,
	};
	if (!read_content(mirror, header, attributes, read->content)) {
		mirror->statistics.malformed++;
		forget_content(header, read->content);
		read->route.flags |= ROUTE_IS_UNKNOWN | ROUTE_IS_FEATURE;
	}
	if (metrics_decide(attributes[RTA_METRICS]) || header->rtm_src_len)
		read->route.flags |= ROUTE_IS_FEATURE;
	if (may_grow(header, read->content))
		read->route.flags |= ROUTE_MAY_GROW;
	return ROUTE_CONCERNS;
}
