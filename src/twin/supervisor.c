/* supervisor: see supervisor.h. */
#include "twin/supervisor.h"

#include "base/log.h"
#include "twin/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_LEAST_MS = 200, PAUSE_MOST_MS = 10000, STEADY_MS = 30000 };

struct supervisor {
	struct supervised *processes;
	size_t count;
};

static int64_t now_ms(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct supervisor *supervisor_create(void) {
	return calloc(1, sizeof(struct supervisor));
}

int supervisor_find(const struct supervisor *supervisor, const char *name) {
	for (size_t i = 0; i < supervisor->count; i++)
		if (strcmp(supervisor->processes[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

static void forget_arguments(struct supervised *process) {
	for (size_t n = 0; process->arguments[n]; n++)
		free(process->arguments[n]);
	memset(process->arguments, 0, sizeof(process->arguments));
	free(process->log_path);
}

/* The place of this name, new or again. */
static int take_place(struct supervisor *supervisor, const char *name) {
	int place = supervisor_find(supervisor, name);
	struct supervised *more;

	if (place >= 0) {
		forget_arguments(&supervisor->processes[place]);
		return place;
	}
	more = realloc(supervisor->processes, (supervisor->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	supervisor->processes = more;
	memset(&more[supervisor->count], 0, sizeof(*more));
	snprintf(more[supervisor->count].name, sizeof(more->name), "%s", name);
	return (int)supervisor->count++;
}

int supervisor_add(struct supervisor *supervisor, const char *name, int namespace_fd, int nice,
	const char *log_path, const char *const *arguments) {
	int place = take_place(supervisor, name);
	struct supervised *process;

	if (place < 0)
		return place;
	process = &supervisor->processes[place];
	process->namespace_fd = namespace_fd;
	process->nice = nice;
	process->log_path = strdup(log_path);
	for (size_t i = 0; arguments[i] && i < SUPERVISED_ARGUMENTS_MAX; i++)
		process->arguments[i] = strdup(arguments[i]);
	process->pause_ms = PAUSE_LEAST_MS;
	return place;
}

/* In the child: nothing of the supervisor's goes on to the process but where it is and its log. */
static void __attribute__((noreturn)) become(const struct supervised *process) {
	int log = open(process->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	setpriority(PRIO_PROCESS, 0, process->nice);
	if ((process->namespace_fd >= 0 && netns_enter(process->namespace_fd) < 0) || log < 0 ||
		nothing < 0)
		_exit(126);
	dup2(nothing, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	execvp(process->arguments[0], process->arguments);
	dprintf(STDERR_FILENO, "%s: %s\n", process->arguments[0], strerror(errno));
	_exit(127);
}

int supervisor_start(struct supervisor *supervisor, size_t place) {
	struct supervised *process = &supervisor->processes[place];
	pid_t pid;

	process->wanted = true;
	if (process->pid)
		return 0;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(process);
	process->pid = pid;
	process->started_ms = now_ms();
	return 0;
}

static void end(struct supervised *process) {
	process->wanted = false;
	if (process->pid)
		kill(process->pid, SIGKILL);
}

static void wait_for_end(struct supervised *process) {
	if (process->pid)
		waitpid(process->pid, &process->last_status, 0);
	process->pid = 0;
}

void supervisor_stop(struct supervisor *supervisor, size_t place) {
	end(&supervisor->processes[place]);
	wait_for_end(&supervisor->processes[place]);
}

static void note_end(struct supervised *process, int status) {
	int64_t ran_ms = now_ms() - process->started_ms;

	process->pid = 0;
	process->last_status = status;
	if (!process->wanted)
		return;
	process->pause_ms = ran_ms >= STEADY_MS                     ? PAUSE_LEAST_MS
			    : 2 * process->pause_ms > PAUSE_MOST_MS ? PAUSE_MOST_MS
								    : 2 * process->pause_ms;
	process->restarts++;
	process->start_again_ms = now_ms() + process->pause_ms;
	if (WIFSIGNALED(status))
		log_warning("%s was ended by signal %d after %.1f s; it is started again",
			process->name, WTERMSIG(status), (double)ran_ms / 1000);
	else
		log_warning("%s ended with status %d after %.1f s; it is started again (see %s)",
			process->name, WEXITSTATUS(status), (double)ran_ms / 1000,
			process->log_path);
}

void supervisor_reap(struct supervisor *supervisor) {
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < supervisor->count; i++)
			if (supervisor->processes[i].pid == pid)
				note_end(&supervisor->processes[i], status);
}

int supervisor_tick(struct supervisor *supervisor) {
	int64_t now = now_ms(), next = -1;

	for (size_t i = 0; i < supervisor->count; i++) {
		struct supervised *process = &supervisor->processes[i];

		if (!process->wanted || process->pid)
			continue;
		if (process->start_again_ms <= now)
			supervisor_start(supervisor, i);
		else if (next < 0 || process->start_again_ms - now < next)
			next = process->start_again_ms - now;
	}
	return (int)next;
}

void supervisor_move(struct supervisor *supervisor, size_t place, int namespace_fd) {
	supervisor->processes[place].namespace_fd = namespace_fd;
}

size_t supervisor_count(const struct supervisor *supervisor) {
	return supervisor->count;
}

const struct supervised *supervisor_at(const struct supervisor *supervisor, size_t place) {
	return &supervisor->processes[place];
}

void supervisor_destroy(struct supervisor *supervisor) {
	if (!supervisor)
		return;
	for (size_t i = 0; i < supervisor->count; i++)
		end(&supervisor->processes[i]);
	for (size_t i = 0; i < supervisor->count; i++) {
		wait_for_end(&supervisor->processes[i]);
		forget_arguments(&supervisor->processes[i]);
	}
	free(supervisor->processes);
	free(supervisor);
}
