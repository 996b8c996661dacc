/* netlink: see netlink.h. */
#include "mirror/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	FOLLOW_BUFFER_BYTES = 64 << 20, /* FRR's failover of 500k routes overran 208 kB 135 times */
	ASK_BUFFER_BYTES = 1 << 20,
	ASK_SECONDS = 10,
	DUMP_BYTES = 256 << 10, /* the kernel fills up to 32 kB a datagram, if there is room */
	DATAGRAM_BYTES = 16 << 10,
};

struct netlink_batch {
	struct mmsghdr headers[NETLINK_BATCH];
	struct iovec vectors[NETLINK_BATCH];
	struct sockaddr_nl senders[NETLINK_BATCH];
	uint8_t datagrams[NETLINK_BATCH][DATAGRAM_BYTES] __attribute__((aligned(64)));
};

/* SO_RCVBUFFORCE goes beyond net.core.rmem_max; without CAP_NET_ADMIN what is allowed must do. */
static void set_receive_buffer(int fd, int bytes) {
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static void set_timeout(int fd) {
	struct timeval timeout = {.tv_sec = ASK_SECONDS};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

static bool is_from_kernel(const struct sockaddr_nl *sender) {
	return sender->nl_pid == 0;
}

static int error_of(const struct nlmsghdr *message) {
	const struct nlmsgerr *report = mnl_nlmsg_get_payload(message);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(report->error))
		return -EBADMSG;
	return report->error;
}

/* One datagram of an answer: 1 if more follows, 0 at the end, or a negative errno. */
static int read_answer(
	struct netlink *netlink, const void *datagram, size_t size, struct netlink_reader *reader) {
	const struct nlmsghdr *message;

	while ((message = netlink_next(&datagram, &size))) {
		if (message->nlmsg_seq != netlink->sequence)
			continue; /* left over from a request given up */
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			netlink->interrupted = true;
		if (message->nlmsg_type == NLMSG_DONE)
			return mnl_nlmsg_get_payload_len(message) >= sizeof(int) ? error_of(message)
										 : 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return error_of(message);
		reader->read(reader->context, message);
	}
	return 1;
}

int netlink_send(struct netlink *netlink, struct nlmsghdr *request) {
	netlink->interrupted = false;
	request->nlmsg_seq = ++netlink->sequence;
	if (!(request->nlmsg_flags & NLM_F_DUMP))
		request->nlmsg_flags |= NLM_F_ACK; /* so that every answer has an end */
	return mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0 ? -errno : 0;
}

/* One datagram of an answer, received with `flags`: 1 if more follows, 0 at the end, or a negative
 * errno, -EWOULDBLOCK among them. */
static int receive(struct netlink *netlink, struct netlink_reader *reader, int flags) {
	static _Alignas(64) _Thread_local uint8_t datagram[DUMP_BYTES];
	ssize_t size = recv(netlink_fd(netlink), datagram, sizeof(datagram), flags | MSG_TRUNC);

	if (size < 0)
		return errno == EINTR ? 1 : -errno;
	if ((size_t)size > sizeof(datagram))
		return -ENOSPC;
	return read_answer(netlink, datagram, (size_t)size, reader);
}

static int outcome_of(const struct netlink *netlink, int answer) {
	return answer ? answer : netlink->interrupted ? -EAGAIN : 0;
}

int netlink_receive(struct netlink *netlink, struct netlink_reader *reader, bool *more) {
	int answer = receive(netlink, reader, MSG_DONTWAIT);

	*more = answer > 0 || answer == -EWOULDBLOCK;
	return *more ? 0 : outcome_of(netlink, answer);
}

int netlink_ask(struct netlink *netlink, struct nlmsghdr *request, struct netlink_reader *reader) {
	int answer = netlink_send(netlink, request);

	if (answer)
		return answer;
	do
		answer = receive(netlink, reader, 0);
	while (answer > 0);
	return answer == -EWOULDBLOCK ? -ETIMEDOUT : outcome_of(netlink, answer);
}

/* nfnetlink and XFRM know their messages by number, and say EINVAL to those beyond. */
bool netlink_is_absent(int error) {
	return error == -EPROTONOSUPPORT || error == -EOPNOTSUPP || error == -EAFNOSUPPORT ||
	       error == -EINVAL;
}

int netlink_ask_once(int protocol, struct nlmsghdr *request, struct netlink_reader *reader) {
	struct netlink netlink;
	int error = netlink_open(&netlink, protocol, NETLINK_ASK);

	if (error)
		return error;
	error = netlink_ask(&netlink, request, reader);
	netlink_close(&netlink);
	return error;
}

int netlink_tell(struct netlink *netlink, const void *messages, size_t size) {
	return mnl_socket_sendto(netlink->socket, messages, size) < 0 ? -errno : 0;
}

void netlink_forget(struct netlink *netlink) {
	uint8_t byte;

	while (recv(netlink_fd(netlink), &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		;
}

int netlink_open(struct netlink *netlink, int protocol, enum netlink_use use) {
	int error;

	netlink->sequence = (uint32_t)time(NULL);
	netlink->socket = mnl_socket_open2(
		protocol, SOCK_CLOEXEC | (use == NETLINK_FOLLOW ? SOCK_NONBLOCK : 0));
	if (!netlink->socket)
		return -errno;
	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		error = -errno;
		netlink_close(netlink);
		return error;
	}
	set_receive_buffer(netlink_fd(netlink),
		use == NETLINK_FOLLOW ? FOLLOW_BUFFER_BYTES : ASK_BUFFER_BYTES);
	if (use == NETLINK_ASK)
		set_timeout(netlink_fd(netlink));
	return 0;
}

void netlink_close(struct netlink *netlink) {
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
}

int netlink_fd(const struct netlink *netlink) {
	return mnl_socket_get_fd(netlink->socket);
}

int netlink_join(struct netlink *netlink, unsigned int group) {
	int number = (int)group;

	return mnl_socket_setsockopt(
		       netlink->socket, NETLINK_ADD_MEMBERSHIP, &number, sizeof(number)) < 0
		       ? -errno
		       : 0;
}

struct netlink_batch *netlink_batch_create(void) {
	struct netlink_batch *batch = aligned_alloc(64, sizeof(*batch));

	if (!batch)
		return NULL;
	for (size_t i = 0; i < NETLINK_BATCH; i++) {
		batch->vectors[i] = (struct iovec){batch->datagrams[i], DATAGRAM_BYTES};
		batch->headers[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &batch->senders[i],
							     .msg_iov = &batch->vectors[i],
							     .msg_iovlen = 1}};
	}
	return batch;
}

void netlink_batch_destroy(struct netlink_batch *batch) {
	free(batch);
}

/* Reads all that waits and throws it away: 0, or a negative errno. */
static int discard(struct netlink *netlink, struct netlink_batch *batch) {
	int datagrams;

	do
		datagrams = recvmmsg(
			netlink_fd(netlink), batch->headers, NETLINK_BATCH, MSG_DONTWAIT, NULL);
	while (datagrams > 0 || (datagrams < 0 && (errno == ENOBUFS || errno == EINTR)));
	return datagrams < 0 && errno != EAGAIN ? -errno : 0;
}

/* What waits in a socket that overflowed is older than what was lost: after a dump it would bring
 * back routes whose deletion is among the lost. And the kernel goes on throwing away, and tells of
 * it no second time, until such a socket has been empty: a dump made before misses what changes
 * meanwhile. So it is emptied first. */
static int lost(struct netlink *netlink, struct netlink_batch *batch) {
	int error = discard(netlink, batch);

	return error ? error : -ENOBUFS;
}

int netlink_follow(
	struct netlink *netlink, struct netlink_batch *batch, struct netlink_reader *reader) {
	bool cut = false;
	int datagrams;

	for (size_t i = 0; i < NETLINK_BATCH; i++)
		batch->headers[i].msg_hdr.msg_namelen = sizeof(batch->senders[i]);
	datagrams =
		recvmmsg(netlink_fd(netlink), batch->headers, NETLINK_BATCH, MSG_DONTWAIT, NULL);
	if (datagrams < 0 && errno == ENOBUFS)
		return lost(netlink, batch);
	if (datagrams < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (int i = 0; i < datagrams; i++) {
		const void *datagram = batch->datagrams[i];
		size_t size = batch->headers[i].msg_len;
		const struct nlmsghdr *message;

		if (!is_from_kernel(&batch->senders[i]))
			continue;
		cut |= batch->headers[i].msg_hdr.msg_flags & MSG_TRUNC;
		while ((message = netlink_next(&datagram, &size)))
			reader->read(reader->context, message);
	}
	return cut ? lost(netlink, batch) : datagrams;
}
