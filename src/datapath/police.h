/*
 * police: the second stage. Whether the packet's addresses are such as a router may forward
 * (RFC 1812, sections 5.3.7 and 5.3.8; RFC 4291), and rp_filter (RFC 3704). It decides only what
 * is plainly allowed; everything doubtful goes to the kernel, which drops, counts and logs it.
 */
#pragma once

#include "datapath/frame.h"
#include "table/lookup.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

ALWAYS_INLINE bool ipv4_is_in(uint32_t address, uint32_t prefix, unsigned int prefix_len) {
	return (address ^ prefix) >> (32 - prefix_len) == 0;
}

/* Whether the route back to the source agrees with the port that the packet came by. */
ALWAYS_INLINE bool reverse_path_holds(
	const struct tables *tables, const struct port *port, uint32_t source) {
	const struct nexthop *back = fetch_nexthop(tables, lookup4(tables, source));
	uint8_t slot = port->slot;

	if (!back || (back->kind == NEXTHOP_VERDICT && back->reason != REASON_UNRESOLVED))
		return false;
	if (port->reverse_path == REVERSE_PATH_LOOSE)
		return true;
	if (back->kind == NEXTHOP_GROUP)
		return (back->port_set[(slot >> 6) & 3] >> (slot & 63)) & 1;
	return back->port == slot;
}

/* Whether the source is one of this machine's own addresses. The filter misses for all but a few
 * others, so the second look-up is rare. */
ALWAYS_INLINE bool source_may_be_local(const struct tables *tables, uint32_t source) {
	uint32_t bit = local_filter_bit(source);
	const struct nexthop *nexthop;

	if (LIKELY(!((fetch_local_filter(tables, bit / 64) >> (bit % 64)) & 1)))
		return false;
	nexthop = fetch_nexthop(tables, lookup4(tables, source));
	return !nexthop || (nexthop->kind == NEXTHOP_VERDICT && nexthop->reason == REASON_LOCAL);
}

ALWAYS_INLINE enum reason police_ipv4(
	const struct tables *tables, const struct port *port, const struct packet *packet) {
	uint32_t source = NET32(load32(packet->header + IPV4_SOURCE));
	uint32_t destination = NET32(load32(packet->header + IPV4_DESTINATION));

	if (ipv4_is_in(source, 0, 8) || ipv4_is_in(source, 0x7f000000, 8) ||
		ipv4_is_in(source, 0xe0000000, 4) || source == 0xffffffff)
		return REASON_MARTIAN_SOURCE;
	if (ipv4_is_in(destination, 0, 8) || ipv4_is_in(destination, 0x7f000000, 8))
		return REASON_MARTIAN_DESTINATION;
	if (ipv4_is_in(destination, 0xe0000000, 4))
		return REASON_MULTICAST;
	if (destination == 0xffffffff)
		return REASON_BROADCAST;
	if (source_may_be_local(tables, source))
		return REASON_MARTIAN_SOURCE;
	if (port->reverse_path != REVERSE_PATH_OFF && !reverse_path_holds(tables, port, source))
		return REASON_REVERSE_PATH;
	return REASON_FORWARDED;
}

ALWAYS_INLINE enum reason police_ipv6(const struct packet *packet) {
	const uint8_t *source = packet->header + IPV6_SOURCE;
	const uint8_t *destination = packet->header + IPV6_DESTINATION;

	if (ipv6_is_multicast(source) || ipv6_is_reserved(source))
		return REASON_MARTIAN_SOURCE;
	if (ipv6_is_multicast(destination))
		return REASON_MULTICAST;
	if (ipv6_is_reserved(destination))
		return REASON_MARTIAN_DESTINATION;
	if (ipv6_is_link_local(source) || ipv6_is_link_local(destination))
		return REASON_LINK_LOCAL;
	return REASON_FORWARDED;
}

ALWAYS_INLINE enum reason police(
	const struct tables *tables, const struct port *port, const struct packet *packet) {
	return packet->is_ipv6 ? police_ipv6(packet) : police_ipv4(tables, port, packet);
}
