/* frames: see frames.h. A class takes a plain packet and spoils one thing in it. */
#include "frames.h"

#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/transport.h"

#include <arpa/inet.h>
#include <string.h>

uint64_t frames_random(struct frames *frames) {
	frames->random ^= frames->random >> 12;
	frames->random ^= frames->random << 25;
	frames->random ^= frames->random >> 27;
	return frames->random * 0x2545f4914f6cdd1d;
}

static uint32_t below(struct frames *frames, uint32_t limit) {
	return (uint32_t)((frames_random(frames) >> 33) % limit);
}

/* A packet on its way: where its parts are. */
struct draft {
	struct frames *frames;
	uint8_t *frame;
	uint8_t *ip;
	size_t length; /* of the frame */
	bool is_ipv6;
};

static uint16_t ones_sum(const uint8_t *bytes, size_t length, uint64_t sum) {
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += load16(bytes + i);
	if (length & 1)
		sum += bytes[length - 1]; /* little-endian machines */
	return checksum_fold(sum);
}

static void fix_ipv4_checksum(struct draft *draft) {
	size_t header = (draft->ip[0] & 15) * 4u;

	store16(draft->ip + IPV4_CHECKSUM, 0);
	store16(draft->ip + IPV4_CHECKSUM, (uint16_t)~ones_sum(draft->ip, header, 0));
}

/* A whole checksum in TCP and UDP, so that it cannot be taken for a partial one. */
static void fix_transport_checksum(struct draft *draft, uint8_t protocol, uint8_t *transport) {
	size_t length = (size_t)(draft->frame + draft->length - transport);
	const uint8_t *addresses = draft->ip + (draft->is_ipv6 ? IPV6_SOURCE : IPV4_SOURCE);
	size_t field = protocol == PROTOCOL_TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
	uint64_t pseudo = NET16((uint16_t)length) + NET16(protocol);
	uint16_t sum;

	pseudo += ones_sum(addresses, draft->is_ipv6 ? 32 : 8, 0);
	store16(transport + field, 0);
	sum = (uint16_t)~ones_sum(transport, length, pseudo);
	store16(transport + field, sum ? sum : 0xffff);
}

static void write_transport(struct draft *draft, uint8_t protocol, uint8_t *transport) {
	uint8_t *end = draft->frame + draft->length;

	for (uint8_t *byte = transport; byte < end; byte++)
		*byte = (uint8_t)frames_random(draft->frames);
	if (protocol == PROTOCOL_TCP)
		transport[12] = 0x50; /* no options */
	if (protocol == PROTOCOL_UDP) {
		store16(transport + 4, NET16((uint16_t)(end - transport)));
		store16(transport + TRANSPORT_DESTINATION_PORT,
			NET16((uint16_t)(10000 + below(draft->frames, 1000))));
	}
	if (protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP)
		fix_transport_checksum(draft, protocol, transport);
	if (protocol == PROTOCOL_ICMP) { /* an echo request, its checksum right */
		transport[0] = 8;
		transport[1] = 0;
		store16(transport + 2, 0);
		store16(transport + 2,
			(uint16_t)~ones_sum(transport, (size_t)(end - transport), 0));
	}
	if (protocol == PROTOCOL_ICMPV6)
		transport[0] = 128;
}

static const char *const sources4[] = {
	"10.0.1.2", "10.0.1.7", "172.16.5.5", "192.0.2.33", "8.8.8.8"};
static const char *const destinations4[] = {
	"20.1.2.3", "20.255.0.9", "30.7.7.7", "40.3.2.1", "10.0.2.2", "10.0.3.2", "20.1.0.255"};
static const char *const sources6[] = {"fd00:1::2", "2001:db8:77::5", "2002:a:b::1"};
static const char *const destinations6[] = {
	"2001:db8:2::1", "2001:db8:2:ffff::9", "2001:db8:3::4", "fd00:2::2", "fd00:3::2"};

#define CHOOSE(draft, list) (list)[below((draft)->frames, sizeof(list) / sizeof((list)[0]))]

static void set_source(struct draft *draft, const char *text) {
	inet_pton(draft->is_ipv6 ? AF_INET6 : AF_INET, text,
		draft->ip + (draft->is_ipv6 ? IPV6_SOURCE : IPV4_SOURCE));
}

