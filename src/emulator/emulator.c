/* emulator: see emulator.h. */
#include "emulator/emulator.h"

#include "base/log.h"
#include "emulator/control.h"
#include "emulator/departures.h"
#include "emulator/wire.h"

#include <cap-ng.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	EARLY_NS_LEAST = 20 * 1000,  /* awake so long before a frame is due, and no more than … */
	EARLY_NS_MOST = 50 * 1000,   /* … this, however late wake-ups are */
	SENDING_NS_MOST = 10 * 1000, /* what is believed to be the cost of sending a frame */
	POLL_NS = 200 * 1000,        /* without sleep in between: then the others get a look */
	EVENTS = 16,
	NICE = -10, /* a wire is hardware to those whom it joins: it goes before them */
};

struct emulator {
	struct wire *wire;
	struct wire_control *control;
	int epoll_fd, signal_fd, departures;
	int result;
	bool ended;
	uint64_t polled_ns;
	uint64_t early_ns;   /* how long before a frame is due to be awake */
	uint64_t sending_ns; /* from asking the kernel to send a frame until it is at the far end */
};

static uint64_t now_ns(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void emulator_control_path(const char *a, const char *b, char *path, size_t size) {
	bool in_order = strcmp(a, b) < 0;
	struct stat status = {0};

	stat("/proc/self/ns/net", &status);
	snprintf(path, size, "/run/heddle/wire/%lu.%.15s+%.15s.sock", (unsigned long)status.st_ino,
		in_order ? a : b, in_order ? b : a);
}

static int watch(struct emulator *emulator, int fd) {
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(emulator->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int watch_all(struct emulator *emulator) {
	int error = watch(emulator, emulator->signal_fd);

	if (!error)
		error = watch(emulator, emulator->departures);
	if (!error)
		error = watch(emulator, wire_control_fd(emulator->control));
	for (unsigned int i = 0; i < WIRE_ENDS; i++) {
		struct wire_end *end = wire_end_of(emulator->wire, i);

		for (size_t queue = 0; !error && queue < wire_end_queues(end); queue++)
			error = watch(emulator, xdp_socket_fd(wire_end_queue(end, queue)));
	}
	return error;
}

static int take_signals(void) {
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* What needs them is open; whoever might take over the process gets none. */
static int drop_capabilities(void) {
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return 0;
	log_error("cannot drop capabilities: %s", strerror(errno));
	return -EPERM;
}

int emulator_open(const struct emulator_options *options, struct emulator **out) {
	const struct wire_settings settings[WIRE_ENDS] = {options->from_a, options->from_b};
	struct emulator *emulator = calloc(1, sizeof(*emulator));
	int error;

	if (!emulator)
		return -ENOMEM;
	emulator->early_ns = EARLY_NS_LEAST;
	emulator->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	emulator->signal_fd = take_signals();
	emulator->departures = departures_open();
	/* The kernel else lets a sleeper lie 50 us longer, to wake several at once. */
	prctl(PR_SET_TIMERSLACK, 1);
	setpriority(PRIO_PROCESS, 0, NICE); /* without it, too, but it misses more frames */
	error = wire_open(options->a, options->b, settings, options->seed, options->memory_bytes,
		&emulator->wire);
	if (!error)
		error = wire_control_open(
			options->control_path, emulator->wire, &emulator->control);
	if (!error) {
		error = watch_all(emulator);
		if (error)
			log_error("cannot wait for frames: %s", strerror(-error));
	}
	if (!error)
		error = drop_capabilities();
	if (error) {
		emulator_close(emulator);
		return error;
	}
	*out = emulator;
	return 0;
}

void emulator_close(struct emulator *emulator) {
	wire_control_close(emulator->control);
	if (emulator->wire)
		wire_close(emulator->wire);
	if (emulator->signal_fd >= 0)
		close(emulator->signal_fd);
	if (emulator->departures >= 0)
		close(emulator->departures);
	if (emulator->epoll_fd >= 0)
		close(emulator->epoll_fd);
	free(emulator);
}

static void see_who_has_gone(struct emulator *emulator) {
	departures_clear(emulator->departures);
	for (unsigned int i = 0; i < WIRE_ENDS; i++) {
		struct wire_end *end = wire_end_of(emulator->wire, i);

		if (wire_end_exists(end))
			continue;
		log_error("%s: the interface is gone, and the wire with it", wire_end_name(end));
		emulator->ended = true;
		emulator->result = -ENODEV;
	}
}

/* What woke it beside frames, which are looked for in any case. */
static void handle(struct emulator *emulator, int fd) {
	if (fd == emulator->signal_fd)
		emulator->ended = true;
	else if (fd == emulator->departures)
		see_who_has_gone(emulator);
	else if (fd == wire_control_fd(emulator->control))
		wire_control_process(emulator->control);
}

/* Sleeps until something happens, for `sleep_ns` at most; UINT64_MAX is for ever. */
static void sleep_for(struct emulator *emulator, uint64_t sleep_ns) {
	struct timespec time = {.tv_sec = (time_t)(sleep_ns / 1000000000),
		.tv_nsec = (long)(sleep_ns % 1000000000)};
	struct epoll_event events[EVENTS];
	int count = epoll_pwait2(
		emulator->epoll_fd, events, EVENTS, sleep_ns == UINT64_MAX ? NULL : &time, NULL);

	for (int i = 0; i < count && !emulator->ended; i++)
		handle(emulator, events[i].data.fd);
	emulator->polled_ns = now_ns();
}

/* Woken by the clock so late that the frame is overdue: it gets up earlier next time; else a little
 * later, so that it is late once in about a hundred times. */
static void learn_waking(struct emulator *emulator, uint64_t due_ns) {
	if (emulator->polled_ns > due_ns)
		emulator->early_ns += emulator->early_ns / 4;
	else
		emulator->early_ns -= emulator->early_ns / 512;
	if (emulator->early_ns > EARLY_NS_MOST)
		emulator->early_ns = EARLY_NS_MOST;
	if (emulator->early_ns < EARLY_NS_LEAST)
		emulator->early_ns = EARLY_NS_LEAST;
}

/* How long before the next frame is due to be awake: not at all, if it is no matter that waking
 * takes a while. A wire of 10 ms that is busy then sleeps between its frames. */
static uint64_t early_for_next(const struct emulator *emulator) {
	return wire_tolerance(emulator->wire) < emulator->early_ns ? emulator->early_ns : 0;
}

/* Waits for the next frame to come or to be due, asleep as far as that goes. */
static void wait_for_next(struct emulator *emulator) {
	uint64_t due_ns = wire_next_due(emulator->wire), now = now_ns();
	uint64_t early_ns = early_for_next(emulator);

	if (due_ns == UINT64_MAX) {
		sleep_for(emulator, UINT64_MAX);
	} else if (due_ns > now + early_ns) {
		sleep_for(emulator, due_ns - now - early_ns);
		if (early_ns > 0 && emulator->polled_ns + early_ns >= due_ns)
			learn_waking(emulator, due_ns);
	} else if (now > emulator->polled_ns + POLL_NS) {
		sleep_for(emulator, 0);
	}
}

/* Sends what is due, so much earlier as sending takes; that is learned from single frames. */
static bool deliver(struct emulator *emulator) {
	uint64_t now = now_ns(), due_ns = wire_next_due(emulator->wire), took;
	bool more;

	if (due_ns > now + emulator->sending_ns)
		return false;
	more = wire_deliver(emulator->wire, now + emulator->sending_ns);
	took = (now_ns() - now) / 2;
	if (took < SENDING_NS_MOST)
		emulator->sending_ns += ((int64_t)took - (int64_t)emulator->sending_ns) / 16;
	return more;
}

int emulator_run(struct emulator *emulator) {
	emulator->polled_ns = now_ns();
	while (!emulator->ended) {
		bool more = wire_receive(emulator->wire, now_ns());

		more |= deliver(emulator);
		if (!more)
			wait_for_next(emulator);
		else if (now_ns() > emulator->polled_ns + POLL_NS)
			sleep_for(emulator, 0);
	}
	return emulator->result;
}
