/*
 * parse: the first stage. Finds the IP header and tells plain transit from all that the kernel must
 * see: what is malformed (so that the kernel counts it as it would), carries options, has used up
 * its TTL, or needs the kernel to finish its checksum. It writes nothing.
 */
#pragma once

#include "datapath/frame.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/transport.h"

ALWAYS_INLINE bool frame_holds(const struct frame *frame, const uint8_t *at, uint32_t bytes) {
	return at + bytes <= frame->end;
}

/* A VLAN or MPLS tag, ARP, or another protocol that is not IP. */
ALWAYS_INLINE enum reason ethertype_reason(uint16_t type) {
	switch (type) {
	case ETHERTYPE_ARP:
		return REASON_ARP;
	case ETHERTYPE_VLAN:
	case ETHERTYPE_SERVICE_VLAN:
	case ETHERTYPE_MPLS:
		return REASON_TAGGED;
	default:
		return REASON_ETHERTYPE;
	}
}

/* UDP ports behind which a tunnel's inner packet begins (IANA: VXLAN, Geneve, GUE, L2TP; 8472 is
 * Linux's old VXLAN port). */
ALWAYS_INLINE bool is_tunnel_port(uint16_t port) {
	return port == 4789 || port == 8472 || port == 6081 || port == 4790 || port == 6080 ||
	       port == 5555 || port == 1701;
}

/*
 * Whether the kernel may still have to finish a checksum in this packet. With CHECKSUM_PARTIAL the
 * field holds the folded pseudo-header sum, uncomplemented (SCTP: zero); a whole checksum is equal
 * to that by chance once in 65,536 packets, and such a packet merely goes by the kernel. What may
 * hide an inner packet with a partial checksum (tunnels; UDP without a checksum, as VXLAN sends it)
 * goes there too.
 */
