/* parse_test: each reason that the first stage gives, by a frame that has just that wrong. */
#include "crafted.h"

static const char there4[] = "20.1.3.4", there6[] = "2001:db8:2::9";

static void set_type(struct bench *bench, uint16_t type) {
	store16(bench->bytes + ETHERNET_TYPE, NET16(type));
}

static void cut(struct bench *bench, uint32_t length) {
	bench->frame.length = length;
	bench->frame.end = bench->frame.data + length;
}

static void a_plain_packet_is_parsed(void **state) {
	struct bench *bench = *state;

	craft(bench, there4, 100);
	assert_reason(parsed(bench), REASON_FORWARDED);
	assert_ptr_equal(bench->packet.header, bench->ip);
	assert_int_equal(bench->packet.ip_length, 128);
	assert_int_equal(bench->packet.protocol, PROTOCOL_UDP);
	assert_int_equal(bench->packet.ports, load32(bench->transport));
	assert_false(bench->packet.fragment);
	craft(bench, there6, 100);
	bench->ip[1] = 0x0f; /* label 0xf1234 */
	bench->ip[2] = 0x12;
	bench->ip[3] = 0x34;
	assert_reason(parsed(bench), REASON_FORWARDED);
	assert_int_equal(bench->packet.ip_length, 148);
	assert_int_equal(bench->packet.flow_label, 0xf1234);
	assert_int_equal(bench->packet.ports, load32(bench->transport));
}

static void what_is_not_ip_is_the_kernels(void **state) {
	struct bench *bench = *state;
	static const struct {
		uint16_t type;
		enum reason reason;
	} types[] = {{0x0806, REASON_ARP}, {0x8100, REASON_TAGGED}, {0x88a8, REASON_TAGGED},
		{0x8847, REASON_TAGGED}, {0x88cc, REASON_ETHERTYPE}, {0x05dc, REASON_ETHERTYPE},
		{0x0000, REASON_ETHERTYPE}};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		craft(bench, there4, 10);
		set_type(bench, types[i].type);
		assert_reason(parsed(bench), types[i].reason);
	}
}

static void a_frame_to_another_mac_is_the_kernels(void **state) {
	struct bench *bench = *state;

	for (int bit = 0; bit < 48; bit++) {
		craft(bench, there4, 10);
		bench->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_reason(parsed(bench), REASON_OTHER_MAC);
	}
}

static void a_frame_cut_anywhere_is_truncated(void **state) {
	struct bench *bench = *state;
	const char *there[] = {there4, there6};

	for (int i = 0; i < 2; i++) {
		craft(bench, there[i], 10);
		for (uint32_t length = bench->frame.length - 1; length; length--) {
			cut(bench, length);
			assert_reason(parsed(bench), REASON_TRUNCATED);
		}
	}
}

static void a_wrong_version_or_length_is_a_bad_header(void **state) {
	struct bench *bench = *state;

	for (int first = 0; first < 256; first++) {
		craft(bench, there4, 60);
		bench->ip[0] = (uint8_t)first;
		if (first >> 4 != 4 || (first & 15) < 5)
			assert_reason(parsed(bench), REASON_BAD_HEADER);
		craft(bench, there6, 10);
		bench->ip[0] = (uint8_t)first;
		if (first >> 4 != 6)
			assert_reason(parsed(bench), REASON_BAD_HEADER);
	}
	for (uint16_t length = 0; length < IPV4_HEADER_BYTES; length++) {
		craft(bench, there4, 10);
		store16(bench->ip + IPV4_TOTAL_LENGTH, NET16(length));
		mend(bench);
		assert_reason(parsed(bench), REASON_BAD_HEADER);
	}
}

static void a_header_longer_than_the_frame_is_truncated(void **state) {
	struct bench *bench = *state;

	craft(bench, there4, 10);
	store16(bench->ip + IPV4_TOTAL_LENGTH, NET16(39));
	mend(bench);
	assert_reason(parsed(bench), REASON_TRUNCATED);
	craft(bench, there6, 10);
	store16(bench->ip + IPV6_PAYLOAD_LENGTH, NET16(19));
	assert_reason(parsed(bench), REASON_TRUNCATED);
}

static void a_jumbo_frame_is_as_long_as_all_its_buffers(void **state) {
	struct bench *bench = *state;

	craft(bench, there4, 2000);
	bench->frame.end = bench->frame.data + 64;
	assert_reason(parsed(bench), REASON_FORWARDED);
	assert_int_equal(bench->packet.ip_length, 2028);
	bench->frame.length--;
	assert_reason(parsed(bench), REASON_TRUNCATED);
}

