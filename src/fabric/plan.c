/* plan: see plan.h. Each file is made in memory, compared with what is there, and put in its place
 * whole. */
#include "fabric/plan.h"

#include "base/log.h"
#include "fabric/drawing.h"
#include "fabric/frr.h"
#include "fabric/state.h"
#include "fabric/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_MAX_BYTES = 4096 };

struct plan {
	const struct fabric *fabric;
	const char *folder;
};

static bool is_there(const char *path, const char *text, size_t size) {
	FILE *file = fopen(path, "re");
	char *there = file ? malloc(size + 1) : NULL;
	bool same =
		there && fread(there, 1, size + 1, file) == size && memcmp(there, text, size) == 0;

	free(there);
	if (file)
		fclose(file);
	return same;
}

static int put(const char *path, const char *text, size_t size) {
	char draft[PATH_MAX_BYTES];
	FILE *file;
	bool written;

	if (is_there(path, text, size))
		return 0;
	if (snprintf(draft, sizeof(draft), "%s.new", path) >= (int)sizeof(draft))
		return -ENAMETOOLONG;
	file = fopen(draft, "we");
	written = file && fwrite(text, 1, size, file) == size;
	if (file && fclose(file) == EOF)
		written = false;
	return written && rename(draft, path) == 0 ? 0 : -errno;
}

static int make_folder(const char *path) {
	return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

/* Calls `write` for what belongs into a file below the folder. */
static int write_file(const struct plan *plan, const char *name,
	void (*write)(const struct fabric *fabric, int node, FILE *to), int node) {
	char path[PATH_MAX_BYTES], *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	int error = to ? 0 : -ENOMEM;

	snprintf(path, sizeof(path), "%s/%s", plan->folder, name);
	if (to) {
		write(plan->fabric, node, to);
		error = fclose(to) == EOF ? -errno : put(path, text, size);
	}
	free(text);
	if (error)
		log_error("%s: %s", path, strerror(-error));
	return error;
}

static bool runs_bird(const struct fabric *fabric, const struct fabric_node *node) {
	const struct intent *intent = fabric->intent;

	for (size_t i = 0; i < intent->external_count; i++)
		if (strcmp(intent->externals[i].name, node->name) == 0)
			return intent->externals[i].daemon == DAEMON_BIRD;
	return false;
}

static int write_node(const struct plan *plan, int id) {
	const struct fabric_node *node = &plan->fabric->nodes[id];
	bool bird = runs_bird(plan->fabric, node);
	char folder[PATH_MAX_BYTES], name[2 * FABRIC_NAME_MAX + 16];
	int error;

	if (node->role == ROLE_HOST)
		return 0;
	snprintf(folder, sizeof(folder), "%s/nodes/%s", plan->folder, node->name);
	error = make_folder(folder);
	if (error) {
		log_error("%s: %s", folder, strerror(-error));
		return error;
	}
	snprintf(name, sizeof(name), "nodes/%s/%s", node->name, bird ? "bird.conf" : "frr.conf");
	return write_file(plan, name, bird ? bird_write : frr_write, id);
}

static int make_folders(const struct plan *plan) {
	char nodes[PATH_MAX_BYTES];
	int error = make_folder(plan->folder);

	snprintf(nodes, sizeof(nodes), "%s/nodes", plan->folder);
	if (!error)
		error = make_folder(nodes);
	if (error)
		log_error("%s: %s", plan->folder, strerror(-error));
	return error;
}

int plan_write(const struct fabric *fabric, const struct state *state, const char *folder) {
	static const struct {
		const char *name;
		void (*write)(const struct fabric *fabric, int node, FILE *to);
	} files[] = {
		{"cabling.csv", tables_write_cabling},
		{"addresses.csv", tables_write_addresses},
		{"addresses.json", tables_write_addresses_json},
		{"drawing.svg", drawing_write},
	};
	const struct plan plan = {.fabric = fabric, .folder = folder};
	char path[PATH_MAX_BYTES];
	int error = make_folders(&plan);

	for (size_t id = 0; id < fabric->node_count && !error; id++)
		error = write_node(&plan, (int)id);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !error; i++)
		error = write_file(&plan, files[i].name, files[i].write, 0);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/state.json", folder);
	return state_write(state, path);
}
