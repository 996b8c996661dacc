/*
 * raise: from a design to a running twin (twin_up of twin.h): namespaces, cables, addresses of
 * hosts, daemons; then it waits until every switch's table is what the model says, and goes on as
 * the supervisor.
 */
#include "twin/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/frr.h"
#include "fabric/model.h"
#include "fabric/plan.h"
#include "fabric/state.h"
#include "twin/heddle_fib.h"
#include "twin/live_fib.h"
#include "twin/netns.h"
#include "twin/supervisor.h"
#include "twin/wiring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 3 * FABRIC_NAME_MAX, LOOK_AGAIN_MS = 200, WHERE_BYTES = 640 };

struct twin {
	const struct fabric *fabric;
	const struct twin_options *options;
	const char *name;
	char folder[TWIN_PATH_MAX];
	int *namespaces; /* an fd a node */
	struct wiring **wirings;
	struct supervisor *supervisor;
	int signal_fd;
	bool stopping;
};

/* --- namespaces and cables --- */

static int make_folder(const char *path) {
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int make_node(struct twin *twin, int id) {
	char name[TWIN_PATH_MAX];
	int error;

	twin_namespace(twin->name, twin->fabric->nodes[id].name, name);
	error = netns_create(name);
	if (!error) {
		twin->namespaces[id] = netns_open(name);
		error = twin->namespaces[id] < 0
				? twin->namespaces[id]
				: wiring_open(twin->namespaces[id], &twin->wirings[id]);
	}
	if (!error)
		error = wiring_set_up(twin->wirings[id], "lo", true);
	if (error)
		log_error("namespace %s: %s", name, strerror(-error));
	return error;
}

static int set_sysctls(struct twin *twin, int id) {
	static const char *const router[][2] = {
		{"ipv4/ip_forward", "1"},
		{"ipv6/conf/all/forwarding", "1"},
		{"ipv4/fib_multipath_hash_policy", "1"},
		{"ipv6/fib_multipath_hash_policy", "1"},
		{"ipv4/conf/all/rp_filter", "0"},
		{"ipv4/conf/default/rp_filter", "0"},
		{"ipv4/conf/all/ignore_routes_with_linkdown", "1"},
		{"ipv4/conf/default/ignore_routes_with_linkdown", "1"},
		{"ipv6/conf/all/ignore_routes_with_linkdown", "1"},
		{"ipv6/conf/default/ignore_routes_with_linkdown", "1"},
	};
	static const char *const all[][2] = {
		{"ipv6/conf/all/accept_dad", "0"},
		{"ipv6/conf/default/accept_dad", "0"},
		{"ipv6/conf/default/accept_ra", "0"},
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && !error; i++)
		error = wiring_set_sysctl(twin->wirings[id], all[i][0], all[i][1]);
	if (twin->fabric->nodes[id].role == ROLE_HOST)
		return error;
	for (size_t i = 0; i < sizeof(router) / sizeof(router[0]) && !error; i++)
		error = wiring_set_sysctl(twin->wirings[id], router[i][0], router[i][1]);
	return error;
}

static int lay_cable(struct twin *twin, const struct fabric_link *link) {
	const struct fabric *fabric = twin->fabric;
	const struct fabric_port *upper = &fabric->ports[link->ports[0]];
	const struct fabric_port *lower = &fabric->ports[link->ports[1]];
	int error = wiring_add_veth(twin->wirings[upper->node], upper->name,
		twin->wirings[lower->node], lower->name, fabric->intent->mtu);

	if (error)
		log_error("cable %s:%s to %s:%s: %s", fabric->nodes[upper->node].name, upper->name,
			fabric->nodes[lower->node].name, lower->name, strerror(-error));
	return error;
}

/* A host's addresses, and its default route by all of its leaves. */
static int set_up_host(struct twin *twin, int id) {
	const struct fabric *fabric = twin->fabric;
	const struct fabric_node *host = &fabric->nodes[id];
	struct wiring *wiring = twin->wirings[id];
	struct wiring_hop hops[2][16];
	size_t counts[2] = {0};
	int error = 0;

	for (size_t n = 0; n < host->port_count && n < 16 && !error; n++) {
		const struct fabric_port *port = &fabric->ports[host->ports[n]];
		const struct fabric_port *far = &fabric->ports[port->other];
		const struct prefix *const own[] = {&port->address4, &port->address6};
		const struct prefix *const gateways[] = {&far->address4, &far->address6};

		error = wiring_compute_checksums(wiring, port->name);
		for (int family = 0; family < 2 && !error; family++) {
			if (!own[family]->family)
				continue;
			error = wiring_add_address(wiring, port->name, own[family]);
			hops[family][counts[family]++] = (struct wiring_hop){
				.gateway = *gateways[family], .device = port->name};
		}
	}
	for (int family = 0; family < 2 && !error; family++) {
		const struct prefix everything = {.family = family ? AF_INET6 : AF_INET};
		const struct prefix *source = family ? &host->loopback6 : &host->loopback4;

		if (source->family)
			error = wiring_add_address(wiring, "lo", source);
		if (!error && counts[family])
			error = wiring_add_route(
				wiring, &everything, hops[family], counts[family], source);
	}
	if (error)
		log_error("host %s: %s", host->name, strerror(-error));
	return error;
}

/* FRR gives its interfaces their addresses itself; BIRD takes those that are there. */
static int set_up_bird(struct twin *twin, int id) {
	const struct fabric *fabric = twin->fabric;
	const struct fabric_node *node = &fabric->nodes[id];
	int error = wiring_add_address(twin->wirings[id], "lo", &node->loopback4);

	if (!error)
		error = wiring_add_address(twin->wirings[id], "lo", &node->loopback6);
	for (size_t n = 0; n < node->port_count && !error; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];

		error = wiring_add_address(twin->wirings[id], port->name, &port->address4);
		if (!error)
			error = wiring_add_address(twin->wirings[id], port->name, &port->address6);
	}
	if (error)
		log_error("router %s: %s", node->name, strerror(-error));
	return error;
}

