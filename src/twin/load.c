/* load: see load.h. Packets carry the demand that they are of; what arrives is counted by it. */
#include "twin/load.h"

#include "base/clock.h"
#include "base/log.h"
#include "twin/host_socket.h"
#include "twin/netns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PORTS_EACH = 8,    /* of source, by turns */
	BATCH = 32,        /* packets in one system call */
	BURST_MAX_MS = 20, /* what is not sent by then never is */
	HEADERS4 = 20 + 8, /* IPv4 and UDP */
	HEADERS6 = 40 + 8,
	PAYLOAD_MAX = 9000,
	LINGER_MS = 200,
	PORT_BASE = 40000,
};

struct payload {
	uint64_t session;
	uint32_t demand;
};

struct host {
	int receive_fd;
	int send_fds[PORTS_EACH];
	bool is_open;
};

struct played {
	const struct demand *demand;
	struct sockaddr_in6 to;
	size_t payload_bytes;
	double asked_mbps;
	uint64_t sent, arrived, skipped;
	unsigned int port; /* the next */
};

struct load {
	const struct nodes *nodes;
	struct host *hosts; /* by node */
	struct played *played;
	size_t count;
	int epoll_fd;
	uint64_t session;
	size_t packet_bytes; /* from its IP header on: what a matrix counts */
	double started, stopped;
	uint8_t *buffers; /* BATCH payloads, to receive into */
};

/* --- sockets --- */

static int open_host(struct load *load, int id, int home) {
	struct host *host = &load->hosts[id];
	struct epoll_event event = {.events = EPOLLIN};
	int error;

	if (host->is_open)
		return 0;
	host->is_open = true;
	host->receive_fd = -1;
	memset(host->send_fds, -1, sizeof(host->send_fds));
	error = netns_enter(load->nodes->namespaces[id]);
	if (!error) {
		host->receive_fd = host_socket_open(PORT_BASE);
		error = host->receive_fd < 0 ? host->receive_fd : 0;
	}
	for (int n = 0; n < PORTS_EACH && !error; n++) {
		host->send_fds[n] = host_socket_open((uint16_t)(PORT_BASE + 1 + n));
		error = host->send_fds[n] < 0 ? host->send_fds[n] : 0;
	}
	netns_enter(home);
	event.data.fd = host->receive_fd;
	if (!error && epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, host->receive_fd, &event) < 0)
		error = -errno;
	if (error == -EADDRINUSE)
		log_error("traffic is played in this twin already");
	else if (error)
		log_error("traffic of host %s: %s", load->nodes->fabric->nodes[id].name,
			strerror(-error));
	return error;
}

static int add_demand(struct load *load, const struct demand *demand, double scale, int home) {
	const struct fabric *fabric = load->nodes->fabric;
	struct played *played = &load->played[load->count];
	int error;

	if (fabric->nodes[demand->from].role != ROLE_HOST ||
		fabric->nodes[demand->to].role != ROLE_HOST ||
		!host_socket_address(fabric, demand->to, AF_UNSPEC, PORT_BASE, &played->to))
		return 0;
	error = open_host(load, demand->from, home);
	if (!error)
		error = open_host(load, demand->to, home);
	played->demand = demand;
	played->asked_mbps = demand->mbps * scale;
	played->payload_bytes = load->packet_bytes -
				(IN6_IS_ADDR_V4MAPPED(&played->to.sin6_addr) ? HEADERS4 : HEADERS6);
	load->count++;
	return error;
}

int load_open(
	const struct nodes *nodes, const struct traffic *traffic, double scale, struct load **out) {
	struct load *load = calloc(1, sizeof(*load));
	int home = netns_open(NULL), error = home < 0 ? home : 0;

	if (!load)
		error = -ENOMEM;
	else
		load->epoll_fd = -1;
	if (!error) {
		load->nodes = nodes;
		load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		load->packet_bytes = nodes->fabric->intent->mtu;
		load->hosts = calloc(nodes->fabric->node_count + 1, sizeof(*load->hosts));
		load->played = calloc(traffic->count + 1, sizeof(*load->played));
		load->buffers = calloc(BATCH, PAYLOAD_MAX);
		if (load->epoll_fd < 0)
			error = -errno;
		else if (!load->hosts || !load->played || !load->buffers)
			error = -ENOMEM;
		else if (getrandom(&load->session, sizeof(load->session), 0) < 0)
			error = -errno;
	}
	for (size_t i = 0; i < traffic->count && !error; i++)
		error = add_demand(load, &traffic->demands[i], scale, home);
	if (home >= 0)
		close(home);
	if (error)
		load_close(load);
	else
		*out = load;
	return error;
}

