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

enum { TEXT_BYTES = 160, PRIORITY_MAIN = 32766, PRIORITY_DEFAULT = 32767 };

struct checking {
	const struct nodes *nodes;
	int node;
	void (*told)(void *owner, const char *text);
	void *owner;
	int found;
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

static void read_rule(void *context, const struct nlmsghdr *message) {
	struct checking *checking = context;
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(message);
	uint32_t priority = 0, table = rule->table;
	const struct nlattr *attribute;
	char text[TEXT_BYTES];
	bool has_more = false;

	if (message->nlmsg_type != RTM_NEWRULE)
		return;
	mnl_attr_for_each(attribute, message, sizeof(*rule)) {
		switch (mnl_attr_get_type(attribute)) {
		case FRA_PRIORITY:
			priority = mnl_attr_get_u32(attribute);
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
	snprintf(text, sizeof(text),
		"%s: %s rule %u is asked before the tables that are proven; 'ip%s rule' has it",
		checking->nodes->fabric->nodes[checking->node].name,
		rule->family == AF_INET6 ? "IPv6" : "IPv4", priority,
		rule->family == AF_INET6 ? " -6" : "");
	checking->told(checking->owner, text);
	checking->found++;
}

static int check_family(struct checking *checking, sa_family_t family) {
	return wiring_dump(checking->nodes->wirings[checking->node], RTM_GETRULE,
		sizeof(struct fib_rule_hdr), family, read_rule, checking);
}

int rules_check(
	const struct nodes *nodes, void (*told)(void *owner, const char *text), void *owner) {
	struct checking checking = {.nodes = nodes, .told = told, .owner = owner};
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
	return error ? error : checking.found;
}
