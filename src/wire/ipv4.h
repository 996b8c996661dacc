/* ipv4: the IPv4 header (RFC 791, section 3.1), as offsets, and its checksum (RFC 1071, 1624). */
#pragma once

#include "table/target.h"

enum {
	IPV4_VERSION_IHL = 0,
	IPV4_TOS = 1,
	IPV4_TOTAL_LENGTH = 2,
	IPV4_FRAGMENT = 6,
	IPV4_TTL = 8,
	IPV4_PROTOCOL = 9,
	IPV4_CHECKSUM = 10,
	IPV4_SOURCE = 12,
	IPV4_DESTINATION = 16,
	IPV4_HEADER_BYTES = 20, /* without options */
};

enum {
	IPV4_VERSION_4_IHL_5 = 0x45,
	IPV4_FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
};

ALWAYS_INLINE uint16_t checksum_fold(uint64_t sum) {
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* The ones' complement sum over a header of 20 bytes; 0xffff for one whose checksum is right. */
ALWAYS_INLINE uint16_t ipv4_header_sum(const uint8_t *header) {
	uint64_t sum = load32(header);

	sum += load32(header + 4);
	sum += load32(header + 8);
	sum += load32(header + 12);
	sum += load32(header + 16);
	return checksum_fold(sum);
}

/*
 * Takes one off the TTL and brings the checksum up to date (RFC 1624, equation 4, which for this
 * change is an addition): the very bytes that Linux's ip_decrease_ttl writes.
 */
ALWAYS_INLINE void ipv4_decrement_ttl(uint8_t *header) {
	uint32_t checksum = load16(header + IPV4_CHECKSUM);

	checksum += NET16(0x0100);
	store16(header + IPV4_CHECKSUM, (uint16_t)(checksum + (checksum >= 0xffff)));
	header[IPV4_TTL]--;
}
