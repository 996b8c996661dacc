/* link_test: what goes with a link, and with an address, without a word from the kernel. */
#include "fixture.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static int create(void **state) {
	fixture_create(state);
	say_neighbour(*state, "10.0.2.9", 2, NUD_REACHABLE, 2);
	say_neighbour(*state, "10.0.3.9", 3, NUD_REACHABLE, 3);
	return 0;
}

static const struct route_said by2 = {.prefix = "20.0.0.0/8", .via = "10.0.2.9", .dev = 2};
static const struct route_said by_both = {
	.prefix = "21.0.0.0/8", .hops = {{"10.0.2.9", 2, 1}, {"10.0.3.9", 3, 1}}};
static const struct route_said own = {.prefix = "10.0.2.1/32",
	.type = RTN_LOCAL,
	.dev = 2,
	.table = RT_TABLE_LOCAL,
	.scope = RT_SCOPE_HOST,
	.source = "10.0.2.1"};

static void a_link_down_takes_its_routes_and_leaves_groups(void **state) {
	struct fixture *fixture = *state;
	const struct nexthop *group;

	say_route(fixture, by2);
	say_route(fixture, by_both);
	say_route(fixture, own);
	say_link(fixture, 2, 0, false, 1500);
	assert_verdict(fixture, "20.0.0.1", REASON_NO_ROUTE);
	assert_verdict(fixture, "10.0.2.1", REASON_LOCAL); /* scope host stays */
	group = leads_to(fixture, "21.0.0.1");
	assert_int_equal(group->kind, NEXTHOP_GROUP);
	assert_int_equal(group->port_set[0], 1u << 3);
	say_link(fixture, 2, IFF_UP | IFF_LOWER_UP, true, 1500);
	assert_int_equal(leads_to(fixture, "21.0.0.1")->port_set[0], 1u << 3 | 1u << 2);
	assert_verdict(fixture, "20.0.0.1", REASON_NO_ROUTE);
	say_route(fixture, by2);
	assert_forwards(fixture, "20.0.0.1", 2, 2);
}

static void a_shorter_route_takes_over_from_a_link_down(void **state) {
	say_route(*state, by2);
	say_route(*state, (struct route_said){.prefix = "0.0.0.0/0", .via = "10.0.3.9", .dev = 3});
	say_link(*state, 2, 0, false, 1500);
	assert_forwards(*state, "20.0.0.1", 3, 3);
}

static void a_link_without_carrier_keeps_its_routes_for_the_kernel(void **state) {
	say_route(*state, by2);
	say_link(*state, 2, IFF_UP, false, 1500);
	assert_verdict(*state, "20.0.0.1", REASON_LINK_DOWN);
	say_link(*state, 2, IFF_UP | IFF_LOWER_UP, true, 1500);
	assert_forwards(*state, "20.0.0.1", 2, 2);
}

static void ignored_linkdown_passes_to_the_next_metric(void **state) {
	struct fixture *fixture = *state;

	link_find(&fixture->mirror->links, 2)->ignore_linkdown4 = true;
	say_route(fixture, by2);
	say_route(fixture, (struct route_said){
				   .prefix = by2.prefix, .via = "10.0.3.9", .dev = 3, .metric = 5});
	say_link(fixture, 2, IFF_UP, false, 1500);
	assert_forwards(fixture, "20.0.0.1", 3, 3);
	say_link(fixture, 2, IFF_UP | IFF_LOWER_UP, true, 1500);
	assert_forwards(fixture, "20.0.0.1", 2, 2);
}

static void a_link_that_is_gone_takes_any_route_with_a_hop_there(void **state) {
	say_route(*state, by2);
	say_route(*state, by_both);
	say_route(*state, own);
	say_no_link(*state, 2);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
	assert_verdict(*state, "21.0.0.1", REASON_NO_ROUTE);
}

static void the_mtu_and_the_mac_are_those_of_the_link(void **state) {
	say_route(*state, by2);
	say_link(*state, 2, IFF_UP | IFF_LOWER_UP, true, 9000);
	assert_int_equal(leads_to(*state, "20.0.0.1")->argument, 9000);
}

