/* rewrite_test: what a forwarded frame looks like, and that any other is untouched. */
#include "crafted.h"

static uint16_t recomputed(const uint8_t *header) {
	uint8_t copy[IPV4_HEADER_BYTES];

	memcpy(copy, header, sizeof(copy));
	store16(copy + IPV4_CHECKSUM, 0);
	return (uint16_t)~ipv4_header_sum(copy);
}

/* Every TTL, and enough headers that the checksum passes through all its carries: the IP id runs
 * through 65,536 values, and the checksum with it. */
static void the_checksum_is_that_of_a_full_recomputation(void **state) {
	struct bench *bench = *state;

	craft(bench, "20.1.3.4", 10);
	for (uint32_t id = 0; id < 65536; id++) {
		uint8_t ttl = (uint8_t)(1 + id % 255);

		for (int i = 0; i < 4; i++, ttl = (uint8_t)(ttl * 7 % 255 + 1)) {
			store16(bench->ip + 4, (uint16_t)id);
			bench->ip[IPV4_TTL] = ttl;
			store16(bench->ip + IPV4_CHECKSUM, recomputed(bench->ip));
			ipv4_decrement_ttl(bench->ip);
			assert_int_equal(bench->ip[IPV4_TTL], ttl - 1);
			assert_int_equal(ipv4_header_sum(bench->ip), 0xffff);
		}
	}
	for (int ttl = 1; ttl < 256; ttl++) {
		for (uint32_t id = 0; id < 512; id++) {
			store16(bench->ip + 4, (uint16_t)id);
			bench->ip[IPV4_TTL] = (uint8_t)ttl;
			store16(bench->ip + IPV4_CHECKSUM, recomputed(bench->ip));
			ipv4_decrement_ttl(bench->ip);
			assert_int_equal(ipv4_header_sum(bench->ip), 0xffff);
		}
	}
}

static void check_macs(const struct bench *bench, uint8_t slot) {
	uint8_t mac[6];

	router_host_mac(slot, mac);
	assert_memory_equal(bench->bytes + ETHERNET_DESTINATION, mac, 6);
	router_mac(slot, mac);
	assert_memory_equal(bench->bytes + ETHERNET_SOURCE, mac, 6);
}

static void a_forwarded_packet_changes_in_macs_ttl_and_checksum_only(void **state) {
	struct bench *bench = *state;
	uint8_t before[256];

	craft(bench, "20.1.3.4", 50);
	memcpy(before, bench->bytes, sizeof(before));
	assert_reason(forwarded(bench), REASON_FORWARDED);
	check_macs(bench, 2);
	assert_int_equal(bench->ip[IPV4_TTL], 63);
	assert_int_equal(load16(bench->ip + IPV4_CHECKSUM), recomputed(bench->ip));
	before[ETHERNET_HEADER_BYTES + IPV4_TTL] = 63;
	memcpy(before + ETHERNET_HEADER_BYTES + IPV4_CHECKSUM, bench->ip + IPV4_CHECKSUM, 2);
	assert_memory_equal(bench->bytes + 12, before + 12, sizeof(before) - 12);

	craft(bench, "2001:db8:3::1", 50);
	memcpy(before, bench->bytes, sizeof(before));
	assert_reason(forwarded(bench), REASON_FORWARDED);
	check_macs(bench, 3);
	assert_int_equal(bench->ip[IPV6_HOP_LIMIT], 63);
	before[ETHERNET_HEADER_BYTES + IPV6_HOP_LIMIT] = 63;
	assert_memory_equal(bench->bytes + 12, before + 12, sizeof(before) - 12);
}

static void what_trails_the_packet_is_not_sent(void **state) {
	struct bench *bench = *state;

	craft(bench, "20.1.3.4", 2);
	bench->frame.length = 60;
	bench->frame.end = bench->frame.data + 60;
	assert_reason(forwarded(bench), REASON_FORWARDED);
	assert_int_equal(bench->frame.length, ETHERNET_HEADER_BYTES + 30);
	assert_ptr_equal(bench->frame.end, bench->frame.data + ETHERNET_HEADER_BYTES + 30);
}