static void set_destination(struct draft *draft, const char *text) {
	inet_pton(draft->is_ipv6 ? AF_INET6 : AF_INET, text,
		draft->ip + (draft->is_ipv6 ? IPV6_DESTINATION : IPV4_DESTINATION));
}

static void draft_ethernet(struct draft *draft) {
	memcpy(draft->frame + ETHERNET_DESTINATION, draft->frames->router_mac, 6);
	memcpy(draft->frame + ETHERNET_SOURCE, draft->frames->host_mac, 6);
	store16(draft->frame + ETHERNET_TYPE,
		NET16(draft->is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4));
}

static void draft_ipv4(struct draft *draft, size_t payload) {
	static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, 89, 47, 132};
	uint8_t protocol = CHOOSE(draft, protocols);

	draft->length = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + payload;
	draft->ip[0] = IPV4_VERSION_4_IHL_5;
	draft->ip[IPV4_TOS] = (uint8_t)(below(draft->frames, 4) ? 0 : frames_random(draft->frames));
	store16(draft->ip + IPV4_TOTAL_LENGTH, NET16((uint16_t)(IPV4_HEADER_BYTES + payload)));
	store16(draft->ip + 4, NET16((uint16_t)draft->frames->sequence));
	store16(draft->ip + IPV4_FRAGMENT, below(draft->frames, 2) ? NET16(0x4000) : 0);
	draft->ip[IPV4_TTL] = (uint8_t)(2 + below(draft->frames, 250));
	draft->ip[IPV4_PROTOCOL] = protocol;
	set_source(draft, CHOOSE(draft, sources4));
	set_destination(draft, CHOOSE(draft, destinations4));
	fix_ipv4_checksum(draft);
	write_transport(draft, protocol, draft->ip + IPV4_HEADER_BYTES);
}

static void draft_ipv6(struct draft *draft, size_t payload) {
	static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMPV6, 89, 59};
	uint8_t protocol = CHOOSE(draft, protocols);

	draft->length = ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + payload;
	store32(draft->ip, NET32(6u << 28 | (draft->frames->sequence & IPV6_LABEL_BITS)));
	store16(draft->ip + IPV6_PAYLOAD_LENGTH, NET16((uint16_t)payload));
	draft->ip[IPV6_NEXT_HEADER] = protocol;
	draft->ip[IPV6_HOP_LIMIT] = (uint8_t)(2 + below(draft->frames, 250));
	set_source(draft, CHOOSE(draft, sources6));
	set_destination(draft, CHOOSE(draft, destinations6));
	write_transport(draft, protocol, draft->ip + IPV6_HEADER_BYTES);
}

static void start(struct draft *draft, bool is_ipv6) {
	size_t payload = 24 + (below(draft->frames, 8) ? below(draft->frames, 100)
						       : below(draft->frames, 1200));

	draft->is_ipv6 = is_ipv6;
	draft_ethernet(draft);
	if (is_ipv6)
		draft_ipv6(draft, payload);
	else
		draft_ipv4(draft, payload);
}

static void start_either(struct draft *draft) {
	start(draft, below(draft->frames, 2));
}

/* Makes room for `bytes` between the IPv4 header and its payload. */
static void insert_after_header(struct draft *draft, size_t header, size_t bytes) {
	uint8_t *at = draft->ip + header;

	memmove(at + bytes, at, (size_t)(draft->frame + draft->length - at));
	memset(at, 0, bytes);
	draft->length += bytes;
}

static void plain4(struct draft *draft) {
	start(draft, false);
}

static void plain6(struct draft *draft) {
	start(draft, true);
}

static void bad_checksum(struct draft *draft) {
	start(draft, false);
	store16(draft->ip + IPV4_CHECKSUM,
		(uint16_t)(load16(draft->ip + IPV4_CHECKSUM) + 1 + below(draft->frames, 65534)));
}

