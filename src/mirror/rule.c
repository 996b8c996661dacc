/* rule: see rule.h. */
#include "mirror/rule.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { MAIN_PRIORITY = 32766, DEFAULT_PRIORITY = 32767, RULE_ATTRIBUTE_MAX = FRA_DPORT_RANGE };

enum default_rule { LOCAL_RULE = 1, MAIN_RULE = 2, DEFAULT_RULE = 4, NO_RULE = 0 };

/* What the kernel's own rules do not have. */
static bool selects_more(
	const struct fib_rule_hdr *header, const struct nlattr *const *attributes) {
	static const uint16_t selectors[] = {FRA_IIFNAME, FRA_OIFNAME, FRA_FWMARK, FRA_FWMASK,
		FRA_FLOW, FRA_TUN_ID, FRA_UID_RANGE, FRA_IP_PROTO, FRA_SPORT_RANGE,
		FRA_DPORT_RANGE};

	for (size_t i = 0; i < sizeof(selectors) / sizeof(*selectors); i++) {
		if (attributes[selectors[i]])
			return true;
	}
	return header->src_len || header->dst_len || header->tos ||
	       header->flags & FIB_RULE_INVERT || attribute_u8(attributes[FRA_L3MDEV], 0) ||
	       attribute_u32(attributes[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) != UINT32_MAX ||
	       attribute_u32(attributes[FRA_SUPPRESS_IFGROUP], UINT32_MAX) != UINT32_MAX;
}

static enum default_rule which_default(
	const struct fib_rule_hdr *header, const struct nlattr *const *attributes) {
	uint32_t priority = attribute_u32(attributes[FRA_PRIORITY], 0);
	uint32_t table = attribute_u32(attributes[FRA_TABLE], header->table);

	if (header->action != FR_ACT_TO_TBL || selects_more(header, attributes))
		return NO_RULE;
	if (priority == 0 && table == RT_TABLE_LOCAL)
		return LOCAL_RULE;
	if (priority == MAIN_PRIORITY && table == RT_TABLE_MAIN)
		return MAIN_RULE;
	if (priority == DEFAULT_PRIORITY && table == RT_TABLE_DEFAULT)
		return DEFAULT_RULE;
	return NO_RULE;
}

static bool has_vrf(const struct mirror *mirror) {
	for (size_t i = 0; i < mirror->links.count; i++) {
		if (!strcmp(mirror->links.sorted[i]->shown.kind, "vrf"))
			return true;
	}
	return false;
}

/* Rules for what this machine sends itself, and for VRFs where there are none. */
static bool concerns_forwarded(
	const struct mirror *mirror, const struct nlattr *const *attributes, const char *arrival) {
	if (!strcmp(arrival, "lo"))
		return false;
	return !attribute_u8(attributes[FRA_L3MDEV], 0) || has_vrf(mirror);
}

void rules_begin(struct mirror *mirror) {
	memset(&mirror->rules, 0, sizeof(mirror->rules));
	hold_begin(mirror);
}

void rule_dumped(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[RULE_ATTRIBUTE_MAX + 1];
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);
	struct mirror_hold hold = {.kind = HOLD_RULE};
	char arrival[IFNAMSIZ];
	const struct link *link;
	enum default_rule own;

	if (!attributes_parse(message, sizeof(*header), attributes, RULE_ATTRIBUTE_MAX)) {
		mirror->statistics.malformed++;
		return;
	}
	if (message->nlmsg_type != RTM_NEWRULE || !family_is_ip(header->family))
		return;
	mirror->rules.answered[family_index(header->family)] = true;
	own = which_default(header, attributes);
	if (own) {
		mirror->rules.defaults_seen[family_index(header->family)] |= (uint8_t)own;
		return;
	}
	attribute_text(attributes[FRA_IIFNAME], arrival, sizeof(arrival));
	if (!concerns_forwarded(mirror, attributes, arrival))
		return;
	hold.family = header->family;
	if (arrival[0]) {
		link = link_named(&mirror->links, arrival);
		if (!link)
			return; /* rules are read again when such a link appears */
		hold.ifindex = link->shown.ifindex;
	}
	hold_add(mirror, &hold, "ip%s rule %u%s%s", header->family == AF_INET6 ? " -6" : "",
		attribute_u32(attributes[FRA_PRIORITY], 0), arrival[0] ? " iif " : "", arrival);
}

static void add_missing_defaults(struct mirror *mirror) {
	static const sa_family_t families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		struct mirror_hold hold = {.kind = HOLD_RULE, .family = families[i]};
		uint8_t seen = mirror->rules.defaults_seen[i];

		if (mirror->rules.answered[i] &&
			(seen & (LOCAL_RULE | MAIN_RULE)) != (LOCAL_RULE | MAIN_RULE))
			hold_add(mirror, &hold,
				"ip%s rule for table %s is not as the kernel made it",
				i ? " -6" : "", seen & LOCAL_RULE ? "main" : "local");
	}
}

void rules_end(struct mirror *mirror) {
	add_missing_defaults(mirror);
	hold_end(mirror, SOURCE_RULES);
}

static void read_dumped(void *context, const struct nlmsghdr *message) {
	rule_dumped(context, message);
}

/* A kernel built without rules refuses, and follows local and main. */
static int ask(struct mirror *mirror, sa_family_t family) {
	struct netlink_reader reader = {read_dumped, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct fib_rule_hdr *header;
	int error;

	request->nlmsg_type = RTM_GETRULE;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->family = (uint8_t)family;
	error = netlink_ask(&mirror->questions, request, &reader);
	if (!error)
		mirror->rules.answered[family_index(family)] = true;
	return netlink_is_absent(error) ? 0 : error;
}

static int read_all(struct mirror *mirror) {
	int error;

	rules_begin(mirror);
	if ((error = ask(mirror, AF_INET)) || (error = ask(mirror, AF_INET6)))
		return error;
	add_missing_defaults(mirror);
	return 0;
}

void rules_read(struct mirror *mirror) {
	hold_read(mirror, SOURCE_RULES, read_all);
}