ALWAYS_INLINE bool checksum_is_partial(
	const struct frame *frame, const struct packet *packet, uint64_t address_sum) {
	const uint8_t *transport =
		packet->header + (packet->is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
	uint32_t transport_length =
		packet->ip_length - (packet->is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
	uint16_t pseudo_sum = checksum_fold(
		address_sum + NET16((uint16_t)transport_length) + NET16(packet->protocol));
	uint16_t field;

	if (packet->fragment)
		return false; /* a sender finishes checksums before it fragments */
	switch (packet->protocol) {
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		return false; /* computed by whoever writes them */
	case PROTOCOL_TCP:
		if (!frame_holds(frame, transport, TCP_HEADER_BYTES))
			return true;
		return load16(transport + TCP_CHECKSUM) == pseudo_sum;
	case PROTOCOL_UDP:
		if (!frame_holds(frame, transport, UDP_HEADER_BYTES))
			return true;
		field = load16(transport + UDP_CHECKSUM);
		return field == 0 || field == pseudo_sum ||
		       is_tunnel_port(NET16(load16(transport + TRANSPORT_DESTINATION_PORT)));
	case PROTOCOL_SCTP:
		if (!frame_holds(frame, transport, SCTP_HEADER_BYTES))
			return true;
		return load32(transport + SCTP_CHECKSUM) == 0;
	default:
		return true;
	}
}

/* The ports, which feed the flow hash; a fragment has them only in its first piece, so none has. */
ALWAYS_INLINE void parse_ports(
	const struct frame *frame, struct packet *packet, const uint8_t *transport) {
	packet->ports = 0;
	if (!packet->fragment && protocol_has_ports(packet->protocol) &&
		frame_holds(frame, transport, TRANSPORT_PORTS_BYTES))
		packet->ports = load32(transport);
}

/* RFC 1812, section 5.2.2 (validation) and 5.3.1 (TTL). */
ALWAYS_INLINE enum reason parse_ipv4(
	const struct frame *frame, const struct port *port, struct packet *packet) {
	const uint8_t *header = frame->data + ETHERNET_HEADER_BYTES;

	if (port->hold4)
		return port->hold4;
	if (!frame_holds(frame, header, IPV4_HEADER_BYTES))
		return REASON_TRUNCATED;
	if (header[IPV4_VERSION_IHL] != IPV4_VERSION_4_IHL_5)
		return header[IPV4_VERSION_IHL] > IPV4_VERSION_4_IHL_5 &&
				       header[IPV4_VERSION_IHL] <= 0x4f
			       ? REASON_OPTIONS
			       : REASON_BAD_HEADER;
	if (ipv4_header_sum(header) != 0xffff)
		return REASON_BAD_CHECKSUM;
	packet->header = header;
	packet->is_ipv6 = false;
	packet->ip_length = NET16(load16(header + IPV4_TOTAL_LENGTH));
	packet->protocol = header[IPV4_PROTOCOL];
	packet->fragment = (load16(header + IPV4_FRAGMENT) & NET16(IPV4_FRAGMENT_BITS)) != 0;
	packet->flow_label = 0;
	if (packet->ip_length < IPV4_HEADER_BYTES)
		return REASON_BAD_HEADER;
	if (ETHERNET_HEADER_BYTES + packet->ip_length > frame->length)
		return REASON_TRUNCATED;
	if (header[IPV4_TTL] <= 1)
		return REASON_TTL;
	if ((port->flags & PORT_PARTIAL_CHECKSUMS) &&
		checksum_is_partial(frame, packet,
			(uint64_t)load32(header + IPV4_SOURCE) + load32(header + IPV4_DESTINATION)))
		return REASON_PARTIAL_CHECKSUM;
	parse_ports(frame, packet, header + IPV4_HEADER_BYTES);
	return REASON_FORWARDED;
}

/* RFC 8200, sections 3 and 4.3: only the hop-by-hop header concerns a router. */
ALWAYS_INLINE enum reason parse_ipv6(
	const struct frame *frame, const struct port *port, struct packet *packet) {
	const uint8_t *header = frame->data + ETHERNET_HEADER_BYTES;
	uint32_t first_word;

	if (port->hold6)
		return port->hold6;
	if (!frame_holds(frame, header, IPV6_HEADER_BYTES))
		return REASON_TRUNCATED;
	first_word = NET32(load32(header + IPV6_VERSION_CLASS_LABEL));
	if (first_word >> 28 != 6)
		return REASON_BAD_HEADER;
	packet->header = header;
	packet->is_ipv6 = true;
	packet->ip_length = IPV6_HEADER_BYTES + NET16(load16(header + IPV6_PAYLOAD_LENGTH));
	packet->protocol = header[IPV6_NEXT_HEADER];
	packet->fragment = packet->protocol == PROTOCOL_FRAGMENT;
	packet->flow_label = first_word & IPV6_LABEL_BITS;
	if (packet->protocol == PROTOCOL_HOP_BY_HOP)
		return REASON_OPTIONS;
	if (ETHERNET_HEADER_BYTES + packet->ip_length > frame->length)
		return REASON_TRUNCATED;
	if (header[IPV6_HOP_LIMIT] <= 1)
		return REASON_TTL;
	if (port->flags & PORT_PARTIAL_CHECKSUMS) {
		uint64_t address_sum = 0;

		for (int word = 0; word < 8; word++)
			address_sum += load32(header + IPV6_SOURCE + 4 * word);
		if (checksum_is_partial(frame, packet, address_sum))
			return REASON_PARTIAL_CHECKSUM;
	}
	parse_ports(frame, packet, header + IPV6_HEADER_BYTES);
	return REASON_FORWARDED;
}

/* REASON_FORWARDED and *packet filled in, or why the frame is the kernel's. */
ALWAYS_INLINE enum reason parse(
	const struct frame *frame, const struct port *port, struct packet *packet) {
	uint16_t type;

	if (!frame_holds(frame, frame->data, ETHERNET_HEADER_BYTES))
		return REASON_TRUNCATED;
	type = NET16(load16(frame->data + ETHERNET_TYPE));
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return ethertype_reason(type);
	if (!mac_equal(frame->data + ETHERNET_DESTINATION, port->mac))
		return REASON_OTHER_MAC;
	return type == ETHERTYPE_IPV4 ? parse_ipv4(frame, port, packet)
				      : parse_ipv6(frame, port, packet);
}
