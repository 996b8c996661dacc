/*
 * netfilter_hook: see netfilter_hook.h. The kernel lists its hooks since 5.14, if it is built with
 * NETFILTER_NETLINK_HOOK; where it is not (Debian 12), IPVS alone can be found otherwise. Whoever
 * adds a hook says nothing, so that they are read again with what else changes without a word.
 */
#include "mirror/netfilter_hook.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <stdio.h>
#include <string.h>

/* Hooks, by the beginnings of their functions' names, that decide over nothing forwarded, or whose
 * rules are told in another way. NAT is not one of them: with the last rule of its chain gone, it
 * goes on for the connections that there are. */
static bool is_harmless(const char *function) {
	static const char *const beginnings[] = {
		"nft_do_chain", "ipt_do_table", "ip6t_do_table", "iptable_", "ip6table_", /* told */
		"ipv4_conntrack_", "ipv6_conntrack_", "nf_confirm", "ipv4_confirm", "ipv6_confirm",
		"ipv4_helper", "ipv6_helper", "ipv6_defrag", /* connection tracking */
		"ip_sabotage_in",                            /* what a bridge has seen already */
		"selinux_", "apparmor_", /* by marks that rules set, or by labels */
	};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		if (!strncmp(function, beginnings[i], strlen(beginnings[i])))
			return true;
	}
	return false;
}

static bool is_nftables_chain(const struct nlattr *info) {
	const struct nlattr *attributes[NFNLA_HOOK_INFO_TYPE + 1];

	if (!info)
		return false;
	attributes_parse_nest(info, attributes, NFNLA_HOOK_INFO_TYPE);
	return ntohl(attribute_u32(attributes[NFNLA_HOOK_INFO_TYPE], 0)) == NFNL_HOOK_TYPE_NFTABLES;
}

void netfilter_hook_dumped(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[NFNLA_HOOK_CHAIN_INFO + 1];
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	struct mirror_hold hold = {.kind = HOLD_NETFILTER};
	char function[96], module[32];

	if (!attributes_parse(message, sizeof(*header), attributes, NFNLA_HOOK_CHAIN_INFO)) {
		mirror->statistics.malformed++;
		return;
	}
	if (message->nlmsg_type != (NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET))
		return;
	attribute_text(attributes[NFNLA_HOOK_FUNCTION_NAME], function, sizeof(function));
	attribute_text(attributes[NFNLA_HOOK_MODULE_NAME], module, sizeof(module));
	if (is_nftables_chain(attributes[NFNLA_HOOK_CHAIN_INFO]) || is_harmless(function))
		return;
	hold.family = header->nfgen_family == NFPROTO_IPV6 ? AF_INET6 : AF_INET;
	hold_add(mirror, &hold, "netfilter hook %s%s%s", function[0] ? function : "without a name",
		module[0] ? " of " : "", module);
}

static void read_dumped(void *context, const struct nlmsghdr *message) {
	netfilter_hook_dumped(context, message);
}

static int dump(struct mirror *mirror, uint8_t family, uint32_t hook) {
	struct netlink_reader reader = {read_dumped, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *header;

	request->nlmsg_type = NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	mnl_attr_put_u32(request, NFNLA_HOOK_HOOKNUM, htonl(hook));
	return netlink_ask_once(NETLINK_NETFILTER, request, &reader);
}

/* A service is a line of a protocol, or of a mark ("FWM"); its servers' lines are indented. */
static bool is_service(const char *line) {
	return !strncmp(line, "TCP ", 4) || !strncmp(line, "UDP ", 4) ||
	       !strncmp(line, "SCTP ", 5) || !strncmp(line, "FWM ", 4);
}

int netfilter_hook_read_ipvs(struct mirror *mirror, const char *path) {
	struct mirror_hold hold = {.kind = HOLD_NETFILTER};
	FILE *file = fopen(path, "re");
	unsigned int services = 0;
	char line[256];
	int error;

	if (!file)
		return errno == ENOENT ? 0 : -errno; /* no such module */
	while (fgets(line, sizeof(line), file))
		services += is_service(line);
	error = ferror(file) ? -EIO : 0;
	fclose(file);
	if (services)
		hold_add(mirror, &hold, "IPVS (%u service%s)", services, services == 1 ? "" : "s");
	return error;
}

int netfilter_hooks_read(struct mirror *mirror) {
	static const uint8_t families[] = {NFPROTO_IPV4, NFPROTO_IPV6};
	static const uint32_t hooks[] = {
		NF_INET_PRE_ROUTING, NF_INET_FORWARD, NF_INET_POST_ROUTING};

	for (size_t i = 0; i < sizeof(families); i++) {
		for (size_t j = 0; j < sizeof(hooks) / sizeof(*hooks); j++) {
			int error = dump(mirror, families[i], hooks[j]);

			if (netlink_is_absent(error))
				return netfilter_hook_read_ipvs(
					mirror, "/proc/thread-self/net/ip_vs");
			if (error)
				return error;
		}
	}
	return 0;
}
