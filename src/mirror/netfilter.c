/*
 * netfilter: see netfilter.h. What counts is a base chain on the way of forwarded packets that has
 * rules or drops by policy, and any flowtable. Connection tracking alone decides nothing: it is
 * such chains that ask it. Legacy iptables is asked in its own way (iptables.h), and what hooks
 * there besides is in netfilter_hook.c.
 */
#include "mirror/netfilter.h"

#include "mirror/attribute.h"
#include "mirror/iptables.h"
#include "mirror/mirror_private.h"
#include "mirror/netfilter_hook.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>

enum { NETDEV_HOOK_INGRESS = NF_NETDEV_INGRESS, NETDEV_HOOK_EGRESS = 1 /* since 5.16 */ };

struct hook {
	uint32_t number;
	const struct nlattr *device;
	const struct nlattr *devices;
};

static bool read_hook(const struct nlattr *nest, struct hook *hook) {
	const struct nlattr *attributes[NFTA_HOOK_DEVS + 1];

	if (!nest)
		return false; /* a chain that others jump to */
	attributes_parse_nest(nest, attributes, NFTA_HOOK_DEVS);
	if (!attribute_has(attributes[NFTA_HOOK_HOOKNUM], sizeof(uint32_t)))
		return false;
	hook->number = ntohl(mnl_attr_get_u32(attributes[NFTA_HOOK_HOOKNUM]));
	hook->device = attributes[NFTA_HOOK_DEV];
	hook->devices = attributes[NFTA_HOOK_DEVS];
	return true;
}

static uint32_t big_endian(const struct nlattr *attribute, uint32_t otherwise) {
	return ntohl(attribute_u32(attribute, htonl(otherwise)));
}

static const char *family_name(uint8_t family) {
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_INET:
		return "inet";
	default:
		return "netdev";
	}
}

static bool is_by_device(uint8_t family, const struct hook *hook) {
	return family == NFPROTO_NETDEV ||
	       (family == NFPROTO_INET && hook->number == NF_INET_INGRESS);
}

static bool is_on_the_way(uint8_t family, const struct hook *hook) {
	if (is_by_device(family, hook))
		return true;
	if (family != NFPROTO_IPV4 && family != NFPROTO_IPV6 && family != NFPROTO_INET)
		return false; /* arp and bridge */
	return hook->number == NF_INET_PRE_ROUTING || hook->number == NF_INET_FORWARD ||
	       hook->number == NF_INET_POST_ROUTING;
}

static sa_family_t address_family(uint8_t family) {
	return family == NFPROTO_IPV4 ? AF_INET : family == NFPROTO_IPV6 ? AF_INET6 : AF_UNSPEC;
}

static void add_for_device(struct mirror *mirror, struct mirror_hold *hold,
	const struct nlattr *device, const char *text) {
	char name[IFNAMSIZ];
	const struct link *link;

	attribute_text(device, name, sizeof(name));
	link = link_named(&mirror->links, name);
	hold->ifindex = link ? link->shown.ifindex : 0;
	hold_add(mirror, hold, "%s on %s", text, name);
}

static void add_for_devices(struct mirror *mirror, struct mirror_hold *hold,
	const struct hook *hook, const char *text) {
	const struct nlattr *device;

	if (!hook->devices) { /* before 5.5, or the name alone */
		if (hook->device)
			add_for_device(mirror, hold, hook->device, text);
		return;
	}
	mnl_attr_for_each_nested(device, hook->devices) add_for_device(mirror, hold, device, text);
}

static void chain_dumped(struct mirror *mirror, uint8_t family, const struct nlmsghdr *message) {
	const struct nlattr *attributes[NFTA_CHAIN_USE + 1];
	struct mirror_hold hold = {.kind = HOLD_NETFILTER, .family = address_family(family)};
	char table[32], name[32], text[144];
	struct hook hook;
	uint32_t rules;
	bool drops;

	if (!attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_CHAIN_USE) ||
		!read_hook(attributes[NFTA_CHAIN_HOOK], &hook) || !is_on_the_way(family, &hook))
		return;
	rules = big_endian(attributes[NFTA_CHAIN_USE], 1);
	drops = big_endian(attributes[NFTA_CHAIN_POLICY], NF_ACCEPT) == NF_DROP;
	if (!rules && !drops)
		return;
	attribute_text(attributes[NFTA_CHAIN_TABLE], table, sizeof(table));
	attribute_text(attributes[NFTA_CHAIN_NAME], name, sizeof(name));
	snprintf(text, sizeof(text), "nftables chain %s %s %s (%u rule%s%s)", family_name(family),
		table, name, rules, rules == 1 ? "" : "s", drops ? ", policy drop" : "");
	hold.egress = family == NFPROTO_NETDEV && hook.number == NETDEV_HOOK_EGRESS;
	if (is_by_device(family, &hook))
		add_for_devices(mirror, &hold, &hook, text);
	else
		hold_add(mirror, &hold, "%s", text);
}

static void flowtable_dumped(
	struct mirror *mirror, uint8_t family, const struct nlmsghdr *message) {
	const struct nlattr *attributes[NFTA_FLOWTABLE_NAME + 1];
	struct mirror_hold hold = {.kind = HOLD_NETFILTER, .family = address_family(family)};
	char table[32], name[32];

	if (!attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_FLOWTABLE_NAME))
		return;
	attribute_text(attributes[NFTA_FLOWTABLE_TABLE], table, sizeof(table));
	attribute_text(attributes[NFTA_FLOWTABLE_NAME], name, sizeof(name));
	hold_add(mirror, &hold, "nftables flowtable %s %s %s", family_name(family), table, name);
}

void netfilter_dumped(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header)) {
		mirror->statistics.malformed++;
		return;
	}
	if (message->nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWCHAIN))
		chain_dumped(mirror, header->nfgen_family, message);
	else if (message->nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWFLOWTABLE))
		flowtable_dumped(mirror, header->nfgen_family, message);
}

static void read_dumped(void *context, const struct nlmsghdr *message) {
	netfilter_dumped(context, message);
}

/* By a socket of its own, since the followed one must not mix in answers. */
static int dump(struct mirror *mirror, uint16_t type) {
	struct netlink_reader reader = {read_dumped, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *header;
	int error;

	request->nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->nfgen_family = NFPROTO_UNSPEC;
	header->version = NFNETLINK_V0;
	error = netlink_ask_once(NETLINK_NETFILTER, request, &reader);
	return netlink_is_absent(error) ? 0 : error;
}

static int read_all(struct mirror *mirror) {
	int error;

	if ((error = dump(mirror, NFT_MSG_GETCHAIN)) ||
		(error = dump(mirror, NFT_MSG_GETFLOWTABLE)) ||
		(error = netfilter_hooks_read(mirror)) || (error = iptables_read(mirror)))
		return error;
	return 0;
}

void netfilter_read(struct mirror *mirror) {
	hold_read(mirror, SOURCE_NETFILTER, read_all);
}
