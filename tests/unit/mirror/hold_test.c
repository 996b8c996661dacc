/* hold_test: which rules, qdiscs, chains and policies are told as holds. */
#include "fixture.h"

#include "mirror/attribute.h"
#include "mirror/netfilter.h"
#include "mirror/netfilter_hook.h"
#include "mirror/traffic_control.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <unistd.h>

static _Alignas(8) char buffer[4096];

static struct nlmsghdr *begin(uint16_t type, size_t size, void **header) {
	struct nlmsghdr *message;

	memset(buffer, 0, sizeof(buffer));
	message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	*header = mnl_nlmsg_put_extra_header(message, size);
	return message;
}

static void say_rule(
	struct fixture *fixture, uint32_t priority, uint8_t table, const char *arrival) {
	struct fib_rule_hdr *header;
	struct nlmsghdr *message = begin(RTM_NEWRULE, sizeof(*header), (void **)&header);

	header->family = AF_INET;
	header->action = FR_ACT_TO_TBL;
	header->table = table;
	mnl_attr_put_u32(message, FRA_PRIORITY, priority);
	mnl_attr_put_u32(message, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX);
	if (arrival)
		mnl_attr_put_strz(message, FRA_IIFNAME, arrival);
	rule_dumped(fixture->mirror, message);
}

static void say_default_rules(struct fixture *fixture) {
	rules_begin(fixture->mirror);
	say_rule(fixture, 0, RT_TABLE_LOCAL, NULL);
	say_rule(fixture, 32766, RT_TABLE_MAIN, NULL);
	say_rule(fixture, 32767, RT_TABLE_DEFAULT, NULL);
}

static size_t count_holds(struct fixture *fixture) {
	size_t count;

	mirror_holds(fixture->mirror, &count);
	return count;
}

static void the_kernels_own_rules_hold_nothing(void **state) {
	struct fixture *fixture = *state;

	say_default_rules(fixture);
	say_rule(fixture, 5, 100, "lo");
	rules_end(fixture->mirror);
	assert_int_equal(count_holds(fixture), 0);
}

static void another_rule_holds(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	size_t count;

	say_default_rules(fixture);
	say_rule(fixture, 5, 100, "port3");
	say_rule(fixture, 6, 100, NULL);
	rules_end(fixture->mirror);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 2);
	assert_int_equal(holds[0].ifindex, 3);
	assert_string_equal(holds[0].text, "ip rule 5 iif port3");
	assert_int_equal(holds[1].ifindex, 0);
}

static void a_missing_default_rule_holds(void **state) {
	struct fixture *fixture = *state;

	rules_begin(fixture->mirror);
	say_rule(fixture, 32766, RT_TABLE_MAIN, NULL);
	rules_end(fixture->mirror);
	assert_int_equal(count_holds(fixture), 1);
}

static void say_qdisc(struct fixture *fixture, const char *kind) {
	struct tcmsg *header;
	struct nlmsghdr *message = begin(RTM_NEWQDISC, sizeof(*header), (void **)&header);

	header->tcm_ifindex = 2;
	header->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(message, TCA_KIND, kind);
	qdisc_dumped(fixture->mirror, message);
}

static void qdiscs_that_only_queue_hold_nothing(void **state) {
	struct fixture *fixture = *state;

	hold_begin(fixture->mirror);
	say_qdisc(fixture, "noqueue");
	say_qdisc(fixture, "mq");
	say_qdisc(fixture, "fq_codel");
	hold_end(fixture->mirror, SOURCE_TRAFFIC_CONTROL);
	assert_int_equal(count_holds(fixture), 0);
}

static void shaping_holds_the_egress_and_clsact_both_ways(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	size_t count;

	hold_begin(fixture->mirror);
	say_qdisc(fixture, "htb");
	say_qdisc(fixture, "clsact");
	hold_end(fixture->mirror, SOURCE_TRAFFIC_CONTROL);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 3);
	assert_true(holds[0].egress);
	assert_false(holds[1].egress);
	assert_true(holds[2].egress);
}

