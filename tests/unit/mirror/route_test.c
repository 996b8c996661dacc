/* route_test: which route of a prefix decides, and what it leads to. */
#include "fixture.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static void resolve_gateways(struct fixture *fixture) {
	for (uint32_t port = 2; port <= 4; port++) {
		char address[32];

		snprintf(address, sizeof(address), "10.0.%u.9", port);
		say_neighbour(fixture, address, port, NUD_REACHABLE, (uint8_t)port);
		snprintf(address, sizeof(address), "fe80::%u", port);
		say_neighbour(fixture, address, port, NUD_REACHABLE, (uint8_t)(0x60 + port));
	}
}

static int create(void **state) {
	fixture_create(state);
	resolve_gateways(*state);
	return 0;
}

static const struct route_said by2 = {.prefix = "20.0.0.0/8", .via = "10.0.2.9", .dev = 2};
static const struct route_said by3 = {.prefix = "20.0.0.0/8", .via = "10.0.3.9", .dev = 3};

static void a_gateway_route_leads_to_its_neighbour(void **state) {
	const struct nexthop *nexthop;

	say_route(*state, by2);
	assert_forwards(*state, "20.1.2.3", 2, 2);
	nexthop = leads_to(*state, "20.1.2.3");
	assert_int_equal(nexthop->argument, 1500);
	assert_int_equal(nexthop->source_mac[5], 2);
	assert_verdict(*state, "21.0.0.0", REASON_NO_ROUTE);
}

static void the_lowest_metric_decides(void **state) {
	struct route_said better = by3;

	say_route(*state,
		(struct route_said){.prefix = by2.prefix, .via = by2.via, .dev = 2, .metric = 20});
	better.metric = 10;
	say_route(*state, better);
	assert_forwards(*state, "20.0.0.1", 3, 3);
	say_no_route(*state, better);
	assert_forwards(*state, "20.0.0.1", 2, 2);
}

static void replacing_changes_the_first_of_its_key(void **state) {
	struct route_said next = by3;

	say_route(*state, by2);
	next.flags = NLM_F_REPLACE;
	say_route(*state, next);
	assert_forwards(*state, "20.0.0.1", 3, 3);
	say_no_route(*state, by3);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
}

static void an_appended_route_waits_behind_its_equal(void **state) {
	struct route_said second = by3;

	say_route(*state, by2);
	second.flags = NLM_F_APPEND;
	say_route(*state, second);
	assert_forwards(*state, "20.0.0.1", 2, 2);
	say_no_route(*state, by2);
	assert_forwards(*state, "20.0.0.1", 3, 3);
}

static void a_prepended_route_comes_before_its_equal(void **state) {
	say_route(*state, by2);
	say_route(*state, by3);
	assert_forwards(*state, "20.0.0.1", 3, 3);
}

static void saying_a_route_twice_changes_nothing(void **state) {
	say_route(*state, by2);
	say_route(*state, by2);
	say_no_route(*state, by2);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
}

static void an_ipv4_route_may_have_an_ipv6_gateway(void **state) {
	say_route(*state, (struct route_said){.prefix = "20.0.0.0/8", .via = "fe80::3", .dev = 3});
	assert_forwards(*state, "20.0.0.1", 3, 0x63);
}

static void multipath_weights_are_those_of_the_kernel(void **state) {
	struct fixture *fixture = *state;
	struct nexthop_member members[4];

	say_route(fixture, (struct route_said){.prefix = "20.0.0.0/8",
				   .hops = {{"10.0.2.9", 2, 1}, {"10.0.3.9", 3, 7}}});
	assert_int_equal(leads_to(fixture, "20.0.0.1")->kind, NEXTHOP_GROUP);
	assert_int_equal(nexthops_members(fixture->memory.mirror.nexthops,
				 id_for(fixture, "20.0.0.1"), members, 4),
		2);
	assert_int_equal(members[0].weight, 1);
	assert_int_equal(members[1].weight, 7);
}

static void a_multipath_route_with_a_hop_on_link_is_the_kernels(void **state) {
	say_route(*state, (struct route_said){.prefix = "20.0.0.0/8",
				  .hops = {{"10.0.2.9", 2, 1}, {NULL, 3, 1}}});
	assert_verdict(*state, "20.0.0.1", REASON_ROUTE_FEATURE);
}

