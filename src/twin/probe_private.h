/* probe_private: what the files of probe share: probe.c sends and receives, probe_trace.c finds
 * ways, probe_losses.c counts. */
#pragma once

#include "twin/probe.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { PROBE_FAMILIES = 2 };

/* What a probe carries, after its UDP header. */
struct payload {
	uint64_t session; /* strangers' packets are none of ours */
	uint64_t sent_ns;
	uint32_t record; /* of a trace: the flow */
	uint8_t hops;    /* that it lives; 0: as many as it takes */
	uint8_t padding[3];
};

struct record {
	uint32_t flow;
	uint32_t latency_ns; /* 0: has not arrived */
	double sent;
};

struct host {
	int node;
	struct sockaddr_in6 address[PROBE_FAMILIES]; /* that it is reached by; v4-mapped: of IPv4 */
	bool has[PROBE_FAMILIES];
	int receive_fd;
	int *send_fds; /* by port */
};

struct probes {
	const struct nodes *nodes;
	struct host *hosts;
	size_t host_count;
	uint16_t port_base; /* where hosts receive; what they send comes from those above */
	unsigned int port_count;
	struct probe_flow *flows;
	uint32_t *host_of_flow; /* index of the sender */
	uint32_t *host_to_flow;
	size_t flow_count;
	int epoll_fd;  /* of what hosts receive */
	int errors_fd; /* an epoll, too: of ICMP errors at sockets that send */
	uint64_t session;
	/* sending */
	struct record *records;
	size_t record_count, record_room;
	uint32_t *by_flow;     /* records, for probe_losses.c, */
	size_t *first_of_flow; /* where each flow's begin, */
	size_t indexed;        /* and how many there were */
	size_t next_flow;
	double rate, started;
	uint64_t sent;
	/* tracing */
	struct trace *trace;
};

/* Which answers a trace has: by flow, who said that a probe of so many hops ended there. */
struct trace {
	int16_t (*at)[PROBE_WAY_MAX + 1]; /* by flow and hops; FABRIC_NONE: nobody yet */
	bool *arrived;                    /* by flow */
	uint64_t answers;
};

/* Of a flow; lives so many hops, 0: as many as it takes. */
void probe_send(struct probes *probes, size_t flow, uint32_t record, uint8_t hops);
void probe_receive(struct probes *probes);

/* A packet that waited at a socket, or among its errors (MSG_ERRQUEUE). */
struct probe_packet {
	struct payload payload;
	bool is_whole; /* all of the payload came */
	struct msghdr message;
	struct iovec vector;
	char control[512];
};

/* The next of them; false if none waits. */
bool probe_take(int fd, int flags, struct probe_packet *packet);
void probe_wait_ms(int milliseconds);
