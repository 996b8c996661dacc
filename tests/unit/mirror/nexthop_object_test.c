/* nexthop_object_test: routes by next-hop objects follow the objects. */
#include "fixture.h"

#include <linux/neighbour.h>

static int create(void **state) {
	fixture_create(state);
	say_neighbour(*state, "10.0.2.9", 2, NUD_REACHABLE, 2);
	say_neighbour(*state, "10.0.3.9", 3, NUD_REACHABLE, 3);
	say_neighbour(*state, "fe80::4", 4, NUD_REACHABLE, 4);
	say_object(*state, 1, "10.0.2.9", 2);
	say_object(*state, 2, "10.0.3.9", 3);
	say_object(*state, 3, "fe80::4", 4);
	return 0;
}

static const struct route_said by1 = {.prefix = "20.0.0.0/8", .object = 1};
static const struct route_said by10 = {.prefix = "20.0.0.0/8", .object = 10};

static void a_route_by_an_object_follows_its_replacement(void **state) {
	say_route(*state, by1);
	assert_forwards(*state, "20.0.0.1", 2, 2);
	say_object(*state, 1, "fe80::4", 4);
	assert_forwards(*state, "20.0.0.1", 4, 4);
}

static void a_group_keeps_its_id_when_its_members_change(void **state) {
	struct fixture *fixture = *state;
	struct nexthop_member members[4];
	uint32_t id;

	say_group(fixture, 10, (uint32_t[]){1, 2, 2, 4, 0});
	say_route(fixture, by10);
	id = id_for(fixture, "20.0.0.1");
	assert_int_equal(leads_to(fixture, "20.0.0.1")->kind, NEXTHOP_GROUP);
	assert_int_equal(nexthops_members(fixture->memory.mirror.nexthops, id, members, 4), 2);
	assert_int_equal(members[1].weight, 4);
	say_group(fixture, 10, (uint32_t[]){3, 1, 0});
	assert_int_equal(id_for(fixture, "20.0.0.1"), id);
	assert_int_equal(nexthops_members(fixture->memory.mirror.nexthops, id, members, 4), 1);
}

static void a_group_follows_a_member_that_is_replaced(void **state) {
	struct fixture *fixture = *state;
	struct nexthop_member members[4];

	say_group(fixture, 10, (uint32_t[]){1, 1, 2, 1, 0});
	say_route(fixture, by10);
	say_object(fixture, 2, "fe80::4", 4);
	nexthops_members(fixture->memory.mirror.nexthops, id_for(fixture, "20.0.0.1"), members, 4);
	assert_int_equal(
		nexthops_get(fixture->memory.mirror.nexthops, members[1].nexthop)->ifindex, 4);
}

static void a_blackhole_object_drops(void **state) {
	say_blackhole_object(*state, 5);
	say_route(*state, (struct route_said){.prefix = "20.0.0.0/8", .object = 5});
	assert_verdict(*state, "20.0.0.1", REASON_BLACKHOLE);
}

static void a_route_by_an_object_not_known_is_the_kernels(void **state) {
	say_route(*state, (struct route_said){.prefix = "20.0.0.0/8", .object = 99});
	assert_verdict(*state, "20.0.0.1", REASON_ROUTE_FEATURE);
	say_object(*state, 99, "10.0.2.9", 2);
	assert_forwards(*state, "20.0.0.1", 2, 2);
}

static void a_deleted_object_takes_its_routes_with_it(void **state) {
	say_route(*state, by1);
	say_no_object(*state, 1);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
	say_object(*state, 1, "10.0.3.9", 3);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
	say_route(*state, by1);
	assert_forwards(*state, "20.0.0.1", 3, 3);
}

static void an_object_of_a_link_without_carrier_leaves_its_groups(void **state) {
	struct fixture *fixture = *state;
	struct nexthop_member members[4];

	say_group(fixture, 10, (uint32_t[]){1, 1, 2, 1, 0});
	say_route(fixture, by10);
	say_route(fixture, (struct route_said){.prefix = "21.0.0.0/8", .object = 1});
	say_link(fixture, 2, IFF_UP, false, 1500);
	assert_verdict(fixture, "21.0.0.1", REASON_NO_ROUTE);
	assert_int_equal(nexthops_members(fixture->memory.mirror.nexthops,
				 id_for(fixture, "20.0.0.1"), members, 4),
		1);
	assert_int_equal(mirror_statistics(fixture->mirror).nexthop_objects, 3);
}

static void a_group_without_members_is_gone(void **state) {
	say_group(*state, 10, (uint32_t[]){1, 1, 0});
	say_route(*state, by10);
	say_no_object(*state, 1);
	assert_verdict(*state, "20.0.0.1", REASON_NO_ROUTE);
}

/* Routing daemons delete objects that no route uses all the time. */
static void an_audit_follows_only_if_routes_went_with_an_object(void **state) {
	struct fixture *fixture = *state;

	say_route(fixture, by1);
	say_group(fixture, 10, (uint32_t[]){1, 1, 2, 1, 0});
	takes_audit(fixture);
	say_no_object(fixture, 2);
	say_no_object(fixture, 10);
	say_no_object(fixture, 3);
	assert_false(takes_audit(fixture));
	say_no_object(fixture, 1);
	assert_true(takes_audit(fixture));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, fixture_destroy)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_route_by_an_object_follows_its_replacement),
		TEST(a_group_keeps_its_id_when_its_members_change),
		TEST(a_group_follows_a_member_that_is_replaced),
		TEST(a_blackhole_object_drops),
		TEST(a_route_by_an_object_not_known_is_the_kernels),
		TEST(a_deleted_object_takes_its_routes_with_it),
		TEST(an_object_of_a_link_without_carrier_leaves_its_groups),
		TEST(a_group_without_members_is_gone),
		TEST(an_audit_follows_only_if_routes_went_with_an_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
