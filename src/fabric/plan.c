/* plan: see plan.h. Each file is made in memory, compared with what is there, and put in its place
 * whole. */
#include "fabric/plan.h"

#include "base/log.h"
#include "fabric/bird.h"
#include "fabric/drawing.h"
#include "fabric/frr.h"
#include "fabric/report.h"
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

/* A file below the folder, as it is being made. */
struct draft {
	char path[PATH_MAX_BYTES];
	char *text;
	size_t size;
	FILE *to;
};

static FILE *begin(struct draft *draft, const struct plan *plan, const char *name) {
	*draft = (struct draft){.text = NULL};
	snprintf(draft->path, sizeof(draft->path), "%s/%s", plan->folder, name);
	draft->to = open_memstream(&draft->text, &draft->size);
	return draft->to;
}

/* Puts it in its place; tells of errors. */
static int finish(struct draft *draft) {
	int error = -ENOMEM;

	if (draft->to)
		error = fclose(draft->to) == EOF ? -errno
						 : put(draft->path, draft->text, draft->size);
	free(draft->text);
	if (error)
		log_error("%s: %s", draft->path, strerror(-error));
	return error;
}

static int write_file(const struct plan *plan, const char *name,
	void (*write)(const struct fabric *fabric, int node, FILE *to), int node) {
	struct draft draft;

	if (begin(&draft, plan, name))
		write(plan->fabric, node, draft.to);
	return finish(&draft);
}

static int write_report(const struct plan *plan, const char *name, const struct report *report,
	void (*write)(const struct report *report, FILE *to)) {
	struct draft draft;

	if (begin(&draft, plan, name))
		write(report, draft.to);
	return finish(&draft);
}

static int write_reports(const struct plan *plan) {
	struct report report;
	int error = report_create(plan->fabric, &report);

	if (error) {
		log_error("%s: report: %s", plan->folder, strerror(-error));
		return error;
	}
	error = write_report(plan, "report.txt", &report, report_write_text);
	if (!error)
		error = write_report(plan, "report.json", &report, report_write_json);
	report_free(&report);
	return error;
}

static int write_node(const struct plan *plan, int id) {
	const struct fabric_node *node = &plan->fabric->nodes[id];
	bool bird = bird_is_run_by(plan->fabric, id);
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
	if (!error)
		error = write_reports(&plan);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/state.json", folder);
	return state_write(state, path);
}
