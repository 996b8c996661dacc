/* config: see config.h. Each key has one row in a table: its name and how its value is taken. */
#include "agent/config.h"

#include "base/log.h"

#include <errno.h>
#include <jansson.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 1 << 16 };

static const char *const bypass_names[HOLD_KINDS] = {
	[HOLD_NETFILTER] = "netfilter",
	[HOLD_TRAFFIC_CONTROL] = "traffic-control",
	[HOLD_XFRM] = "xfrm",
	[HOLD_RULE] = "rule",
};

const char *hold_kind_name(enum mirror_hold_kind kind) {
	return bypass_names[kind];
}

const char *config_bypass_names(void) {
	return "netfilter, traffic-control, xfrm, rule";
}

void config_default_socket(char *path, size_t size) {
	struct stat status = {0};

	stat("/proc/self/ns/net", &status);
	snprintf(path, size, "/run/heddle/%lu.sock", (unsigned long)status.st_ino);
}

void config_init(struct config *config) {
	memset(config, 0, sizeof(*config));
	config_default_socket(config->socket_path, sizeof(config->socket_path));
}

int config_add_port(struct config *config, const char *name) {
	size_t length = strlen(name);

	if (length == 0 || length >= IFNAMSIZ || strchr(name, '/'))
		return -EINVAL;
	for (unsigned int i = 0; i < config->port_count; i++)
		if (strcmp(config->ports[i], name) == 0)
			return 0;
	if (config->port_count == CONFIG_PORTS_MAX)
		return -EINVAL;
	memcpy(config->ports[config->port_count++], name, length + 1);
	return 0;
}

int config_add_bypass(struct config *config, const char *kind) {
	for (int i = 0; i < HOLD_KINDS; i++)
		if (strcmp(kind, bypass_names[i]) == 0) {
			config->bypass[i] = true;
			return 0;
		}
	return -EINVAL;
}

/* A file as it is read: where it says what is wrong. */
struct reading {
	struct config *config;
	const char *path;
	unsigned int mistakes;
	int line; /* of the key that is being read */
};

/* Of a scalar, or of the key that has the value: other values have no place of their own. */
static int line_of(const struct reading *reading, struct fy_node *node) {
	struct fy_token *token =
		node && fy_node_is_scalar(node) ? fy_node_get_scalar_token(node) : NULL;
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;

	return mark ? mark->line + 1 : reading->line;
}

static void mistake(
	struct reading *reading, struct fy_node *node, const char *found, const char *expected) {
	log_error(
		"%s:%d: '%s': expected %s", reading->path, line_of(reading, node), found, expected);
	reading->mistakes++;
}

static const char *scalar(struct fy_node *node) {
	const char *text = node ? fy_node_get_scalar0(node) : NULL;

	return text ? text : "";
}

static void take_ports(struct reading *reading, struct fy_node *value) {
	struct fy_node *item;
	void *cursor = NULL;

	if (!fy_node_is_sequence(value)) {
		if (strcmp(scalar(value), "all") == 0)
			reading->config->all_ports = true;
		else
			mistake(reading, value, scalar(value), "'all' or a list of interfaces");
		return;
	}
	while ((item = fy_node_sequence_iterate(value, &cursor)))
		if (config_add_port(reading->config, scalar(item)) < 0)
			mistake(reading, item, scalar(item),
				"an interface name, at most 255 of them");
}

static void take_bypass(struct reading *reading, struct fy_node *value) {
	struct fy_node *item;
	void *cursor = NULL;

	if (!fy_node_is_sequence(value)) {
		mistake(reading, value, scalar(value), "a list");
		return;
	}
	while ((item = fy_node_sequence_iterate(value, &cursor)))
		if (config_add_bypass(reading->config, scalar(item)) < 0)
			mistake(reading, item, scalar(item), config_bypass_names());
}

