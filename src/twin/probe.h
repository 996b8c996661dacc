/*
 * probe: packets between the hosts of a running twin, of many flows at once: what is lost, and how
 * long the others take.
 *
 * A flow is a pair of hosts, a family and a source port (UDP): its packets take one of the equal
 * ways between the two. Each host has a socket for every source port and one to receive by; all are
 * this process's, opened inside the hosts' namespaces. One thread at a time, no waiting: the caller
 * calls probes_step every millisecond or so.
 *
 * Latency is from the sender's clock_gettime to the receiving socket's timestamp (SO_TIMESTAMPNS),
 * one way, both of the same clock.
 */
#pragma once

#include "twin/nodes.h"

#include <stdint.h>

enum { PROBE_PORTS_MAX = 256, PROBE_WAY_MAX = 12 };

/* A flow's way: the nodes after the sender, to where it ended. */
struct probe_way {
	int16_t nodes[PROBE_WAY_MAX];
	uint8_t length;
	bool arrives; /* at the receiver */
};

struct probe_flow {
	int from, to; /* hosts */
	sa_family_t family;
	uint16_t port;  /* the source's */
	bool is_denied; /* by policy: it is not to arrive */
	bool is_used;   /* probes are sent of it */
	bool is_cut; /* its two hosts are known to have no way for some time: its losses are none */
	struct probe_way way; /* as last traced */
};

bool probe_way_is_same(const struct probe_way *one, const struct probe_way *other);

struct probes;
struct ways;

/*
 * Flows of all pairs of hosts, or, if these are more than `pairs`, of about so many, of which each
 * host sends and receives as many as the others; by `ports` source ports each (1 to
 * PROBE_PORTS_MAX). 0, or a negative errno after a message (-ENOENT: there are no two hosts).
 * `nodes` stays the caller's.
 */
int probes_open(
	const struct nodes *nodes, size_t pairs, unsigned int ports, struct probes **probes);
void probes_close(struct probes *probes);

size_t probes_count(const struct probes *probes);
struct probe_flow *probes_flow(struct probes *probes, size_t n);

/*
 * Finds each used flow's way by packets that live for 1, 2 … hops: whoever drops one for that
 * reason says so by ICMP (RFC 792, RFC 4443). Takes as long as it must, in seconds at most. 0 or a
 * negative errno.
 */
int probes_trace(struct probes *probes);

/* Traces ports of each pair until its flows have taken all the ways that the model knows, or no
 * port is left; from then on one flow of each way is used. */
int probes_cover(struct probes *probes, const struct ways *ways);

/* From now on, so many probes a second in all, the used flows by turns. */
void probes_start(struct probes *probes, unsigned int rate);
/* Sends what is due and takes in what has come. 0 or a negative errno. */
int probes_step(struct probes *probes);
/* Sends no more, and waits a moment for what is still under way. */
void probes_stop(struct probes *probes);

/* Of all probes from `first` on that were sent in a span (seconds of CLOCK_REALTIME; 0: open). */
struct probe_loss {
	uint64_t sent, lost;
	uint64_t leaked;              /* arrived although denied */
	double first_lost, last_lost; /* when sent; 0: none */
	double longest_outage_s; /* of one flow: from the first lost to the next that arrived */
	uint32_t flows_hit;
	double latency_median_s, latency_p99_s, latency_max_s;
};

/* Over some flows that follow each other: all, or those of one pair (probes_pair_end). 0 or
 * -ENOMEM. */
int probes_losses(struct probes *probes, size_t first, size_t end, double since, double until,
	struct probe_loss *loss);

/* The longest time between two probes that were sent one after the other since then, of whichever
 * flows: so long nothing could have been noticed. */
double probes_longest_pause(const struct probes *probes, double since);

/* After the last flow of the pair of hosts that this flow is of; of the same family. */
size_t probes_pair_end(const struct probes *probes, size_t first);
