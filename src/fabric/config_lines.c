/* config_lines: see config_lines.h. A line is known by its path: itself, below the lines that open
 * the blocks it stands in; and by its slot: the path without the value that it sets. */
#include "fabric/config_lines.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { DEPTH_MOST = 3, NO_LINE = -1 };

struct config_line {
	const char *text; /* without its indent */
	int depth, parent;
	char *path, *slot;
	UT_hash_handle by_path, by_slot;
};

struct config_lines {
	char *text;
	struct config_line *lines;
	size_t count;
	struct config_line *paths, *slots; /* hashes */
};

/* Lines that set one value: their beginnings; "*" stands for any word. */
static const char *const single_valued[] = {
	"frr version",
	"hostname",
	"description",
	"timers bgp",
	"bgp router-id",
	"coalesce-time",
	"bgp graceful-restart restart-time",
	"maximum-paths",
	"detect-multiplier",
	"receive-interval",
	"transmit-interval",
	"set large-community",
	"match large-community",
	"ipv6 nd ra-interval",
	"network *",
	"neighbor * timers connect",
	"neighbor * advertisement-interval",
	"neighbor * maximum-prefix",
	"bgp as-path access-list * seq *",
	"ip prefix-list * seq *",
	"ipv6 prefix-list * seq *",
};

/* --- reading --- */

/* How much of a line its beginning matches; 0 if it does not. */
static size_t match_beginning(const char *text, const char *beginning) {
	const char *at = text;

	while (*beginning) {
		if (*beginning == '*') {
			at += strcspn(at, " ");
			beginning++;
		} else if (*at++ != *beginning++) {
			return 0;
		}
	}
	return *at == ' ' || *at == '\0' ? (size_t)(at - text) : 0;
}

static size_t slot_size(const char *text) {
	for (size_t i = 0; i < sizeof(single_valued) / sizeof(single_valued[0]); i++) {
		size_t size = match_beginning(text, single_valued[i]);

		if (size)
			return size;
	}
	return strlen(text);
}

static char *join(const char *parent, const char *text, size_t size) {
	size_t parent_size = parent ? strlen(parent) + 1 : 0;
	char *path = malloc(parent_size + size + 1);

	if (!path)
		return NULL;
	if (parent)
		snprintf(path, parent_size + 1, "%s\n", parent);
	memcpy(path + parent_size, text, size);
	path[parent_size + size] = '\0';
	return path;
}

static bool is_structure(const char *text) {
	return text[0] == '\0' || text[0] == '!' || strncmp(text, "exit", 4) == 0;
}

/* Takes one line; `open` are the last lines of each depth. False without memory. */
static bool take_line(struct config_lines *config, char *text, int *open) {
	struct config_line *line = &config->lines[config->count], *known;
	size_t indent = strspn(text, " ");
	const char *parent;

	line->depth = indent < DEPTH_MOST ? (int)indent : DEPTH_MOST - 1;
	line->text = text + indent;
	if (is_structure(line->text))
		return true;
	line->parent = line->depth ? open[line->depth - 1] : NO_LINE;
	parent = line->parent == NO_LINE ? NULL : config->lines[line->parent].path;
	line->path = join(parent, line->text, strlen(line->text));
	line->slot = join(parent, line->text, slot_size(line->text));
	open[line->depth] = (int)config->count;
	config->count++;
	if (!line->path || !line->slot)
		return false;
	HASH_FIND(by_path, config->paths, line->path, strlen(line->path), known);
	if (!known)
		HASH_ADD_KEYPTR(by_path, config->paths, line->path, strlen(line->path), line);
	HASH_FIND(by_slot, config->slots, line->slot, strlen(line->slot), known);
	if (!known)
		HASH_ADD_KEYPTR(by_slot, config->slots, line->slot, strlen(line->slot), line);
	return true;
}

static bool take_all(struct config_lines *config) {
	int open[DEPTH_MOST] = {NO_LINE, NO_LINE, NO_LINE};
	char *rest = config->text, *text;

	while ((text = strsep(&rest, "\n")))
		if (!take_line(config, text, open))
			return false;
	return true;
}

struct config_lines *config_lines_create(const char *text) {
	struct config_lines *config = calloc(1, sizeof(*config));
	size_t count = 1;

