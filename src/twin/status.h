/* status: how a twin is: its nodes, their processes, what they take of the machine, and what fails.
 */
#pragma once

#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

struct live;

struct status_node {
	unsigned int wanted, running; /* processes */
	unsigned int restarts;
	uint64_t memory_bytes; /* private to its processes (smaps_rollup(5)) */
	double cpu_seconds;    /* that they have used so far */
};

/* What becomes of the twin. */
enum status_state {
	STATUS_UP,
	STATUS_CHANGING, /* it is being raised, or changed */
	STATUS_TORN,     /* a change failed half-way: it is between two designs */
	STATUS_ORPHANED, /* its supervisor has ended; what it started may run on */
};

struct status {
	enum status_state state;
	pid_t supervisor; /* 0: there is none any more */
	double age_seconds;
	struct status_node *nodes;       /* by the design's ids */
	struct status_node wires;        /* the emulators of all links */
	struct status_node applications; /* what plays them */
	size_t links_down;               /* that are down, on purpose or not */
};

/* 0, or a negative errno after a message; to be freed in either case. A twin without a supervisor
 * has no processes to tell of. */
int status_read(struct live *live, struct status *status);
const char *status_state_name(enum status_state state); /* "up" … */
void status_free(struct status *status);
