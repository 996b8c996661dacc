/*
 * raise: from a design to a running twin (twin_up of twin.h): it is built, its daemons are started,
 * and when every switch's table is what the model says, the process that did so goes on as the
 * supervisor.
 */
#include "twin/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/plan.h"
#include "fabric/state.h"
#include "twin/build.h"
#include "twin/control.h"
#include "twin/requests.h"
#include "twin/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 32, LOOK_AGAIN_MS = 200, WHERE_BYTES = 640 };

struct twin {
	const struct fabric *fabric;
	const struct twin_options *options;
	const char *name;
	char folder[TWIN_PATH_MAX];
	struct nodes nodes;
	struct supervisor *supervisor;
	struct daemons daemons;
	struct faults faults;
	struct twin_control *control;
	int signal_fd;
	bool stopping;
};

static void note_first(void *owner, const struct violation *violation) {
	char *where = owner;

	snprintf(where, WHERE_BYTES, "%s at %s: %s, not %s", violation->destination,
		violation->node, violation->found, violation->wanted);
}

/* For how many destinations the kernels' tables, or the Heddles' besides, are not yet the model's;
 * the first in `where`. */
static int differences(struct twin *twin, bool with_heddles, char *where) {
	static const struct verify_layer layers[] = {
		{.name = "model"}, {.name = "kernel"}, {.name = "Heddle"}};
	struct verify *verify = verify_create(twin->fabric, layers, with_heddles ? 3 : 2);
	struct verify_summary summary;
	int error = -ENOMEM;

	if (verify)
		error = nodes_read_tables(
			&twin->nodes, NULL, with_heddles ? HEDDLES_IF_THERE : HEDDLES_NONE, verify);
	if (!error)
		error = verify_run(verify, 1, note_first, where, &summary);
	verify_destroy(verify);
	return error ? error : (int)summary.violations;
}

/* Looks after processes, and answers who asks, for so long, or until told to stop. */
static void attend(struct twin *twin, int milliseconds) {
	struct pollfd events[] = {{.fd = twin->signal_fd, .events = POLLIN},
		{.fd = twin_control_fd(twin->control), .events = POLLIN}};
	struct signalfd_siginfo signal_info;
	int due = supervisor_tick(twin->supervisor);

	if (due >= 0 && (milliseconds < 0 || due < milliseconds))
		milliseconds = due;
	if (poll(events, 2, milliseconds) <= 0)
		return;
	while (read(twin->signal_fd, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		if (signal_info.ssi_signo != SIGCHLD)
			twin->stopping = true;
	supervisor_reap(twin->supervisor);
	if (events[1].revents)
		twin_control_serve(twin->control, requests_act, &twin->faults);
}

static int converge(struct twin *twin, bool with_heddles, double began) {
	double until = clock_now() + twin->options->patience_s;
	char where[WHERE_BYTES] = "";
	int left = -1;

	while (!twin->stopping && (left = differences(twin, with_heddles, where)) != 0) {
		if (left < 0)
			return left;
		fprintf(stderr, "\r%5.1f s  waiting for %d destinations, %.60s\033[K",
			clock_now() - began, left, where);
		if (clock_now() > until) {
			fputc('\n', stderr);
			log_error("not converged after %u s: %d destinations are not as the model "
				  "says: %s",
				twin->options->patience_s, left, where);
			return -ETIME;
		}
		attend(twin, LOOK_AGAIN_MS);
	}
	fprintf(stderr, "\r\033[K");
	return twin->stopping ? -EINTR : 0;
}

static int write_pid(const struct twin *twin) {
	char path[PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), "%s/supervisor.pid", twin->folder);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file, "%d\n", getpid());
	return fclose(file) == EOF ? -errno : 0;
}

