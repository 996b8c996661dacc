/* port: what the stages know of the port that a frame came by; a cache line, for both targets. */
#pragma once

#include "table/layout.h"

enum port_flag {
	PORT_PARTIAL_CHECKSUMS = 1
				 << 0, /* frames may carry checksums that the kernel must finish */
	PORT_SENDS_REDIRECTS = 1 << 1, /* ICMP redirects are due for IPv4 (send_redirects) */
	PORT_JUMBO_FRAMES = 1 << 2,    /* a frame may lie in several buffers */
};

/* Ports are found by so many low bits of their ifindex. */
enum { IFINDEX_SLOTS = 1 << 16 };

enum port_reverse_path { REVERSE_PATH_OFF, REVERSE_PATH_STRICT, REVERSE_PATH_LOOSE };

struct port {
	uint32_t ifindex; /* 0: the slot is free */
	uint8_t mac[6];
	uint8_t slot;
	uint8_t flags;        /* enum port_flag */
	uint8_t reverse_path; /* enum port_reverse_path, IPv4's rp_filter */
	uint8_t hold4;        /* enum reason: why all IPv4 is left to the kernel, 0 if it is not */
	uint8_t hold6;
	uint8_t padding[49];
};
_Static_assert(sizeof(struct port) == 64, "a port is one cache line");