static void bad_version(struct draft *draft) {
	start_either(draft);
	draft->ip[0] = (uint8_t)((draft->ip[0] & 15) | below(draft->frames, 16) << 4);
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void bad_header_length(struct draft *draft) {
	start(draft, false);
	draft->ip[0] = (uint8_t)(0x40 | below(draft->frames, 16));
	if ((draft->ip[0] & 15) >= 5)
		fix_ipv4_checksum(draft);
}

static void bad_length(struct draft *draft) {
	start_either(draft);
	store16(draft->ip + (draft->is_ipv6 ? IPV6_PAYLOAD_LENGTH : IPV4_TOTAL_LENGTH),
		(uint16_t)frames_random(draft->frames));
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void options4(struct draft *draft) {
	uint32_t words = 1 + below(draft->frames, 10);

	start(draft, false);
	insert_after_header(draft, IPV4_HEADER_BYTES, words * 4);
	draft->ip[0] = (uint8_t)(0x45 + words);
	memset(draft->ip + IPV4_HEADER_BYTES, 1, words * 4); /* no operation */
	store16(draft->ip + IPV4_TOTAL_LENGTH,
		NET16((uint16_t)(draft->length - ETHERNET_HEADER_BYTES)));
	fix_ipv4_checksum(draft);
}

static void fragments4(struct draft *draft) {
	start(draft, false);
	store16(draft->ip + IPV4_FRAGMENT,
		NET16((uint16_t)(below(draft->frames, 2) << 13 | below(draft->frames, 1000))));
	fix_ipv4_checksum(draft);
}

static void extension_headers(struct draft *draft) {
	static const uint8_t kinds[] = {PROTOCOL_HOP_BY_HOP, 43, PROTOCOL_FRAGMENT, 60, 135, 139};
	uint8_t kind = CHOOSE(draft, kinds);

	start(draft, true);
	insert_after_header(draft, IPV6_HEADER_BYTES, 8);
	draft->ip[IPV6_HEADER_BYTES] = draft->ip[IPV6_NEXT_HEADER];
	draft->ip[IPV6_NEXT_HEADER] = kind;
	if (kind == PROTOCOL_HOP_BY_HOP || kind == 60) {
		draft->ip[IPV6_HEADER_BYTES + 2] = 1; /* PadN */
		draft->ip[IPV6_HEADER_BYTES + 3] = 4;
	}
	store16(draft->ip + IPV6_PAYLOAD_LENGTH,
		NET16((uint16_t)(draft->length - ETHERNET_HEADER_BYTES - IPV6_HEADER_BYTES)));
}

static void vlan(struct draft *draft) {
	start_either(draft);
	memmove(draft->frame + 16, draft->frame + 12, draft->length - 12);
	store16(draft->frame + 12, NET16(below(draft->frames, 2) ? 0x8100 : 0x88a8));
	store16(draft->frame + 14, NET16((uint16_t)(1 + below(draft->frames, 4094))));
	draft->length += 4;
}

static void ttl(struct draft *draft) {
	start_either(draft);
	draft->ip[draft->is_ipv6 ? IPV6_HOP_LIMIT : IPV4_TTL] = (uint8_t)below(draft->frames, 3);
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void martian_source(struct draft *draft) {
	static const char *const four[] = {"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9",
		"224.0.0.5", "239.1.1.1", "255.255.255.255", "240.0.0.1", "10.0.1.1", "10.0.2.1",
		"10.0.1.255", "10.0.2.255"};
	static const char *const six[] = {"::", "::1", "ff02::1", "ff0e::5", "fe80::5",
		"::ffff:10.0.1.2", "fd00:1::1", "::5", "fd00:2::1"};

	start_either(draft);
	set_source(draft, draft->is_ipv6 ? CHOOSE(draft, six) : CHOOSE(draft, four));
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void martian_destination(struct draft *draft) {
	static const char *const four[] = {"0.0.0.0", "0.9.9.9", "127.0.0.1", "127.1.1.1",
		"224.0.0.1", "232.1.2.3", "255.255.255.255", "240.1.1.1", "10.0.2.255", "10.0.2.0",
		"10.0.1.255"};
	static const char *const six[] = {
		"::", "::1", "ff0e::1", "fe80::9", "::ffff:20.1.2.3", "fd00:2::", "ff05::2"};

	start_either(draft);
	set_destination(draft, draft->is_ipv6 ? CHOOSE(draft, six) : CHOOSE(draft, four));
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void no_way(struct draft *draft) {
	static const char *const four[] = {
		"50.1.1.1", "60.1.1.1", "70.1.1.1", "80.1.1.1", "90.1.1.1"};
	static const char *const six[] = {
		"2001:db8:50::1", "2001:db8:60::1", "2001:db8:70::1", "3000::1"};

	start_either(draft);
	set_destination(draft, draft->is_ipv6 ? CHOOSE(draft, six) : CHOOSE(draft, four));
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

/* Around the MTU of r2 (1400): fits, just fits, and does not. */
static void around_mtu(struct draft *draft) {
	size_t length = 1398 + below(draft->frames, 6);

	draft->is_ipv6 = below(draft->frames, 2);
	draft_ethernet(draft);
	if (draft->is_ipv6)
		draft_ipv6(draft, length - IPV6_HEADER_BYTES);
	else
		draft_ipv4(draft, length - IPV4_HEADER_BYTES);
	set_destination(draft, draft->is_ipv6 ? "2001:db8:3::4" : "30.7.7.7");
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void truncated(struct draft *draft) {
	start_either(draft);
	draft->length = ETHERNET_HEADER_BYTES +
			below(draft->frames, (uint32_t)(draft->length - ETHERNET_HEADER_BYTES));
}

static void padded(struct draft *draft) {
	size_t padding = 1 + below(draft->frames, 100);

	start_either(draft);
	for (size_t i = 0; i < padding; i++)
		draft->frame[draft->length + i] = (uint8_t)frames_random(draft->frames);
	draft->length += padding;
}

static void group_mac(struct draft *draft) {
	start_either(draft);
	memset(draft->frame, 0xff, 6);
	if (below(draft->frames, 2))
		memcpy(draft->frame, "\x01\x00\x5e\x01\x02\x03", 6);
}

static void other_mac(struct draft *draft) {
	start_either(draft);
	draft->frame[below(draft->frames, 6)] ^= (uint8_t)(1u << below(draft->frames, 8));
}

static void other_ethertype(struct draft *draft) {
	static const uint16_t types[] = {
		0x88cc, 0x8847, 0x0805, 0x0000, 0x05dc, 0x8863, 0x9000, 0x88f7};

	start_either(draft);
	store16(draft->frame + ETHERNET_TYPE, NET16(CHOOSE(draft, types)));
}

/* Back out of the port it came by. */
static void hairpin(struct draft *draft) {
	start_either(draft);
	set_destination(draft, draft->is_ipv6 ? "fd00:1::7" : "10.0.1.7");
	set_source(draft, draft->is_ipv6 ? "fd00:1::2" : "10.0.1.2");
	if (!draft->is_ipv6)
		fix_ipv4_checksum(draft);
}

static void noise(struct draft *draft) {
	start_either(draft);
	for (int i = 0; i < 3; i++)
		draft->frame[ETHERNET_HEADER_BYTES + below(draft->frames, 40)] =
			(uint8_t)frames_random(draft->frames);
	if (!draft->is_ipv6 && below(draft->frames, 2) && (draft->ip[0] & 15) == 5)
		fix_ipv4_checksum(draft);
}

static const struct {
	const char *name;
	void (*make)(struct draft *draft);
} classes[] = {
	{"plain IPv4", plain4},
	{"plain IPv6", plain6},
	{"bad checksum", bad_checksum},
	{"bad version", bad_version},
	{"bad header length", bad_header_length},
	{"bad length", bad_length},
	{"IPv4 options", options4},
	{"IPv4 fragments", fragments4},
	{"IPv6 extension headers", extension_headers},
	{"VLAN tags", vlan},
	{"TTL 0, 1, 2", ttl},
	{"martian source", martian_source},
	{"martian destination", martian_destination},
	{"no way there", no_way},
	{"around the MTU", around_mtu},
	{"truncated", truncated},
	{"padded", padded},
	{"group MAC", group_mac},
	{"other MAC", other_mac},
	{"other EtherType", other_ethertype},
	{"same port", hairpin},
	{"noise", noise},
};

size_t frames_class_count(void) {
	return sizeof(classes) / sizeof(classes[0]);
}

const char *frames_class_name(size_t class_index) {
	return classes[class_index].name;
}

size_t frames_make(struct frames *frames, size_t class_index, uint8_t *frame) {
	struct draft draft = {
		.frames = frames, .frame = frame, .ip = frame + ETHERNET_HEADER_BYTES};

	frames->sequence++;
	classes[class_index].make(&draft);
	return draft.length;
}