static int open_signals(void) {
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int prepare(struct twin *twin) {
	int error;

	twin->supervisor = supervisor_create();
	if (!twin->supervisor)
		return -ENOMEM;
	twin->signal_fd = open_signals();
	prctl(PR_SET_NAME, "heddle-twin");
	error = twin->signal_fd < 0 ? -errno : write_pid(twin);
	return error ? error : twin_control_open(twin->folder, &twin->control);
}

/* More switches than this for each core start one kind of daemon after the other: BFD that waits
 * for its turn finds neighbours dead that are not, and what follows takes yet more time. */
enum { SWITCHES_A_CORE = 12 };

static bool is_crowded(const struct twin *twin) {
	size_t switches = 0;

	for (size_t id = 0; id < twin->fabric->node_count; id++)
		switches += fabric_is_switch(&twin->fabric->nodes[id]);
	return switches > (size_t)(SWITCHES_A_CORE * sysconf(_SC_NPROCESSORS_ONLN));
}

static int start(struct twin *twin, double began) {
	int error = faults_open(&twin->faults, &twin->daemons);

	if (!error)
		error = daemons_start_routing(&twin->daemons);
	if (!error && is_crowded(twin))
		error = converge(twin, false, began);
	if (!error)
		error = daemons_start_bfd(&twin->daemons);
	if (!error)
		error = daemons_start_heddles(&twin->daemons);
	if (!error)
		error = converge(twin, false, began);
	return error || twin->options->without_heddle ? error : converge(twin, true, began);
}

static void report(const struct twin *twin, double built, double converged) {
	printf("%s: %zu nodes, %zu cables, %zu processes; built in %.1f s, converged after %.1f "
	       "s\n",
		twin->name, twin->fabric->node_count, twin->fabric->link_count,
		supervisor_count(twin->supervisor), built, converged);
	fflush(stdout);
}

/* From here on it says what happens in a file, and holds nobody's terminal. */
static void go_on_in_background(const struct twin *twin) {
	char path[PATH_BYTES];
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC), log;

	snprintf(path, sizeof(path), "%s/supervisor.log", twin->folder);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	dup2(log < 0 ? nothing : log, STDERR_FILENO);
}

/* In the background process: raises, tells the one that waits how it went, and looks after it. */
static void __attribute__((noreturn)) supervise(struct twin *twin, int answer_fd) {
	double began = clock_now(), built;
	int error = prepare(twin);

	if (!error)
		error = build_nodes(&twin->nodes, twin->fabric, twin->name);
	twin->daemons = (struct daemons){.nodes = &twin->nodes,
		.supervisor = twin->supervisor,
		.folder = twin->folder,
		.heddle_path = twin->options->without_heddle ? NULL : twin->options->heddle_path};
	built = clock_now() - began;
	if (!error)
		error = start(twin, began);
	if (!error)
		report(twin, built, clock_now() - began);
	if (write(answer_fd, &error, sizeof(error)) < 0)
		twin->stopping = true;
	close(answer_fd);
	go_on_in_background(twin);
	while (!twin->stopping && (error == 0 || error == -ETIME))
		attend(twin, -1);
	supervisor_destroy(twin->supervisor);
	_exit(0);
}

static int make_folder(const char *path) {
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int make_folders(struct twin *twin) {
	char path[PATH_BYTES];
	int error = make_folder("/run/heddle");

	if (!error)
		error = make_folder("/run/heddle/twin");
	if (!error && mkdir(twin->folder, 0755) < 0)
		error = -errno;
	snprintf(path, sizeof(path), "%s/nodes", twin->folder);
	return error ? error : make_folder(path);
}

/* The intent and the state are kept beside the plan: the same design can be made again. */
static int write_plan(struct twin *twin, const struct state *state) {
	char path[PATH_BYTES], text[4096];
	FILE *from, *to;
	size_t size;
	int error;

	snprintf(path, sizeof(path), "%s/plan", twin->folder);
	error = plan_write(twin->fabric, state, path);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/intent.yaml", twin->folder);
	from = fopen(twin->options->intent_path, "re");
	to = from ? fopen(path, "we") : NULL;
	while (to && (size = fread(text, 1, sizeof(text), from)) > 0)
		if (fwrite(text, 1, size, to) != size)
			error = -EIO;
	if (!to || fclose(to) == EOF)
		error = -errno;
	if (from)
		fclose(from);
	if (error)
		log_error("%s: %s", path, strerror(-error));
	return error;
}

int twin_up(const struct fabric *fabric, const struct state *state,
	const struct twin_options *options) {
	struct twin twin = {.fabric = fabric, .options = options, .name = options->name};
	int answer[2], error;
	pid_t pid;

	twin_folder(twin.name, twin.folder);
	error = make_folders(&twin);
	if (error == -EEXIST)
		log_error("twin '%s' is there already; 'heddle twin down --name %s' removes it",
			twin.name, twin.name);
	else if (error)
		log_error("%s: %s", twin.folder, strerror(-error));
	if (error)
		return error;
	error = write_plan(&twin, state);
	if (error || pipe2(answer, O_CLOEXEC) < 0)
		return error ? error : -errno;
	pid = fork();
	if (pid == 0) {
		setsid();
		close(answer[0]);
		supervise(&twin, answer[1]);
	}
	close(answer[1]);
	if (pid < 0 || read(answer[0], &error, sizeof(error)) != sizeof(error))
		error = pid < 0 ? -errno : -EIO;
	close(answer[0]);
	if (error && error != -ETIME)
		twin_down(twin.name);
	return error;
}
