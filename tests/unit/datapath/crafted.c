/* crafted: see crafted.h. */
#include "crafted.h"

#include <arpa/inet.h>

static struct bench the_bench;

int bench_create(void **state) {
	memory_create(&the_bench.memory, 4096);
	router_fill(&the_bench.router, &the_bench.memory.mirror);
	*state = &the_bench;
	return 0;
}

int bench_destroy(void **state) {
	memory_destroy(&the_bench.memory);
	return 0;
}

static uint16_t sum_of(const uint8_t *bytes, size_t length, uint64_t sum) {
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += load16(bytes + i);
	if (length & 1)
		sum += bytes[length - 1];
	return checksum_fold(sum);
}

void mend(struct bench *bench) {
	store16(bench->ip + IPV4_CHECKSUM, 0);
	store16(bench->ip + IPV4_CHECKSUM,
		(uint16_t)~sum_of(bench->ip, (bench->ip[0] & 15u) * 4, 0));
}

static void craft_ipv4(struct bench *bench, uint16_t length) {
	bench->ip[IPV4_VERSION_IHL] = IPV4_VERSION_4_IHL_5;
	store16(bench->ip + IPV4_TOTAL_LENGTH, NET16(length));
	bench->ip[IPV4_TTL] = 64;
	bench->ip[IPV4_PROTOCOL] = PROTOCOL_UDP;
	inet_pton(AF_INET, "10.0.1.2", bench->ip + IPV4_SOURCE);
	mend(bench);
}

static void craft_ipv6(struct bench *bench, uint16_t length) {
	bench->ip[0] = 0x60;
	store16(bench->ip + IPV6_PAYLOAD_LENGTH, NET16(length));
	bench->ip[IPV6_NEXT_HEADER] = PROTOCOL_UDP;
	bench->ip[IPV6_HOP_LIMIT] = 64;
	inet_pton(AF_INET6, "fd00:1::2", bench->ip + IPV6_SOURCE);
}

/* A whole checksum: the pseudo-header's sum and the packet's, complemented. */
static void craft_udp(struct bench *bench, bool is_ipv6, uint16_t length) {
	const uint8_t *addresses = bench->ip + (is_ipv6 ? IPV6_SOURCE : IPV4_SOURCE);
	uint64_t pseudo = (uint64_t)NET16(length) + NET16(PROTOCOL_UDP);

	store16(bench->transport, NET16(40000));
	store16(bench->transport + TRANSPORT_DESTINATION_PORT, NET16(443));
	store16(bench->transport + 4, NET16(length));
	pseudo += sum_of(addresses, is_ipv6 ? 32 : 8, 0);
	store16(bench->transport + UDP_CHECKSUM,
		(uint16_t)~sum_of(bench->transport, length, pseudo));
}

void craft(struct bench *bench, const char *destination, size_t payload) {
	bool is_ipv6 = strchr(destination, ':') != NULL;
	size_t header = is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
	uint16_t udp_length = (uint16_t)(UDP_HEADER_BYTES + payload);

	bench->port = router_port(1, 1);
	memset(bench->bytes, 0, sizeof(bench->bytes));
	router_mac(1, bench->bytes + ETHERNET_DESTINATION);
	router_host_mac(1, bench->bytes + ETHERNET_SOURCE);
	store16(bench->bytes + ETHERNET_TYPE, NET16(is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4));
	bench->ip = bench->bytes + ETHERNET_HEADER_BYTES;
	bench->transport = bench->ip + header;
	assert_int_equal(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, destination,
				 bench->ip + (is_ipv6 ? IPV6_DESTINATION : IPV4_DESTINATION)),
		1);
	if (is_ipv6)
		craft_ipv6(bench, udp_length);
	else
		craft_ipv4(bench, (uint16_t)(header + udp_length));
	craft_udp(bench, is_ipv6, udp_length);
	bench->frame.data = bench->bytes;
	bench->frame.length = (uint32_t)(ETHERNET_HEADER_BYTES + header + udp_length);
	bench->frame.end = bench->bytes + bench->frame.length;
}

void set_source(struct bench *bench, const char *address) {
	if (strchr(address, ':')) {
		inet_pton(AF_INET6, address, bench->ip + IPV6_SOURCE);
		return;
	}
	inet_pton(AF_INET, address, bench->ip + IPV4_SOURCE);
	mend(bench);
}

enum reason parsed(struct bench *bench) {
	memset(&bench->packet, 0, sizeof(bench->packet));
	return parse(&bench->frame, &bench->port, &bench->packet);
}

enum reason decided(struct bench *bench) {
	memset(&bench->decision, 0, sizeof(bench->decision));
	return decide(&bench->memory.tables, &bench->port, &bench->frame, 1, &bench->decision);
}

enum reason forwarded(struct bench *bench) {
	return userpath_forward(
		&bench->memory.tables, &bench->port, &bench->frame, 1, NULL, &bench->decision);
}
