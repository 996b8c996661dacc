/* twin_status: `heddle twin status`. */
#include "cmd/twin.h"

#include "base/columns.h"
#include "cmd/command.h"
#include "twin/live.h"
#include "twin/status.h"
#include "twin/twin.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *state_of(const struct live *live, const struct status *status, size_t id) {
	const struct status_node *node = &status->nodes[id];

	if (live_failures(live)->node_is_down[id])
		return "failed";
	return node->running < node->wanted ? "starting" : "up";
}

static void add(struct status_node *all, const struct status_node *figures) {
	all->wanted += figures->wanted;
	all->running += figures->running;
	all->restarts += figures->restarts;
	all->memory_bytes += figures->memory_bytes;
	all->cpu_seconds += figures->cpu_seconds;
}

/* Of nodes, of links' emulators and of what plays applications. */
static struct status_node sum(const struct live *live, const struct status *status) {
	struct status_node all = status->wires;

	add(&all, &status->applications);
	for (size_t id = 0; id < live_fabric(live)->node_count; id++)
		add(&all, &status->nodes[id]);
	return all;
}

static double mebibytes(uint64_t bytes) {
	return (double)bytes / (1 << 20);
}

static void print_node(
	struct columns *columns, const struct live *live, const struct status *status, size_t id) {
	const struct fabric_node *node = &live_fabric(live)->nodes[id];
	const struct status_node *figures = &status->nodes[id];
	char processes[32], restarts[16], memory[32], cpu[32];
	const char *const cells[] = {node->name, fabric_role_name(node->role),
		state_of(live, status, id), processes, restarts, memory, cpu};

	snprintf(processes, sizeof(processes), "%u/%u", figures->running, figures->wanted);
	snprintf(restarts, sizeof(restarts), "%u", figures->restarts);
	snprintf(memory, sizeof(memory), "%.1f MiB", mebibytes(figures->memory_bytes));
	snprintf(cpu, sizeof(cpu), "%.2f s", figures->cpu_seconds);
	columns_add(columns, cells);
}

static void print_orphaned(const char *name) {
	printf("%s: ORPHANED: its supervisor has ended, nothing that dies is started again, and "
	       "nothing can be made to fail;\n"
	       "  heddle twin down --name %s    removes what is left of it, and\n"
	       "  heddle twin up                raises it anew\n",
		name, name);
}

static void print_torn(const char *name) {
	printf("%s: TORN: a change of it failed half-way, and it is between two designs;\n"
	       "  heddle twin down --name %s    removes it, and\n"
	       "  heddle twin up                raises it anew\n",
		name, name);
}

static void print_text(const struct live *live, const struct status *status) {
	static const struct column titles[] = {{"NODE", COLUMN_LEFT}, {"ROLE", COLUMN_LEFT},
		{"STATE", COLUMN_LEFT}, {"PROCESSES", COLUMN_RIGHT}, {"RESTARTS", COLUMN_RIGHT},
		{"MEMORY", COLUMN_RIGHT}, {"CPU", COLUMN_RIGHT}};
	const struct fabric *fabric = live_fabric(live);
	const struct status_node all = sum(live, status);
	struct columns *columns = columns_create(titles, sizeof(titles) / sizeof(titles[0]));
	char text[LINK_TEXT_MAX];

	if (status->state == STATUS_TORN)
		print_torn(live_name(live));
	else if (status->state == STATUS_CHANGING)
		printf("%s: is being raised or changed\n", live_name(live));
	printf("%s: %zu nodes, %zu cables (%zu down), up for %.0f s; %u of %u processes run, %u "
	       "restarts, %.0f MiB, %.1f s of CPU\n",
		live_name(live), fabric->node_count, fabric->link_count, status->links_down,
		status->age_seconds, all.running, all.wanted, all.restarts,
		mebibytes(all.memory_bytes), all.cpu_seconds);
	if (status->wires.wanted)
		printf("links: %u of %u emulators run, %u restarts, %.0f MiB, %.1f s of CPU\n",
			status->wires.running, status->wires.wanted, status->wires.restarts,
			mebibytes(status->wires.memory_bytes), status->wires.cpu_seconds);
	if (status->applications.wanted)
		printf("applications: %u restarts, %.0f MiB, %.1f s of CPU\n",
			status->applications.restarts, mebibytes(status->applications.memory_bytes),
			status->applications.cpu_seconds);
	for (size_t id = 0; id < fabric->link_count; id++)
		if (live_has_failed(live, (int)id) || live_is_drained(live, (int)id))
			printf("%s: link %s\n",
				live_has_failed(live, (int)id) ? "failed" : "drained",
				fabric_link_text(fabric, (int)id, text));
	for (size_t id = 0; id < fabric->node_count && columns; id++)
		print_node(columns, live, status, id);
	if (columns)
		columns_finish(columns);
}

