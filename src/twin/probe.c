/* probe: see probe.h. Every probe sent has a record, whose number travels in it. */
#include "twin/probe_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "twin/host_socket.h"
#include "twin/netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PORT_FIRST = 49151, /* to receive by; those above, to send from, are anybody's (RFC 6335) */
	PORT_BASES = 32,    /* as many may probe side by side */
	BURST_MAX = 512,    /* probes sent in one step: a late step does not flood */
	LINGER_MS = 300,    /* for what is under way at the end */
	RECORDS_MAX = 1 << 26,
};

static uint64_t now_ns(void) {
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* --- hosts and their sockets --- */

static void take_addresses(const struct fabric *fabric, struct host *host, uint16_t port) {
	static const sa_family_t families[PROBE_FAMILIES] = {AF_INET, AF_INET6};

	for (int i = 0; i < PROBE_FAMILIES; i++)
		host->has[i] = host_socket_address(
			fabric, host->node, families[i], port, &host->address[i]);
}

/* In the host's namespace. */
static int open_sockets(struct probes *probes, struct host *host) {
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = host};

	host->receive_fd = host_socket_open(probes->port_base);
	if (host->receive_fd < 0 ||
		epoll_ctl(probes->epoll_fd, EPOLL_CTL_ADD, host->receive_fd, &event) < 0)
		return host->receive_fd < 0 ? host->receive_fd : -errno;
	for (unsigned int n = 0; n < probes->port_count; n++) {
		host->send_fds[n] = host_socket_open((uint16_t)(probes->port_base + 1 + n));
		if (host->send_fds[n] < 0)
			return host->send_fds[n];
		event = (struct epoll_event){.events = EPOLLERR, .data.fd = host->send_fds[n]};
		if (epoll_ctl(probes->errors_fd, EPOLL_CTL_ADD, host->send_fds[n], &event) < 0)
			return -errno;
	}
	return 0;
}

/* The first ports that nobody uses on the first host: others who probe have taken them on all. In
 * its namespace. */
static int choose_ports(struct probes *probes) {
	int fd = -EADDRINUSE;

	for (unsigned int n = 0; n < PORT_BASES && fd == -EADDRINUSE; n++) {
		probes->port_base = (uint16_t)(PORT_FIRST + n * (PROBE_PORTS_MAX + 1));
		fd = host_socket_open(probes->port_base);
	}
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int open_host(struct probes *probes, struct host *host, int home) {
	int error = netns_enter(probes->nodes->namespaces[host->node]);

	if (!error && !probes->port_base)
		error = choose_ports(probes);
	host->receive_fd = -1;
	host->send_fds = malloc(probes->port_count * sizeof(*host->send_fds));
	if (!host->send_fds)
		return -ENOMEM;
	memset(host->send_fds, -1, probes->port_count * sizeof(*host->send_fds));
	take_addresses(probes->nodes->fabric, host, probes->port_base);
	if (!error)
		error = open_sockets(probes, host);
	netns_enter(home);
	if (error)
		log_error("probes of host %s: %s", probes->nodes->fabric->nodes[host->node].name,
			strerror(-error));
	return error;
}

static int open_hosts(struct probes *probes) {
	const struct fabric *fabric = probes->nodes->fabric;
	int home = netns_open(NULL), error = home < 0 ? home : 0;

	probes->hosts = calloc(fabric->node_count + 1, sizeof(*probes->hosts));
	if (!probes->hosts)
		error = -ENOMEM;
	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric->nodes[id].role == ROLE_HOST && fabric->nodes[id].port_count) {
			struct host *host = &probes->hosts[probes->host_count++];

			host->node = id;
			error = open_host(probes, host, home);
		}
	if (home >= 0)
		close(home);
	if (!error && probes->host_count < 2) {
		log_error("no two hosts to send between; 'hosts' of the intent says how many");
		error = -ENOENT;
	}
	return error;
}

/* --- flows --- */

static void add_flow(struct probes *probes, size_t from, size_t to, int family, unsigned int port) {
	const struct fabric *fabric = probes->nodes->fabric;
	struct probe_flow *flow = &probes->flows[probes->flow_count];
	const struct fabric_node *sender = &fabric->nodes[probes->hosts[from].node];
	const struct fabric_node *receiver = &fabric->nodes[probes->hosts[to].node];

	*flow = (struct probe_flow){.from = probes->hosts[from].node,
		.to = probes->hosts[to].node,
		.family = family ? AF_INET6 : AF_INET,
		.port = (uint16_t)(probes->port_base + 1 + port),
		.is_denied = fabric_denies(fabric, sender->tenant, receiver->tenant),
		.is_used = true};
	probes->host_of_flow[probes->flow_count] = (uint32_t)from;
	probes->host_to_flow[probes->flow_count++] = (uint32_t)to;
}

