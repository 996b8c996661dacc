/* neighbour_test: when an address is forwarded to a neighbour, and when it is not. */
#include "fixture.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static const struct route_said net2 = {
	.prefix = "10.0.2.0/24", .dev = 2, .scope = RT_SCOPE_LINK, .protocol = RTPROT_KERNEL};

static void a_connected_network_waits_for_its_neighbours(void **state) {
	const struct nexthop *nexthop;

	say_route(*state, net2);
	assert_verdict(*state, "10.0.2.7", REASON_UNRESOLVED);
	nexthop = leads_to(*state, "10.0.2.7");
	assert_int_equal(nexthop->port, 2);
	assert_int_equal(nexthop->ifindex, 2);
}

static void a_neighbour_on_a_connected_network_has_a_host_route(void **state) {
	say_route(*state, net2);
	say_neighbour(*state, "10.0.2.7", 2, NUD_REACHABLE, 7);
	assert_forwards(*state, "10.0.2.7", 2, 7);
	assert_verdict(*state, "10.0.2.8", REASON_UNRESOLVED);
	say_neighbour(*state, "10.0.2.7", 2, NUD_STALE, 8);
	assert_forwards(*state, "10.0.2.7", 2, 8);
	say_neighbour(*state, "10.0.2.7", 2, NUD_FAILED, 0);
	assert_verdict(*state, "10.0.2.7", REASON_UNRESOLVED);
	say_neighbour(*state, "10.0.2.7", 2, NUD_PERMANENT, 7);
	assert_forwards(*state, "10.0.2.7", 2, 7);
	say_neighbour(*state, "10.0.2.7", 2, 0, 0);
	assert_verdict(*state, "10.0.2.7", REASON_UNRESOLVED);
}

static void a_neighbour_known_before_its_network_gets_its_host_route(void **state) {
	say_neighbour(*state, "10.0.2.7", 2, NUD_REACHABLE, 7);
	assert_verdict(*state, "10.0.2.7", REASON_NO_ROUTE);
	say_route(*state, net2);
	assert_forwards(*state, "10.0.2.7", 2, 7);
	say_no_route(*state, net2);
	assert_verdict(*state, "10.0.2.7", REASON_NO_ROUTE);
}

static void a_longer_route_elsewhere_takes_the_address(void **state) {
	struct route_said longer = {.prefix = "10.0.2.0/28", .dev = 3, .scope = RT_SCOPE_LINK};

	say_route(*state, net2);
	say_neighbour(*state, "10.0.2.7", 2, NUD_REACHABLE, 7);
	say_route(*state, longer);
	assert_verdict(*state, "10.0.2.7", REASON_UNRESOLVED);
	assert_int_equal(leads_to(*state, "10.0.2.7")->ifindex, 3);
	say_neighbour(*state, "10.0.2.7", 3, NUD_REACHABLE, 9);
	assert_forwards(*state, "10.0.2.7", 3, 9);
	say_no_route(*state, longer);
	assert_forwards(*state, "10.0.2.7", 2, 7);
}

static void a_host_route_of_the_kernel_wins(void **state) {
	struct route_said host = {.prefix = "10.0.2.7/32", .via = "10.0.3.9", .dev = 3};

	say_route(*state, net2);
	say_neighbour(*state, "10.0.3.9", 3, NUD_REACHABLE, 3);
	say_neighbour(*state, "10.0.2.7", 2, NUD_REACHABLE, 7);
	say_route(*state, host);
	assert_forwards(*state, "10.0.2.7", 3, 3);
	say_no_route(*state, host);
	assert_forwards(*state, "10.0.2.7", 2, 7);
}

static void link_local_neighbours_are_gateways_only(void **state) {
	say_route(*state, (struct route_said){.prefix = "fe80::/64", .dev = 2, .metric = 256});
	say_neighbour(*state, "fe80::7", 2, NUD_REACHABLE, 7);
	assert_verdict(*state, "fe80::7", REASON_UNRESOLVED);
	say_route(
		*state, (struct route_said){.prefix = "2001:db8::/32", .via = "fe80::7", .dev = 2});
	assert_forwards(*state, "2001:db8::1", 2, 7);
}

static void multicast_and_zero_macs_are_not_sent_to(void **state) {
	say_route(*state, net2);
	say_neighbour(*state, "10.0.2.7", 2, NUD_REACHABLE, 0);
	assert_verdict(*state, "10.0.2.7", REASON_UNRESOLVED);
	say_neighbour(*state, "224.0.0.1", 2, NUD_NOARP, 7);
	assert_int_equal(mirror_statistics(((struct fixture *)*state)->mirror).neighbours, 1);
}

static unsigned int waits;

static void count_wait(struct grace *grace) {
	waits++;
}

static void a_links_new_mac_address_takes_one_grace_period(void **state) {
	struct fixture *fixture = *state;
	char address[32];

	say_route(fixture, net2);
	for (unsigned int i = 10; i < 250; i++) {
		snprintf(address, sizeof(address), "10.0.2.%u", i);
		say_neighbour(fixture, address, 2, NUD_REACHABLE, (uint8_t)i);
	}
	fixture->memory.grace.wait = count_wait;
	waits = 0;
	say_link_mac(fixture, 2, 99);
	assert_int_equal(waits, 1);
	for (unsigned int i = 10; i < 250; i++) {
		snprintf(address, sizeof(address), "10.0.2.%u", i);
		assert_forwards(fixture, address, 2, (uint8_t)i);
		assert_int_equal(leads_to(fixture, address)->source_mac[5], 99);
	}
}

static void neighbours_can_be_shown(void **state) {
	struct fixture *fixture = *state;
	struct mirror_neighbour shown;
	size_t cursor = 0;

	say_route(fixture, net2);
	say_neighbour(fixture, "10.0.2.7", 2, NUD_REACHABLE, 7);
	assert_true(mirror_next_neighbour(fixture->mirror, &cursor, &shown));
	assert_int_equal(shown.nexthop, id_for(fixture, "10.0.2.7"));
	assert_false(mirror_next_neighbour(fixture->mirror, &cursor, &shown));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_create, fixture_destroy)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_connected_network_waits_for_its_neighbours),
		TEST(a_neighbour_on_a_connected_network_has_a_host_route),
		TEST(a_neighbour_known_before_its_network_gets_its_host_route),
		TEST(a_longer_route_elsewhere_takes_the_address),
		TEST(a_host_route_of_the_kernel_wins),
		TEST(link_local_neighbours_are_gateways_only),
		TEST(multicast_and_zero_macs_are_not_sent_to),
		TEST(a_links_new_mac_address_takes_one_grace_period),
		TEST(neighbours_can_be_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
