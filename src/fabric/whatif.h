/*
 * whatif: what becomes of the fabric when links or nodes fail, by the model of its BGP (spread.h):
 * which hosts reach each other no more, or by some of their equal ways only, and, given traffic,
 * what of it is lost and which links have more to carry than they can.
 *
 * Traffic is shared evenly by equal ways at every node, as many small flows are.
 */
#pragma once

#include "fabric/spread.h"
#include "fabric/traffic.h"

struct whatif;

struct whatif_result {
	uint64_t pairs;        /* of hosts (and external routers) that policies let talk, one way */
	uint64_t pairs_cut;    /* of them, without any way */
	uint64_t pairs_partly; /* with a way, where some of the sender's leaves have none */
	uint32_t hosts_off;    /* with no link left, or no leaf */
	double offered_mbps, lost_mbps;
	size_t congested;  /* directions of links with more than they carry */
	int worst_port;    /* the fullest, by which it leaves; FABRIC_NONE: no traffic */
	double worst_load; /* of its speed: 1 is full */
};

/* `traffic` NULL: none. Both stay the caller's. NULL without memory. */
struct whatif *whatif_create(const struct fabric *fabric, const struct traffic *traffic);
void whatif_destroy(struct whatif *whatif);

void whatif_evaluate(
	struct whatif *whatif, const struct model_failures *failures, struct whatif_result *result);

/* What a port had to send in the last evaluation, in Mb/s. */
double whatif_port_mbps(const struct whatif *whatif, int port);
