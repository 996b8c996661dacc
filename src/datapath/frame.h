/*
 * frame: a frame on its way through the stages, for both targets, and what the stages found out.
 *
 * A frame may lie in several buffers (jumbo frames); `data` to `end` is the first, which holds all
 * headers, and `length` counts all of them.
 */
#pragma once

#include "datapath/port.h"
#include "table/layout.h"
#include "table/reason.h"

struct frame {
	uint8_t *data;
	uint8_t *end;
	uint32_t length;
};

/* What parse found of a packet worth looking up. */
struct packet {
	const uint8_t *header; /* the IP header, in the frame */
	uint32_t ip_length;    /* header and payload, as the header says */
	uint32_t ports; /* both, as on the wire; 0 if there are none or not for all fragments */
	uint32_t flow_label; /* IPv6's, 0 for IPv4 */
	uint8_t protocol;
	bool fragment;
	bool is_ipv6;
};

/* What becomes of the frame: with REASON_FORWARDED, `nexthop` is the adjacency it leaves by. */
struct decision {
	enum reason reason;
	struct nexthop *nexthop;
	uint32_t frame_length; /* to send: without what trails the IP packet */
	bool is_ipv6;
	uint8_t egress; /* the slot of the port that it leaves by */
	/* for those who explain a decision */
	uint32_t route_nexthop; /* the id that the look-up gave */
	uint32_t flow_hash;
};