static void any_wrong_bit_of_the_header_is_a_bad_checksum(void **state) {
	struct bench *bench = *state;

	for (int bit = 8; bit < 8 * IPV4_HEADER_BYTES; bit++) {
		craft(bench, there4, 10);
		bench->ip[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_reason(parsed(bench), REASON_BAD_CHECKSUM);
	}
}

static void options_are_the_kernels(void **state) {
	struct bench *bench = *state;

	for (uint8_t words = 6; words < 16; words++) {
		craft(bench, there4, 60);
		bench->ip[0] = 0x40 | words;
		mend(bench);
		assert_reason(parsed(bench), REASON_OPTIONS);
	}
	craft(bench, there6, 60);
	bench->ip[IPV6_NEXT_HEADER] = PROTOCOL_HOP_BY_HOP;
	assert_reason(parsed(bench), REASON_OPTIONS);
}

static void a_ttl_used_up_is_the_kernels(void **state) {
	struct bench *bench = *state;

	for (int ttl = 0; ttl < 256; ttl++) {
		enum reason reason = ttl < 2 ? REASON_TTL : REASON_FORWARDED;

		craft(bench, there4, 10);
		bench->ip[IPV4_TTL] = (uint8_t)ttl;
		mend(bench);
		assert_reason(parsed(bench), reason);
		craft(bench, there6, 10);
		bench->ip[IPV6_HOP_LIMIT] = (uint8_t)ttl;
		assert_reason(parsed(bench), reason);
	}
}

static void a_hold_of_one_family_leaves_the_other(void **state) {
	struct bench *bench = *state;

	craft(bench, there4, 10);
	bench->port.hold4 = REASON_NETFILTER;
	assert_reason(parsed(bench), REASON_NETFILTER);
	craft(bench, there6, 10);
	bench->port.hold4 = REASON_NETFILTER;
	assert_reason(parsed(bench), REASON_FORWARDED);
	bench->port.hold6 = REASON_FORWARDING_OFF;
	assert_reason(parsed(bench), REASON_FORWARDING_OFF);
}

/* As a sender with offload leaves it: the pseudo-header's sum, not complemented. */
static void leave_partial(struct bench *bench, bool is_ipv6) {
	const uint8_t *addresses = bench->ip + (is_ipv6 ? IPV6_SOURCE : IPV4_SOURCE);
	uint64_t sum = (uint64_t)load16(bench->transport + 4) + NET16(PROTOCOL_UDP);

	for (int i = 0; i < (is_ipv6 ? 32 : 8); i += 2)
		sum += load16(addresses + i);
	store16(bench->transport + UDP_CHECKSUM, checksum_fold(sum));
}

static void partial_checksums_are_the_kernels_where_they_occur(void **state) {
	struct bench *bench = *state;
	const char *there[] = {there4, there6};

	for (int i = 0; i < 2; i++) {
		craft(bench, there[i], 11);
		bench->port.flags = PORT_PARTIAL_CHECKSUMS;
		assert_reason(parsed(bench), REASON_FORWARDED);
		leave_partial(bench, i);
		assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
		bench->port.flags = 0;
		assert_reason(parsed(bench), REASON_FORWARDED);
	}
}

static void set_protocol(struct bench *bench, uint8_t protocol) {
	bench->ip[IPV4_PROTOCOL] = protocol;
	mend(bench);
}

static void leave_partial_tcp(struct bench *bench) {
	uint16_t length = NET16((uint16_t)(NET16(load16(bench->ip + 2)) - IPV4_HEADER_BYTES));
	uint64_t sum = (uint64_t)length + NET16(PROTOCOL_TCP);

	for (int i = 0; i < 8; i += 2)
		sum += load16(bench->ip + IPV4_SOURCE + i);
	store16(bench->transport + TCP_CHECKSUM, checksum_fold(sum));
}

static void a_partial_checksum_of_tcp_is_known_by_its_field(void **state) {
	struct bench *bench = *state;

	craft(bench, there4, 40);
	bench->port.flags = PORT_PARTIAL_CHECKSUMS;
	set_protocol(bench, PROTOCOL_TCP);
	leave_partial_tcp(bench);
	assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
	for (int bit = 0; bit < 16; bit++) {
		bench->transport[TCP_CHECKSUM + bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_reason(parsed(bench), REASON_FORWARDED);
		bench->transport[TCP_CHECKSUM + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void what_may_hide_a_partial_checksum_is_the_kernels(void **state) {
	static const uint16_t tunnels[] = {4789, 8472, 6081, 4790, 6080, 5555, 1701};
	struct bench *bench = *state;

	craft(bench, there4, 40);
	bench->port.flags = PORT_PARTIAL_CHECKSUMS;
	store16(bench->transport + UDP_CHECKSUM, 0);
	assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		craft(bench, there4, 40);
		bench->port.flags = PORT_PARTIAL_CHECKSUMS;
		store16(bench->transport + TRANSPORT_DESTINATION_PORT, NET16(tunnels[i]));
		assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
	}
	set_protocol(bench, 47); /* GRE */
	assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
	set_protocol(bench, PROTOCOL_ICMP);
	assert_reason(parsed(bench), REASON_FORWARDED);
	set_protocol(bench, PROTOCOL_SCTP);
	store32(bench->transport + SCTP_CHECKSUM, 0);
	assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
	store32(bench->transport + SCTP_CHECKSUM, 1);
	assert_reason(parsed(bench), REASON_FORWARDED);
}

static void a_transport_header_not_whole_is_the_kernels_if_partial_may_be(void **state) {
	struct bench *bench = *state;

	craft(bench, there4, 11); /* 19 bytes are no TCP header */
	set_protocol(bench, PROTOCOL_TCP);
	assert_reason(parsed(bench), REASON_FORWARDED);
	bench->port.flags = PORT_PARTIAL_CHECKSUMS;
	assert_reason(parsed(bench), REASON_PARTIAL_CHECKSUM);
}

static void ports_are_those_of_protocols_that_have_them(void **state) {
	struct bench *bench = *state;

	for (int protocol = 0; protocol < 256; protocol++) {
		bool has_ports =
			protocol == 6 || protocol == 17 || protocol == 132 || protocol == 136;

		craft(bench, there4, 40);
		set_protocol(bench, (uint8_t)protocol);
		assert_reason(parsed(bench), REASON_FORWARDED);
		assert_int_equal(bench->packet.ports, has_ports ? load32(bench->transport) : 0);
		craft(bench, there6, 40);
		bench->ip[IPV6_NEXT_HEADER] = (uint8_t)protocol;
		if (protocol == PROTOCOL_HOP_BY_HOP)
			continue;
		assert_reason(parsed(bench), REASON_FORWARDED);
		assert_int_equal(bench->packet.ports, has_ports ? load32(bench->transport) : 0);
	}
}

/* Routing, encapsulation, authentication, destination options, mobility, HIP, Shim6. */
static void extension_headers_are_not_looked_at(void **state) {
	static const uint8_t extensions[] = {43, 50, 51, 60, 135, 139, 140};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(extensions); i++) {
		craft(bench, there6, 40);
		bench->ip[IPV6_NEXT_HEADER] = extensions[i];
		bench->transport[0] = PROTOCOL_FRAGMENT; /* the next header, no concern of ours */
		assert_reason(parsed(bench), REASON_FORWARDED);
		assert_int_equal(bench->packet.ports, 0);
		assert_false(bench->packet.fragment);
	}
}

static void fragments_have_no_ports_and_whole_checksums(void **state) {
	struct bench *bench = *state;
	static const uint16_t bits[] = {0x2000, 0x0001, 0x1fff, 0x2001};

	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		craft(bench, there4, 40);
		bench->port.flags = PORT_PARTIAL_CHECKSUMS;
		store16(bench->ip + IPV4_FRAGMENT, NET16(bits[i]));
		mend(bench);
		leave_partial(bench, false);
		assert_reason(parsed(bench), REASON_FORWARDED);
		assert_true(bench->packet.fragment);
		assert_int_equal(bench->packet.ports, 0);
	}
	craft(bench, there4, 40);
	store16(bench->ip + IPV4_FRAGMENT, NET16(0xc000)); /* reserved and "don't" */
	mend(bench);
	assert_reason(parsed(bench), REASON_FORWARDED);
	assert_false(bench->packet.fragment);
	craft(bench, there6, 40);
	bench->ip[IPV6_NEXT_HEADER] = PROTOCOL_FRAGMENT;
	assert_reason(parsed(bench), REASON_FORWARDED);
	assert_true(bench->packet.fragment);
	assert_int_equal(bench->packet.ports, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_packet_is_parsed),
		cmocka_unit_test(what_is_not_ip_is_the_kernels),
		cmocka_unit_test(a_frame_to_another_mac_is_the_kernels),
		cmocka_unit_test(a_frame_cut_anywhere_is_truncated),
		cmocka_unit_test(a_wrong_version_or_length_is_a_bad_header),
		cmocka_unit_test(a_header_longer_than_the_frame_is_truncated),
		cmocka_unit_test(a_jumbo_frame_is_as_long_as_all_its_buffers),
		cmocka_unit_test(any_wrong_bit_of_the_header_is_a_bad_checksum),
		cmocka_unit_test(options_are_the_kernels),
		cmocka_unit_test(a_ttl_used_up_is_the_kernels),
		cmocka_unit_test(a_hold_of_one_family_leaves_the_other),
		cmocka_unit_test(partial_checksums_are_the_kernels_where_they_occur),
		cmocka_unit_test(a_partial_checksum_of_tcp_is_known_by_its_field),
		cmocka_unit_test(what_may_hide_a_partial_checksum_is_the_kernels),
		cmocka_unit_test(a_transport_header_not_whole_is_the_kernels_if_partial_may_be),
		cmocka_unit_test(ports_are_those_of_protocols_that_have_them),
		cmocka_unit_test(extension_headers_are_not_looked_at),
		cmocka_unit_test(fragments_have_no_ports_and_whole_checksums),
	};

	return cmocka_run_group_tests(tests, bench_create, bench_destroy);
}
