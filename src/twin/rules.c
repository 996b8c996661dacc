/* rules: see rules.h. */
#include "twin/rules.h"

#include "base/log.h"
#include "twin/wiring.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { PRIORITY_MAIN = 32766, PRIORITY_DEFAULT = 32767 };

struct checking {
	const struct nodes *nodes;
	int node;
	struct passage *passage;
	const struct verify_telling *telling;
	size_t found;
};

/* Of all packets: the kernel's own are. */
static bool is_usual(
	const struct fib_rule_hdr *rule, uint32_t priority, uint32_t table, bool has_more) {
	if (rule->action != FR_ACT_TO_TBL || rule->src_len || rule->dst_len || rule->tos ||
		rule->flags & FIB_RULE_INVERT || has_more)
		return false;
	return (priority == 0 && table == RT_TABLE_LOCAL) ||
	       (priority == PRIORITY_MAIN && table == RT_TABLE_MAIN) ||
	       (priority == PRIORITY_DEFAULT && table == RT_TABLE_DEFAULT);
}

static void take_destination(
	struct prefix *within, const struct fib_rule_hdr *rule, const struct nlattr *attribute) {
	size_t size = prefix_bits(rule->family) / 8U;

	if (mnl_attr_get_payload_len(attribute) < size)
		return;
	within->length = rule->dst_len;
	memcpy(within->address, mnl_attr_get_payload(attribute), size);
}

static void tell(struct checking *checking, const struct prefix *within, uint32_t priority) {
	const struct passage_place place = {.node = checking->node, .within = *within};
	struct violation violation = {.kind = VIOLATION_RULE,
		.layer = "kernel",
		.node = checking->nodes->fabric->nodes[checking->node].name,
		.wanted = "the tables, which it comes before"};
	char end[64];

	prefix_text(within, violation.destination);
	snprintf(violation.found, sizeof(violation.found), "%s rule %u",
		within->family == AF_INET6 ? "IPv6" : "IPv4", priority);
	snprintf(end, sizeof(end), ": rule %u", priority);
	passage_show(checking->passage, &place, end, &violation);
	verify_tell(checking->telling, &checking->found, &violation);
}

static void read_rule(void *context, const struct nlmsghdr *message) {
	struct checking *checking = context;
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(message);
	uint32_t priority = 0, table = rule->table;
	const struct nlattr *attribute;
	struct prefix within = {.family = rule->family};
	bool has_more = false;

	if (message->nlmsg_type != RTM_NEWRULE)
		return;
	mnl_attr_for_each(attribute, message, sizeof(*rule)) {
		switch (mnl_attr_get_type(attribute)) {
		case FRA_PRIORITY:
			priority = mnl_attr_get_u32(attribute);
			break;
		case FRA_DST:
			take_destination(&within, rule, attribute);
			break;
		case FRA_TABLE:
			table = mnl_attr_get_u32(attribute);
			break;
		case FRA_SUPPRESS_PREFIXLEN: /* all ones: it does not */
			has_more |= mnl_attr_get_u32(attribute) != UINT32_MAX;
			break;
		case FRA_IIFNAME:
		case FRA_OIFNAME:
		case FRA_FWMARK:
		case FRA_L3MDEV:
			has_more = true;
			break;
		default:
			break;
		}
	}
	if (is_usual(rule, priority, table, has_more))
		return;
	tell(checking, &within, priority);
}

static int check_family(struct checking *checking, sa_family_t family) {
	return wiring_dump(checking->nodes->wirings[checking->node], RTM_GETRULE,
		sizeof(struct fib_rule_hdr), family, read_rule, checking);
}

int rules_check(
	const struct nodes *nodes, struct passage *passage, const struct verify_telling *telling) {
	struct checking checking = {.nodes = nodes, .passage = passage, .telling = telling};
	int error = 0;

	for (int id = 0; id < (int)nodes->fabric->node_count && !error; id++) {
		if (!fabric_is_switch(&nodes->fabric->nodes[id]))
			continue;
		checking.node = id;
		error = check_family(&checking, AF_INET);
		if (!error)
			error = check_family(&checking, AF_INET6);
		if (error == -EOPNOTSUPP || error == -EAFNOSUPPORT)
			error = 0; /* a kernel without rules has none */
	}
	if (error)
		log_error("rules cannot be read: %s", strerror(-error));
	return error ? error : (int)checking.found;
}
