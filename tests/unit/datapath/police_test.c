/* police_test: which addresses no router forwards for, and the two kinds of rp_filter. */
#include "crafted.h"

struct expectation {
	const char *address;
	enum reason reason;
};

static void check_sources(
	struct bench *bench, const char *there, const struct expectation *list, size_t count) {
	for (size_t i = 0; i < count; i++) {
		craft(bench, there, 10);
		set_source(bench, list[i].address);
		assert_reason(decided(bench), list[i].reason);
	}
}

static void check_destinations(struct bench *bench, const struct expectation *list, size_t count) {
	for (size_t i = 0; i < count; i++) {
		craft(bench, list[i].address, 10);
		assert_reason(decided(bench), list[i].reason);
	}
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void martian_sources_are_the_kernels(void **state) {
	static const struct expectation four[] = {
		{"0.0.0.0", REASON_MARTIAN_SOURCE},
		{"0.255.255.255", REASON_MARTIAN_SOURCE},
		{"1.0.0.0", REASON_FORWARDED},
		{"126.255.255.255", REASON_FORWARDED},
		{"127.0.0.0", REASON_MARTIAN_SOURCE},
		{"127.255.255.255", REASON_MARTIAN_SOURCE},
		{"128.0.0.0", REASON_FORWARDED},
		{"223.255.255.255", REASON_FORWARDED},
		{"224.0.0.0", REASON_MARTIAN_SOURCE},
		{"239.255.255.255", REASON_MARTIAN_SOURCE},
		{"255.255.255.255", REASON_MARTIAN_SOURCE},
	};
	static const struct expectation six[] = {
		{"::", REASON_MARTIAN_SOURCE},
		{"::1", REASON_MARTIAN_SOURCE},
		{"::ffff:10.0.1.2", REASON_MARTIAN_SOURCE},
		{"ff02::1", REASON_MARTIAN_SOURCE},
		{"0:0:0:1::", REASON_FORWARDED},
		{"fe00::1", REASON_FORWARDED},
		{"fe80::1", REASON_LINK_LOCAL},
		{"febf:ffff::1", REASON_LINK_LOCAL},
		{"fec0::1", REASON_FORWARDED},
	};

	check_sources(*state, "20.1.3.4", four, COUNT(four));
	check_sources(*state, "2001:db8:2::9", six, COUNT(six));
}

static void our_own_address_as_a_source_is_a_martian(void **state) {
	static const struct expectation four[] = {
		{"10.0.1.1", REASON_MARTIAN_SOURCE},
		{"10.0.2.1", REASON_MARTIAN_SOURCE},
		{"10.0.3.1", REASON_MARTIAN_SOURCE},
		{"10.0.1.3", REASON_FORWARDED},
	};

	check_sources(*state, "20.1.3.4", four, COUNT(four));
}

/* Another address with the bit of 10.0.1.1: the hash multiplies by an odd number, so one that
 * differs only in what its high 16 bits make of it is found by trying. */
static void a_source_that_only_hits_the_filter_is_forwarded(void **state) {
	struct bench *bench = *state;
	uint32_t own = 0x0a000101, other = 0x0b000000;

	while (local_filter_bit(other) != local_filter_bit(own))
		other++;
	craft(bench, "20.1.3.4", 10);
	store32(bench->ip + IPV4_SOURCE, NET32(other));
	mend(bench);
	assert_reason(decided(bench), REASON_FORWARDED);
}

static void destinations_not_to_be_routed_are_the_kernels(void **state) {
	static const struct expectation list[] = {
		{"0.0.0.0", REASON_MARTIAN_DESTINATION},
		{"0.1.2.3", REASON_MARTIAN_DESTINATION},
		{"127.0.0.1", REASON_MARTIAN_DESTINATION},
		{"224.0.0.1", REASON_MULTICAST},
		{"239.1.2.3", REASON_MULTICAST},
		{"255.255.255.255", REASON_BROADCAST},
		{"10.0.2.255", REASON_BROADCAST},
		{"10.0.2.1", REASON_LOCAL},
		{"::", REASON_MARTIAN_DESTINATION},
		{"::1", REASON_MARTIAN_DESTINATION},
		{"::ffff:20.1.2.3", REASON_MARTIAN_DESTINATION},
		{"ff02::1", REASON_MULTICAST},
		{"ff0e::1", REASON_MULTICAST},
		{"fe80::1", REASON_LINK_LOCAL},
		{"fd00:2::1", REASON_LOCAL},
	};

	check_destinations(*state, list, COUNT(list));
}

static enum reason with_filter(
	struct bench *bench, const char *source, enum port_reverse_path filter) {
	craft(bench, "20.1.3.4", 10);
	set_source(bench, source);
	bench->port.reverse_path = filter;
	return decided(bench);
}

static void a_strict_filter_wants_the_way_back_by_the_same_port(void **state) {
	assert_reason(with_filter(*state, "10.0.1.2", REVERSE_PATH_STRICT), REASON_FORWARDED);
	assert_reason(with_filter(*state, "172.16.5.5", REVERSE_PATH_STRICT), REASON_FORWARDED);
	assert_reason(with_filter(*state, "10.0.1.9", REVERSE_PATH_STRICT), REASON_FORWARDED);
	assert_reason(with_filter(*state, "10.0.2.2", REVERSE_PATH_STRICT), REASON_REVERSE_PATH);
	assert_reason(with_filter(*state, "10.0.2.9", REVERSE_PATH_STRICT), REASON_REVERSE_PATH);
	assert_reason(with_filter(*state, "8.8.8.8", REVERSE_PATH_STRICT), REASON_REVERSE_PATH);
	assert_reason(with_filter(*state, "40.1.1.1", REVERSE_PATH_STRICT), REASON_REVERSE_PATH);
}

static void a_strict_filter_takes_any_member_of_a_group(void **state) {
	struct bench *bench = *state;

	for (uint8_t slot = 1; slot <= 3; slot++) {
		craft(bench, "20.1.3.4", 10);
		set_source(bench, "40.1.1.1");
		bench->port = router_port(slot, slot);
		router_mac(slot, bench->bytes);
		bench->port.reverse_path = REVERSE_PATH_STRICT;
		bench->port.flags = 0; /* port 2 sends out of itself, and owes no redirect */
		assert_reason(decided(bench), slot == 1 ? REASON_REVERSE_PATH : REASON_FORWARDED);
	}
}

static void a_loose_filter_wants_any_way_back(void **state) {
	assert_reason(with_filter(*state, "10.0.2.2", REVERSE_PATH_LOOSE), REASON_FORWARDED);
	assert_reason(with_filter(*state, "10.0.2.9", REVERSE_PATH_LOOSE), REASON_FORWARDED);
	assert_reason(with_filter(*state, "40.1.1.1", REVERSE_PATH_LOOSE), REASON_FORWARDED);
	assert_reason(with_filter(*state, "8.8.8.8", REVERSE_PATH_LOOSE), REASON_REVERSE_PATH);
	assert_reason(with_filter(*state, "50.1.1.1", REVERSE_PATH_LOOSE), REASON_REVERSE_PATH);
}

static void ipv6_has_no_reverse_path_filter(void **state) {
	struct bench *bench = *state;

	craft(bench, "2001:db8:2::9", 10);
	set_source(bench, "3000::1");
	bench->port.reverse_path = REVERSE_PATH_STRICT;
	assert_reason(decided(bench), REASON_FORWARDED);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(martian_sources_are_the_kernels),
		cmocka_unit_test(our_own_address_as_a_source_is_a_martian),
		cmocka_unit_test(a_source_that_only_hits_the_filter_is_forwarded),
		cmocka_unit_test(destinations_not_to_be_routed_are_the_kernels),
		cmocka_unit_test(a_strict_filter_wants_the_way_back_by_the_same_port),
		cmocka_unit_test(a_strict_filter_takes_any_member_of_a_group),
		cmocka_unit_test(a_loose_filter_wants_any_way_back),
		cmocka_unit_test(ipv6_has_no_reverse_path_filter),
	};

	return cmocka_run_group_tests(tests, bench_create, bench_destroy);
}
