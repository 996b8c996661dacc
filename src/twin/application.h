/*
 * application: what the files that play applications share. One process plays all of a twin's: it
 * makes the sockets of each host in that host's namespace, and serves them all by one epoll, in one
 * thread. Nothing is done between two events.
 *
 * A class of applications is three functions (application_player). What it came to is told by
 * samples (samples.h); figures are made of these, here as by who only reads them.
 */
#pragma once

#include "twin/samples.h"

#include "fabric/fabric.h"

#include <netinet/in.h>
#include <sys/epoll.h>

struct application;

/* A socket, and who is called when there is something to do with it. -1: none. */
struct endpoint {
	int fd;
	uint32_t events; /* that it is watched for; 0: it is not */
	void (*ready)(void *owner, uint32_t events);
	void *owner;
};

struct application_player {
	/* 0, or a negative errno after application_fail. What was opened before is closed by
	 * `close`. */
	int (*open)(struct application *application);
	/* At its time, application->due, which it moves. */
	void (*act)(struct application *application);
	void (*close)(struct application *application);
};

extern const struct application_player application_ai, application_xr, application_iot,
	application_web;

struct application_world {
	const struct fabric *fabric;
	const char *twin;
	int *namespaces; /* by node; -1: not open */
	int home;        /* namespace of this process */
	int epoll_fd;
	struct samples *samples;
};

enum { REASON_MAX = 128, PORTS_EACH = 128 };

struct application {
	struct application_world *world;
	const struct intent_application *intent;
	const struct application_player *player;
	void *own; /* the player's */
	unsigned int number;
	int source;     /* of its samples */
	int *from, *to; /* ids of hosts */
	size_t from_count, to_count;
	bool is_open;
	double due;              /* clock_now() of what it does next; INFINITY: nothing */
	char reason[REASON_MAX]; /* why it is down; "": it is up */
};

/* --- which hosts --- */

/* The ids of hosts by their names, or of all hosts; of more than `most` so many, evenly chosen.
 * Returns how many. */
size_t application_hosts(
	const struct fabric *fabric, const struct intent_names *names, int *hosts, size_t most);

/* Finds `from` and `to`, which are freed with the application. 0 or -ENOMEM. */
int application_find_hosts(struct application *application);

/* The n-th of the pairs of hosts between its `from` and `to`, by turns; never a host with itself.
 */
struct application_pair {
	int from, to;
};
struct application_pair application_pair(const struct application *application, size_t n);

/* --- their sockets --- */

/* Each returns 0, or a negative errno after application_fail; the endpoint is then without a
 * socket. Of an application each host has the ports 0 to PORTS_EACH - 1. */

/* TCP, watched for who connects; application_accept gives the next of them, or a negative errno. */
int application_listen(
	struct application *application, int host, unsigned int port, struct endpoint *endpoint);
int application_accept(const struct endpoint *endpoint);

/* TCP to such a port, watched for when it is connected: what is sent has to be acknowledged, and
 * what is connected to has to answer, within `patience_ms`. By IPv6 if so asked and both hosts have
 * it, or only that. */
int application_connect(struct application *application, struct application_pair pair,
	unsigned int port, bool by_ipv6, unsigned int patience_ms, struct endpoint *endpoint);

/* UDP at such a port, watched for what comes. */
int application_receive_at(
	struct application *application, int host, unsigned int port, struct endpoint *endpoint);

/* UDP to such a port, from a source port (0: any), likewise. */
int application_send_to(struct application *application, struct application_pair pair,
	unsigned int port, bool by_ipv6, uint16_t source_port, struct endpoint *endpoint);

/* From another socket's accept. Watches, or watches for something else. */
void endpoint_watch(struct application_world *world, struct endpoint *endpoint, uint32_t events);
/* Nothing if it has no socket. */
void endpoint_close(struct endpoint *endpoint);
/* Likewise, of a TCP connection of which nothing is wanted any more: by a reset, after which its
 * port is free at once. */
void endpoint_reset(struct endpoint *endpoint);

/* --- what is told --- */

/* Why it is down, from now on. */
void application_fail(struct application *application, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* It is up. */
void application_recover(struct application *application);

void application_note(struct application *application, enum outcome outcome, double seconds);

/* The n-th number drawn for this application and this purpose, 0 < x < 1: the same in each run. */
double application_draw(const struct application *application, unsigned int purpose, uint64_t n);
