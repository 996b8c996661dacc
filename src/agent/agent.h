/*
 * agent: the daemon. One thread, one epoll loop: netlink (the mirror), the control socket, signals
 * and a slow tick. What it holds is open to the rooms beside it (control, show, explain).
 */
#pragma once

#include "agent/config.h"
#include "agent/notices.h"
#include "agent/ports.h"
#include "datapath/datapath.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <time.h>

struct control;
struct publish;

struct agent {
	struct config config;
	struct datapath *datapath;
	struct fib4 *fib4;
	struct fib6 *fib6;
	struct nexthops *nexthops;
	struct mirror *mirror;
	struct ports *ports;
	struct control *control;
	struct publish *publish; /* NULL: nothing is said by HTTP */
	struct notices notices;
	bool ports_are_stale; /* a link or a hold changed since the last ports_update */
	uint64_t received_last_tick;
	int64_t started;
	int epoll_fd;
	int signal_fd;
	int tick_fd;
	bool stopping;
};

/* Runs until SIGTERM or SIGINT: 0; or a negative errno after a message, if it cannot start or can
 * no longer follow the kernel. */
int agent_run(const struct config *config);