/* Whether a host sends to the one that stands so many places after it. `offsets` of them are to be,
 * spread evenly over all that there are. */
static bool is_chosen(const struct probes *probes, size_t offset, size_t offsets) {
	size_t all = probes->host_count - 1;

	return offset > 0 && (offset * offsets) / all != ((offset - 1) * offsets) / all;
}

/* Ports last, so that the flows of a pair lie together. */
static void add_pair(struct probes *probes, size_t from, size_t to) {
	for (int family = 0; family < PROBE_FAMILIES; family++)
		for (unsigned int port = 0; port < probes->port_count; port++)
			if (probes->hosts[from].has[family] && probes->hosts[to].has[family])
				add_flow(probes, from, to, family, port);
}

static int make_flows(struct probes *probes, size_t pairs) {
	size_t hosts = probes->host_count, offsets = pairs / hosts, most;

	if (offsets < 1)
		offsets = 1;
	if (offsets > hosts - 1)
		offsets = hosts - 1;
	most = hosts * offsets * PROBE_FAMILIES * probes->port_count;
	probes->flows = calloc(most, sizeof(*probes->flows));
	probes->host_of_flow = calloc(most, sizeof(*probes->host_of_flow));
	probes->host_to_flow = calloc(most, sizeof(*probes->host_to_flow));
	if (!probes->flows || !probes->host_of_flow || !probes->host_to_flow)
		return -ENOMEM;
	for (size_t from = 0; from < hosts; from++)
		for (size_t to = 0; to < hosts; to++)
			if (is_chosen(probes, (to + hosts - from) % hosts, offsets))
				add_pair(probes, from, to);
	return 0;
}

int probes_open(const struct nodes *nodes, size_t pairs, unsigned int ports, struct probes **out) {
	struct probes *probes = calloc(1, sizeof(*probes));
	int error = 0;

	if (!probes)
		return -ENOMEM;
	probes->nodes = nodes;
	probes->port_count = ports;
	probes->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	probes->errors_fd = epoll_create1(EPOLL_CLOEXEC);
	if (probes->epoll_fd < 0 || probes->errors_fd < 0 ||
		getrandom(&probes->session, sizeof(probes->session), 0) < 0)
		error = -errno;
	if (!error)
		error = open_hosts(probes);
	if (!error)
		error = make_flows(probes, pairs);
	if (error)
		probes_close(probes);
	else
		*out = probes;
	return error;
}

void probes_close(struct probes *probes) {
	if (!probes)
		return;
	for (size_t i = 0; i < probes->host_count; i++) {
		struct host *host = &probes->hosts[i];

		if (host->receive_fd >= 0)
			close(host->receive_fd);
		for (unsigned int n = 0; host->send_fds && n < probes->port_count; n++)
			if (host->send_fds[n] >= 0)
				close(host->send_fds[n]);
		free(host->send_fds);
	}
	if (probes->epoll_fd >= 0)
		close(probes->epoll_fd);
	if (probes->errors_fd >= 0)
		close(probes->errors_fd);
	free(probes->hosts);
	free(probes->flows);
	free(probes->host_of_flow);
	free(probes->host_to_flow);
	free(probes->records);
	free(probes->by_flow);
	free(probes->first_of_flow);
	free(probes);
}

size_t probes_count(const struct probes *probes) {
	return probes->flow_count;
}

struct probe_flow *probes_flow(struct probes *probes, size_t n) {
	return &probes->flows[n];
}

/* --- sending and receiving --- */

static int send_fd(const struct probes *probes, size_t flow) {
	return probes->hosts[probes->host_of_flow[flow]]
		.send_fds[probes->flows[flow].port - probes->port_base - 1];
}

static const struct sockaddr_in6 *address_to(const struct probes *probes, size_t flow) {
	return &probes->hosts[probes->host_to_flow[flow]]
			.address[probes->flows[flow].family == AF_INET6];
}

