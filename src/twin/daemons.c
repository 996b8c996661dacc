/* daemons: see daemons.h. */
#include "twin/daemons.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/bird.h"
#include "emulator/settings.h"
#include "twin/supervisor.h"
#include "twin/twin.h"
#include "twin/wires.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PATH_BYTES = TWIN_PATH_MAX + 3 * FABRIC_NAME_MAX,
	ZEBRA_SECONDS = 20,
	FRR_ARGUMENTS = 19 /* that every daemon of FRR gets */
};

/* A hundred switches on two cores: were BFD to wait for its turn, it would find neighbours dead
 * that are not, and what follows takes yet more time. A switch's own line cards do BFD first, too.
 */
static int nice_of(const char *daemon) {
	return strcmp(daemon, "bfdd") == 0 ? -20 : strcmp(daemon, "zebra") == 0 ? -10 : 0;
}

static int add_process(
	const struct daemons *daemons, int id, const char *daemon, const char *const *arguments) {
	char name[SUPERVISED_NAME_MAX], log[PATH_BYTES];
	int place;

	snprintf(name, sizeof(name), "%s/%s", daemons->nodes->fabric->nodes[id].name, daemon);
	snprintf(log, sizeof(log), "%s/nodes/%s/%s.log", daemons->folder,
		daemons->nodes->fabric->nodes[id].name, daemon);
	place = supervisor_add(daemons->supervisor, name, daemons->nodes->namespaces[id],
		nice_of(daemon), log, arguments);
	return place < 0 ? place : supervisor_start(daemons->supervisor, (size_t)place);
}

static int start_frr_daemon(const struct daemons *daemons, int id, const char *daemon) {
	const char *node = daemons->nodes->fabric->nodes[id].name;
	char program[64], folder[PATH_BYTES], configuration[PATH_BYTES + 32], pid[PATH_BYTES + 64],
		api[PATH_BYTES + 32], bfd[PATH_BYTES + 32];
	const char *arguments[] = {program, "-f", configuration, "-i", pid, "-z", api,
		"--vty_socket", folder, "-P", "0", "-u", "frr", "-g", "frr", "--log", "stdout",
		"--log-level", "informational", NULL, NULL, NULL};

	snprintf(program, sizeof(program), "/usr/lib/frr/%s", daemon);
	snprintf(folder, sizeof(folder), "%s/nodes/%s", daemons->folder, node);
	snprintf(configuration, sizeof(configuration), "%s/plan/nodes/%s/frr.conf", daemons->folder,
		node);
	snprintf(pid, sizeof(pid), "%s/%s.pid", folder, daemon);
	snprintf(api, sizeof(api), "%s/zserv.api", folder);
	snprintf(bfd, sizeof(bfd), "%s/bfdd.sock", folder);
	if (strcmp(daemon, "bfdd") == 0) {
		arguments[FRR_ARGUMENTS] = "--bfdctl";
		arguments[FRR_ARGUMENTS + 1] = bfd;
	}
	return add_process(daemons, id, daemon, arguments);
}

static int start_bird(const struct daemons *daemons, int id) {
	const char *node = daemons->nodes->fabric->nodes[id].name;
	char configuration[PATH_BYTES + 32], control[PATH_BYTES + 32];
	const char *const arguments[] = {"bird", "-f", "-c", configuration, "-s", control, NULL};

	snprintf(configuration, sizeof(configuration), "%s/plan/nodes/%s/bird.conf",
		daemons->folder, node);
	snprintf(control, sizeof(control), "%s/nodes/%s/bird.ctl", daemons->folder, node);
	return add_process(daemons, id, "bird", arguments);
}

static int start_heddle(const struct daemons *daemons, int id) {
	char configuration[PATH_BYTES];
	const char *const arguments[] = {
		daemons->heddle_path, "run", "--config", configuration, NULL};

	if (daemons->without_heddle || !fabric_is_switch(&daemons->nodes->fabric->nodes[id]))
		return 0;
	snprintf(configuration, sizeof(configuration), "%s/heddle.yaml", daemons->folder);
	return add_process(daemons, id, "heddle", arguments);
}

static int make_node_folder(const struct daemons *daemons, int id) {
	const struct passwd *user = getpwnam("frr");
	char folder[PATH_BYTES];
	int error;

	snprintf(folder, sizeof(folder), "%s/nodes/%s", daemons->folder,
		daemons->nodes->fabric->nodes[id].name);
	error = mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
	if (!error && user && chown(folder, user->pw_uid, user->pw_gid) < 0)
		error = -errno;
	return error;
}

/* What each switch's Heddle is told; its tables have room for the largest fabric that a machine
 * carries, and no more: a hundred of them lie in its memory. */