static int build(struct twin *twin) {
	const struct fabric *fabric = twin->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		error = make_node(twin, id);
		if (!error)
			error = set_sysctls(twin, id);
	}
	for (size_t i = 0; i < fabric->link_count && !error; i++)
		error = lay_cable(twin, &fabric->links[i]);
	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric->nodes[id].role == ROLE_HOST)
			error = set_up_host(twin, id);
		else if (bird_is_run_by(twin->fabric, id))
			error = set_up_bird(twin, id);
	return error;
}

/* --- daemons --- */

/* A hundred switches on two cores: were BFD to wait for its turn, it would find neighbours dead
 * that are not, and what follows takes yet more time. A switch's own line cards do BFD first, too.
 */
static int nice_of(const char *daemon) {
	return strcmp(daemon, "bfdd") == 0 ? -20 : strcmp(daemon, "zebra") == 0 ? -10 : 0;
}

static int add_process(
	struct twin *twin, int id, const char *daemon, const char *const *arguments) {
	char name[SUPERVISED_NAME_MAX], log[PATH_BYTES];
	int place;

	snprintf(name, sizeof(name), "%s/%s", twin->fabric->nodes[id].name, daemon);
	snprintf(log, sizeof(log), "%s/nodes/%s/%s.log", twin->folder, twin->fabric->nodes[id].name,
		daemon);
	place = supervisor_add(
		twin->supervisor, name, twin->namespaces[id], nice_of(daemon), log, arguments);
	return place < 0 ? place : supervisor_start(twin->supervisor, (size_t)place);
}

