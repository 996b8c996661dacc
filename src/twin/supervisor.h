/*
 * supervisor: processes that are to run: each in a namespace, started, and started again when it
 * ends, after a pause that doubles while it keeps ending. Single-threaded; the caller waits for
 * SIGCHLD and calls supervisor_reap.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SUPERVISED_ARGUMENTS_MAX = 24, SUPERVISED_NAME_MAX = 64 };

struct supervised {
	char name[SUPERVISED_NAME_MAX]; /* "leaf1/bgpd" */
	int namespace_fd;               /* the caller's; -1: that of the supervisor */
	int nice;                       /* of nice(2) */
	char *arguments[SUPERVISED_ARGUMENTS_MAX + 1];
	char *log_path;
	pid_t pid; /* 0: does not run */
	int64_t started_ms, start_again_ms;
	unsigned int pause_ms;
	unsigned int restarts;
	int last_status; /* of wait(2) */
	bool wanted;
};

struct supervisor;

struct supervisor *supervisor_create(void);

/* Ends all processes, hard, waits for them, and frees. */
void supervisor_destroy(struct supervisor *supervisor);

/* A process to be; `arguments` are copied. One of this name that is there already becomes it. Its
 * place, or -ENOMEM. */
int supervisor_add(struct supervisor *supervisor, const char *name, int namespace_fd, int nice,
	const char *log_path, const char *const *arguments);

/* Starts what is wanted and not running; 0 or a negative errno of the first that cannot be. */
int supervisor_start(struct supervisor *supervisor, size_t place);
/* Ends it, hard, and waits until it is gone. */
void supervisor_stop(struct supervisor *supervisor, size_t place);

/* Takes note of what has ended. */
void supervisor_reap(struct supervisor *supervisor);

/* Starts what is due again; milliseconds until the next is, -1 if none. */
int supervisor_tick(struct supervisor *supervisor);

/* The place of the process of this name, or -ENOENT. */
int supervisor_find(const struct supervisor *supervisor, const char *name);

/* Where it is started next time. */
void supervisor_move(struct supervisor *supervisor, size_t place, int namespace_fd);

size_t supervisor_count(const struct supervisor *supervisor);
const struct supervised *supervisor_at(const struct supervisor *supervisor, size_t place);
