/* router: see router.h. */
#include "router.h"

#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

void router_mac(uint8_t slot, uint8_t mac[6]) {
	memcpy(mac, (const uint8_t[6]){2, 0, 0, 0, 0, (uint8_t)(2 * slot - 1)}, 6);
}

void router_host_mac(uint8_t slot, uint8_t mac[6]) {
	memcpy(mac, (const uint8_t[6]){2, 0, 0, 0, 0, (uint8_t)(2 * slot)}, 6);
}

struct port router_port(uint8_t slot, uint32_t ifindex) {
	struct port port = {.ifindex = ifindex, .slot = slot};

	router_mac(slot, port.mac);
	return port;
}

/* "10.0.0.0/8" or "fd00::/8". */
static void add(const struct mirror_tables *tables, const char *text, uint32_t nexthop) {
	uint8_t bytes[16] = {0};
	char prefix[64];
	unsigned int prefix_len;
	uint32_t prefix4;
	int error;

	error = sscanf(text, "%63[^/]/%u", prefix, &prefix_len) != 2;
	assert(!error);
	if (inet_pton(AF_INET, prefix, bytes) == 1) {
		memcpy(&prefix4, bytes, sizeof(prefix4));
		error = fib4_insert(tables->fib4, ntohl(prefix4), prefix_len, nexthop);
	} else {
		error = inet_pton(AF_INET6, prefix, bytes) != 1 ||
			fib6_insert(tables->fib6, bytes, prefix_len, nexthop);
	}
	assert(!error);
}

static uint32_t allocate(const struct mirror_tables *tables) {
	uint32_t id = 0;
	int error = nexthops_allocate(tables->nexthops, &id);

	assert(!error);
	(void)error;
	return id;
}

static uint32_t add_adjacency(const struct mirror_tables *tables, uint8_t slot) {
	struct adjacency adjacency = {
		.ifindex = slot, .port = slot, .mtu = slot == 3 ? ROUTER_SMALL_MTU : ROUTER_MTU};
	uint32_t id = allocate(tables);

	router_mac(slot, adjacency.source_mac);
	router_host_mac(slot, adjacency.destination_mac);
	nexthops_set_adjacency(tables->nexthops, id, &adjacency);
	return id;
}

static void add_network(const struct mirror_tables *tables, uint8_t slot, uint32_t adjacency) {
	const struct {
		const char *form;
		uint32_t nexthop;
	} routes[] = {
		{"10.0.%u.1/32", REASON_LOCAL},
		{"10.0.%u.0/32", REASON_BROADCAST},
		{"10.0.%u.255/32", REASON_BROADCAST},
		{"10.0.%u.2/32", adjacency},
		{"10.0.%u.7/32", adjacency},
		{"fd00:%u::1/128", REASON_LOCAL},
		{"fd00:%u::/128", REASON_LOCAL},
		{"fd00:%u::2/128", adjacency},
		{"fd00:%u::7/128", adjacency},
	};
	uint32_t connected = allocate(tables);
	uint32_t bit = local_filter_bit(0x0a000001u | (uint32_t)slot << 8);
	char text[64];

	nexthops_set_verdict(tables->nexthops, connected, REASON_UNRESOLVED, slot, slot);
	snprintf(text, sizeof(text), "10.0.%u.0/24", slot);
	add(tables, text, connected);
	snprintf(text, sizeof(text), "fd00:%u::/64", slot);
	add(tables, text, connected);
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		snprintf(text, sizeof(text), routes[i].form, slot);
		add(tables, text, routes[i].nexthop);
	}
	tables->local_filter[bit / 64] |= 1ull << bit % 64;
}

static void add_verdicts(const struct mirror_tables *tables) {
	char text[64];

	for (uint32_t reason = REASON_FORWARDED + 1; reason < REASON_COUNT; reason++) {
		snprintf(text, sizeof(text), "100.%u.0.0/16", reason);
		add(tables, text, reason);
		snprintf(text, sizeof(text), "2001:db8:100:%u::/64", reason);
		add(tables, text, reason);
	}
}

void router_fill(struct router *router, const struct mirror_tables *tables) {
	struct nexthop_member members[2];
	int error;

	for (uint8_t slot = 1; slot <= ROUTER_PORTS; slot++) {
		router->adjacency[slot] = add_adjacency(tables, slot);
		add_network(tables, slot, router->adjacency[slot]);
	}
	members[0] = (struct nexthop_member){router->adjacency[2], 1};
	members[1] = (struct nexthop_member){router->adjacency[3], 3};
	router->group = allocate(tables);
	error = nexthops_set_group(tables->nexthops, router->group, members, 2);
	assert(!error);
	(void)error;
	add(tables, "20.0.0.0/8", router->adjacency[2]);
	add(tables, "20.1.2.0/24", router->adjacency[3]);
	add(tables, "30.0.0.0/8", router->adjacency[3]);
	add(tables, "40.0.0.0/8", router->group);
	add(tables, "50.0.0.0/8", REASON_BLACKHOLE);
	add(tables, "60.0.0.0/8", REASON_PROHIBIT);
	add(tables, "70.0.0.0/8", REASON_UNREACHABLE);
	add(tables, "80.0.0.0/8", REASON_THROW);
	add(tables, "172.16.0.0/12", router->adjacency[1]);
	add(tables, "2001:db8:2::/48", router->adjacency[2]);
	add(tables, "2001:db8:2:ffff::/64", router->group);
	add(tables, "2001:db8:3::/48", router->adjacency[3]);
	add(tables, "2001:db8:77::/48", router->adjacency[1]);
	add(tables, "2001:db8:50::/48", REASON_BLACKHOLE);
	add(tables, "2001:db8:60::/48", REASON_PROHIBIT);
	add(tables, "2001:db8:70::/48", REASON_UNREACHABLE);
	add_verdicts(tables);
}