/* How many hops it lives goes with each packet, so that a trace disturbs nothing else. */
void probe_send(struct probes *probes, size_t flow, uint32_t record, uint8_t hops) {
	struct payload payload = {
		.session = probes->session, .sent_ns = now_ns(), .record = record, .hops = hops};
	struct iovec vector = {.iov_base = &payload, .iov_len = sizeof(payload)};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	const int lives = hops;
	struct msghdr message = {.msg_name = (void *)address_to(probes, flow),
		.msg_namelen = sizeof(struct sockaddr_in6),
		.msg_iov = &vector,
		.msg_iovlen = 1};

	if (hops) {
		bool is_ipv6 = probes->flows[flow].family == AF_INET6;

		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
		control.header.cmsg_len = CMSG_LEN(sizeof(lives));
		control.header.cmsg_level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
		control.header.cmsg_type = is_ipv6 ? IPV6_HOPLIMIT : IP_TTL;
		memcpy(CMSG_DATA(&control.header), &lives, sizeof(lives));
	}
	/* A socket tells once of an ICMP error that has come for it, instead of sending. */
	if (sendmsg(send_fd(probes, flow), &message, 0) < 0)
		sendmsg(send_fd(probes, flow), &message, 0);
}

static int send_probe(struct probes *probes, size_t flow) {
	if (probes->record_count == probes->record_room) {
		size_t room = probes->record_room ? 2 * probes->record_room : 1 << 14;
		struct record *more;

		if (room > RECORDS_MAX)
			return -E2BIG;
		more = realloc(probes->records, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		probes->records = more;
		probes->record_room = room;
	}
	probes->records[probes->record_count] =
		(struct record){.flow = (uint32_t)flow, .sent = (double)now_ns() / 1e9};
	probe_send(probes, flow, (uint32_t)probes->record_count++, 0);
	return 0;
}

static uint64_t stamp_of(struct msghdr *message) {
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
		control = CMSG_NXTHDR(message, control))
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec stamp;

			memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
			return (uint64_t)stamp.tv_sec * 1000000000U + (uint64_t)stamp.tv_nsec;
		}
	return now_ns();
}

static void note_arrival(struct probes *probes, const struct payload *payload, uint64_t stamp_ns) {
	struct record *record;

	if (payload->hops) {
		if (probes->trace && payload->record < probes->flow_count) {
			probes->trace->answers += !probes->trace->arrived[payload->record];
			probes->trace->arrived[payload->record] = true;
		}
		return;
	}
	if (payload->record >= probes->record_count)
		return;
	record = &probes->records[payload->record];
	if (record->latency_ns) /* a duplicate */
		return;
	record->latency_ns =
		stamp_ns > payload->sent_ns ? (uint32_t)(stamp_ns - payload->sent_ns) : 1;
}

bool probe_take(int fd, int flags, struct probe_packet *packet) {
	ssize_t size;

	packet->vector = (struct iovec){&packet->payload, sizeof(packet->payload)};
	packet->message = (struct msghdr){.msg_iov = &packet->vector,
		.msg_iovlen = 1,
		.msg_control = packet->control,
		.msg_controllen = sizeof(packet->control)};
	size = recvmsg(fd, &packet->message, flags);
	packet->is_whole = size == (ssize_t)sizeof(packet->payload);
	return size >= 0;
}

static void receive_at(struct probes *probes, const struct host *host) {
	struct probe_packet packet;

	while (probe_take(host->receive_fd, 0, &packet))
		if (packet.is_whole && packet.payload.session == probes->session)
			note_arrival(probes, &packet.payload, stamp_of(&packet.message));
}

void probe_receive(struct probes *probes) {
	struct epoll_event events[64];
	int count;

	while ((count = epoll_wait(probes->epoll_fd, events, 64, 0)) > 0)
		for (int i = 0; i < count; i++)
			receive_at(probes, events[i].data.ptr);
}

/* --- probing --- */

void probes_start(struct probes *probes, unsigned int rate) {
	probes->rate = rate;
	probes->started = clock_now();
	probes->sent = 0;
}

static bool turn_to_next_flow(struct probes *probes) {
	for (size_t i = 0; i < probes->flow_count; i++) {
		probes->next_flow = (probes->next_flow + 1) % probes->flow_count;
		if (probes->flows[probes->next_flow].is_used)
			return true;
	}
	return false;
}

int probes_step(struct probes *probes) {
	uint64_t due = (uint64_t)((clock_now() - probes->started) * probes->rate);
	int error = 0;

	if (due > probes->sent + BURST_MAX)
		probes->sent = due - BURST_MAX; /* left out, not made up for */
	for (; probes->sent < due && !error; probes->sent++)
		error = turn_to_next_flow(probes) ? send_probe(probes, probes->next_flow) : -ENOENT;
	probe_receive(probes);
	return error;
}

void probe_wait_ms(int milliseconds) {
	const struct timespec pause = {
		.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};

	nanosleep(&pause, NULL);
}

void probes_stop(struct probes *probes) {
	for (int waited = 0; waited < LINGER_MS; waited += 10) {
		probe_wait_ms(10);
		probe_receive(probes);
	}
	probes->rate = 0;
}
