/* blast: what the generator's program and its user space share. */
#pragma once

#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/transport.h"

enum {
	BLAST_DESTINATIONS_MAX = 1 << 20,
	BLAST_HEADER_BYTES = 64, /* Ethernet, IP and UDP, of either family */
	BLAST_PORTS_IPV4 = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES,
	BLAST_PORTS_IPV6 = ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES,
};

struct blast_destination {
	uint8_t address[16]; /* IPv4: the first four */
};

struct blast_template {
	uint64_t words[BLAST_HEADER_BYTES / 8];
	uint64_t checksum_rest; /* IPv4: the header's sum without destination and checksum */
	uint32_t is_ipv6;
	uint32_t ports; /* both, by which the sink knows its own */
};