static void each_kind_of_route_has_its_verdict(void **state) {
	static const struct {
		uint8_t type;
		enum reason reason;
	} kinds[] = {{RTN_BLACKHOLE, REASON_BLACKHOLE}, {RTN_UNREACHABLE, REASON_UNREACHABLE},
		{RTN_PROHIBIT, REASON_PROHIBIT}, {RTN_THROW, REASON_THROW},
		{RTN_LOCAL, REASON_LOCAL}, {RTN_ANYCAST, REASON_LOCAL},
		{RTN_BROADCAST, REASON_BROADCAST}, {RTN_MULTICAST, REASON_MULTICAST},
		{RTN_NAT, REASON_ROUTE_FEATURE}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct route_said said = {.prefix = "20.0.0.0/8", .type = kinds[i].type};

		say_route(*state, said);
		assert_verdict(*state, "20.0.0.1", kinds[i].reason);
		say_no_route(*state, said);
	}
}

static void tos_mtu_and_encapsulation_are_the_kernels(void **state) {
	struct route_said tos = by2, mtu = by2, encapsulated = by2;

	tos.tos = 0x10;
	say_route(*state, by3);
	say_route(*state, tos);
	assert_verdict(*state, "20.0.0.1", REASON_ROUTE_FEATURE);
	say_no_route(*state, tos);
	assert_forwards(*state, "20.0.0.1", 3, 3);
	mtu.mtu = 1400;
	mtu.flags = NLM_F_REPLACE;
	say_route(*state, mtu);
	assert_verdict(*state, "20.0.0.1", REASON_ROUTE_FEATURE);
	encapsulated.encapsulated = true;
	encapsulated.flags = NLM_F_REPLACE;
	say_route(*state, encapsulated);
	assert_verdict(*state, "20.0.0.1", REASON_ROUTE_FEATURE);
}

static void other_tables_are_not_looked_at(void **state) {
	struct route_said said = by2;

	said.table = 100;
	say_route(*state, said);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
}

static void table_local_comes_before_main(void **state) {
	struct route_said local = {.prefix = "20.0.0.1/32",
		.type = RTN_LOCAL,
		.dev = 1,
		.table = RT_TABLE_LOCAL,
		.scope = RT_SCOPE_HOST};

	say_route(
		*state, (struct route_said){.prefix = "20.0.0.1/32", .via = "10.0.2.9", .dev = 2});
	say_route(*state, local);
	assert_verdict(*state, "20.0.0.1", REASON_LOCAL);
	say_no_route(*state, local);
	assert_forwards(*state, "20.0.0.1", 2, 2);
}

static void a_route_within_a_local_net_is_the_kernels(void **state) {
	struct route_said net = {.prefix = "20.0.0.0/8",
		.type = RTN_LOCAL,
		.dev = 1,
		.table = RT_TABLE_LOCAL,
		.scope = RT_SCOPE_HOST};

	say_route(
		*state, (struct route_said){.prefix = "20.1.0.0/16", .via = "10.0.2.9", .dev = 2});
	assert_forwards(*state, "20.1.0.1", 2, 2);
	say_route(*state, net);
	assert_verdict(*state, "20.1.0.1", REASON_LOCAL);
	say_no_route(*state, net);
	assert_forwards(*state, "20.1.0.1", 2, 2);
}

static void own_addresses_are_in_the_local_filter(void **state) {
	struct fixture *fixture = *state;
	struct route_said own = {.prefix = "192.0.2.1/32",
		.type = RTN_LOCAL,
		.dev = 2,
		.table = RT_TABLE_LOCAL,
		.scope = RT_SCOPE_HOST};
	uint32_t bit = local_filter_bit(0xc0000201);
	const uint64_t *word = &fixture->memory.tables.local_filter[bit / 64];

	say_route(fixture, own);
	assert_true(*word >> bit % 64 & 1);
	say_no_route(fixture, own);
	assert_false(*word >> bit % 64 & 1);
}