static void what_is_no_port_is_the_kernels(void **state) {
	struct fixture *fixture = *state;

	say_route(fixture, by2);
	mirror_set_port(fixture->mirror, 2, 0, REASON_FORWARDED);
	assert_verdict(fixture, "20.0.0.1", REASON_NOT_A_PORT);
	mirror_set_port(fixture->mirror, 2, 2, REASON_CANNOT_TRANSMIT);
	assert_verdict(fixture, "20.0.0.1", REASON_CANNOT_TRANSMIT);
	assert_int_equal(leads_to(fixture, "20.0.0.1")->port, 2);
}

/* A program of another's that goes is when a port can be attached to. */
static void an_xdp_program_is_a_change_and_the_operational_state_is_none(void **state) {
	struct fixture *fixture = *state;

	say_link_xdp(fixture, 2, 77, IF_OPER_DORMANT);
	fixture->changes = 0;
	say_link_xdp(fixture, 2, 77, IF_OPER_UP);
	assert_int_equal(fixture->changes, 0);
	say_link_xdp(fixture, 2, 0, IF_OPER_UP);
	assert_int_equal(fixture->changes, 1);
}

static void devices_on_top_that_take_frames_are_told(void **state) {
	static const char *const kinds[] = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		say_upper(fixture, 9, kinds[i], 2);
		assert_true(mirror_link(fixture->mirror, 2)->has_uppers);
		assert_false(mirror_link(fixture->mirror, 3)->has_uppers);
		say_no_link(fixture, 9);
		assert_false(mirror_link(fixture->mirror, 2)->has_uppers);
	}
	say_upper(fixture, 9, "vxlan", 2);
	assert_false(mirror_link(fixture->mirror, 2)->has_uppers);
}

static void an_address_that_goes_takes_routes_that_preferred_it(void **state) {
	struct route_said preferring = by2;

	preferring.source = "10.0.3.1";
	say_address(*state, "10.0.2.1", 2);
	say_address(*state, "10.0.3.1", 3);
	say_address(*state, "10.0.3.2", 3);
	say_route(*state, preferring);
	say_no_address(*state, "10.0.3.1", 3);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
}

static void the_last_address_of_a_link_takes_its_routes(void **state) {
	struct fixture *fixture = *state;

	say_address(fixture, "10.0.2.1", 2);
	say_address(fixture, "10.0.2.2", 2);
	say_route(fixture, by2);
	say_route(fixture, by_both);
	say_no_address(fixture, "10.0.2.1", 2);
	assert_forwards(fixture, "20.0.0.1", 2, 2);
	say_no_address(fixture, "10.0.2.2", 2);
	assert_verdict(fixture, "20.0.0.1", REASON_NO_ROUTE);
	assert_int_equal(leads_to(fixture, "21.0.0.1")->port_set[0], 1u << 3);
	say_address(fixture, "10.0.2.1", 2);
	assert_int_equal(leads_to(fixture, "21.0.0.1")->port_set[0], 1u << 3 | 1u << 2);
}

static void an_audit_follows_only_if_routes_went_without_a_word(void **state) {
	struct fixture *fixture = *state;
	struct route_said preferring = by2;

	preferring.source = "10.0.3.1";
	say_address(fixture, "10.0.2.1", 2);
	say_address(fixture, "10.0.3.1", 3);
	say_address(fixture, "2001:db8::1", 3);
	say_route(fixture, preferring);
	takes_audit(fixture);
	say_no_address(fixture, "2001:db8::1", 3);
	say_link(fixture, 3, 0, false, 1500);
	say_no_link(fixture, 4);
	assert_false(takes_audit(fixture));
	say_no_address(fixture, "10.0.3.1", 3);
	assert_true(takes_audit(fixture));
	say_route(fixture, by2);
	say_link(fixture, 2, 0, false, 1500);
	assert_true(takes_audit(fixture));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, fixture_destroy)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_link_down_takes_its_routes_and_leaves_groups),
		TEST(a_shorter_route_takes_over_from_a_link_down),
		TEST(a_link_without_carrier_keeps_its_routes_for_the_kernel),
		TEST(ignored_linkdown_passes_to_the_next_metric),
		TEST(a_link_that_is_gone_takes_any_route_with_a_hop_there),
		TEST(the_mtu_and_the_mac_are_those_of_the_link),
		TEST(what_is_no_port_is_the_kernels),
		TEST(an_xdp_program_is_a_change_and_the_operational_state_is_none),
		TEST(devices_on_top_that_take_frames_are_told),
		TEST(an_address_that_goes_takes_routes_that_preferred_it),
		TEST(the_last_address_of_a_link_takes_its_routes),
		TEST(an_audit_follows_only_if_routes_went_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
