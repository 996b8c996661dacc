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
};

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

/* Sends and expects no answer; refusals are thrown away by netlink_forget. */
int netlink_tell(struct netlink *netlink, const void *messages, size_t size);
void netlink_forget(struct netlink *netlink);

struct netlink_batch *netlink_batch_create(void);
void netlink_batch_destroy(struct netlink_batch *batch);

/* Reads what waits, a batch at most: how many datagrams, 0 if none, -ENOBUFS if some were lost
 * before, or another negative errno. */
int netlink_follow(
	struct netlink *netlink, struct netlink_batch *batch, struct netlink_reader *reader);
