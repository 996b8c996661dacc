/* agent: see agent.h. Set-up is one ladder, undone in reverse; the kernel forwards before, after,
 * and whenever something here fails. */
#include "agent/agent.h"

#include "agent/control.h"
#include "agent/privileges.h"
#include "agent/publish.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* While frames arrive, neighbours in use are looked after each second; when none do, half as often.
 */
enum { TICK_BUSY_SECONDS = 1, TICK_IDLE_SECONDS = 2, EVENTS_MAX = 16 };

static void mark_ports_stale(void *owner) {
	((struct agent *)owner)->ports_are_stale = true;
}

static void on_link_changed(void *owner, const struct mirror_link *link) {
	mark_ports_stale(owner);
}

static void on_link_gone(void *owner, uint32_t ifindex, const char *name) {
	struct agent *agent = owner;

	if (agent->ports)
		ports_link_gone(agent->ports, ifindex);
	agent->ports_are_stale = true;
}

static void tell_holds(struct agent *agent) {
	size_t count;
	const struct mirror_hold *holds = mirror_holds(agent->mirror, &count);

	if (holds)
		notices_tell(&agent->notices, agent->ports, holds, count);
}

static void on_holds_changed(void *owner) {
	struct agent *agent = owner;

	agent->ports_are_stale = true;
	if (agent->ports)
		tell_holds(agent);
}

static int open_tables(struct agent *agent) {
	const struct tables *tables = datapath_tables(agent->datapath);
	struct grace *grace = datapath_grace(agent->datapath);

	agent->nexthops = nexthops_create(&tables->nexthop, grace);
	agent->fib4 = fib4_create(&tables->fib4, grace);
	agent->fib6 = fib6_create(&tables->fib6, grace);
	if (!agent->nexthops || !agent->fib4 || !agent->fib6) {
		log_error("no memory for the tables");
		return -ENOMEM;
	}
	return 0;
}

static int open_datapath(struct agent *agent) {
	struct config *config = &agent->config;
	struct datapath_options options = {
		.fib4_nodes = config->fib4_nodes,
		.fib4_leaves = config->fib4_leaves,
		.fib6_nodes = config->fib6_nodes,
		.fib6_leaves = config->fib6_leaves,
		.nexthops = config->nexthops,
		.buckets = config->buckets,
	};

	if (!config->flow_seed && getrandom(&config->flow_seed, sizeof(config->flow_seed), 0) < 0)
		config->flow_seed = 1;
	options.flow_seed = config->flow_seed;
	return datapath_open(&options, &agent->datapath);
}

static int open_mirror(struct agent *agent) {
	const struct mirror_tables tables = {
		.fib4 = agent->fib4,
		.fib6 = agent->fib6,
		.nexthops = agent->nexthops,
		.local_filter = datapath_tables(agent->datapath)->local_filter,
	};
	const struct mirror_listener listener = {
		.link_changed = on_link_changed,
		.link_gone = on_link_gone,
		.holds_changed = on_holds_changed,
		.owner = agent,
	};
	struct mirror_statistics statistics;
	int error = mirror_open(&tables, &listener, &agent->mirror);

	if (error)
		return error;
	statistics = mirror_statistics(agent->mirror);
	log_info("%zu IPv4 and %zu IPv6 routes taken over in %.2f s", statistics.routes4,
		statistics.routes6, statistics.load_seconds);
	return 0;
}

static int open_ports(struct agent *agent) {
	const char *missing;

	agent->ports = ports_create(&agent->config, agent->datapath, agent->mirror);
	if (!agent->ports)
		return -ENOMEM;
	tell_holds(agent);
	ports_update(agent->ports);
	agent->ports_are_stale = false;
	for (unsigned int n = 0; (missing = ports_missing(agent->ports, n)); n++)
		log_warning("%s: no such interface yet; it will be taken when it appears", missing);
	return 0;
}

