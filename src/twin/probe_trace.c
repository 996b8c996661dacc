/* probe_trace: the ways that flows take (probes_trace of probe.h), hop by hop, for all of them at
 * once. */
#include "twin/probe_private.h"

#include "base/clock.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { WINDOW = 512 /* probes under way at a time */, PATIENCE_MS = 150 };

/* Whose address this is: any of its ports' or its loopbacks. */
static int node_with(const struct fabric *fabric, const struct in6_addr *address) {
	struct sockaddr_in6 candidate;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct prefix *const loopbacks[] = {
			&fabric->nodes[id].loopback4, &fabric->nodes[id].loopback6};

		for (int i = 0; i < 2; i++) {
			candidate = probe_socket_address(loopbacks[i], 0);
			if (loopbacks[i]->family &&
				memcmp(&candidate.sin6_addr, address, sizeof(*address)) == 0)
				return (int)id;
		}
	}
	for (size_t id = 0; id < fabric->port_count; id++) {
		const struct prefix *const addresses[] = {
			&fabric->ports[id].address4, &fabric->ports[id].address6};

		for (int i = 0; i < 2; i++) {
			candidate = probe_socket_address(addresses[i], 0);
			if (addresses[i]->family &&
				memcmp(&candidate.sin6_addr, address, sizeof(*address)) == 0)
				return fabric->ports[id].node;
		}
	}
	return FABRIC_NONE;
}

/* Who sent the ICMP error, and that it says that a packet's hops were used up. */
static bool expired_at(struct msghdr *message, struct in6_addr *by) {
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
		control = CMSG_NXTHDR(message, control)) {
		struct sock_extended_err error;
		struct prefix prefix = {.family = AF_INET};
		struct sockaddr_storage offender;

		if (!(control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR) &&
			!(control->cmsg_level == IPPROTO_IPV6 &&
				control->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&error, CMSG_DATA(control), sizeof(error));
		memset(&offender, 0, sizeof(offender));
		memcpy(&offender, CMSG_DATA(control) + sizeof(error),
			control->cmsg_len - CMSG_LEN(sizeof(error)) < sizeof(offender)
				? control->cmsg_len - CMSG_LEN(sizeof(error))
				: sizeof(offender));
		if (offender.ss_family == AF_INET) {
			memcpy(prefix.address, &((struct sockaddr_in *)&offender)->sin_addr, 4);
			*by = probe_socket_address(&prefix, 0).sin6_addr;
		} else {
			*by = ((struct sockaddr_in6 *)&offender)->sin6_addr;
		}
		return (error.ee_origin == SO_EE_ORIGIN_ICMP && error.ee_type == 11) ||
		       (error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == 3);
	}
	return false;
}

/* The answers that wait at one socket: each brings back the probe that it is about. */
static void take_answers(struct probes *probes, int fd) {
	struct payload payload;
	char control[512];

	for (;;) {
		struct iovec vector = {.iov_base = &payload, .iov_len = sizeof(payload)};
		struct msghdr message = {.msg_iov = &vector,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
		struct in6_addr by;
		ssize_t size = recvmsg(fd, &message, MSG_ERRQUEUE);

		if (size < 0)
			return;
		if (size < (ssize_t)sizeof(payload) || payload.session != probes->session ||
			payload.record >= probes->flow_count || payload.hops == 0 ||
			payload.hops > PROBE_WAY_MAX || !expired_at(&message, &by))
			continue;
		probes->trace->at[payload.record][payload.hops] =
			(int16_t)node_with(probes->nodes->fabric, &by);
		probes->trace->answers++;
	}
}

static void take_all_answers(struct probes *probes) {
	for (size_t i = 0; i < probes->host_count; i++)
		for (unsigned int n = 0; n < probes->port_count; n++)
			take_answers(probes, probes->hosts[i].send_fds[n]);
	probe_receive(probes);
}

/* Waits until as many answers have come as probes went out, or none more comes. */
static void await_answers(struct probes *probes, uint64_t sent) {
	double until = clock_now() + PATIENCE_MS / 1e3;
	uint64_t before = probes->trace->answers;

	while (probes->trace->answers < sent && clock_now() < until) {
		probe_wait_ms(1);
		take_all_answers(probes);
		if (probes->trace->answers != before) {
			before = probes->trace->answers;
			until = clock_now() + PATIENCE_MS / 1e3;
		}
	}
}

/* One hop further for all flows that have not come to their end. */
static void trace_hop(struct probes *probes, uint8_t hops) {
	uint64_t sent = 0;

	probes->trace->answers = 0;
	for (size_t flow = 0; flow < probes->flow_count; flow++) {
		if (!probes->flows[flow].is_used || probes->trace->arrived[flow] ||
			(hops > 1 && probes->trace->at[flow][hops - 1] == FABRIC_NONE))
			continue;
		probe_send(probes, flow, (uint32_t)flow, hops);
		if (++sent % WINDOW == 0)
			await_answers(probes, sent);
	}
	await_answers(probes, sent);
}

static void note_ways(struct probes *probes) {
	for (size_t i = 0; i < probes->flow_count; i++) {
		struct probe_flow *flow = &probes->flows[i];

		flow->way_length = 0;
		flow->arrives = probes->trace->arrived[i];
		while (flow->way_length < PROBE_WAY_MAX - 1 &&
			probes->trace->at[i][flow->way_length + 1] != FABRIC_NONE) {
			flow->way[flow->way_length] = probes->trace->at[i][flow->way_length + 1];
			flow->way_length++;
		}
		if (flow->arrives)
			flow->way[flow->way_length++] = (int16_t)flow->to;
	}
}

int probes_trace(struct probes *probes) {
	struct trace trace = {.at = malloc(probes->flow_count * sizeof(*trace.at)),
		.arrived = calloc(probes->flow_count, sizeof(*trace.arrived))};
	int error = trace.at && trace.arrived ? 0 : -ENOMEM;

	if (!error) {
		memset(trace.at, -1, probes->flow_count * sizeof(*trace.at));
		probes->trace = &trace;
		for (uint8_t hops = 1; hops < PROBE_WAY_MAX; hops++)
			trace_hop(probes, hops);
		note_ways(probes);
		probes->trace = NULL;
	}
	free(trace.at);
	free(trace.arrived);
	return error;
}

static bool is_same_way(const struct probe_flow *one, const struct probe_flow *other) {
	return one->arrives == other->arrives && one->way_length == other->way_length &&
	       memcmp(one->way, other->way, one->way_length * sizeof(*one->way)) == 0;
}

void probes_choose(struct probes *probes) {
	for (size_t i = 0; i < probes->flow_count; i++) {
		struct probe_flow *flow = &probes->flows[i];

		for (size_t j = i; j-- > 0 && flow->is_used;) {
			const struct probe_flow *other = &probes->flows[j];

			if (other->from != flow->from || other->to != flow->to ||
				other->family != flow->family)
				break;
			flow->is_used = !(other->is_used && is_same_way(flow, other));
		}
	}
}
