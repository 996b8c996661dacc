/*
 * router: the tables of a small router, for tests, fuzzers and probes of the stages: that of
 * tests/net/differential_test.sh, whose addresses tests/net/frames.c uses, and beyond it a route to
 * each verdict: 100.R.0.0/16 and 2001:db8:100:R::/64 lead to the reason numbered R.
 *
 * Ports 1 .. 3 have the networks 10.0.N.0/24 and fd00:N::/64, the address .1 on them, and the
 * neighbours .2 and .7. 40.0.0.0/8 and 2001:db8:2:ffff::/64 lead to the group of 2 and 3.
 */
#pragma once

#include "datapath/port.h"
#include "mirror/mirror.h"
#include "table/tables.h"

enum { ROUTER_PORTS = 3, ROUTER_MTU = 1500, ROUTER_SMALL_MTU = 1400 /* of port 3 */ };

struct router {
	uint32_t adjacency[ROUTER_PORTS + 1]; /* by slot; [0] is unused */
	uint32_t group;                       /* of the adjacencies of 2 and 3, weights 1 and 3 */
};

/* Writes the routes into empty tables. */
void router_fill(struct router *router, const struct mirror_tables *tables);

/* The port in a slot 1 .. ROUTER_PORTS, with all checks that slow a packet down off. */
struct port router_port(uint8_t slot, uint32_t ifindex);

void router_mac(uint8_t slot, uint8_t mac[6]);
void router_host_mac(uint8_t slot, uint8_t mac[6]);
