/*
 * twin: a fabric, running: a namespace for each node, veths for cables, FRR (or BIRD) and Heddle as
 * on the switches themselves. One process raises it, looks after its daemons, and answers on a
 * control socket; it is single-threaded.
 *
 * All that a twin has is named after it: namespaces NAME.NODE, and files below
 * /run/heddle/twin/NAME. So whatever became of its supervisor, twin_down finds and removes it.
 */
#pragma once

#include "fabric/fabric.h"

#include <stddef.h>
#include <sys/types.h>

enum { TWIN_PATH_MAX = 256 };

struct state;

struct twin_options {
	const char *intent_path; /* kept with the twin */
	const char *name;        /* the fabric's, unless told otherwise */
	const char *heddle_path; /* this program */
	unsigned int patience_s; /* how long convergence may take */
	bool without_heddle;     /* the kernel alone forwards: to compare */
	const char *http;        /* where its page is served; NULL: nowhere */
	bool emulate_all;        /* every link but those of hosts runs through a wire (wires.h) */
};

/* What a twin's folder and namespaces are called. */
void twin_folder(const char *name, char path[TWIN_PATH_MAX]);
void twin_state_path(const char *name, char path[TWIN_PATH_MAX]); /* of fabric/state.h */
void twin_namespace(const char *name, const char *node, char text[TWIN_PATH_MAX]);

/* Letters, digits, '-' and '_', as nodes' names: so that one twin's namespaces are never taken for
 * another's. False after a message. */
bool twin_name_is_right(const char *name);

/* The names of the twins that are there: each is told. Returns how many. */
size_t twin_each(void (*told)(void *owner, const char *name), void *owner);

/* The twin of this name, or for NULL the only one that is there, as `found`. 0, or -ENOENT after a
 * message. */
int twin_find(const char *name, char found[TWIN_PATH_MAX]);

/* The process that looks after it, 0 if there is none. */
pid_t twin_supervisor(const char *name);

/*
 * Raises the twin and returns when its tables are as the model says, with a supervisor running in
 * the background; progress goes to stderr. 0, or a negative errno after a message: -EEXIST if one
 * of this name runs, -ETIME if it does not converge (it is left running, to be looked at). SIGINT
 * and SIGTERM meanwhile take it down again (-EINTR).
 */
int twin_up(
	const struct fabric *fabric, const struct state *state, const struct twin_options *options);

/* Takes a twin's folder for whoever raises and looks after it, or takes it down: a descriptor that
 * holds it, in all processes that have it, or -EBUSY if another holds it, -ENOENT if it is gone. */
int twin_lock(const char *name);

/* Ends all that runs in a namespace of a twin's, hard, and removes it and the sockets that were
 * left of its daemons. 0, or a negative errno. */
int twin_remove_namespace(const char *name);

/* A folder and all that is in it; 0, also if it is not there. */
int twin_remove_folder(const char *path);

/* Whether there are namespaces that a twin of this name might have. */
bool twin_has_namespaces(const char *name);

/* Removes all of it, also while it is being raised; 0 also if there was nothing. Namespaces so
 * named without a twin's folder are somebody else's, and stay. -EBUSY after a message if another
 * takes it down and does not come to an end. */
int twin_down(const char *name);