static bool is_filtered(const struct fixture *fixture, uint32_t address) {
	uint32_t bit = local_filter_bit(address);

	return fixture->memory.tables.local_filter[bit / 64] >> bit % 64 & 1;
}

static void a_network_of_our_own_has_every_source_looked_up(void **state) {
	struct fixture *fixture = *state;
	struct route_said own = {.prefix = "192.0.2.1/32",
		.type = RTN_LOCAL,
		.dev = 2,
		.table = RT_TABLE_LOCAL,
		.scope = RT_SCOPE_HOST};
	struct route_said loopback = own, net = own, in_main = own;

	loopback.prefix = "127.0.0.0/8";
	net.prefix = "10.7.0.0/24";
	in_main.prefix = "10.8.0.0/24";
	in_main.table = RT_TABLE_MAIN;
	say_route(fixture, own);
	say_route(fixture, loopback);
	assert_false(is_filtered(fixture, 0x0a070005));
	say_route(fixture, net);
	assert_true(is_filtered(fixture, 0x0a070005));
	assert_verdict(fixture, "10.7.0.5", REASON_LOCAL);
	say_route(fixture, in_main);
	say_no_route(fixture, net);
	assert_true(is_filtered(fixture, 0x0a080005));
	say_no_route(fixture, in_main);
	assert_false(is_filtered(fixture, 0x0a080005));
	assert_true(is_filtered(fixture, 0xc0000201));
	in_main.prefix = "10.8.0.5/32";
	say_route(fixture, in_main);
	assert_true(is_filtered(fixture, 0x0a080005));
}

static void two_equal_default_routes_are_the_kernels(void **state) {
	struct route_said second = {
		.prefix = "0.0.0.0/0", .via = "10.0.3.9", .dev = 3, .flags = NLM_F_APPEND};

	say_route(*state, (struct route_said){.prefix = "0.0.0.0/0", .via = "10.0.2.9", .dev = 2});
	assert_forwards(*state, "9.9.9.9", 2, 2);
	say_route(*state, second);
	assert_verdict(*state, "9.9.9.9", REASON_ROUTE_FEATURE);
}

static void an_ipv6_message_tells_all_siblings(void **state) {
	struct fixture *fixture = *state;
	struct route_said both = {.prefix = "2001:db8::/32",
		.hops = {{"fe80::2", 2, 1}, {"fe80::3", 3, 1}},
		.metric = 1024};
	struct route_said one = {
		.prefix = "2001:db8::/32", .via = "fe80::2", .dev = 2, .metric = 1024};

	say_route(fixture, one);
	assert_forwards(fixture, "2001:db8::1", 2, 0x62);
	both.flags = NLM_F_APPEND;
	say_route(fixture, both);
	assert_int_equal(leads_to(fixture, "2001:db8::1")->kind, NEXTHOP_GROUP);
	say_no_route(fixture, one);
	assert_forwards(fixture, "2001:db8::1", 3, 0x63);
	one.via = "fe80::3";
	one.dev = 3;
	say_no_route(fixture, one);
	assert_verdict(fixture, "2001:db8::1", REASON_NO_ROUTE);
}

static void two_ipv6_routes_of_one_metric_are_the_kernels(void **state) {
	say_route(*state, (struct route_said){.prefix = "2001:db8::/64", .dev = 2, .metric = 256});
	say_route(*state, (struct route_said){.prefix = "2001:db8::/64", .dev = 3, .metric = 256});
	assert_verdict(*state, "2001:db8::1", REASON_ROUTE_FEATURE);
}

/* As long as 20.0.0.0/8 is there, its traffic must not go by a shorter prefix. */
static void a_route_not_understood_is_the_kernels(void **state) {
	struct fixture *fixture = *state;
	struct route_said strange = {.prefix = by2.prefix, .dev = 2, .short_gateway = true};

	say_route(fixture, (struct route_said){.prefix = "0.0.0.0/0", .via = "10.0.3.9", .dev = 3});
	say_route(fixture, strange);
	assert_verdict(fixture, "20.0.0.1", REASON_ROUTE_FEATURE);
	assert_int_equal(mirror_statistics(fixture->mirror).malformed, 1);
	say_no_route(fixture, strange);
	assert_forwards(fixture, "20.0.0.1", 3, 3);
}

