/* ipv6: the IPv6 header (RFC 8200, section 3), as offsets. */
#pragma once

#include "table/target.h"

enum {
	IPV6_VERSION_CLASS_LABEL = 0,
	IPV6_PAYLOAD_LENGTH = 4,
	IPV6_NEXT_HEADER = 6,
	IPV6_HOP_LIMIT = 7,
	IPV6_SOURCE = 8,
	IPV6_DESTINATION = 24,
	IPV6_HEADER_BYTES = 40,
	IPV6_ADDRESS_BYTES = 16,
};

enum { IPV6_LABEL_BITS = 0x000fffff };

ALWAYS_INLINE bool ipv6_is_multicast(const uint8_t *address) {
	return address[0] == 0xff;
}

ALWAYS_INLINE bool ipv6_is_link_local(const uint8_t *address) {
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/* ::/64 holds the unspecified, the loopback and the IPv4-mapped addresses, and no host. */
ALWAYS_INLINE bool ipv6_is_reserved(const uint8_t *address) {
	return (load32(address) | load32(address + 4)) == 0;
}
