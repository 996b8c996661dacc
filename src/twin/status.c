/* status: see status.h. */
#include "twin/status.h"

#include "twin/control.h"
#include "twin/live.h"
#include "twin/twin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct reading {
	const struct fabric *fabric;
	struct status *status;
};

/* What the kernel calls private: no other process has it too. */
static uint64_t memory_of(int pid) {
	char path[64], line[128];
	uint64_t total = 0, kilobytes;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Clean: %lu", &kilobytes) == 1 ||
			sscanf(line, "Private_Dirty: %lu", &kilobytes) == 1)
			total += kilobytes * 1024;
	if (file)
		fclose(file);
	return total;
}

/* utime and stime, fields 14 and 15 of proc_pid_stat(5); the name in field 2 may hold anything. */
static double cpu_of(int pid) {
	char path[64], text[1024] = "";
	unsigned long user = 0, system = 0;
	const char *rest;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file) && (rest = strrchr(text, ')')))
		if (sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			    &system) != 2)
			user = system = 0;
	fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void read_state(struct status *status, const json_t *row) {
	if (json_is_true(json_object_get(row, "torn")))
		status->state = STATUS_TORN;
	else if (json_is_true(json_object_get(row, "busy")))
		status->state = STATUS_CHANGING;
}

/* Whose figures a process's are: "leaf1/zebra" a node's, "leaf1:swp1/wire" those of all wires; of
 * the twin's own only "applications" is told. NULL: nobody's. */
static struct status_node *owner_of(const struct reading *reading, const char *name) {
	fabric_name node;
	int id;

	if (!strchr(name, '/'))
		return strcmp(name, "applications") == 0 ? &reading->status->applications : NULL;
	if (sscanf(name, "%31[^/]", node) != 1)
		return NULL;
	id = fabric_find(reading->fabric, node);
	return id == FABRIC_NONE ? &reading->status->wires : &reading->status->nodes[id];
}

/* The first row is of the twin, the others each of a process. */
static void read_row(void *owner, const json_t *row) {
	struct reading *reading = owner;
	const char *name = json_string_value(json_object_get(row, "name"));
	int pid = (int)json_integer_value(json_object_get(row, "pid"));
	struct status_node *node;

	if (!name)
		read_state(reading->status, row);
	node = name ? owner_of(reading, name) : NULL;
	if (!node)
		return;
	node->wanted += json_is_true(json_object_get(row, "wanted"));
	node->restarts += (unsigned int)json_integer_value(json_object_get(row, "restarts"));
	if (!pid)
		return;
	node->running++;
	node->memory_bytes += memory_of(pid);
	node->cpu_seconds += cpu_of(pid);
}

static void ignore_link(void *owner, int port, const char *what) {
}

static void count_links(struct live *live, struct status *status) {
	const struct fabric *fabric = live_fabric(live);
	bool *dead = calloc(fabric->port_count + 1, sizeof(*dead));

	if (!dead)
		return;
	live_check_links(live, dead, ignore_link, NULL);
	for (size_t id = 0; id < fabric->link_count; id++)
		status->links_down +=
			dead[fabric->links[id].ports[0]] || dead[fabric->links[id].ports[1]];
	free(dead);
}

static double age_of(const char *folder) {
	char path[TWIN_PATH_MAX + 32];
	struct stat status;

	snprintf(path, sizeof(path), "%s/supervisor.pid", folder);
	return stat(path, &status) < 0 ? 0 : difftime(time(NULL), status.st_mtime);
}

int status_read(struct live *live, struct status *status) {
	struct reading reading = {.fabric = live_fabric(live), .status = status};
	char folder[TWIN_PATH_MAX];
	int error = 0;

	*status = (struct status){
		.nodes = calloc(reading.fabric->node_count + 1, sizeof(*status->nodes))};
	if (!status->nodes)
		return -ENOMEM;
	twin_folder(live_name(live), folder);
	status->supervisor = twin_supervisor(live_name(live));
	status->state = status->supervisor ? STATUS_UP : STATUS_ORPHANED;
	status->age_seconds = age_of(folder);
	count_links(live, status);
	if (status->supervisor) {
		error = live_read_failures(live);
		if (!error)
			error = twin_ask(live_name(live), json_pack("{s:b}", "processes", 1),
				read_row, &reading);
	}
	return error;
}

const char *status_state_name(enum status_state state) {
	static const char *const names[] = {[STATUS_UP] = "up",
		[STATUS_CHANGING] = "changing",
		[STATUS_TORN] = "torn",
		[STATUS_ORPHANED] = "orphaned"};

	return names[state];
}

void status_free(struct status *status) {
	free(status->nodes);
}