static json_t *figures_json(const struct status_node *figures) {
	return json_pack("{s:i, s:i, s:i, s:I, s:f}", "running", (int)figures->running, "wanted",
		(int)figures->wanted, "restarts", (int)figures->restarts, "memory_bytes",
		(json_int_t)figures->memory_bytes, "cpu_s", figures->cpu_seconds);
}

static json_t *node_json(const struct live *live, const struct status *status, size_t id) {
	const struct fabric_node *node = &live_fabric(live)->nodes[id];
	const struct status_node *figures = &status->nodes[id];

	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:f}", "node", node->name, "role",
		fabric_role_name(node->role), "state", state_of(live, status, id), "running",
		(int)figures->running, "wanted", (int)figures->wanted, "restarts",
		(int)figures->restarts, "memory_bytes", (json_int_t)figures->memory_bytes, "cpu_s",
		figures->cpu_seconds);
}

static void print_json(const struct live *live, const struct status *status) {
	const struct fabric *fabric = live_fabric(live);
	json_t *nodes = json_array(), *failed = json_array(), *drained = json_array(), *answer;
	char text[LINK_TEXT_MAX];

	for (size_t id = 0; id < fabric->node_count; id++)
		json_array_append_new(nodes, node_json(live, status, id));
	for (size_t id = 0; id < fabric->link_count; id++) {
		if (live_has_failed(live, (int)id))
			json_array_append_new(
				failed, json_string(fabric_link_text(fabric, (int)id, text)));
		if (live_is_drained(live, (int)id))
			json_array_append_new(
				drained, json_string(fabric_link_text(fabric, (int)id, text)));
	}
	answer = json_pack("{s:s, s:s, s:i, s:f, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "twin",
		live_name(live), "state", status_state_name(status->state), "supervisor",
		(int)status->supervisor, "age_s", status->age_seconds, "cables",
		(json_int_t)fabric->link_count, "cables_down", (json_int_t)status->links_down,
		"failed_links", failed, "drained_links", drained, "wires",
		figures_json(&status->wires), "applications", figures_json(&status->applications),
		"nodes", nodes);
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
}

static void list_name(void *owner, const char *name) {
	pid_t pid = twin_supervisor(name);

	if (pid)
		printf("%s: looked after by process %d\n", name, (int)pid);
	else
		print_orphaned(name);
}

static void ignore_name(void *owner, const char *name) {
}

int twin_status(const struct twin_request *request) {
	struct status status;
	struct live *live;
	int error;

	if (request->count)
		return EXIT_USAGE;
	if (!request->name && !request->json && twin_each(ignore_name, NULL) > 1) {
		twin_each(list_name, NULL);
		return EXIT_DONE;
	}
	if (live_open(request->name, &live) < 0)
		return EXIT_FAILED;
	error = status_read(live, &status);
	if (!error && request->json)
		print_json(live, &status);
	else if (!error && status.supervisor)
		print_text(live, &status);
	else if (!error)
		list_name(NULL, live_name(live));
	error = error || status.state == STATUS_ORPHANED || status.state == STATUS_TORN;
	status_free(&status);
	live_close(live);
	return error ? EXIT_FAILED : EXIT_DONE;
}
