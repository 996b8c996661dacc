/*
 * application_ai: hosts that train a model together: each computes for a while, then all reduce
 * what they have (reduce.h), over TCP connections that stay open, one a way; the step is over when
 * the last host has the sum of all. What is sent has the sizes of a reduction and its order, and no
 * numbers: none would say more of the network.
 *
 * When a connection breaks, or a step does not get on, all are closed and opened again, and the
 * step begins anew, as a job does from its last checkpoint; its time goes on from where it first
 * began.
 */
#include "twin/application.h"

#include "base/clock.h"
#include "twin/reduce.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	HOSTS_MAX = 64,
	SEND_BYTES = 1 << 16,
	RECEIVE_BYTES = 1 << 20,
	PATIENCE_MS = 2000, /* of TCP */
	RETRY_MS = 250,
	STALL_S = 5,
};

struct job;

/* One way: its sender's end and its receiver's. */
struct edge {
	struct job *job;
	struct application_pair pair;
	unsigned int number;
	struct endpoint listener, out, in;
	bool is_connected;
	size_t *transfers; /* of the reduction, in their order */
	size_t count;
	size_t sending, receiving; /* the transfers that go on now */
	uint64_t sent, received;   /* bytes of them */
};

enum phase { CONNECTING, COMPUTING, REDUCING };

struct job {
	struct application *application;
	struct reduction reduction;
	int hosts[HOSTS_MAX];
	size_t host_count;
	size_t got[HOSTS_MAX]; /* transfers, of this step */
	size_t done;           /* all of them */
	struct edge *edges;
	enum phase phase;
	double began; /* of the step, also if it was begun again */
	bool has_begun;
	double moved; /* the last transfer was done, or a phase began */
};

/* --- connections --- */

static void forget_step(struct job *job) {
	for (size_t i = 0; i < job->host_count; i++)
		job->got[i] = 0;
	for (int i = 0; i < job->reduction.edges; i++) {
		struct edge *edge = &job->edges[i];

		edge->sending = edge->receiving = 0;
		edge->sent = edge->received = 0;
	}
	job->done = 0;
}

static void disconnect(struct edge *edge) {
	int stale;

	endpoint_close(&edge->out);
	endpoint_close(&edge->in);
	edge->is_connected = false;
	while (edge->listener.fd >= 0 && (stale = application_accept(&edge->listener)) >= 0) {
		struct endpoint unwanted = {.fd = stale};

		endpoint_close(&unwanted);
	}
}

static void start_again(struct job *job) {
	if (job->phase == REDUCING)
		application_note(job->application, OUTCOME_LOST, 0);
	for (int i = 0; i < job->reduction.edges; i++)
		disconnect(&job->edges[i]);
	forget_step(job);
	job->phase = CONNECTING;
	job->moved = clock_now();
	job->application->due = job->moved + RETRY_MS / 1e3;
}

static void connect_edges(struct job *job) {
	for (int i = 0; i < job->reduction.edges; i++) {
		struct edge *edge = &job->edges[i];

		if (edge->out.fd < 0)
			application_connect(job->application, edge->pair, edge->number,
				edge->number % 2, PATIENCE_MS, &edge->out);
	}
}

/* --- a step --- */

static const struct transfer *transfer_of(const struct edge *edge, size_t n) {
	return &edge->job->reduction.transfers[edge->transfers[n]];
}

static uint64_t bytes_of(const struct edge *edge, size_t n) {
	const struct job *job = edge->job;

	return reduction_part_bytes(
		&job->reduction, job->application->intent->size_bytes, transfer_of(edge, n)->part);
}

/* Sends what its host has by now, and waits for room if there is none. */
static void send_on(struct edge *edge) {
	static const char nothing[SEND_BYTES];
	struct job *job = edge->job;
	bool is_full = false;

	while (!is_full && edge->sending < edge->count) {
		const struct transfer *transfer = transfer_of(edge, edge->sending);
		uint64_t left = bytes_of(edge, edge->sending) - edge->sent;
		ssize_t sent;

		if (job->got[transfer->from] < transfer->needs)
			break;
		sent = left ? send(edge->out.fd, nothing, left < SEND_BYTES ? left : SEND_BYTES,
				      MSG_NOSIGNAL)
			    : 0;
		if (sent < 0 && errno != EAGAIN) {
			start_again(job);
			return;
		}
		is_full = sent < 0;
		edge->sent += is_full ? 0 : (uint64_t)sent;
		if (edge->sent == bytes_of(edge, edge->sending)) {
			edge->sending++;
			edge->sent = 0;
		}
	}
	endpoint_watch(job->application->world, &edge->out, is_full ? EPOLLOUT : EPOLLRDHUP);
}

static void begin_computing(struct job *job) {
	job->phase = COMPUTING;
	job->moved = clock_now();
	if (!job->has_begun)
		job->began = job->moved;
	job->has_begun = true;
	job->application->due = job->moved + job->application->intent->compute_ms / 1e3;
}

static void begin_reducing(struct job *job) {
	job->phase = REDUCING;
	job->moved = clock_now();
	job->application->due = job->moved + STALL_S;
	for (int i = 0; i < job->reduction.edges && job->phase == REDUCING; i++)
		send_on(&job->edges[i]);
}

static void end_step(struct job *job) {
	application_note(job->application, OUTCOME_DONE, clock_now() - job->began);
	forget_step(job);
	job->has_begun = false;
	begin_computing(job);
}

