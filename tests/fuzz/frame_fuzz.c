/*
 * frame_fuzz: bytes as a frame, through the stages in user space over the tables of a small router.
 * The first two bytes say how the port is set and how the frame lies in memory; see set_port and
 * take_frame.
 */
#include "memory.h"
#include "router.h"

#include "datapath/userpath.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { HOLD4 = 1 << 4, HOLD6 = 1 << 5, JUMBO = 1 << 6, MEND = 1 << 7 }; /* of the first byte */

static struct memory memory;
static struct router router;
static struct ledger_entry entry;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
	memory_create(&memory, 4096);
	router_fill(&router, &memory.mirror);
	return 0;
}

static struct port set_port(uint8_t how, uint8_t where) {
	struct port port = router_port((uint8_t)(1 + where % ROUTER_PORTS), 1);

	port.flags = how & (PORT_PARTIAL_CHECKSUMS | PORT_SENDS_REDIRECTS);
	port.reverse_path = (how >> 2 & 3) % (REVERSE_PATH_LOOSE + 1);
	port.hold4 = how & HOLD4 ? REASON_NETFILTER : REASON_FORWARDED;
	port.hold6 = how & HOLD6 ? REASON_XFRM : REASON_FORWARDED;
	return port;
}

/* Gets frames past the checks that chance does not pass: the port's MAC address, the checksum. */
static void mend(uint8_t *frame, size_t size, const struct port *port) {
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;

	if (size < ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES)
		return;
	mac_copy(frame, port->mac);
	if (NET16(load16(frame + ETHERNET_TYPE)) != ETHERTYPE_IPV4)
		return;
	store16(ip + IPV4_CHECKSUM, 0);
	store16(ip + IPV4_CHECKSUM, (uint16_t)~ipv4_header_sum(ip));
}

static void check_sums(void) {
	struct ledger_count sum = {0};

	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		sum.packets += entry.reasons[reason].packets;
		sum.bytes += entry.reasons[reason].bytes;
	}
	assert(sum.packets == entry.received.packets && sum.bytes == entry.received.bytes);
}

static void check_ipv4(const uint8_t *before, const uint8_t *after, const struct frame *frame) {
	uint8_t expected[IPV4_HEADER_BYTES];

	assert(before[IPV4_TTL] > 1);
	memcpy(expected, before, sizeof(expected));
	expected[IPV4_TTL]--;
	memcpy(expected + IPV4_CHECKSUM, after + IPV4_CHECKSUM, 2);
	assert(!memcmp(after, expected, sizeof(expected)));
	assert(ipv4_header_sum(after) == 0xffff);
	assert(frame->length == ETHERNET_HEADER_BYTES + NET16(load16(after + IPV4_TOTAL_LENGTH)));
}

static void check_ipv6(const uint8_t *before, const uint8_t *after, const struct frame *frame) {
	uint8_t expected[IPV6_HEADER_BYTES];

	assert(before[IPV6_HOP_LIMIT] > 1);
	memcpy(expected, before, sizeof(expected));
	expected[IPV6_HOP_LIMIT]--;
	assert(!memcmp(after, expected, sizeof(expected)));
	assert(frame->length == ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES +
					NET16(load16(after + IPV6_PAYLOAD_LENGTH)));
}

static void check_forwarded(const struct frame *before, const uint8_t *copy,
	const struct frame *after, const struct decision *decision) {
	size_t header =
		ETHERNET_HEADER_BYTES + (decision->is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
	size_t held = (size_t)(before->end - before->data);
	const struct nexthop *nexthop = decision->nexthop;

	assert(nexthop && nexthop->kind == NEXTHOP_ADJACENCY && nexthop->port == decision->egress);
	assert(mac_equal(after->data + ETHERNET_DESTINATION, nexthop->destination_mac));
	assert(mac_equal(after->data + ETHERNET_SOURCE, nexthop->source_mac));
	assert(!memcmp(after->data + ETHERNET_TYPE, copy + ETHERNET_TYPE, 2));
	(decision->is_ipv6 ? check_ipv6 : check_ipv4)(
		copy + ETHERNET_HEADER_BYTES, after->data + ETHERNET_HEADER_BYTES, after);
	assert(!memcmp(after->data + header, copy + header, held - header));
	assert(after->length <= before->length && after->end <= before->end);
	assert(after->length - ETHERNET_HEADER_BYTES <= nexthop->argument);
}

static void forward(const struct port *port, struct frame frame, const uint8_t *copy) {
	struct frame before = frame;
	struct decision decision;
	enum reason reason = userpath_forward(&memory.tables, port, &frame, 1, &entry, &decision);

	assert(reason < REASON_COUNT && reason == decision.reason);
	check_sums();
	if (reason == REASON_FORWARDED) {
		check_forwarded(&before, copy, &frame, &decision);
		return;
	}
	assert(!memcmp(frame.data, copy, (size_t)(frame.end - frame.data)));
	assert(!memcmp(&frame, &before, sizeof(frame)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct port port;
	uint8_t *data, *copy;

	if (size < 2 || size > 2048)
		return 0;
	port = set_port(bytes[0], bytes[1]);
	size -= 2;
	data = malloc(size); /* of the exact size, so that reading beyond is seen */
	copy = malloc(size);
	if (data && copy) {
		memcpy(data, bytes + 2, size);
		if (bytes[0] & MEND)
			mend(data, size, &port);
		memcpy(copy, data, size);
		forward(&port,
			(struct frame){data, data + size,
				(uint32_t)size + (bytes[0] & JUMBO ? bytes[1] * 8u : 0)},
			copy);
	}
	free(data);
	free(copy);
	return 0;
}
