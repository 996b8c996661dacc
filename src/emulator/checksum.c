/* checksum: see checksum.h. */
#include "emulator/checksum.h"

#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/transport.h"

enum { VLAN_TAG_BYTES = 4, EXTENSIONS_MAX = 8, PROTOCOL_DESTINATION = 60 };

/* What lies behind the IP header, and what its pseudo-header adds. */
struct transport {
	uint8_t *bytes;
	uint32_t length;
	uint8_t protocol;
	uint64_t address_sum;
};

static uint64_t sum_of(const uint8_t *bytes, uint32_t length) {
	uint64_t sum = 0;

	for (; length >= 4; bytes += 4, length -= 4)
		sum += load32(bytes);
	if (length >= 2) {
		sum += load16(bytes);
		bytes += 2;
		length -= 2;
	}
	if (length)
		sum += NET16((uint16_t)(*bytes << 8));
	return sum;
}

static bool find_in_ipv4(uint8_t *header, uint32_t length, struct transport *transport) {
	uint32_t header_bytes, total;

	if (length < IPV4_HEADER_BYTES || header[IPV4_VERSION_IHL] >> 4 != 4)
		return false;
	header_bytes = (header[IPV4_VERSION_IHL] & 15u) * 4;
	total = NET16(load16(header + IPV4_TOTAL_LENGTH));
	if (header_bytes < IPV4_HEADER_BYTES || total < header_bytes || total > length)
		return false;
	if (load16(header + IPV4_FRAGMENT) & NET16(IPV4_FRAGMENT_BITS))
		return false; /* a sender finishes checksums before it fragments */
	transport->bytes = header + header_bytes;
	transport->length = total - header_bytes;
	transport->protocol = header[IPV4_PROTOCOL];
	transport->address_sum = sum_of(header + IPV4_SOURCE, 8);
	return true;
}

/* With a routing header the pseudo-header has the last destination (RFC 8200, 8.1), and the sum is
 * not what it looks like here: such packets have no partial checksum that could be told. */
static bool find_in_ipv6(uint8_t *header, uint32_t length, struct transport *transport) {
	uint8_t *at = header + IPV6_HEADER_BYTES;
	uint32_t left;

	if (length < IPV6_HEADER_BYTES || header[IPV6_VERSION_CLASS_LABEL] >> 4 != 6)
		return false;
	left = NET16(load16(header + IPV6_PAYLOAD_LENGTH));
	if (left > length - IPV6_HEADER_BYTES)
		return false;
	transport->protocol = header[IPV6_NEXT_HEADER];
	for (unsigned int i = 0;
		i < EXTENSIONS_MAX && (transport->protocol == PROTOCOL_HOP_BY_HOP ||
					      transport->protocol == PROTOCOL_DESTINATION);
		i++) {
		uint32_t bytes = left >= 8 ? (at[1] + 1u) * 8 : 0;

		if (bytes == 0 || bytes > left)
			return false;
		transport->protocol = at[0];
		at += bytes;
		left -= bytes;
	}
	transport->bytes = at;
	transport->length = left;
	transport->address_sum = sum_of(header + IPV6_SOURCE, 2 * IPV6_ADDRESS_BYTES);
	return true;
}

static bool find_transport(uint8_t *frame, uint32_t length, struct transport *transport) {
	uint32_t at = ETHERNET_TYPE;

	while (at + 2 + VLAN_TAG_BYTES <= length &&
		(load16(frame + at) == NET16(ETHERTYPE_VLAN) ||
			load16(frame + at) == NET16(ETHERTYPE_SERVICE_VLAN)))
		at += VLAN_TAG_BYTES;
	if (at + 2 > length)
		return false;
	switch (NET16(load16(frame + at))) {
	case ETHERTYPE_IPV4:
		return find_in_ipv4(frame + at + 2, length - at - 2, transport);
	case ETHERTYPE_IPV6:
		return find_in_ipv6(frame + at + 2, length - at - 2, transport);
	default:
		return false;
	}
}

/* NULL if there is none. */
static uint8_t *checksum_field(const struct transport *transport) {
	if (transport->protocol == PROTOCOL_TCP && transport->length >= TCP_HEADER_BYTES)
		return transport->bytes + TCP_CHECKSUM;
	if (transport->protocol == PROTOCOL_UDP && transport->length >= UDP_HEADER_BYTES)
		return transport->bytes + UDP_CHECKSUM;
	return NULL;
}

bool checksum_finish(uint8_t *frame, uint32_t length) {
	struct transport transport;
	uint64_t pseudo_sum;
	uint16_t checksum;
	uint8_t *field;

	if (!find_transport(frame, length, &transport))
		return false;
	field = checksum_field(&transport);
	if (!field)
		return false;
	pseudo_sum = transport.address_sum + NET16((uint16_t)transport.length) +
		     NET16(transport.protocol);
	if (load16(field) != checksum_fold(pseudo_sum))
		return false;
	/* The field holds the pseudo-header's sum: the segment's own sum is that of both. */
	checksum = checksum_fold(sum_of(transport.bytes, transport.length));
	if (checksum_fold((uint64_t)checksum + pseudo_sum) == 0xffff)
		return false; /* whole, and equal by chance */
	checksum = (uint16_t)~checksum;
	store16(field, checksum == 0 && transport.protocol == PROTOCOL_UDP ? 0xffff : checksum);
	return true;
}