static void say_chain(
	struct fixture *fixture, uint8_t family, uint32_t hook, uint32_t rules, uint32_t policy) {
	struct nfgenmsg *header;
	struct nlmsghdr *message = begin(
		NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN, sizeof(*header), (void **)&header);
	struct nlattr *nest;

	header->nfgen_family = family;
	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, "filter");
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, "forward");
	nest = mnl_attr_nest_start(message, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(message, NFTA_HOOK_HOOKNUM, htonl(hook));
	mnl_attr_nest_end(message, nest);
	mnl_attr_put_u32(message, NFTA_CHAIN_POLICY, htonl(policy));
	mnl_attr_put_u32(message, NFTA_CHAIN_USE, htonl(rules));
	netfilter_dumped(fixture->mirror, message);
}

static void chains_with_rules_on_the_way_hold(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	size_t count;

	hold_begin(fixture->mirror);
	say_chain(fixture, NFPROTO_INET, NF_INET_FORWARD, 12, NF_ACCEPT);
	say_chain(fixture, NFPROTO_IPV4, NF_INET_FORWARD, 0, NF_DROP);
	say_chain(fixture, NFPROTO_IPV4, NF_INET_FORWARD, 0, NF_ACCEPT);
	say_chain(fixture, NFPROTO_INET, NF_INET_LOCAL_IN, 5, NF_DROP);
	say_chain(fixture, NFPROTO_BRIDGE, NF_INET_FORWARD, 5, NF_DROP);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 2);
	assert_string_equal(holds[0].text, "nftables chain inet filter forward (12 rules)");
	assert_int_equal(holds[0].family, AF_UNSPEC);
	assert_int_equal(holds[1].family, AF_INET);
}

static void a_flowtable_holds(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	struct nfgenmsg *header;
	struct nlmsghdr *message = begin(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWFLOWTABLE,
		sizeof(*header), (void **)&header);
	size_t count;

	header->nfgen_family = NFPROTO_INET;
	mnl_attr_put_strz(message, NFTA_FLOWTABLE_TABLE, "filter");
	mnl_attr_put_strz(message, NFTA_FLOWTABLE_NAME, "fast");
	hold_begin(fixture->mirror);
	netfilter_dumped(fixture->mirror, message);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 1);
	assert_string_equal(holds[0].text, "nftables flowtable inet filter fast");
	assert_int_equal(holds[0].family, AF_UNSPEC);
	assert_int_equal(holds[0].ifindex, 0);
}

static void say_hook(
	struct fixture *fixture, uint8_t family, const char *function, const char *module) {
	struct nfgenmsg *header;
	struct nlmsghdr *message =
		begin(NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET, sizeof(*header), (void **)&header);

	header->nfgen_family = family;
	if (function)
		mnl_attr_put_strz(message, NFNLA_HOOK_FUNCTION_NAME, function);
	if (module)
		mnl_attr_put_strz(message, NFNLA_HOOK_MODULE_NAME, module);
	netfilter_hook_dumped(fixture->mirror, message);
}

static void hooks_besides_chains_hold(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	size_t count;

	hold_begin(fixture->mirror);
	say_hook(fixture, NFPROTO_IPV4, "ipv4_conntrack_defrag", "nf_defrag_ipv4");
	say_hook(fixture, NFPROTO_IPV4, "ipv4_conntrack_in", "nf_conntrack");
	say_hook(fixture, NFPROTO_IPV4, "nft_do_chain_ipv4", "nf_tables");
	say_hook(fixture, NFPROTO_IPV6, "nf_hook_run_bpf", NULL);
	say_hook(fixture, NFPROTO_IPV4, "ip_vs_reply4", "ip_vs");
	say_hook(fixture, NFPROTO_IPV4, NULL, NULL);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 3);
	assert_string_equal(holds[0].text, "netfilter hook nf_hook_run_bpf");
	assert_int_equal(holds[0].family, AF_INET6);
	assert_string_equal(holds[1].text, "netfilter hook ip_vs_reply4 of ip_vs");
	assert_int_equal(holds[1].family, AF_INET);
	assert_string_equal(holds[2].text, "netfilter hook without a name");
}

