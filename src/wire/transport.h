/* transport: what a router may look at behind the IP header: protocol numbers (IANA), ports and
 * checksum fields (RFC 9293, 768, 9260). */
#pragma once

#include "table/target.h"

enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_OSPF = 89,
	PROTOCOL_SCTP = 132,
	PROTOCOL_UDP_LITE = 136,
};

enum {
	TRANSPORT_PORTS = 0, /* source and destination, 32 bits */
	TRANSPORT_PORTS_BYTES = 4,
	TRANSPORT_DESTINATION_PORT = 2,
	UDP_CHECKSUM = 6,
	UDP_HEADER_BYTES = 8,
	TCP_CHECKSUM = 16,
	TCP_HEADER_BYTES = 20,
	SCTP_CHECKSUM = 8,
	SCTP_HEADER_BYTES = 12,
};

ALWAYS_INLINE bool protocol_has_ports(uint8_t protocol) {
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_SCTP ||
	       protocol == PROTOCOL_UDP_LITE;
}
