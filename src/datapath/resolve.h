/*
 * resolve: the fourth stage. From the id that the look-up gave to the adjacency that the packet
 * leaves by: a member of a group is chosen by flow hash, so that a flow's packets keep their order.
 */
#pragma once

#include "datapath/frame.h"
#include "table/lookup.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

ALWAYS_INLINE uint64_t hash_step(uint64_t hash, uint64_t word) {
	hash = (hash ^ word) * 0x9e3779b97f4a7c15; /* 2^64 over the golden ratio */
	return hash ^ (hash >> 32);
}

/* Over addresses, protocol, ports and flow label (RFC 6438); fragments by addresses alone. */
ALWAYS_INLINE uint32_t flow_hash(const struct packet *packet, uint64_t seed) {
	const uint8_t *header = packet->header;
	uint64_t hash = seed;

	if (packet->is_ipv6) {
		hash = hash_step(hash, load64(header + IPV6_SOURCE));
		hash = hash_step(hash, load64(header + IPV6_SOURCE + 8));
		hash = hash_step(hash, load64(header + IPV6_DESTINATION));
		hash = hash_step(hash, load64(header + IPV6_DESTINATION + 8));
		if (!packet->fragment)
			hash = hash_step(hash, packet->flow_label);
	} else {
		hash = hash_step(hash, load64(header + IPV4_SOURCE));
	}
	if (!packet->fragment)
		hash = hash_step(hash, (uint64_t)packet->ports << 8 | packet->protocol);
	hash *= 0xd6e8feb86659fd93;
	return (uint32_t)(hash >> 32);
}

/* Whether the packet would leave by the port that it came by and the sender is owed a redirect
 * (RFC 1812, section 5.2.7.2; RFC 4861, section 8.2). The kernel sends it, and forwards. */
ALWAYS_INLINE bool redirect_is_due(
	const struct port *port, const struct packet *packet, uint8_t egress) {
	return egress == port->slot && (packet->is_ipv6 || (port->flags & PORT_SENDS_REDIRECTS));
}

/* The word that publishes a next hop, read once: kind, reason, port and argument belong together.
 */
ALWAYS_INLINE struct nexthop nexthop_head(const struct nexthop *nexthop) {
	return (struct nexthop){.head = *(const volatile uint64_t *)&nexthop->head};
}

/* REASON_FORWARDED and decision->nexthop, or why not. */
ALWAYS_INLINE enum reason resolve(const struct tables *tables, const struct port *port,
	const struct packet *packet, uint32_t id, uint64_t seed, struct decision *decision) {
	struct nexthop *nexthop = fetch_nexthop(tables, id);
	struct nexthop head;

	decision->route_nexthop = id;
	if (!nexthop)
		return REASON_NO_ROUTE;
	head = nexthop_head(nexthop);
	if (head.kind == NEXTHOP_GROUP) {
		decision->flow_hash = flow_hash(packet, seed);
		id = fetch_bucket(tables, nexthop_bucket(&head, decision->flow_hash));
		nexthop = fetch_nexthop(tables, id);
		if (!nexthop)
			return REASON_NO_ROUTE;
		head = nexthop_head(nexthop);
	}
	decision->nexthop = nexthop;
	decision->egress = head.port;
	if (head.kind != NEXTHOP_ADJACENCY)
		return head.kind == NEXTHOP_VERDICT && head.reason ? head.reason
								   : REASON_UNRESOLVED;
	if (packet->ip_length > head.argument)
		return REASON_TOO_BIG;
	if (redirect_is_due(port, packet, head.port))
		return REASON_SAME_PORT;
	return REASON_FORWARDED;
}
