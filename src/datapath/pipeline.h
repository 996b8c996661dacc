/*
 * pipeline: a packet's way, in the order of the stages, for both targets: the BPF program on the
 * driver path and user space (tests, fuzzing, explanation, forwarding without privilege).
 *
 * decide() only reads; rewrite() runs when it has said REASON_FORWARDED. So a frame that is left to
 * the kernel is untouched.
 */
#pragma once

#include "datapath/parse.h"
#include "datapath/police.h"
#include "datapath/resolve.h"

ALWAYS_INLINE uint32_t look_up(const struct tables *tables, const struct packet *packet) {
	if (packet->is_ipv6)
		return lookup6(tables, packet->header + IPV6_DESTINATION);
	return lookup4(tables, NET32(load32(packet->header + IPV4_DESTINATION)));
}

/* What is to become of a frame that came by this port; fills in *decision. */
ALWAYS_INLINE enum reason decide(const struct tables *tables, const struct port *port,
	const struct frame *frame, uint64_t seed, struct decision *decision) {
	struct packet packet = {.header = NULL};
	enum reason reason;

	reason = parse(frame, port, &packet);
	/* The header says the same as the reason, in a way that Linux 6.1's verifier follows. */
	if (reason != REASON_FORWARDED || !packet.header)
		return reason;
	reason = police(tables, port, &packet);
	if (reason != REASON_FORWARDED)
		return reason;
	decision->is_ipv6 = packet.is_ipv6;
	decision->frame_length = ETHERNET_HEADER_BYTES + packet.ip_length;
	return resolve(tables, port, &packet, look_up(tables, &packet), seed, decision);
}

/* Makes the frame the next hop's: MAC addresses, TTL or hop limit, checksum. The caller has checked
 * that `header` (Ethernet and IP) is there, and cut off what trails the packet. */
ALWAYS_INLINE void rewrite(uint8_t *header, const struct decision *decision) {
	uint8_t *ip = header + ETHERNET_HEADER_BYTES;

	mac_copy(header + ETHERNET_DESTINATION, decision->nexthop->destination_mac);
	mac_copy(header + ETHERNET_SOURCE, decision->nexthop->source_mac);
	if (decision->is_ipv6)
		ip[IPV6_HOP_LIMIT]--;
	else
		ipv4_decrement_ttl(ip);
}

/* Tells the writer that the adjacency carries traffic, so that it keeps the neighbour fresh. Read
 * before written: the line stays shared among CPUs. */
ALWAYS_INLINE void mark_used(struct nexthop *nexthop) {
	if (!nexthop->used)
		nexthop->used = 1;
}