static int watch(struct agent *agent, int fd) {
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(agent->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void set_tick(const struct agent *agent, int seconds) {
	const struct itimerspec when = {.it_value.tv_sec = seconds};

	timerfd_settime(agent->tick_fd, 0, &when, NULL);
}

static int open_loop(struct agent *agent) {
	int error;

	agent->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	agent->signal_fd = signals_open(SIGNALS_OF_END);
	agent->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (agent->epoll_fd < 0 || agent->signal_fd < 0 || agent->tick_fd < 0)
		return -errno;
	error = watch(agent, agent->signal_fd);
	if (!error)
		error = watch(agent, agent->tick_fd);
	if (!error)
		error = watch(agent, mirror_fd(agent->mirror));
	if (!error)
		error = watch(agent, datapath_fd(agent->datapath));
	if (!error)
		error = watch(agent, control_fd(agent->control));
	if (!error && agent->publish)
		error = watch(agent, publish_fd(agent->publish));
	set_tick(agent, TICK_BUSY_SECONDS);
	return error;
}

static uint64_t frames_received(const struct agent *agent) {
	uint64_t sum = 0;

	for (unsigned int slot = 1; slot < PORTS_MAX; slot++) {
		struct ledger_entry entry;

		if (!ports_at(agent->ports, slot))
			continue;
		datapath_read_ledger(agent->datapath, slot, &entry);
		sum += entry.received.packets;
	}
	return sum;
}

static void tick(struct agent *agent) {
	uint64_t received = frames_received(agent);
	bool busy = received != agent->received_last_tick;
	uint64_t expirations;
	bool some_wait;

	if (read(agent->tick_fd, &expirations, sizeof(expirations)) < 0)
		return;
	agent->received_last_tick = received;
	mirror_tick(agent->mirror);
	some_wait = ports_tick(agent->ports);
	if (agent->publish)
		publish_tick(agent->publish);
	sd_notify(0, "WATCHDOG=1");
	set_tick(agent, busy || some_wait ? TICK_BUSY_SECONDS : TICK_IDLE_SECONDS);
}

static void handle_signal(struct agent *agent) {
	struct signalfd_siginfo signal_info;

	if (read(agent->signal_fd, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		agent->stopping = true;
}

static int handle(struct agent *agent, int fd) {
	if (fd == agent->signal_fd)
		handle_signal(agent);
	else if (fd == agent->tick_fd)
		tick(agent);
	else if (fd == mirror_fd(agent->mirror))
		return mirror_process(agent->mirror);
	else if (fd == datapath_fd(agent->datapath))
		ports_refused(agent->ports);
	else if (agent->publish && fd == publish_fd(agent->publish))
		publish_process(agent->publish);
	else
		control_process(agent->control);
	return 0;
}

static int loop(struct agent *agent) {
	while (!agent->stopping) {
		struct epoll_event events[EVENTS_MAX];
		int count = epoll_wait(agent->epoll_fd, events, EVENTS_MAX, -1);

		for (int i = 0; i < count; i++) {
			int error = handle(agent, events[i].data.fd);

			if (error) {
				log_error("can no longer follow the kernel: %s", strerror(-error));
				return error;
			}
		}
		if (agent->ports_are_stale) {
			agent->ports_are_stale = false;
			ports_update(agent->ports);
		}
	}
	return 0;
}

int agent_run(const struct config *config) {
	struct agent agent = {.config = *config, .epoll_fd = -1, .signal_fd = -1, .tick_fd = -1};
	int error;

	agent.started = clock_seconds();
	if (config->debug)
		log_set_level(LOG_LEVEL_DEBUG);
	error = control_open(&agent, &agent.control); /* first: it finds a daemon already running */
	if (error)
		return error;
	error = open_datapath(&agent);
	if (error)
		goto close_control;
	error = open_tables(&agent);
	if (error)
		goto close_tables;
	error = open_mirror(&agent);
	if (error)
		goto close_tables;
	error = open_ports(&agent);
	if (error)
		goto close_mirror;
	error = config->http[0] ? publish_open(&agent, &agent.publish) : 0;
	if (error)
		goto close_ports;
	error = open_loop(&agent);
	if (error)
		goto close_ports;
	error = privileges_drop();
	if (error)
		goto close_ports;
	sd_notify(0, "READY=1");
	log_info("ready");
	error = loop(&agent);
	sd_notify(0, "STOPPING=1");
close_ports:
	publish_close(agent.publish);
	ports_detach(agent.ports);
	ports_destroy(agent.ports);
close_mirror:
	notices_free(&agent.notices);
	mirror_close(agent.mirror);
close_tables:
	fib6_destroy(agent.fib6);
	fib4_destroy(agent.fib4);
	nexthops_destroy(agent.nexthops);
	datapath_close(agent.datapath);
close_control:
	control_close(agent.control);
	close(agent.tick_fd);
	close(agent.signal_fd);
	close(agent.epoll_fd);
	return error;
}
