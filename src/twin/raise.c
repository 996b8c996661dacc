/*
 * raise: from a design to a running twin (twin_up of twin.h): it is built, its daemons are started,
 * and when every switch's table is what the model says, the process that did so goes on as the
 * supervisor.
 */
#include "twin/running.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "twin/build.h"
#include "twin/control.h"
#include "twin/neighbour_room.h"
#include "twin/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 32, PROGRESS_COLUMNS = 60, PROGRESS_PAUSE_S = 10 };

/* What is waited for, on stderr: over and over in place on a terminal, seldom elsewhere. */
struct progress {
	double began, said;
	bool is_terminal;
};

static void tell_progress(void *owner, const char *text) {
	struct progress *progress = owner;
	double now = clock_now();

	if (progress->is_terminal)
		fprintf(stderr, "\r%5.1f s  waiting for %.*s\033[K", now - progress->began,
			PROGRESS_COLUMNS, text);
	else if (now - progress->said >= PROGRESS_PAUSE_S) {
		fprintf(stderr, "%5.1f s  waiting for %s\n", now - progress->began, text);
		progress->said = now;
	}
}

enum awaited { KERNELS, HEDDLES, BFD };

static int converge(struct running *running, enum awaited what, double began) {
	struct progress progress = {
		.began = began, .said = clock_now(), .is_terminal = isatty(STDERR_FILENO)};
	int error = what == BFD
			    ? running_await_bfd(running, tell_progress, &progress)
			    : running_converge(running, what == HEDDLES, tell_progress, &progress);

	if (progress.is_terminal)
		fprintf(stderr, "\r\033[K");
	return error;
}

static int write_pid(const struct running *running) {
	char path[PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), "%s/supervisor.pid", running->folder);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file, "%d\n", getpid());
	return fclose(file) == EOF ? -errno : 0;
}

static int prepare(struct running *running) {
	int error;

	running->supervisor = supervisor_create();
	if (!running->supervisor)
		return -ENOMEM;
	running->signal_fd = signals_open(SIGNALS_OF_END_AND_CHILDREN);
	prctl(PR_SET_NAME, "heddle-twin");
	error = running->signal_fd < 0 ? -errno : write_pid(running);
	return error ? error : twin_control_open(running->folder, &running->control);
}

/* More switches than this for each core start one kind of daemon after the other: BFD that waits
 * for its turn finds neighbours dead that are not, and what follows takes yet more time. */
enum { SWITCHES_A_CORE = 12 };

static bool is_crowded(const struct running *running) {
	size_t switches = 0;

	for (size_t id = 0; id < running->nodes.fabric->node_count; id++)
		switches += fabric_is_switch(&running->nodes.fabric->nodes[id]);
	return switches > (size_t)(SWITCHES_A_CORE * sysconf(_SC_NPROCESSORS_ONLN));
}

/* Measured, of bfdd that sends so many packets a second and takes in as many: 160% of a core with
 * 4480. */
enum { BFD_PACKETS_A_CORE = 2800 };

/* What is left for the rest is what the twin is raised with. */
static void warn_of_bfd(const struct fabric *fabric) {
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	double packets = 0, wanted;

	for (size_t link = 0; link < fabric->link_count && fabric->intent->timers.bfd; link++)
		if (fabric->links[link].tier != TIER_HOST)
			packets += 2 * 1000.0 / fabric->intent->timers.bfd;
	wanted = packets / BFD_PACKETS_A_CORE;
	if (wanted > (double)cores / 2)
		log_warning("BFD every %u ms takes about %.1f of the %ld cores here, for good; "
			    "'timers: {bfd: 1s}' in the intent takes less",
			fabric->intent->timers.bfd, wanted, cores);
}

static int start(struct running *running, double began) {
	int error = faults_open(&running->faults, &running->daemons);

	if (!error)
		error = daemons_start_wires(&running->daemons);
	if (!error)
		error = daemons_start_routing(&running->daemons);
	if (!error && is_crowded(running))
		error = converge(running, KERNELS, began);
	if (!error)
		error = daemons_start_bfd(&running->daemons);
	if (!error)
		error = daemons_start_heddles(&running->daemons);
	if (!error)
		error = converge(running, KERNELS, began);
	if (!error && !running->options->without_heddle)
		error = converge(running, HEDDLES, began);
	if (!error)
		error = converge(running, BFD, began);
	if (!error && running->nodes.fabric->intent->application_count)
		error = daemons_start_applications(&running->daemons);
	return error;
}