void load_close(struct load *load) {
	if (!load)
		return;
	for (size_t id = 0; load->hosts && id < load->nodes->fabric->node_count; id++) {
		struct host *host = &load->hosts[id];

		if (!host->is_open)
			continue;
		if (host->receive_fd >= 0)
			close(host->receive_fd);
		for (int n = 0; n < PORTS_EACH; n++)
			if (host->send_fds[n] >= 0)
				close(host->send_fds[n]);
	}
	if (load->epoll_fd >= 0)
		close(load->epoll_fd);
	free(load->hosts);
	free(load->played);
	free(load->buffers);
	free(load);
}

/* --- playing --- */

void load_start(struct load *load) {
	load->started = clock_now();
}

/* Up to a batch of one demand, by one source port. How many were sent. */
static unsigned int send_batch(struct load *load, size_t n, unsigned int count) {
	struct played *played = &load->played[n];
	struct payload payload = {.session = load->session, .demand = (uint32_t)n};
	struct mmsghdr messages[BATCH] = {0};
	struct iovec vectors[BATCH][2];
	int sent;

	for (unsigned int i = 0; i < count; i++) {
		vectors[i][0] = (struct iovec){&payload, sizeof(payload)};
		vectors[i][1] =
			(struct iovec){load->buffers, played->payload_bytes - sizeof(payload)};
		messages[i].msg_hdr = (struct msghdr){.msg_name = &played->to,
			.msg_namelen = sizeof(played->to),
			.msg_iov = vectors[i],
			.msg_iovlen = 2};
	}
	sent = sendmmsg(
		load->hosts[played->demand->from].send_fds[played->port], messages, count, 0);
	played->port = (played->port + 1) % PORTS_EACH;
	return sent > 0 ? (unsigned int)sent : 0;
}

static void send_due(struct load *load, size_t n, double now) {
	struct played *played = &load->played[n];
	double per_second = played->asked_mbps * 1e6 / 8 / (double)load->packet_bytes;
	uint64_t due = (uint64_t)((now - load->started) * per_second);
	uint64_t done = played->sent + played->skipped;
	uint64_t most = (uint64_t)(per_second * BURST_MAX_MS / 1e3) + 1;

	if (due > done + most) {
		played->skipped += due - done - most;
		done = due - most;
	}
	while (done < due) {
		unsigned int count = due - done < BATCH ? (unsigned int)(due - done) : BATCH;
		unsigned int sent = send_batch(load, n, count);

		played->sent += sent;
		played->skipped += count - sent;
		done += count;
	}
}

static void receive_at(struct load *load, int fd) {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	int count;

	do {
		for (int i = 0; i < BATCH; i++) {
			vectors[i] = (struct iovec){
				load->buffers + (size_t)i * PAYLOAD_MAX, sizeof(struct payload)};
			messages[i].msg_hdr =
				(struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
		}
		count = recvmmsg(fd, messages, BATCH, 0, NULL);
		for (int i = 0; i < count; i++) {
			struct payload payload;

			memcpy(&payload, vectors[i].iov_base, sizeof(payload));
			if (messages[i].msg_len == sizeof(payload) &&
				payload.session == load->session && payload.demand < load->count)
				load->played[payload.demand].arrived++;
		}
	} while (count == BATCH);
}

static void receive(struct load *load) {
	struct epoll_event events[64];
	int count = epoll_wait(load->epoll_fd, events, 64, 0);

	for (int i = 0; i < count; i++)
		receive_at(load, events[i].data.fd);
}

void load_step(struct load *load) {
	double now = clock_now();

	for (size_t n = 0; n < load->count; n++)
		send_due(load, n, now);
	receive(load);
}

void load_stop(struct load *load) {
	const struct timespec pause = {.tv_nsec = 1000000};

	load->stopped = clock_now();
	for (int i = 0; i < LINGER_MS; i++) {
		nanosleep(&pause, NULL);
		receive(load);
	}
}

size_t load_count(const struct load *load) {
	return load->count;
}

void load_result(const struct load *load, size_t n, struct load_result *result) {
	const struct played *played = &load->played[n];
	double seconds = (load->stopped ? load->stopped : clock_now()) - load->started;
	double mbps = (double)load->packet_bytes * 8 / 1e6 / seconds;

	*result = (struct load_result){.demand = played->demand,
		.asked_mbps = played->asked_mbps,
		.sent_mbps = (double)played->sent * mbps,
		.arrived_mbps = (double)played->arrived * mbps,
		.sent = played->sent,
		.arrived = played->arrived};
}