static void a_jumbo_frame_keeps_the_end_of_its_first_buffer(void **state) {
	struct bench *bench = *state;

	craft(bench, "20.1.3.4", 1000);
	bench->frame.end = bench->frame.data + 128;
	bench->frame.length += 10;
	assert_reason(forwarded(bench), REASON_FORWARDED);
	assert_int_equal(bench->frame.length, ETHERNET_HEADER_BYTES + 1028);
	assert_ptr_equal(bench->frame.end, bench->frame.data + 128);
}

static void what_is_left_to_the_kernel_is_untouched(void **state) {
	static const char *const there[] = {"50.1.1.1", "60.1.1.1", "90.1.1.1", "10.0.2.1",
		"10.0.2.77", "224.0.0.1", "100.24.1.1", "3000::1", "fe80::1", "2001:db8:60::1"};
	struct bench *bench = *state;
	uint8_t before[256];

	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++) {
		struct frame frame;

		craft(bench, there[i], 50);
		frame = bench->frame;
		memcpy(before, bench->bytes, sizeof(before));
		assert_int_not_equal(forwarded(bench), REASON_FORWARDED);
		assert_memory_equal(bench->bytes, before, sizeof(before));
		assert_memory_equal(&bench->frame, &frame, sizeof(frame));
	}
}

static void an_adjacency_that_carried_a_frame_is_marked_as_used(void **state) {
	struct bench *bench = *state;
	struct nexthops *nexthops = bench->memory.mirror.nexthops;

	for (uint8_t slot = 1; slot <= ROUTER_PORTS; slot++)
		nexthops_take_used(nexthops, bench->router.adjacency[slot]);
	craft(bench, "20.1.3.4", 50);
	assert_reason(decided(bench), REASON_FORWARDED);
	assert_false(nexthops_take_used(nexthops, bench->router.adjacency[2]));
	assert_reason(forwarded(bench), REASON_FORWARDED);
	assert_true(nexthops_take_used(nexthops, bench->router.adjacency[2]));
	assert_false(nexthops_take_used(nexthops, bench->router.adjacency[2]));
	assert_false(nexthops_take_used(nexthops, bench->router.adjacency[3]));
}

static void the_ledger_counts_whole_frames_once(void **state) {
	struct bench *bench = *state;
	struct ledger_entry entry = {0};
	struct decision decision;

	craft(bench, "20.1.3.4", 2);
	bench->frame.length = 60;
	bench->frame.end = bench->frame.data + 60;
	userpath_forward(&bench->memory.tables, &bench->port, &bench->frame, 1, &entry, &decision);
	craft(bench, "50.1.1.1", 86);
	userpath_forward(&bench->memory.tables, &bench->port, &bench->frame, 1, &entry, &decision);
	assert_int_equal(entry.received.packets, 2);
	assert_int_equal(entry.received.bytes, 60 + 128);
	assert_int_equal(entry.reasons[REASON_FORWARDED].packets, 1);
	assert_int_equal(entry.reasons[REASON_FORWARDED].bytes, 60);
	assert_int_equal(entry.reasons[REASON_BLACKHOLE].packets, 1);
	assert_int_equal(entry.reasons[REASON_BLACKHOLE].bytes, 128);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checksum_is_that_of_a_full_recomputation),
		cmocka_unit_test(a_forwarded_packet_changes_in_macs_ttl_and_checksum_only),
		cmocka_unit_test(what_trails_the_packet_is_not_sent),
		cmocka_unit_test(a_jumbo_frame_keeps_the_end_of_its_first_buffer),
		cmocka_unit_test(what_is_left_to_the_kernel_is_untouched),
		cmocka_unit_test(an_adjacency_that_carried_a_frame_is_marked_as_used),
		cmocka_unit_test(the_ledger_counts_whole_frames_once),
	};

	return cmocka_run_group_tests(tests, bench_create, bench_destroy);
}