static void report(const struct running *running, double built, double converged) {
	printf("%s: %zu nodes, %zu cables, %zu processes; built in %.1f s, converged after %.1f "
	       "s\n",
		running->name, running->nodes.fabric->node_count, running->nodes.fabric->link_count,
		supervisor_count(running->supervisor), built, converged);
	fflush(stdout);
}

/* From here on it says what happens in a file, and holds nobody's terminal. */
static void go_on_in_background(const struct running *running) {
	char path[PATH_BYTES];
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC), log;

	snprintf(path, sizeof(path), "%s/supervisor.log", running->folder);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	dup2(log < 0 ? nothing : log, STDERR_FILENO);
}

/* In the background process: raises, tells the one that waits how it went, and looks after it. */
static void __attribute__((noreturn)) supervise(struct running *running, int answer_fd) {
	double began = clock_now(), built;
	int error = prepare(running);

	if (!error)
		error = build_nodes(&running->nodes, running->nodes.fabric, running->name,
			running->options->emulate_all);
	running->daemons = (struct daemons){.nodes = &running->nodes,
		.supervisor = running->supervisor,
		.folder = running->folder,
		.heddle_path = running->options->heddle_path,
		.without_heddle = running->options->without_heddle};
	built = clock_now() - began;
	if (!error)
		error = start(running, began);
	if (!error && running->options->http)
		error = daemons_start_page(&running->daemons, running->options->http);
	if (!error)
		report(running, built, clock_now() - began);
	running->is_busy = false;
	if (write(answer_fd, &error, sizeof(error)) < 0)
		running->stopping = true;
	close(answer_fd);
	go_on_in_background(running);
	while (!running->stopping && (error == 0 || error == -ETIME))
		running_attend(running, -1);
	supervisor_destroy(running->supervisor);
	_exit(0);
}

static int make_folder(const char *path) {
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int make_folders(struct running *running) {
	char path[PATH_BYTES];
	int error = make_folder("/run/heddle");

	if (!error)
		error = make_folder("/run/heddle/twin");
	if (!error && mkdir(running->folder, 0755) < 0)
		error = -errno;
	snprintf(path, sizeof(path), "%s/nodes", running->folder);
	return error ? error : make_folder(path);
}

static void note_interruption(int signal) {
}

/* What the background process answers; -EINTR if a signal comes first. */
static int await_answer(int answer_fd) {
	const struct sigaction interruption = {.sa_handler = note_interruption};
	int error;

	sigaction(SIGINT, &interruption, NULL);
	sigaction(SIGTERM, &interruption, NULL);
	if (read(answer_fd, &error, sizeof(error)) == sizeof(error))
		return error;
	return errno == EINTR ? -EINTR : -EIO;
}

/* The name becomes this twin's, unless something has it. */
static int claim(struct running *running) {
	int error;

	if (!twin_name_is_right(running->name))
		return -EINVAL;
	twin_folder(running->name, running->folder);
	if (access(running->folder, F_OK) < 0 && twin_has_namespaces(running->name)) {
		log_error("namespaces '%s.…' are there, and no twin '%s': 'ip netns' lists them; "
			  "--name gives this one another name",
			running->name, running->name);
		return -EEXIST;
	}
	error = make_folders(running);
	if (error == -EEXIST)
		log_error("twin '%s' is there already, or being raised; 'heddle twin down --name "
			  "%s' removes "
			  "it",
			running->name, running->name);
	else if (error)
		log_error("%s: %s", running->folder, strerror(-error));
	if (error)
		return error;
	running->lock = twin_lock(running->name);
	if (running->lock >= 0)
		return 0;
	log_error(
		"twin '%s' was taken down by another process before it was raised", running->name);
	return running->lock;
}

int twin_up(const struct fabric *fabric, const struct state *state,
	const struct twin_options *options) {
	struct running running = {
		.nodes.fabric = fabric, .options = options, .name = options->name, .is_busy = true};
	int answer[2], error = claim(&running);
	pid_t pid;

	if (error)
		return error;
	error = running_keep_plan(&running, fabric, state, options->intent_path);
	if (!error && pipe2(answer, O_CLOEXEC) < 0)
		error = -errno;
	if (error) {
		twin_remove_folder(running.folder);
		return error;
	}
	neighbour_room_make(fabric->link_count);
	warn_of_bfd(fabric);
	pid = fork();
	if (pid == 0) {
		setsid();
		close(answer[0]);
		supervise(&running, answer[1]);
	}
	close(answer[1]);
	error = pid < 0 ? -errno : await_answer(answer[0]);
	close(answer[0]);
	close(running.lock); /* the supervisor has it, too */
	if (error == -EINTR)
		log_error("twin '%s' is not wanted any more: it is taken down", running.name);
	if (error && error != -ETIME)
		twin_down(running.name);
	return error;
}