static void take_mode(struct reading *reading, struct fy_node *value) {
	if (strcmp(scalar(value), "native") == 0)
		reading->config->native_only = true;
	else if (strcmp(scalar(value), "auto") == 0)
		reading->config->native_only = false;
	else
		mistake(reading, value, scalar(value), "'auto' or 'native'");
}

static void take_socket(struct reading *reading, struct fy_node *value) {
	size_t length = strlen(scalar(value));

	if (scalar(value)[0] != '/' || length >= sizeof(reading->config->socket_path))
		mistake(reading, value, scalar(value),
			"an absolute path of at most 107 characters");
	else
		memcpy(reading->config->socket_path, scalar(value), length + 1);
}

static bool parse_number(const char *text, uint64_t most, uint64_t *number) {
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return errno == 0 && end != text && *end == '\0' && !strchr(text, '-') && *number <= most;
}

static void take_seed(struct reading *reading, struct fy_node *value) {
	if (!parse_number(scalar(value), UINT64_MAX, &reading->config->flow_seed))
		mistake(reading, value, scalar(value), "a number of at most 64 bits");
}

static void take_capacity(struct reading *reading, struct fy_node *value) {
	struct config *config = reading->config;
	const struct {
		const char *name;
		uint32_t *size;
		uint32_t most;
	} sizes[] = {
		{"fib4-nodes", &config->fib4_nodes, 1 << 24},
		{"fib4-leaves", &config->fib4_leaves, 1 << 28},
		{"fib6-nodes", &config->fib6_nodes, 1 << 24},
		{"fib6-leaves", &config->fib6_leaves, 1 << 28},
		{"nexthops", &config->nexthops, 1 << 24},
		{"buckets", &config->buckets, 1 << 24},
	};
	struct fy_node_pair *pair;
	void *cursor = NULL;

	if (!fy_node_is_mapping(value)) {
		mistake(reading, value, scalar(value), "sizes, as in 'nexthops: 16384'");
		return;
	}
	while ((pair = fy_node_mapping_iterate(value, &cursor))) {
		const char *name = scalar(fy_node_pair_key(pair));
		struct fy_node *number = fy_node_pair_value(pair);
		size_t i;

		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			uint64_t size;

			if (strcmp(name, sizes[i].name) != 0)
				continue;
			if (!parse_number(scalar(number), sizes[i].most, &size) || size < 1024)
				mistake(reading, number, scalar(number), "a number from 1024");
			else
				*sizes[i].size = (uint32_t)size;
			break;
		}
		if (i == sizeof(sizes) / sizeof(sizes[0]))
			mistake(reading, fy_node_pair_key(pair), name,
				"fib4-nodes, fib4-leaves, fib6-nodes, fib6-leaves, nexthops or "
				"buckets");
	}
}

static const struct {
	const char *key;
	void (*take)(struct reading *reading, struct fy_node *value);
} keys[] = {
	{"ports", take_ports},
	{"bypass", take_bypass},
	{"mode", take_mode},
	{"socket", take_socket},
	{"flow-seed", take_seed},
	{"capacity", take_capacity},
};

static void take_pair(struct reading *reading, struct fy_node_pair *pair) {
	const char *key = scalar(fy_node_pair_key(pair));

	reading->line = line_of(reading, fy_node_pair_key(pair));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i].key) == 0) {
			keys[i].take(reading, fy_node_pair_value(pair));
			return;
		}
	mistake(reading, fy_node_pair_key(pair), key,
		"ports, bypass, mode, socket, flow-seed or capacity");
}

static void take_document(struct reading *reading, struct fy_document *document) {
	struct fy_node *root = fy_document_root(document);
	struct fy_node_pair *pair;
	void *cursor = NULL;

	if (!root)
		return;
	if (!fy_node_is_mapping(root)) {
		mistake(reading, root, scalar(root),
			"keys with values, as in 'ports: [eth1, eth2]'");
		return;
	}
	while ((pair = fy_node_mapping_iterate(root, &cursor)))
		take_pair(reading, pair);
}

