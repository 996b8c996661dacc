/* resolve_test: verdicts, MTU and redirects; how the flow hash spreads packets over a group. */
#include "crafted.h"

#include <stdio.h>

enum { FLOWS = 40000 };

static void each_verdict_is_what_becomes_of_the_packet(void **state) {
	struct bench *bench = *state;
	char there[64];

	for (enum reason reason = REASON_FORWARDED + 1; reason < REASON_COUNT; reason++) {
		snprintf(there, sizeof(there), "100.%d.1.2", reason);
		craft(bench, there, 10);
		assert_reason(decided(bench), reason);
		snprintf(there, sizeof(there), "2001:db8:100:%d::9", reason);
		craft(bench, there, 10);
		assert_reason(decided(bench), reason);
	}
}

/* Nothing is forwarded but by an adjacency, whatever the words of a table are. */
static void words_that_are_all_zero_forward_nothing(void **state) {
	struct bench *bench = *state;
	struct nexthop *nexthops = bench->memory.tables.nexthop.nexthops;
	struct nexthop *adjacency = &nexthops[bench->router.adjacency[2]];
	struct nexthop before = *adjacency;

	craft(bench, "20.1.3.4", 10);
	assert_reason(decided(bench), REASON_FORWARDED);
	adjacency->head = 0;
	assert_reason(decided(bench), REASON_UNRESOLVED);
	*adjacency = nexthops[0];
	assert_reason(decided(bench), REASON_NO_ROUTE);
	*adjacency = before;
}

static void what_no_prefix_covers_has_no_route(void **state) {
	struct bench *bench = *state;

	craft(bench, "90.1.1.1", 10);
	assert_reason(decided(bench), REASON_NO_ROUTE);
	craft(bench, "3000::1", 10);
	assert_reason(decided(bench), REASON_NO_ROUTE);
}

static void a_silent_host_of_a_connected_network_is_unresolved(void **state) {
	struct bench *bench = *state;

	craft(bench, "10.0.2.77", 10);
	assert_reason(decided(bench), REASON_UNRESOLVED);
	craft(bench, "fd00:2::77", 10);
	assert_reason(decided(bench), REASON_UNRESOLVED);
}

static void the_longest_prefix_decides(void **state) {
	struct bench *bench = *state;

	craft(bench, "20.1.3.4", 10);
	assert_reason(decided(bench), REASON_FORWARDED);
	assert_int_equal(bench->decision.egress, 2);
	craft(bench, "20.1.2.4", 10);
	assert_reason(decided(bench), REASON_FORWARDED);
	assert_int_equal(bench->decision.egress, 3);
}

static void a_packet_of_the_mtu_fits_and_one_byte_more_does_not(void **state) {
	struct bench *bench = *state;

	craft(bench, "30.1.1.1", ROUTER_SMALL_MTU - IPV4_HEADER_BYTES - UDP_HEADER_BYTES);
	assert_reason(decided(bench), REASON_FORWARDED);
	craft(bench, "30.1.1.1", ROUTER_SMALL_MTU - IPV4_HEADER_BYTES - UDP_HEADER_BYTES + 1);
	assert_reason(decided(bench), REASON_TOO_BIG);
	craft(bench, "2001:db8:3::1", ROUTER_SMALL_MTU - IPV6_HEADER_BYTES - UDP_HEADER_BYTES);
	assert_reason(decided(bench), REASON_FORWARDED);
	craft(bench, "2001:db8:3::1", ROUTER_SMALL_MTU - IPV6_HEADER_BYTES - UDP_HEADER_BYTES + 1);
	assert_reason(decided(bench), REASON_TOO_BIG);
}

static void a_redirect_is_due_where_it_is_sent(void **state) {
	struct bench *bench = *state;

	craft(bench, "10.0.1.7", 10);
	assert_reason(decided(bench), REASON_FORWARDED);
	bench->port.flags = PORT_SENDS_REDIRECTS;
	assert_reason(decided(bench), REASON_SAME_PORT);
	craft(bench, "fd00:1::7", 10);
	assert_reason(decided(bench), REASON_SAME_PORT);
}

static uint32_t hash_of(struct bench *bench, uint64_t seed) {
	assert_reason(parsed(bench), REASON_FORWARDED);
	return flow_hash(&bench->packet, seed);
}

static void ports_protocol_and_label_make_flows(void **state) {
	struct bench *bench = *state;
	uint32_t hash;

	craft(bench, "40.1.1.1", 40);
	hash = hash_of(bench, 1);
	assert_int_equal(hash_of(bench, 1), hash);
	assert_int_not_equal(hash_of(bench, 2), hash);
	bench->transport[1]++;
	assert_int_not_equal(hash_of(bench, 1), hash);
	bench->transport[1]--;
	bench->transport[3]++;
	assert_int_not_equal(hash_of(bench, 1), hash);
	bench->transport[3]--;
	bench->ip[IPV4_PROTOCOL] = PROTOCOL_TCP;
	mend(bench);
	assert_int_not_equal(hash_of(bench, 1), hash);
	craft(bench, "2001:db8:2:ffff::1", 40);
	hash = hash_of(bench, 1);
	bench->ip[3]++;
	assert_int_not_equal(hash_of(bench, 1), hash);
}

static void what_changes_within_a_flow_does_not_move_it(void **state) {
	struct bench *bench = *state;
	uint32_t hash;

	craft(bench, "40.1.1.1", 40);
	hash = hash_of(bench, 1);
	bench->ip[IPV4_TTL] = 9;
	bench->ip[IPV4_TOS] = 0xb8;
	store16(bench->ip + 4, 0x1234); /* the IP id */
	mend(bench);
	bench->transport[UDP_CHECKSUM] ^= 1;
	assert_int_equal(hash_of(bench, 1), hash);
	craft(bench, "40.1.1.1", 41);
	assert_int_equal(hash_of(bench, 1), hash);
	craft(bench, "2001:db8:2:ffff::1", 40);
	hash = hash_of(bench, 1);
	bench->ip[0] = 0x6f; /* traffic class */
	bench->ip[IPV6_HOP_LIMIT] = 9;
	assert_int_equal(hash_of(bench, 1), hash);
}

