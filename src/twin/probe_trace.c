/* probe_trace: the ways that flows take (probes_trace of probe.h), hop by hop, for all of them at
 * once. */
#include "twin/probe_private.h"

#include "base/clock.h"
#include "fabric/ways.h"
#include "twin/host_socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	WINDOW = 512, /* probes under way at a time */
	PATIENCE_MS = 150,
	PORTS_A_ROUND = 8, /* tried before looking whether all ways are known */
};

/* Whose address this is: any of its ports' or its loopbacks. */
static int node_with(const struct fabric *fabric, const struct in6_addr *address) {
	struct sockaddr_in6 candidate;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct prefix *const loopbacks[] = {
			&fabric->nodes[id].loopback4, &fabric->nodes[id].loopback6};

		for (int i = 0; i < 2; i++) {
			candidate = host_socket_mapped(loopbacks[i], 0);
			if (loopbacks[i]->family &&
				memcmp(&candidate.sin6_addr, address, sizeof(*address)) == 0)
				return (int)id;
		}
	}
	for (size_t id = 0; id < fabric->port_count; id++) {
		const struct prefix *const addresses[] = {
			&fabric->ports[id].address4, &fabric->ports[id].address6};

		for (int i = 0; i < 2; i++) {
			candidate = host_socket_mapped(addresses[i], 0);
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
			*by = host_socket_mapped(&prefix, 0).sin6_addr;
		} else {
			*by = ((struct sockaddr_in6 *)&offender)->sin6_addr;
		}
		return (error.ee_origin == SO_EE_ORIGIN_ICMP && error.ee_type == 11) ||
		       (error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == 3);
	}
	return false;
}

/* An ICMP error that found no room among a socket's errors still marks it; until it is asked, it is
 * ready for ever. */
static void forget_error(int fd) {
	int error;
	socklen_t size = sizeof(error);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

/* The answers that wait at one socket: each brings back the probe that it is about. */
static void take_answers(struct probes *probes, int fd) {
	struct probe_packet packet;

	while (probe_take(fd, MSG_ERRQUEUE, &packet)) {
		const struct payload *payload = &packet.payload;
		struct in6_addr by;

		if (!packet.is_whole || payload->session != probes->session ||
			payload->record >= probes->flow_count || payload->hops == 0 ||
			payload->hops > PROBE_WAY_MAX || !expired_at(&packet.message, &by))
			continue;
		probes->trace->at[payload->record][payload->hops] =
			(int16_t)node_with(probes->nodes->fabric, &by);
		probes->trace->answers++;
	}
	forget_error(fd);
}

static void take_all_answers(struct probes *probes) {
	struct epoll_event events[64];
	int count;

	while ((count = epoll_wait(probes->errors_fd, events, 64, 0)) > 0)
		for (int i = 0; i < count; i++)
			take_answers(probes, events[i].data.fd);
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

static void note_way(const struct trace *trace, size_t n, int receiver, struct probe_way *way) {
	*way = (struct probe_way){.arrives = trace->arrived[n]};
	while (way->length < PROBE_WAY_MAX - 1 && trace->at[n][way->length + 1] != FABRIC_NONE) {
		way->nodes[way->length] = trace->at[n][way->length + 1];
		way->length++;
	}
	if (way->arrives)
		way->nodes[way->length++] = (int16_t)receiver;
}

static void note_ways(struct probes *probes) {
	for (size_t i = 0; i < probes->flow_count; i++) {
		struct probe_flow *flow = &probes->flows[i];

		if (flow->is_used)
			note_way(probes->trace, i, flow->to, &flow->way);
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

bool probe_way_is_same(const struct probe_way *one, const struct probe_way *other) {
	return one->arrives == other->arrives && one->length == other->length &&
	       memcmp(one->nodes, other->nodes, one->length * sizeof(*one->nodes)) == 0;
}

size_t probes_pair_end(const struct probes *probes, size_t first) {
	const struct probe_flow *flows = probes->flows;
	size_t end = first + 1;

	while (end < probes->flow_count && flows[end].from == flows[first].from &&
		flows[end].to == flows[first].to && flows[end].family == flows[first].family)
		end++;
	return end;
}

/* Keeps those that were traced now and take a way that none before them takes. */
static size_t keep_new_ways(struct probes *probes, size_t first, size_t end, bool *is_kept) {
	size_t kept = 0;

	for (size_t i = first; i < end; i++) {
		bool is_new = probes->flows[i].is_used;

		for (size_t j = first; j < i && is_new; j++)
			is_new = !is_kept[j] ||
				 !probe_way_is_same(&probes->flows[i].way, &probes->flows[j].way);
		is_kept[i] |= is_new;
		kept += is_kept[i];
	}
	return kept;
}

/* The next few ports of pairs that have not shown all their ways. Whether there are any. */
static bool choose_next(
	struct probes *probes, const struct ways *ways, unsigned int from_port, bool *is_kept) {
	bool any = false;

	for (size_t first = 0, end; first < probes->flow_count; first = end) {
		const struct probe_flow *pair = &probes->flows[first];
		size_t expected = pair->is_denied
					  ? 1
					  : ways_between(ways, pair->from, pair->to, pair->family);
		bool is_wanted;

		end = probes_pair_end(probes, first);
		is_wanted = from_port == 0 ||
			    keep_new_ways(probes, first, end, is_kept) < (expected ? expected : 1);
		for (size_t i = first; i < end; i++) {
			probes->flows[i].is_used = is_wanted && i - first >= from_port &&
						   i - first < from_port + PORTS_A_ROUND;
			any |= probes->flows[i].is_used;
		}
	}
	return any;
}

int probes_cover(struct probes *probes, const struct ways *ways) {
	bool *is_kept = calloc(probes->flow_count + 1, sizeof(*is_kept));
	int error = is_kept ? 0 : -ENOMEM;

	for (unsigned int port = 0; !error && choose_next(probes, ways, port, is_kept);
		port += PORTS_A_ROUND)
		error = probes_trace(probes);
	for (size_t i = 0; i < probes->flow_count && !error; i++)
		probes->flows[i].is_used = is_kept[i];
	free(is_kept);
	return error;
}
