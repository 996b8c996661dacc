/*
 * watch: what the switches of a running twin notice and change, with the time of it: carriers that
 * go and come, routes that kernels are given (by netlink notifications), and BGP sessions that fall
 * and rise (by what bgpd logs). Single-threaded; times are seconds of CLOCK_REALTIME.
 */
#pragma once

#include "twin/nodes.h"

enum { WATCH_WORDS_MAX = 160 };

/* Something that a node noticed; `at` 0: nothing did. */
struct watch_event {
	double at;
	int node;
	char words[WATCH_WORDS_MAX];
};

struct watch_report {
	struct watch_event first_carrier, last_carrier; /* of a switch's port */
	struct watch_event first_bfd;                   /* that told BGP that a neighbour is dead */
	struct watch_event first_session, last_session; /* of BGP, fallen or risen */
	struct watch_event first_route, last_route;     /* in a switch's table main */
	unsigned int sessions, routes;                  /* changes of them */
	unsigned int nodes;                             /* whose routes changed */
	unsigned int unseen; /* netlink overruns: some changes were missed */
};

struct watch;

/* In the twin of this name. 0, or a negative errno after a message. */
int watch_open(const struct nodes *nodes, const char *twin, struct watch **watch);
void watch_close(struct watch *watch);

/* From now on: what was seen before is forgotten. */
void watch_start(struct watch *watch);

/* Readable when there is something to read, which watch_read does. */
int watch_fd(const struct watch *watch);
void watch_read(struct watch *watch);

/* What was seen so far; logs are read now. */
void watch_report(struct watch *watch, struct watch_report *report);
