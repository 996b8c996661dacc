/* ethernet: the Ethernet II header (IEEE 802.3, clause 3.1), as offsets into a frame. */
#pragma once

#include "table/target.h"

enum {
	ETHERNET_DESTINATION = 0,
	ETHERNET_SOURCE = 6,
	ETHERNET_TYPE = 12,
	ETHERNET_HEADER_BYTES = 14,
	MAC_BYTES = 6,
};

/* EtherTypes, from the IEEE registry. */
enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_SERVICE_VLAN = 0x88a8,
};

ALWAYS_INLINE bool mac_equal(const uint8_t *one, const uint8_t *other) {
	return load32(one) == load32(other) && load16(one + 4) == load16(other + 4);
}

ALWAYS_INLINE void mac_copy(uint8_t *to, const uint8_t *from) {
	store32(to, load32(from));
	store16(to + 4, load16(from + 4));
}