static int write_heddle_configuration(const struct daemons *daemons) {
	char path[PATH_BYTES];
	FILE *file;

	snprintf(path, sizeof(path), "%s/heddle.yaml", daemons->folder);
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
static int wait_for_zebra(const struct daemons *daemons, int id) {
	char api[PATH_BYTES + 32];

	snprintf(api, sizeof(api), "%s/nodes/%s/zserv.api", daemons->folder,
		daemons->nodes->fabric->nodes[id].name);
	if (wait_for_file(api, clock_now() + ZEBRA_SECONDS))
		return 0;
	log_error("%s: zebra does not come up; see %s/nodes/%s/zebra.log",
		daemons->nodes->fabric->nodes[id].name, daemons->folder,
		daemons->nodes->fabric->nodes[id].name);
	return -ETIME;
}

static bool runs_frr(const struct daemons *daemons, int id) {
	return daemons->nodes->fabric->nodes[id].role != ROLE_HOST &&
	       !bird_is_run_by(daemons->nodes->fabric, id);
}

/* What others of the node speak to comes first. */
static int start_zebra(const struct daemons *daemons, int id) {
	int error = make_node_folder(daemons, id);

	return error || !runs_frr(daemons, id) ? error : start_frr_daemon(daemons, id, "zebra");
}

static int start_routing(const struct daemons *daemons, int id) {
	int error;

	if (!runs_frr(daemons, id))
		return start_bird(daemons, id);
	error = wait_for_zebra(daemons, id);
	if (!error)
		error = start_frr_daemon(daemons, id, "staticd");
	return error ? error : start_frr_daemon(daemons, id, "bgpd");
}

static int start_bfd(const struct daemons *daemons, int id) {
	return runs_frr(daemons, id) && daemons->nodes->fabric->intent->timers.bfd
		       ? start_frr_daemon(daemons, id, "bfdd")
		       : 0;
}

/* Calls `start` for each node that is no host. */
static int each_router(
	const struct daemons *daemons, int (*start)(const struct daemons *daemons, int id)) {
	const struct fabric *fabric = daemons->nodes->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric->nodes[id].role != ROLE_HOST)
			error = start(daemons, id);
	return error;
}

int daemons_start_routing(const struct daemons *daemons) {
	int error = each_router(daemons, start_zebra);

	return error ? error : each_router(daemons, start_routing);
}

int daemons_start_bfd(const struct daemons *daemons) {
	return each_router(daemons, start_bfd);
}

int daemons_start_heddles(const struct daemons *daemons) {
	int error = daemons->without_heddle ? 0 : write_heddle_configuration(daemons);

	return error ? error : each_router(daemons, start_heddle);
}

/* "spine1:swp1/wire", after the link's upper port. */
static void wire_name(const struct daemons *daemons, int link, char name[SUPERVISED_NAME_MAX]) {
	const struct fabric *fabric = daemons->nodes->fabric;
	const struct fabric_port *upper = &fabric->ports[fabric->links[link].ports[0]];

	snprintf(name, SUPERVISED_NAME_MAX, "%s:%s/wire", fabric->nodes[upper->node].name,
		upper->name);
}

static int add_wire(const struct daemons *daemons, int link, bool is_cut) {
	const struct intent_emulation *emulation = daemons->nodes->fabric->links[link].emulation;
	struct wire_settings settings;
	char name[SUPERVISED_NAME_MAX], log[PATH_BYTES], texts[WIRE_TEXTS_BYTES];
	const char *arguments[WIRE_WORDS_MAX];
	int place;

	wire_name(daemons, link, name);
	snprintf(log, sizeof(log), "%s/wires.log", daemons->folder);
	wire_settings_init(&settings);
	if (emulation)
		settings = emulation->settings;
	settings.down |= is_cut;
	wire_arguments(daemons->heddle_path, &settings, arguments, texts);
	place = supervisor_add(
		daemons->supervisor, name, daemons->nodes->wires[link], 0, log, arguments);
	return place < 0 ? place : supervisor_start(daemons->supervisor, (size_t)place);
}

int daemons_start_wire(const struct daemons *daemons, int link) {
	int error = daemons->nodes->wires[link] >= 0 ? add_wire(daemons, link, false) : 0;

	return error || daemons->nodes->wires[link] < 0 ? error : wire_await(daemons->nodes, link);
}

/* All of them are started before the first is waited for. */
int daemons_start_wires(const struct daemons *daemons) {
	int count = (int)daemons->nodes->fabric->link_count, error = 0;

	for (int link = 0; link < count && !error; link++)
		if (daemons->nodes->wires[link] >= 0)
			error = add_wire(daemons, link, false);
	for (int link = 0; link < count && !error; link++)
		if (daemons->nodes->wires[link] >= 0)
			error = wire_await(daemons->nodes, link);
	if (error)
		log_error("a wire does not come up (%s); see %s/wires.log", strerror(-error),
			daemons->folder);
	return error;
}

