/* fib_folder: see fib_folder.h. */
#include "fabric/fib_folder.h"

#include "base/log.h"
#include "base/nearest.h"
#include "base/whole_file.h"
#include "fabric/fib_file.h"
#include "fabric/fib_json.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, TOLD_MAX = 10 };

struct reading {
	const char *folder;
	const struct fabric *fabric;
	struct verify *verify;
	size_t layer;
	struct fib_reader *reader;
	struct whole_file file;
	bool *port_is_dead;
	size_t refused; /* files */
};

static bool is_told(const struct reading *reading) {
	return reading->refused < TOLD_MAX;
}

/* --- files that are no switch's --- */

/* The length of a file's name without its ending; 0 if it is no table's. */
static size_t stem_of(const char *name) {
	const char *dot = strrchr(name, '.');

	if (!dot || (strcmp(dot, ".fib") != 0 && strcmp(dot, ".json") != 0) ||
		dot - name >= FABRIC_NAME_MAX)
		return 0;
	return (size_t)(dot - name);
}

static const char *nearest_switch(const struct fabric *fabric, const char *name) {
	const char **names = calloc(fabric->node_count + 1, sizeof(*names)), *nearest = NULL;
	size_t count = 0;

	for (size_t id = 0; names && id < fabric->node_count; id++)
		if (fabric_is_switch(&fabric->nodes[id]))
			names[count++] = fabric->nodes[id].name;
	if (names)
		nearest = nearest_word(name, names);
	free(names);
	return nearest;
}

static void check_name(struct reading *reading, const char *name) {
	fabric_name stem = "";
	size_t size = stem_of(name);
	const char *nearest;
	int node;

	memcpy(stem, name, size);
	node = fabric_find(reading->fabric, stem);
	if (size == 0 || (node != FABRIC_NONE && fabric_is_switch(&reading->fabric->nodes[node])))
		return;
	if (is_told(reading)) {
		nearest = nearest_switch(reading->fabric, stem);
		log_error("%s/%s: '%s': expected a switch of the design%s%s%s", reading->folder,
			name, stem, nearest ? "; '" : "", nearest ? nearest : "",
			nearest ? "'?" : "");
	}
	reading->refused++;
}

static int check_names(struct reading *reading) {
	DIR *folder = opendir(reading->folder);
	const struct dirent *entry;

	if (!folder) {
		int error = -errno;

		log_error("%s: %s", reading->folder, strerror(-error));
		return error;
	}
	while ((entry = readdir(folder)))
		check_name(reading, entry->d_name);
	closedir(folder);
	return 0;
}

/* --- files of switches --- */

static int refuse(struct reading *reading, const char *path, const char *why) {
	if (is_told(reading))
		log_error("%s: %s", path, why);
	reading->refused++;
	return 0;
}

/* 0 also for a file that is refused: others are looked at all the same. */
static int parse(struct reading *reading, const char *path, int node, bool is_json) {
	const struct verify_place place = verify_place(reading->verify, reading->layer, node);
	int error = is_json ? fib_json_parse(reading->fabric, path, reading->file.text,
				      reading->file.size, node, &place)
			    : fib_reader_parse(reading->reader, path, reading->file.text,
				      reading->file.size, node, &place, reading->port_is_dead);

	if (error != -EINVAL)
		return error;
	reading->refused++;
	return 0;
}

static int read_node(struct reading *reading, int node) {
	const char *name = reading->fabric->nodes[node].name;
	char path[PATH_BYTES], json_path[PATH_BYTES];
	int error;
	bool is_json;

	if (!is_told(reading))
		return 0; /* enough is said, and nothing comes of it any more */
	if (snprintf(path, sizeof(path), "%s/%s.fib", reading->folder, name) >= PATH_BYTES ||
		snprintf(json_path, sizeof(json_path), "%s/%s.json", reading->folder, name) >=
			PATH_BYTES)
		return refuse(reading, reading->folder, strerror(ENAMETOOLONG));
	is_json = access(path, F_OK) < 0;
	if (is_json && access(json_path, F_OK) < 0)
		return refuse(
			reading, path, "no such file, nor NODE.json: expected one for each switch");
	if (!is_json && access(json_path, F_OK) == 0)
		return refuse(reading, json_path, "beside NODE.fib: expected one of the two");
	error = whole_file_read(&reading->file, is_json ? json_path : path, FIB_FILE_BYTES_MAX);
	if (error == -EFBIG)
		return refuse(
			reading, is_json ? json_path : path, "too large: expected at most 256 MiB");
	if (error)
		return refuse(reading, is_json ? json_path : path, strerror(-error));
	return parse(reading, is_json ? json_path : path, node, is_json);
}

static int read_all(struct reading *reading) {
	const struct fabric *fabric = reading->fabric;
	int error = check_names(reading);

	for (int node = 0; node < (int)fabric->node_count && !error; node++)
		if (fabric_is_switch(&fabric->nodes[node]))
			error = read_node(reading, node);
	if (error)
		return error;
	for (size_t port = 0; port < fabric->port_count; port++)
		if (reading->port_is_dead[port])
			verify_mark_dead(reading->verify, reading->layer, (int)port);
	return reading->refused ? -EINVAL : 0;
}

int fib_folder_read(
	const char *folder, const struct fabric *fabric, struct verify *verify, size_t layer) {
	struct reading reading = {.folder = folder,
		.fabric = fabric,
		.verify = verify,
		.layer = layer,
		.reader = fib_reader_create(fabric),
		.port_is_dead = calloc(fabric->port_count + 1, sizeof(bool))};
	int error = reading.reader && reading.port_is_dead ? read_all(&reading) : -ENOMEM;

	if (error == -ENOMEM)
		log_error("%s: %s", folder, strerror(ENOMEM));
	whole_file_free(&reading.file);
	fib_reader_destroy(reading.reader);
	free(reading.port_is_dead);
	return error;
}

/* --- writing --- */

static int write_node(const char *folder, struct fib_writer *writer, const struct fabric *fabric,
	int node, const bool *port_is_dead) {
	char path[PATH_BYTES];
	FILE *to = NULL;
	int error;

	if (snprintf(path, sizeof(path), "%s/%s.fib", folder, fabric->nodes[node].name) >=
		PATH_BYTES)
		error = -ENAMETOOLONG;
	else if (!(to = fopen(path, "we")))
		error = -errno;
	else
		error = fib_writer_write(writer, node, port_is_dead, to);
	if (to && ferror(to))
		error = -EIO;
	if (to && fclose(to) == EOF && !error)
		error = -errno;
	if (error)
		log_error("%s: %s", path, strerror(-error));
	return error;
}

int fib_folder_write(const char *folder, const struct fabric *fabric, const struct fib_set *set,
	const bool *port_is_dead) {
	struct fib_writer *writer = fib_writer_create(fabric, set);
	int error = writer ? 0 : -ENOMEM;

	if (!error && mkdir(folder, 0777) < 0 && errno != EEXIST)
		error = -errno;
	if (error)
		log_error("%s: %s", folder, strerror(-error));
	for (int node = 0; node < (int)fabric->node_count && !error; node++)
		if (fabric_is_switch(&fabric->nodes[node]))
			error = write_node(folder, writer, fabric, node, port_is_dead);
	fib_writer_destroy(writer);
	return error;
}