static void fragments_go_by_addresses_alone(void **state) {
	struct bench *bench = *state;
	uint32_t hash = 0;

	for (uint16_t piece = 0; piece < 20; piece++) {
		craft(bench, "40.1.1.1", 40);
		store16(bench->ip + IPV4_FRAGMENT, NET16((uint16_t)(0x2000 + piece)));
		store32(bench->transport, piece * 2654435769u);
		bench->ip[IPV4_PROTOCOL] = piece % 2 ? PROTOCOL_TCP : PROTOCOL_UDP;
		mend(bench);
		hash = piece ? hash : hash_of(bench, 1);
		assert_int_equal(hash_of(bench, 1), hash);
	}
	set_source(bench, "10.0.1.3");
	assert_int_not_equal(hash_of(bench, 1), hash);
	for (uint16_t piece = 0; piece < 20; piece++) {
		craft(bench, "2001:db8:2:ffff::1", 40);
		bench->ip[IPV6_NEXT_HEADER] = PROTOCOL_FRAGMENT;
		bench->ip[3] = (uint8_t)piece;
		store32(bench->transport, piece * 2654435769u);
		hash = piece ? hash : hash_of(bench, 1);
		assert_int_equal(hash_of(bench, 1), hash);
	}
}

/* Members of weights 1 and 3: three quarters go to port 3. Ten standard deviations of chance are
 * 2.2% here; the buckets round by less than 2%. */
static void check_balance(struct bench *bench, void (*vary)(struct bench *bench, uint32_t flow)) {
	unsigned int count[PORTS_MAX] = {0};

	for (uint32_t flow = 0; flow < FLOWS; flow++) {
		vary(bench, flow);
		assert_reason(decided(bench), REASON_FORWARDED);
		count[bench->decision.egress]++;
	}
	assert_int_equal(count[2] + count[3], FLOWS);
	assert_in_range(count[3], FLOWS * 71 / 100, FLOWS * 79 / 100);
}

static void vary_source(struct bench *bench, uint32_t flow) {
	craft(bench, "40.1.1.1", 20);
	store32(bench->ip + IPV4_SOURCE, NET32(0xac100000 + flow));
	mend(bench);
}

static void vary_destination(struct bench *bench, uint32_t flow) {
	craft(bench, "40.1.1.1", 20);
	store32(bench->ip + IPV4_DESTINATION, NET32(0x28000000 + flow));
	mend(bench);
}

static void vary_port(struct bench *bench, uint32_t flow) {
	craft(bench, "40.1.1.1", 20);
	store16(bench->transport, NET16((uint16_t)flow));
}

static void vary_label(struct bench *bench, uint32_t flow) {
	craft(bench, "2001:db8:2:ffff::1", 20);
	store32(bench->ip, NET32(6u << 28 | flow));
}

static void vary_host(struct bench *bench, uint32_t flow) {
	craft(bench, "2001:db8:2:ffff::1", 20);
	store32(bench->ip + IPV6_SOURCE + 12, NET32(flow));
}

static void flows_spread_by_weight_whatever_differs(void **state) {
	check_balance(*state, vary_source);
	check_balance(*state, vary_destination);
	check_balance(*state, vary_port);
	check_balance(*state, vary_label);
	check_balance(*state, vary_host);
}

static void a_group_without_members_up_is_left_to_the_kernel(void **state) {
	struct bench *bench = *state;
	struct nexthops *nexthops = bench->memory.mirror.nexthops;
	struct nexthop_member members[2] = {{0, 1}, {0, 1}};
	uint32_t group;

	for (int i = 0; i < 2; i++)
		assert_int_equal(nexthops_allocate(nexthops, &members[i].nexthop), 0);
	assert_int_equal(nexthops_allocate(nexthops, &group), 0);
	nexthops_set_verdict(nexthops, members[0].nexthop, REASON_LINK_DOWN, 2, 2);
	assert_int_equal(nexthops_set_group(nexthops, group, members, 2), 0);
	assert_int_equal(fib4_insert(bench->memory.mirror.fib4, 0x29000000, 8, group), 0);
	craft(bench, "41.1.1.1", 10);
	assert_reason(decided(bench), REASON_LINK_DOWN);
	assert_int_equal(fib4_remove(bench->memory.mirror.fib4, 0x29000000, 8), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verdict_is_what_becomes_of_the_packet),
		cmocka_unit_test(words_that_are_all_zero_forward_nothing),
		cmocka_unit_test(what_no_prefix_covers_has_no_route),
		cmocka_unit_test(a_silent_host_of_a_connected_network_is_unresolved),
		cmocka_unit_test(the_longest_prefix_decides),
		cmocka_unit_test(a_packet_of_the_mtu_fits_and_one_byte_more_does_not),
		cmocka_unit_test(a_redirect_is_due_where_it_is_sent),
		cmocka_unit_test(ports_protocol_and_label_make_flows),
		cmocka_unit_test(what_changes_within_a_flow_does_not_move_it),
		cmocka_unit_test(fragments_go_by_addresses_alone),
		cmocka_unit_test(flows_spread_by_weight_whatever_differs),
		cmocka_unit_test(a_group_without_members_up_is_left_to_the_kernel),
	};

	return cmocka_run_group_tests(tests, bench_create, bench_destroy);
}