static size_t holds_of_ipvs(struct fixture *fixture, const char *services) {
	char path[] = "/tmp/ip_vs_XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	dprintf(fd,
		"IP Virtual Server version 1.2.1 (size=4096)\n"
		"Prot LocalAddress:Port Scheduler Flags\n"
		"  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n%s",
		services);
	close(fd);
	hold_begin(fixture->mirror);
	assert_int_equal(netfilter_hook_read_ipvs(fixture->mirror, path), 0);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
	unlink(path);
	return count_holds(fixture);
}

static void ipvs_holds_while_it_has_services(void **state) {
	static const char services[] =
		"TCP  0A000001:0050 rr  \n"
		"  -> 0A000102:0050      Masq    1      0          0         \n"
		"FWM  00000001 wlc  \n";
	size_t count;

	assert_int_equal(holds_of_ipvs(*state, ""), 0);
	assert_int_equal(holds_of_ipvs(*state, services), 1);
	assert_string_equal(mirror_holds(((struct fixture *)*state)->mirror, &count)->text,
		"IPVS (2 services)");
	assert_int_equal(
		netfilter_hook_read_ipvs(((struct fixture *)*state)->mirror, "/tmp/no/file"), 0);
}

static void what_cannot_be_read_holds_all(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	size_t count;

	hold_begin(fixture->mirror);
	say_chain(fixture, NFPROTO_INET, NF_INET_FORWARD, 12, NF_ACCEPT);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
	hold_begin(fixture->mirror);
	hold_fail(fixture->mirror, SOURCE_NETFILTER, -EMFILE);
	assert_true(fixture->mirror->holds_changed);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 2);
	assert_string_equal(
		holds[0].text, "nftables and iptables could not be read: Too many open files");
	assert_int_equal(holds[0].kind, HOLD_NETFILTER);
	assert_int_equal(holds[0].family, AF_UNSPEC);
	assert_int_equal(holds[0].ifindex, 0);
	assert_string_equal(holds[1].text, "nftables chain inet filter forward (12 rules)");
	hold_begin(fixture->mirror);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
	assert_int_equal(count_holds(fixture), 0);
}

static int readings;

static int read_what_changes(struct mirror *mirror) {
	struct mirror_hold hold = {.kind = HOLD_XFRM};

	hold_add(mirror, &hold, "reading %d", ++readings);
	return readings < 3 ? -EAGAIN : 0;
}

static int read_in_vain(struct mirror *mirror) {
	readings++;
	return -EAGAIN;
}

static void an_interrupted_reading_is_begun_again(void **state) {
	struct fixture *fixture = *state;
	const struct mirror_hold *holds;
	size_t count;

	readings = 0;
	hold_read(fixture->mirror, SOURCE_XFRM, read_what_changes);
	holds = mirror_holds(fixture->mirror, &count);
	assert_int_equal(count, 1);
	assert_string_equal(holds[0].text, "reading 3");
	readings = 0;
	hold_read(fixture->mirror, SOURCE_XFRM, read_in_vain);
	assert_in_range(readings, 2, 10);
	assert_int_equal(count_holds(fixture), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_create, fixture_destroy)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_kernels_own_rules_hold_nothing),
		TEST(another_rule_holds),
		TEST(a_missing_default_rule_holds),
		TEST(qdiscs_that_only_queue_hold_nothing),
		TEST(shaping_holds_the_egress_and_clsact_both_ways),
		TEST(chains_with_rules_on_the_way_hold),
		TEST(a_flowtable_holds),
		TEST(hooks_besides_chains_hold),
		TEST(ipvs_holds_while_it_has_services),
		TEST(what_cannot_be_read_holds_all),
		TEST(an_interrupted_reading_is_begun_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