void daemons_stop_wire(const struct daemons *daemons, int link) {
	char name[SUPERVISED_NAME_MAX];
	int place;

	wire_name(daemons, link, name);
	place = supervisor_find(daemons->supervisor, name);
	if (place >= 0)
		supervisor_stop(daemons->supervisor, (size_t)place);
}

void daemons_cut_wire(const struct daemons *daemons, int link, bool is_cut) {
	if (daemons->nodes->wires[link] >= 0)
		add_wire(daemons, link, is_cut);
}

/* No node's, and so without a '/'. */
static const char applications_name[] = "applications";

void daemons_stop_applications(const struct daemons *daemons) {
	int place = supervisor_find(daemons->supervisor, applications_name);

	if (place >= 0)
		supervisor_stop(daemons->supervisor, (size_t)place);
}

bool daemons_want_applications(const struct daemons *daemons) {
	int place = supervisor_find(daemons->supervisor, applications_name);

	return place >= 0 && supervisor_at(daemons->supervisor, (size_t)place)->wanted;
}

/* Ahead of routing: their figures are to tell of the network, not of who had to wait for the CPU.
 */
enum { APPLICATIONS_NICE = -10 };

int daemons_start_applications(const struct daemons *daemons) {
	const char *const arguments[] = {daemons->heddle_path, "twin", "applications", "--name",
		daemons->nodes->twin, "run", NULL};
	char log[PATH_BYTES];
	int place;

	daemons_stop_applications(daemons);
	if (daemons->nodes->fabric->intent->application_count == 0)
		return -ENOENT;
	snprintf(log, sizeof(log), "%s/applications.log", daemons->folder);
	place = supervisor_add(
		daemons->supervisor, applications_name, -1, APPLICATIONS_NICE, log, arguments);
	return place < 0 ? place : supervisor_start(daemons->supervisor, (size_t)place);
}

/* Its sockets go, too: the next daemons are not to take them for each other's. */
void daemons_stop_node(const struct daemons *daemons, int node) {
	static const char *const names[] = {"heddle", "bfdd", "bgpd", "staticd", "zebra", "bird"};
	char text[SUPERVISED_NAME_MAX], api[PATH_BYTES + 32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int place;

		snprintf(text, sizeof(text), "%s/%s", daemons->nodes->fabric->nodes[node].name,
			names[i]);
		place = supervisor_find(daemons->supervisor, text);
		if (place >= 0)
			supervisor_stop(daemons->supervisor, (size_t)place);
	}
	snprintf(api, sizeof(api), "%s/nodes/%s/zserv.api", daemons->folder,
		daemons->nodes->fabric->nodes[node].name);
	unlink(api);
}

int daemons_start_node(const struct daemons *daemons, int node) {
	int error;

	if (daemons->nodes->fabric->nodes[node].role == ROLE_HOST)
		return 0;
	error = start_zebra(daemons, node);
	if (!error)
		error = start_routing(daemons, node);
	if (!error)
		error = start_bfd(daemons, node);
	return error ? error : start_heddle(daemons, node);
}

/* Where a process of this name belongs, or -1: "leaf1/bgpd", "spine1:swp1/wire". */
static int namespace_of(const struct nodes *nodes, const char *process) {
	char place[SUPERVISED_NAME_MAX];
	int id, link;

	snprintf(place, sizeof(place), "%.*s", (int)strcspn(process, "/"), process);
	id = fabric_find(nodes->fabric, place);
	if (id != FABRIC_NONE)
		return nodes->namespaces[id];
	return fabric_find_link(nodes->fabric, place, &link) == 0 ? nodes->wires[link] : -1;
}

void daemons_adopt(const struct daemons *daemons) {
	struct supervisor *supervisor = daemons->supervisor;

	for (size_t i = 0; i < supervisor_count(supervisor); i++) {
		int fd = namespace_of(daemons->nodes, supervisor_at(supervisor, i)->name);

		if (fd >= 0)
			supervisor_move(supervisor, i, fd);
	}
}

int daemons_start_page(const struct daemons *daemons, const char *address) {
	const char *const arguments[] = {daemons->heddle_path, "twin", "serve", "--name",
		daemons->nodes->twin, "--http", address, NULL};
	char log[PATH_BYTES];
	int place;

	snprintf(log, sizeof(log), "%s/page.log", daemons->folder);
	place = supervisor_add(daemons->supervisor, "page", -1, 0, log, arguments);
	return place < 0 ? place : supervisor_start(daemons->supervisor, (size_t)place);
}
