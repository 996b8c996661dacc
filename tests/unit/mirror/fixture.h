/*
 * fixture: a detached mirror over tables in memory, and messages for it as the kernel would send
 * them. Links 1 .. 4 are "lo" and the ports "port2" … "port4", up, MTU 1500, slots 2 .. 4.
 */
#pragma once

#include "memory.h"
#include "mirror/mirror_private.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <errno.h>
#include <netinet/in.h> /* before what of linux/ collides with it */
#include <linux/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct fixture {
	struct memory memory;
	struct mirror *mirror;
	unsigned int changes; /* of links that the listener was told */
};

/* cmocka's set-up and tear-down; *state is the fixture. */
int fixture_create(void **state);
int fixture_destroy(void **state);

/* What a message about a route says; zero is what is usual (IPv4, table main, unicast, static). */
struct route_said {
	const char *prefix; /* "192.0.2.0/24", "2001:db8::/32" */
	const char *via;    /* gateway, of either family */
	uint32_t dev;
	uint32_t metric;
	uint32_t table;
	uint32_t object;
	uint32_t mtu;
	uint8_t type, tos, scope, protocol;
	uint16_t flags; /* NLM_F_* */
	bool encapsulated;
	bool short_gateway; /* its attribute is cut off */
	const char *source; /* preferred */
	struct {
		const char *via;
		uint32_t dev;
		uint8_t weight;
	} hops[4]; /* several: ends at dev 0 */
};

void say_route(struct fixture *fixture, struct route_said said);
void say_no_route(struct fixture *fixture, struct route_said said);
void say_link(
	struct fixture *fixture, uint32_t ifindex, unsigned int flags, bool carrier, uint32_t mtu);
/* The same, up, with a MAC address that ends in `mac`. */
void say_link_mac(struct fixture *fixture, uint32_t ifindex, uint8_t mac);
/* The same, up, with an XDP program attached, and with an operational state. */
void say_link_xdp(struct fixture *fixture, uint32_t ifindex, uint32_t program, uint8_t operstate);
/* The same, up, of a kind and upon another link. */
void say_upper(struct fixture *fixture, uint32_t ifindex, const char *kind, uint32_t lower);
void say_no_link(struct fixture *fixture, uint32_t ifindex);
void say_address(struct fixture *fixture, const char *address, uint32_t ifindex);
void say_no_address(struct fixture *fixture, const char *address, uint32_t ifindex);
/* The last byte of the MAC address is `mac`; state 0 removes the entry. */
void say_neighbour(struct fixture *fixture, const char *address, uint32_t ifindex, uint16_t state,
	uint8_t mac);
void say_object(struct fixture *fixture, uint32_t id, const char *via, uint32_t ifindex);
void say_blackhole_object(struct fixture *fixture, uint32_t id);
/* members: pairs of id and weight, ended by 0. */
void say_group(struct fixture *fixture, uint32_t id, const uint32_t *members);
void say_no_object(struct fixture *fixture, uint32_t id);

/* An IPv4 route by port 2 to gateways 10.1.0.0 and upwards. */
void say_route_of_hops(struct fixture *fixture, const char *prefix, size_t hops);

/* Whether an audit is wanted since the last call. */
bool takes_audit(struct fixture *fixture);

/* What the tables say of an address. */
const struct nexthop *leads_to(struct fixture *fixture, const char *address);
uint32_t id_for(struct fixture *fixture, const char *address);

void assert_verdict(struct fixture *fixture, const char *address, enum reason reason);
/* An adjacency out of `port` to the MAC address that ends in `mac`. */
void assert_forwards(struct fixture *fixture, const char *address, uint8_t port, uint8_t mac);