	if (!config)
		return NULL;
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		count++;
	config->text = strdup(text);
	config->lines = calloc(count, sizeof(*config->lines));
	if (!config->text || !config->lines || !take_all(config)) {
		config_lines_destroy(config);
		return NULL;
	}
	return config;
}

void config_lines_destroy(struct config_lines *config) {
	if (!config)
		return;
	HASH_CLEAR(by_path, config->paths);
	HASH_CLEAR(by_slot, config->slots);
	for (size_t i = 0; config->lines && i < config->count; i++) {
		free(config->lines[i].path);
		free(config->lines[i].slot);
	}
	free(config->lines);
	free(config->text);
	free(config);
}

/* --- writing --- */

/* The blocks that have been entered so far, outermost first. */
struct output {
	FILE *to;
	const char *entered[DEPTH_MOST];
};

static void write_line(
	struct output *output, const struct config_line *line, const char *no, const char *text) {
	fprintf(output->to, "%*s%s%s\n", line->depth, "", no, text);
	for (int depth = line->depth; depth < DEPTH_MOST; depth++)
		output->entered[depth] = NULL;
	output->entered[line->depth] = line->path;
}

/* Enters the blocks that a line stands in, unless that is where one is. */
static void enter(
	struct output *output, const struct config_lines *config, const struct config_line *line) {
	const struct config_line *block;

	if (line->parent == NO_LINE)
		return;
	block = &config->lines[line->parent];
	if (output->entered[block->depth] &&
		strcmp(output->entered[block->depth], block->path) == 0)
		return;
	enter(output, config, block);
	write_line(output, block, "", block->text);
}

/* Only the first of lines that are alike is in the hash. */
static bool is_first(const struct config_lines *config, const struct config_line *line) {
	const struct config_line *known;

	HASH_FIND(by_path, config->paths, line->path, strlen(line->path), known);
	return known == line;
}

static bool has_path(const struct config_lines *config, const struct config_line *line) {
	const struct config_line *known;

	HASH_FIND(by_path, config->paths, line->path, strlen(line->path), known);
	return known != NULL;
}

static bool has_slot(const struct config_lines *config, const struct config_line *line) {
	const struct config_line *known;

	HASH_FIND(by_slot, config->slots, line->slot, strlen(line->slot), known);
	return known != NULL;
}

size_t config_lines_write_added(
	const struct config_lines *before, const struct config_lines *after, FILE *to) {
	struct output output = {.to = to};
	size_t count = 0;

	for (size_t i = 0; i < after->count; i++) {
		const struct config_line *line = &after->lines[i];

		if (has_path(before, line) || !is_first(after, line))
			continue;
		enter(&output, after, line);
		write_line(&output, line, "", line->text);
		count++;
	}
	return count;
}

static bool is_interface(const struct config_line *line) {
	return line->depth == 0 && strncmp(line->text, "interface ", 10) == 0;
}

/* Whether a block around a line goes as a whole. Interfaces stay: they are the kernel's. */
static bool goes_with_block(const struct config_lines *before, const struct config_lines *after,
	const struct config_line *line) {
	for (int at = line->parent; at != NO_LINE; at = before->lines[at].parent)
		if (!is_interface(&before->lines[at]) && !has_path(after, &before->lines[at]))
			return true;
	return false;
}

static void write_negated(struct output *output, const struct config_line *line) {
	if (strncmp(line->text, "no ", 3) == 0)
		write_line(output, line, "", line->text + 3);
	else if (strncmp(line->text, "description ", 12) == 0)
		write_line(output, line, "no ", "description"); /* it takes no value there */
	else
		write_line(output, line, "no ", line->text);
}

size_t config_lines_write_removed(
	const struct config_lines *before, const struct config_lines *after, FILE *to) {
	struct output output = {.to = to};
	size_t count = 0;

	for (size_t i = before->count; i-- > 0;) {
		const struct config_line *line = &before->lines[i];

		if (has_path(after, line) || has_slot(after, line) || !is_first(before, line) ||
			is_interface(line) || goes_with_block(before, after, line))
			continue;
		enter(&output, before, line);
		write_negated(&output, line);
		count++;
	}
	return count;
}
