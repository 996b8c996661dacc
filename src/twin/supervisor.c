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

int supervisor_add(struct supervisor *supervisor, const char *name, int namespace_fd, int nice,
	const char *log_path, const char *const *arguments) {
	struct supervised *more =
		realloc(supervisor->processes, (supervisor->count + 1) * sizeof(*more));
	struct supervised *process;

	if (!more)
		return -ENOMEM;
	supervisor->processes = more;
	process = memset(&more[supervisor->count], 0, sizeof(*more));
	snprintf(process->name, sizeof(process->name), "%s", name);
	process->namespace_fd = namespace_fd;
	process->nice = nice;
	process->log_path = strdup(log_path);
	for (size_t i = 0; arguments[i] && i < SUPERVISED_ARGUMENTS_MAX; i++)
		process->arguments[i] = strdup(arguments[i]);
	process->pause_ms = PAUSE_LEAST_MS;
	return (int)supervisor->count++;
}

/* In the child: nothing of the supervisor's goes on to the process but where it is and its log. */
static void __attribute__((noreturn)) become(const struct supervised *process) {
	int log = open(process->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	setpriority(PRIO_PROCESS, 0, process->nice);
	if (netns_enter(process->namespace_fd) < 0 || log < 0 || nothing < 0)
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

void supervisor_stop(struct supervisor *supervisor, size_t place) {
	struct supervised *process = &supervisor->processes[place];

	process->wanted = false;
	if (process->pid)
		kill(process->pid, SIGKILL);
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
		supervisor_stop(supervisor, i);
	for (size_t i = 0; i < supervisor->count; i++) {
		struct supervised *process = &supervisor->processes[i];

		if (process->pid)
			waitpid(process->pid, NULL, 0);
		for (size_t n = 0; process->arguments[n]; n++)
			free(process->arguments[n]);
		free(process->log_path);
	}
	free(supervisor->processes);
	free(supervisor);
}
