/*
 * running: a twin as its supervisor has it, and what it does all the time: look after processes,
 * answer who asks, and wait for tables to become the model's. Single-threaded.
 */
#pragma once

#include "twin/daemons.h"
#include "twin/fault.h"
#include "twin/twin.h"

struct blueprint;
struct state;
struct supervisor;
struct twin_control;

struct running {
	const char *name;
	char folder[TWIN_PATH_MAX];
	const struct twin_options *options;
	struct nodes nodes;          /* with the design */
	struct blueprint *blueprint; /* of that, once it has been changed; its own */
	struct supervisor *supervisor;
	struct daemons daemons;
	struct faults faults;
	struct twin_control *control;
	int signal_fd;
	int lock;     /* twin_lock, for as long as the supervisor lives */
	bool is_busy; /* being raised or changed: only questions are answered */
	bool is_torn; /* between two designs: a change failed half-way, and nothing more is done */
	bool stopping;
};

/* For so many milliseconds (-1: as long as it takes), or until something has been attended to. */
void running_attend(struct running *running, int milliseconds);

/* Attends until no switch's routes have changed for a while, or it takes too long: those of the
 * design and of the one that it is about to become (NULL: none). 0, or a negative errno. */
int running_settle(struct running *running, const struct nodes *after);

/*
 * Attends until the kernels' tables, and the Heddles' besides, are what the model says. Tells
 * `waiting`, now and then, for what. 0; -ETIME after a message, when patience is over; -EINTR when
 * told to stop; or another negative errno.
 */
int running_converge(struct running *running, bool with_heddles,
	void (*waiting)(void *owner, const char *text), void *owner);

/*
 * Attends until BFD watches every session of BGP's: a link that fails silently before that is
 * missed, and stays in the tables until hold timers end and restarts are over. As running_converge.
 */
int running_await_bfd(
	struct running *running, void (*waiting)(void *owner, const char *text), void *owner);

/* Writes the plan, and keeps the intent and the state beside it, so that the same design can be
 * made again. 0, or a negative errno after a message. */
int running_keep_plan(struct running *running, const struct fabric *fabric,
	const struct state *state, const char *intent_path);