static void a_route_of_too_many_hops_is_the_kernels(void **state) {
	struct fixture *fixture = *state;

	say_route(fixture, (struct route_said){.prefix = "0.0.0.0/0", .via = "10.0.3.9", .dev = 3});
	say_route_of_hops(fixture, by2.prefix, HOPS_MAX);
	assert_int_equal(mirror_statistics(fixture->mirror).malformed, 0);
	say_route_of_hops(fixture, "21.0.0.0/8", HOPS_MAX + 1);
	assert_verdict(fixture, "21.0.0.1", REASON_ROUTE_FEATURE);
	assert_true(fixture->mirror->told & 1u << LIMIT_HOPS);
}

/* A message of one hop, about a route that has more than can be known. */
static void a_hop_that_goes_leaves_a_route_not_understood(void **state) {
	struct route_said strange = {
		.prefix = "2001:db8::/32", .dev = 2, .metric = 1024, .short_gateway = true};

	say_route(*state, strange);
	say_no_route(*state,
		(struct route_said){
			.prefix = strange.prefix, .via = "fe80::2", .dev = 2, .metric = 1024});
	assert_verdict(*state, "2001:db8::1", REASON_ROUTE_FEATURE);
}

static void what_a_dump_does_not_show_is_removed(void **state) {
	struct fixture *fixture = *state;

	say_route(fixture, by2);
	say_route(
		fixture, (struct route_said){.prefix = "21.0.0.0/8", .via = "10.0.3.9", .dev = 3});
	mirror_dump_begin(fixture->mirror);
	for (uint32_t port = 2; port <= 4; port++)
		say_link(fixture, port, IFF_UP | IFF_LOWER_UP, true, 1500);
	resolve_gateways(fixture);
	say_route(fixture, by3);
	mirror_dump_end(fixture->mirror);
	assert_forwards(fixture, "20.0.0.1", 3, 3);
	assert_verdict(fixture, "21.0.0.1", REASON_NO_ROUTE);
	assert_int_equal(mirror_statistics(fixture->mirror).routes4, 1);
	assert_null(mirror_link(fixture->mirror, 1));
}

/* Else each new set of next hops would cause a walk over all routes. */
static void a_new_path_has_nothing_written_again(void **state) {
	struct fixture *fixture = *state;
	struct path_content content = {.family = AF_INET, .object = 7};
	struct path *path = path_intern(fixture->mirror, &content);

	assert_false(fixture->mirror->paths.dirty[0]);
	say_object(fixture, 7, "10.0.2.9", 2);
	path_release(fixture->mirror, path);
	mirror_settle(fixture->mirror);
}

static void a_next_hop_has_its_owners_text_as_long_as_it_is_there(void **state) {
	struct fixture *fixture = *state;
	struct route_said both = {
		.prefix = "21.0.0.0/8", .hops = {{"10.0.2.9", 2, 1}, {"10.0.3.9", 3, 1}}};
	uint32_t group;
	char text[64];

	say_route(fixture, both);
	group = id_for(fixture, "21.0.0.1");
	assert_true(mirror_nexthop_text(fixture->mirror, group, text, sizeof(text)));
	assert_string_equal(text, "group of 2");
	assert_true(mirror_nexthop_text(fixture->mirror, REASON_LOCAL, text, sizeof(text)));
	assert_string_equal(text, "local");
	say_no_route(fixture, both);
	assert_false(mirror_nexthop_text(fixture->mirror, group, text, sizeof(text)));
	assert_false(mirror_nexthop_text(fixture->mirror, UINT32_MAX, text, sizeof(text)));
}

static void dumped(struct fixture *fixture, struct route_said said) {
	fixture->mirror->dumping = true;
	say_route(fixture, said);
	fixture->mirror->dumping = false;
}