/* The first thing that the parser says, with its place. */
static void tell_syntax_error(struct fy_diag *diag, const char *path) {
	void *cursor = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &cursor);

	if (error && error->line > 0)
		log_error("%s:%d: not valid YAML: %s", path, error->line, error->msg);
	else
		log_error("%s: not valid YAML", path);
}

/* 0 and *document, which is NULL for a file with nothing in it; or a negative errno after a
 * message.
 */
static int load(struct fy_parser *parser, struct fy_diag *diag, const char *path,
	struct fy_document **document) {
	struct fy_document *second;

	*document = fy_parse_load_document(parser);
	if (fy_parser_get_stream_error(parser)) {
		tell_syntax_error(diag, path);
		goto fail;
	}
	second = *document ? fy_parse_load_document(parser) : NULL;
	if (second || fy_parser_get_stream_error(parser)) {
		log_error("%s: more than one YAML document: expected one", path);
		fy_document_destroy(second);
		goto fail;
	}
	return 0;

fail:
	fy_document_destroy(*document);
	return -EINVAL;
}

static int parse(const char *text, size_t size, const char *path, struct fy_document **document) {
	struct fy_parse_cfg how = {.flags = FYPCF_QUIET, .diag = fy_diag_create(NULL)};
	struct fy_parser *parser = how.diag ? fy_parser_create(&how) : NULL;
	int error = -ENOMEM;

	if (how.diag)
		fy_diag_set_collect_errors(how.diag, true);
	if (parser && fy_parser_set_string(parser, text, size) == 0)
		error = load(parser, how.diag, path, document);
	fy_parser_destroy(parser);
	fy_diag_destroy(how.diag);
	return error;
}

/* libfyaml 0.7.12 never comes back from a directive with bytes that are no UTF-8; and what is text
 * has no other control characters than these. jansson knows what UTF-8 is. */
static bool is_text(const char *line, size_t size) {
	json_t *string = json_stringn(line, size);

	json_decref(string);
	for (size_t i = 0; i < size; i++)
		if (((uint8_t)line[i] < ' ' && line[i] != '\t' && line[i] != '\r') ||
			line[i] == 127)
			return false;
	return string != NULL;
}

static int check_text(const char *text, size_t size, const char *path) {
	const char *end = text + size;
	int number = 1;

	for (const char *line = text, *next; line < end; line = next + 1, number++) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next : end;
		if (!is_text(line, (size_t)(next - line))) {
			log_error("%s:%d: not text: expected UTF-8 without control characters",
				path, number);
			return -EINVAL;
		}
	}
	return 0;
}

/* 0 and *text (for free()), or a negative errno after a message. */
static int read_file(const char *path, char **text, size_t *size) {
	FILE *file = fopen(path, "re");
	int error = 0;

	*text = malloc(FILE_BYTES_MAX + 1);
	*size = file && *text ? fread(*text, 1, FILE_BYTES_MAX + 1, file) : 0;
	if (!*text || !file || ferror(file))
		error = -errno;
	else if (*size > FILE_BYTES_MAX)
		error = -EFBIG;
	if (error) {
		log_error("%s: %s", path, strerror(-error));
		free(*text);
	}
	if (file)
		fclose(file);
	return error;
}

int config_read(struct config *config, const char *path) {
	struct config draft = *config;
	struct reading reading = {.config = &draft, .path = path, .line = 1};
	struct fy_document *document;
	size_t size;
	char *text;
	int error = read_file(path, &text, &size);

	if (error)
		return error;
	error = check_text(text, size, path);
	if (!error)
		error = parse(text, size, path, &document);
	if (!error && document) {
		take_document(&reading, document);
		fy_document_destroy(document);
	}
	free(text); /* which the document lay in */
	if (error)
		return error;
	if (reading.mistakes)
		return -EINVAL;
	*config = draft;
	return 0;
}
