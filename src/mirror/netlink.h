/*
 * netlink: sockets to the kernel: opening, joining groups, dumps, and reading notifications many at
 * a time. Knows nothing of what the messages mean.
 */
#pragma once

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mnl_socket;

struct netlink {
	struct mnl_socket *socket; /* NULL: not open */
	uint32_t sequence;
	bool interrupted; /* what is being dumped changed meanwhile */
};

/* The next whole message of *left bytes at *at, both moved beyond it; NULL if there is none. Unlike
 * mnl_nlmsg_ok, not deceived by a length above INT_MAX. */
static inline const struct nlmsghdr *netlink_next(const void **at, size_t *left) {
	const struct nlmsghdr *message = *at;
	size_t taken;

	if (*left < sizeof(*message) || message->nlmsg_len < sizeof(*message) ||
		message->nlmsg_len > *left)
		return NULL;
	taken = NLMSG_ALIGN(message->nlmsg_len);
	if (taken > *left)
		taken = *left;
	*at = (const uint8_t *)*at + taken;
	*left -= taken;
	return message;
}

/* Room for notifications that are read in one system call; shared by all sockets of a mirror. */
struct netlink_batch;

/* What is called for each message; the context is the caller's. */
struct netlink_reader {
	void (*read)(void *context, const struct nlmsghdr *message);
	void *context;
};

enum netlink_use {
	NETLINK_FOLLOW, /* notifications: non-blocking, a large receive buffer */
	NETLINK_ASK,    /* requests and dumps: blocking, for some seconds at most */
};

/* 0, or a negative errno (-EPROTONOSUPPORT where the kernel lacks the protocol). */
int netlink_open(struct netlink *netlink, int protocol, enum netlink_use use);
void netlink_close(struct netlink *netlink);
int netlink_fd(const struct netlink *netlink);
int netlink_join(struct netlink *netlink, unsigned int group);

/* Sends a request and reads the answer, each message but the last through *reader, until it ends.
 * 0; -EAGAIN if the kernel says that what it dumped changed meanwhile; another negative errno. */
int netlink_ask(struct netlink *netlink, struct nlmsghdr *request, struct netlink_reader *reader);

/* Whether an error of these says that the kernel is built without what was asked for, or is older:
 * it has none of it then. */
bool netlink_is_absent(int error);

/* The two halves of netlink_ask, for who does not wait: netlink_receive reads one datagram of the
 * answer, if one is there, and tells whether more will follow. */
int netlink_send(struct netlink *netlink, struct nlmsghdr *request);
int netlink_receive(struct netlink *netlink, struct netlink_reader *reader, bool *more);

/* The same as netlink_ask, by a socket that is opened for it and closed again. */
int netlink_ask_once(int protocol, struct nlmsghdr *request, struct netlink_reader *reader);

/* Sends and expects no answer; refusals are thrown away by netlink_forget. */
int netlink_tell(struct netlink *netlink, const void *messages, size_t size);
void netlink_forget(struct netlink *netlink);

struct netlink_batch *netlink_batch_create(void);
void netlink_batch_destroy(struct netlink_batch *batch);

enum { NETLINK_BATCH = 64 };

/* Reads what waits, NETLINK_BATCH datagrams at most: how many (fewer: none is left), or a negative
 * errno. -ENOBUFS: some were lost, or too long to be read whole, and all that waited is thrown
 * away, so that what is dumped from now on and what is read afterwards make a whole. */
int netlink_follow(
	struct netlink *netlink, struct netlink_batch *batch, struct netlink_reader *reader);