static void note_transfer(struct edge *edge) {
	struct job *job = edge->job;
	int host = transfer_of(edge, edge->receiving)->to;

	edge->receiving++;
	edge->received = 0;
	job->got[host]++;
	job->moved = clock_now();
	job->application->due = job->moved + STALL_S;
	if (++job->done == job->reduction.count) {
		end_step(job);
		return;
	}
	for (int i = 0; i < job->reduction.edges && job->phase == REDUCING; i++)
		if (transfer_of(&job->edges[i], 0)->from == host)
			send_on(&job->edges[i]);
}

/* --- events --- */

static void begin_if_connected(struct job *job) {
	for (int i = 0; i < job->reduction.edges; i++)
		if (!job->edges[i].is_connected || job->edges[i].in.fd < 0)
			return;
	application_recover(job->application);
	begin_computing(job);
}

static void on_out(void *owner, uint32_t events) {
	struct edge *edge = owner;
	struct job *job = edge->job;

	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
		if (edge->is_connected)
			start_again(job);
		else
			endpoint_close(&edge->out); /* it is tried again */
		return;
	}
	if (edge->is_connected) {
		send_on(edge);
		return;
	}
	edge->is_connected = true;
	endpoint_watch(job->application->world, &edge->out, EPOLLRDHUP);
	begin_if_connected(job);
}

/* What comes is counted and not looked at (MSG_TRUNC of tcp(7)). */
static void on_in(void *owner, uint32_t events) {
	struct edge *edge = owner;
	struct job *job = edge->job;
	ssize_t size;

	while (job->phase == REDUCING && edge->receiving < edge->count) {
		uint64_t left = bytes_of(edge, edge->receiving) - edge->received;

		size = left ? recv(edge->in.fd, NULL, left < RECEIVE_BYTES ? left : RECEIVE_BYTES,
				      MSG_TRUNC)
			    : 0;
		if (size < 0 && errno == EAGAIN)
			return;
		if (size < 0 || (size == 0 && left)) {
			start_again(job);
			return;
		}
		edge->received += (uint64_t)size;
		if (edge->received == bytes_of(edge, edge->receiving))
			note_transfer(edge);
	}
	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
		start_again(job);
}

/* The last that connects is the one: those before were given up. */
static void on_listener(void *owner, uint32_t events) {
	struct edge *edge = owner;
	struct job *job = edge->job;
	int fd;

	while ((fd = application_accept(&edge->listener)) >= 0) {
		endpoint_close(&edge->in);
		edge->in.fd = fd;
		endpoint_watch(job->application->world, &edge->in, EPOLLIN | EPOLLRDHUP);
	}
	if (job->phase == CONNECTING)
		begin_if_connected(job);
	else
		start_again(job);
}

static void act(struct application *application) {
	struct job *job = application->own;

	if (job->phase == COMPUTING) {
		begin_reducing(job);
		return;
	}
	if (job->phase == REDUCING) {
		application_fail(application, "a step does not get on for %d s", STALL_S);
		start_again(job);
		return;
	}
	connect_edges(job);
	if (clock_now() - job->moved > STALL_S) {
		application_fail(application, "its hosts do not reach each other");
		start_again(job);
	}
	application->due = clock_now() + RETRY_MS / 1e3;
}

/* --- its life --- */

static int add_edge(struct job *job, const struct transfer *transfer) {
	struct edge *edge = &job->edges[transfer->edge];

	if (edge->job)
		return 0;
	edge->job = job;
	edge->number = (unsigned int)transfer->edge;
	edge->pair =
		(struct application_pair){job->hosts[transfer->from], job->hosts[transfer->to]};
	edge->listener = (struct endpoint){.fd = -1, .ready = on_listener, .owner = edge};
	edge->out = (struct endpoint){.fd = -1, .ready = on_out, .owner = edge};
	edge->in = (struct endpoint){.fd = -1, .ready = on_in, .owner = edge};
	edge->transfers = calloc(job->reduction.count, sizeof(*edge->transfers));
	if (!edge->transfers)
		return -ENOMEM;
	return application_listen(job->application, edge->pair.to, edge->number, &edge->listener);
}

static int add_edges(struct job *job) {
	int error = 0;

	job->edges = calloc((size_t)job->reduction.edges, sizeof(*job->edges));
	if (!job->edges)
		return -ENOMEM;
	for (size_t i = 0; i < job->reduction.count && !error; i++) {
		const struct transfer *transfer = &job->reduction.transfers[i];
		struct edge *edge = &job->edges[transfer->edge];

		error = add_edge(job, transfer);
		if (!error)
			edge->transfers[edge->count++] = i;
	}
	return error;
}

static int open_job(struct application *application) {
	struct job *job = calloc(1, sizeof(*job));
	int error;

	if (!job)
		return -ENOMEM;
	application->own = job;
	job->application = application;
	job->host_count = application_hosts(
		application->world->fabric, &application->intent->hosts, job->hosts, HOSTS_MAX);
	error = reduction_plan(
		application->intent->algorithm, (int)job->host_count, &job->reduction);
	if (!error)
		error = add_edges(job);
	job->moved = clock_now();
	application->due = job->moved;
	return error;
}

static void close_job(struct application *application) {
	struct job *job = application->own;

	for (int i = 0; job && job->edges && i < job->reduction.edges; i++) {
		struct edge *edge = &job->edges[i];

		if (!edge->job)
			continue;
		disconnect(edge);
		endpoint_close(&edge->listener);
		free(edge->transfers);
	}
	if (job) {
		reduction_free(&job->reduction);
		free(job->edges);
	}
	free(job);
	application->own = NULL;
}

const struct application_kind application_ai = {open_job, act, close_job};