/* A dump is read some time after the kernel made it. */
static void what_was_notified_during_a_dump_of_routes_counts(void **state) {
	struct fixture *fixture = *state;
	struct route_said gone = {.prefix = "21.0.0.0/8", .via = "10.0.2.9", .dev = 2};
	struct route_said old = {.prefix = "22.0.0.0/8", .via = "10.0.2.9", .dev = 2};
	struct route_said new = {
		.prefix = "22.0.0.0/8", .via = "10.0.3.9", .dev = 3, .flags = NLM_F_REPLACE};

	say_route(fixture, by2);
	say_route(fixture, gone);
	say_route(fixture, old);
	fixture->mirror->generation++;
	assert_int_equal(audit_watch(fixture->mirror, AF_INET), 0);
	say_no_route(fixture, gone);
	say_route(fixture, new);
	dumped(fixture, gone);
	dumped(fixture, old);
	routes_sweep(fixture->mirror, AF_INET);
	audit_cancel(fixture->mirror);
	assert_verdict(fixture, "21.0.0.1", REASON_NO_ROUTE);
	assert_forwards(fixture, "22.0.0.1", 3, 3);
	assert_verdict(fixture, "20.0.0.1", REASON_NO_ROUTE); /* it was not shown */
	dumped(fixture, gone);
	assert_forwards(fixture, "21.0.0.1", 2, 2);
}

static void a_link_that_changes_ends_an_audit_in_vain(void **state) {
	struct fixture *fixture = *state;

	fixture->mirror->audit.under_way = true;
	say_link(fixture, 2, IFF_UP | IFF_LOWER_UP, true, 1500);
	say_route(fixture, by2);
	assert_true(fixture->mirror->audit.under_way);
	assert_false(takes_audit(fixture));
	say_link(fixture, 2, IFF_UP, false, 1500);
	assert_false(fixture->mirror->audit.under_way);
	assert_true(takes_audit(fixture));
	fixture->mirror->audit.under_way = true;
	say_address(fixture, "10.0.3.1", 3);
	assert_false(fixture->mirror->audit.under_way);
}

static void a_route_can_be_shown(void **state) {
	struct fixture *fixture = *state;
	static const uint8_t prefix[4] = {20};
	struct mirror_route shown;
	char text[64];

	say_route(fixture, by2);
	assert_int_equal(mirror_route(fixture->mirror, AF_INET, prefix, 8, &shown), 0);
	assert_int_equal(shown.table, RT_TABLE_MAIN);
	assert_true(mirror_nexthop_text(fixture->mirror, shown.nexthop, text, sizeof(text)));
	assert_string_equal(text, "10.0.2.9 dev port2");
	assert_int_equal(mirror_route(fixture->mirror, AF_INET, prefix, 9, &shown), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, fixture_destroy)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_gateway_route_leads_to_its_neighbour),
		TEST(the_lowest_metric_decides),
		TEST(replacing_changes_the_first_of_its_key),
		TEST(an_appended_route_waits_behind_its_equal),
		TEST(a_prepended_route_comes_before_its_equal),
		TEST(saying_a_route_twice_changes_nothing),
		TEST(an_ipv4_route_may_have_an_ipv6_gateway),
		TEST(multipath_weights_are_those_of_the_kernel),
		TEST(a_multipath_route_with_a_hop_on_link_is_the_kernels),
		TEST(each_kind_of_route_has_its_verdict),
		TEST(tos_mtu_and_encapsulation_are_the_kernels),
		TEST(other_tables_are_not_looked_at),
		TEST(table_local_comes_before_main),
		TEST(a_route_within_a_local_net_is_the_kernels),
		TEST(own_addresses_are_in_the_local_filter),
		TEST(a_network_of_our_own_has_every_source_looked_up),
		TEST(two_equal_default_routes_are_the_kernels),
		TEST(an_ipv6_message_tells_all_siblings),
		TEST(two_ipv6_routes_of_one_metric_are_the_kernels),
		TEST(a_route_not_understood_is_the_kernels),
		TEST(a_route_of_too_many_hops_is_the_kernels),
		TEST(a_hop_that_goes_leaves_a_route_not_understood),
		TEST(what_a_dump_does_not_show_is_removed),
		TEST(a_new_path_has_nothing_written_again),
		TEST(a_next_hop_has_its_owners_text_as_long_as_it_is_there),
		TEST(what_was_notified_during_a_dump_of_routes_counts),
		TEST(a_link_that_changes_ends_an_audit_in_vain),
		TEST(a_route_can_be_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
