/* config: see config.h. Each key has one row in a table: its name and how its value is taken. */
#include "agent/config.h"

#include "base/yaml_file.h"
#include "http/address.h"

#include <errno.h>
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

int config_set_http(struct config *config, const char *address) {
	if (!http_address_is_right(address) || strlen(address) >= sizeof(config->http))
		return -EINVAL;
	snprintf(config->http, sizeof(config->http), "%s", address);
	return 0;
}

int config_set_socket(struct config *config, const char *path) {
	size_t length = strlen(path);

	if (path[0] != '/' || length >= sizeof(config->socket_path))
		return -EINVAL;
	memcpy(config->socket_path, path, length + 1);
	return 0;
}

static bool parse_number(const char *text, uint64_t most, uint64_t *number) {
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return errno == 0 && end != text && *end == '\0' && !strchr(text, '-') && *number <= most;
}

int config_set_seed(struct config *config, const char *number) {
	uint64_t seed;

	if (!parse_number(number, UINT64_MAX, &seed))
		return -EINVAL;
	config->flow_seed = seed;
	return 0;
}

/* A file as it is read. */
struct reading {
	struct config *config;
	struct yaml_file file;
	struct mistakes mistakes;
};

static void mistake(struct reading *reading, const yaml_node_t *node, const char *expected) {
	yaml_mistake(&reading->file, node, expected);
}

static void take_ports(struct reading *reading, const yaml_node_t *value) {
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		if (strcmp(yaml_text(value), "all") == 0)
			reading->config->all_ports = true;
		else
			mistake(reading, value, "'all' or a list of interfaces");
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++)
		if (config_add_port(reading->config, yaml_text(item)) < 0)
			mistake(reading, item, "an interface name, at most 255 of them");
}

static void take_bypass(struct reading *reading, const yaml_node_t *value) {
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		mistake(reading, value, "a list");
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++)
		if (config_add_bypass(reading->config, yaml_text(item)) < 0)
			mistake(reading, item, config_bypass_names());
}

static void take_mode(struct reading *reading, const yaml_node_t *value) {
	if (strcmp(yaml_text(value), "native") == 0)
		reading->config->native_only = true;
	else if (strcmp(yaml_text(value), "auto") == 0)
		reading->config->native_only = false;
	else
		mistake(reading, value, "'auto' or 'native'");
}

static void take_socket(struct reading *reading, const yaml_node_t *value) {
	if (config_set_socket(reading->config, yaml_text(value)) < 0)
		mistake(reading, value, "an absolute path of at most 107 characters");
}

static void take_http(struct reading *reading, const yaml_node_t *value) {
	if (config_set_http(reading->config, yaml_text(value)) < 0)
		mistake(reading, value, "ADDRESS:PORT, [ADDRESS]:PORT, or a port of 127.0.0.1");
}

static void take_seed(struct reading *reading, const yaml_node_t *value) {
	if (config_set_seed(reading->config, yaml_text(value)) < 0)
		mistake(reading, value, "a number of at most 64 bits");
}

static void take_capacity(struct reading *reading, const yaml_node_t *value) {
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
	yaml_node_t *key, *number;

	if (!yaml_is_mapping(value)) {
		mistake(reading, value, "sizes, as in 'nexthops: 16384'");
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &key, &number); n++) {
		const char *name = yaml_text(key);
		size_t i;

		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			uint64_t size;

			if (strcmp(name, sizes[i].name) != 0)
				continue;
			if (!parse_number(yaml_text(number), sizes[i].most, &size) || size < 1024)
				mistake(reading, number, "a number from 1024");
			else
				*sizes[i].size = (uint32_t)size;
			break;
		}
		if (i == sizeof(sizes) / sizeof(sizes[0]))
			mistake(reading, key,
				"fib4-nodes, fib4-leaves, fib6-nodes, fib6-leaves, nexthops or "
				"buckets");
	}
}

static const struct {
	const char *key;
	void (*take)(struct reading *reading, const yaml_node_t *value);
} keys[] = {
	{"ports", take_ports},
	{"bypass", take_bypass},
	{"mode", take_mode},
	{"socket", take_socket},
	{"http", take_http},
	{"flow-seed", take_seed},
	{"capacity", take_capacity},
};

static void take_pair(struct reading *reading, const yaml_node_t *key, const yaml_node_t *value) {
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(yaml_text(key), keys[i].key) == 0) {
			keys[i].take(reading, value);
			return;
		}
	mistake(reading, key, "ports, bypass, mode, socket, http, flow-seed or capacity");
}

static void take_document(struct reading *reading) {
	yaml_node_t *root = yaml_root(&reading->file), *key, *value;

	if (root && !yaml_is_mapping(root))
		mistake(reading, root, "keys with values, as in 'ports: [eth1, eth2]'");
	for (size_t n = 0; yaml_pair(&reading->file, root, n, &key, &value); n++)
		take_pair(reading, key, value);
}

int config_read(struct config *config, const char *path) {
	struct config draft = *config;
	struct reading reading = {.config = &draft, .mistakes = {.path = path}};
	int error = yaml_file_read(&reading.file, &reading.mistakes, FILE_BYTES_MAX);

	if (error)
		return error;
	take_document(&reading);
	yaml_file_free(&reading.file);
	error = mistakes_tell(&reading.mistakes);
	if (!error)
		*config = draft;
	return error;
}