static int start_frr_daemon(struct twin *twin, int id, const char *daemon) {
	const char *node = twin->fabric->nodes[id].name;
	char program[64], folder[PATH_BYTES], configuration[PATH_BYTES + 32], pid[PATH_BYTES + 64],
		api[PATH_BYTES + 32], bfd[PATH_BYTES + 32];
	const char *arguments[] = {program, "-f", configuration, "-i", pid, "-z", api,
		"--vty_socket", folder, "-P", "0", "-u", "frr", "-g", "frr", NULL, NULL, NULL};

	snprintf(program, sizeof(program), "/usr/lib/frr/%s", daemon);
	snprintf(folder, sizeof(folder), "%s/nodes/%s", twin->folder, node);
	snprintf(configuration, sizeof(configuration), "%s/plan/nodes/%s/frr.conf", twin->folder,
		node);
	snprintf(pid, sizeof(pid), "%s/%s.pid", folder, daemon);
	snprintf(api, sizeof(api), "%s/zserv.api", folder);
	snprintf(bfd, sizeof(bfd), "%s/bfdd.sock", folder);
	if (strcmp(daemon, "bfdd") == 0) {
		arguments[15] = "--bfdctl";
		arguments[16] = bfd;
	}
	return add_process(twin, id, daemon, arguments);
}

static int start_bird(struct twin *twin, int id) {
	const char *node = twin->fabric->nodes[id].name;
	char configuration[PATH_BYTES + 32], control[PATH_BYTES + 32];
	const char *const arguments[] = {"bird", "-f", "-c", configuration, "-s", control, NULL};

	snprintf(configuration, sizeof(configuration), "%s/plan/nodes/%s/bird.conf", twin->folder,
		node);
	snprintf(control, sizeof(control), "%s/nodes/%s/bird.ctl", twin->folder, node);
	return add_process(twin, id, "bird", arguments);
}

static int start_heddle(struct twin *twin, int id) {
	char configuration[PATH_BYTES];
	const char *const arguments[] = {
		twin->options->heddle_path, "run", "--config", configuration, NULL};

	snprintf(configuration, sizeof(configuration), "%s/heddle.yaml", twin->folder);
	return add_process(twin, id, "heddle", arguments);
}

static int make_node_folder(struct twin *twin, int id) {
	const struct passwd *user = getpwnam("frr");
	char folder[PATH_BYTES];
	int error;

	snprintf(folder, sizeof(folder), "%s/nodes/%s", twin->folder, twin->fabric->nodes[id].name);
	error = make_folder(folder);
	if (!error && user && chown(folder, user->pw_uid, user->pw_gid) < 0)
		error = -errno;
	return error;
}

/* What each switch's Heddle is told; its tables have room for the largest fabric that a machine
 * carries, and no more: a hundred of them lie in its memory. */
static int write_heddle_configuration(const struct twin *twin) {
	char path[PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), "%s/heddle.yaml", twin->folder);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file,
		"ports: all\ncapacity:\n  fib4-nodes: 2048\n  fib4-leaves: 65536\n"
		"  fib6-nodes: 8192\n  fib6-leaves: 65536\n  nexthops: 4096\n  buckets: 65536\n");
	return fclose(file) == EOF ? -errno : 0;
}

static bool wait_for_file(const char *path, double until) {
	const struct timespec pause = {.tv_nsec = 5000000};

	while (access(path, F_OK) < 0) {
		if (clock_now() > until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Other daemons look for zebra's socket once, and then only now and then. */
static int wait_for_zebra(struct twin *twin, int id) {
	char api[PATH_BYTES + 32];

	snprintf(api, sizeof(api), "%s/nodes/%s/zserv.api", twin->folder,
		twin->fabric->nodes[id].name);
	if (wait_for_file(api, clock_now() + 20))
		return 0;
	log_error("%s: zebra does not come up; see %s/nodes/%s/zebra.log",
		twin->fabric->nodes[id].name, twin->folder, twin->fabric->nodes[id].name);
	return -ETIME;
}

static int start_routing_of(struct twin *twin, int id) {
	int error;

	if (bird_is_run_by(twin->fabric, id))
		return start_bird(twin, id);
	error = wait_for_zebra(twin, id);
	if (!error)
		error = start_frr_daemon(twin, id, "staticd");
	return error ? error : start_frr_daemon(twin, id, "bgpd");
}

static int start_routing(struct twin *twin) {
	const struct fabric *fabric = twin->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		if (fabric->nodes[id].role == ROLE_HOST)
			continue;
		error = make_node_folder(twin, id);
		if (!error && !bird_is_run_by(twin->fabric, id))
			error = start_frr_daemon(twin, id, "zebra");
	}
	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric->nodes[id].role != ROLE_HOST)
			error = start_routing_of(twin, id);
	return error;
}

static int start_bfd(struct twin *twin) {
	const struct fabric *fabric = twin->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric->nodes[id].role != ROLE_HOST && !bird_is_run_by(twin->fabric, id) &&
			fabric->intent->timers.bfd)
			error = start_frr_daemon(twin, id, "bfdd");
	return error;
}

static int start_heddles(struct twin *twin) {
	const struct fabric *fabric = twin->fabric;
	int error = write_heddle_configuration(twin);

	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric_is_switch(&fabric->nodes[id]) && !twin->options->without_heddle)
			error = start_heddle(twin, id);
	return error;
}

/* --- convergence --- */

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
	const struct fabric *fabric = twin->fabric;
	struct verify *verify = verify_create(fabric, layers, with_heddles ? 3 : 2);
	struct verify_summary summary;
	int error = verify ? model_tables(fabric, NULL, verify_place(verify, 0, 0).set) : -ENOMEM;

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		struct verify_place place = verify_place(verify, 1, id);

		if (!fabric_is_switch(&fabric->nodes[id]))
			continue;
		error = live_fib_read(twin->wirings[id], fabric, id, &place);
		if (error || !with_heddles)
			continue;
		place = verify_place(verify, 2, id);
		if (heddle_fib_is_there(twin->namespaces[id]))
			error = heddle_fib_read(twin->namespaces[id], fabric, id, &place);
	}
	if (!error)
		error = verify_run(verify, 1, note_first, where, &summary);
	verify_destroy(verify);
	return error ? error : (int)summary.violations;
}

/* Looks after processes for so long, or until told to stop. */
static void attend(struct twin *twin, int milliseconds) {
	struct pollfd events = {.fd = twin->signal_fd, .events = POLLIN};
	struct signalfd_siginfo signal_info;
	int due = supervisor_tick(twin->supervisor);

	if (due >= 0 && (milliseconds < 0 || due < milliseconds))
		milliseconds = due;
	if (poll(&events, 1, milliseconds) <= 0)
		return;
	while (read(twin->signal_fd, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		if (signal_info.ssi_signo != SIGCHLD)
			twin->stopping = true;
	supervisor_reap(twin->supervisor);
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

/* --- the supervisor --- */

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
	const struct rlimit files = {.rlim_cur = 1 << 16, .rlim_max = 1 << 16};
	size_t count = twin->fabric->node_count + 1;

	setrlimit(RLIMIT_NOFILE, &files);
	twin->namespaces = malloc(count * sizeof(*twin->namespaces));
	twin->wirings = calloc(count, sizeof(*twin->wirings));
	twin->supervisor = supervisor_create();
	if (!twin->namespaces || !twin->wirings || !twin->supervisor)
		return -ENOMEM;
	memset(twin->namespaces, -1, count * sizeof(*twin->namespaces));
	twin->signal_fd = open_signals();
	prctl(PR_SET_NAME, "heddle-twin");
	return twin->signal_fd < 0 ? -errno : write_pid(twin);
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
	int error = start_routing(twin);

	if (!error && is_crowded(twin))
		error = converge(twin, false, began);
	if (!error)
		error = start_bfd(twin);
	if (!error)
		error = start_heddles(twin);
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
		error = build(twin);
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
		log_error("twin '%s' is there already; 'heddle twin down %s' removes it", twin.name,
			twin.name);
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
