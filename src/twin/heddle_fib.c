/* heddle_fib: see heddle_fib.h. */
#include "twin/heddle_fib.h"

#include "agent/client.h"
#include "base/local_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PORTS_EACH_MAX = 256, READ_SECONDS = 10 };

struct reading {
	const struct fabric *fabric;
	const struct fabric_node *node;
	const struct verify_place *place;
	int error;
};

static uint32_t port_named(const struct reading *reading, const char *name) {
	for (size_t n = 0; n < reading->node->port_count; n++)
		if (strcmp(reading->fabric->ports[reading->node->ports[n]].name, name) == 0)
			return reading->place->first_port + (uint32_t)reading->node->ports[n];
	return reading->place->strange_port;
}

/* What a verdict does with packets; false if that is for its ports to say. */
static bool is_verdict(const char *reason, uint32_t *group) {
	static const struct {
		const char *reason;
		uint32_t group;
	} verdicts[] = {{"local", FIB_LOCAL}, {"unreachable", FIB_DROP}, {"prohibit", FIB_DROP},
		{"blackhole", FIB_DROP}, {"no-route", FIB_NO_ROUTE}, {"throw", FIB_NO_ROUTE}};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(reason, verdicts[i].reason) == 0) {
			*group = verdicts[i].group;
			return true;
		}
	return false;
}

static void read_row(void *owner, const json_t *row) {
	struct reading *reading = owner;
	const char *text = json_string_value(json_object_get(row, "prefix"));
	const char *reason = json_string_value(json_object_get(row, "reason"));
	const json_t *names = json_object_get(row, "ports"), *name;
	uint32_t ports[PORTS_EACH_MAX], group;
	struct prefix prefix;
	size_t count = 0, i;

	if (!text || prefix_parse(text, &prefix) < 0 || prefix_is_apart(&prefix) ||
		(reason && (!strcmp(reason, "broadcast") || !strcmp(reason, "multicast"))))
		return;
	json_array_foreach(names, i, name) if (count < PORTS_EACH_MAX) ports[count++] =
		port_named(reading, json_string_value(name));
	if (!reason || !is_verdict(reason, &group))
		group = fib_set_group(reading->place->set, ports, count);
	if (group == UINT32_MAX ||
		fib_set_add(reading->place->set, reading->place->node, &prefix, group))
		reading->error = -ENOMEM;
}

int heddle_socket(int namespace_fd, char path[HEDDLE_SOCKET_MAX]) {
	struct stat status;

	if (fstat(namespace_fd, &status) < 0)
		return -errno;
	snprintf(path, HEDDLE_SOCKET_MAX, "/run/heddle/%lu.sock", (unsigned long)status.st_ino);
	return 0;
}

bool heddle_fib_is_there(int namespace_fd) {
	char path[HEDDLE_SOCKET_MAX];

	return heddle_socket(namespace_fd, path) == 0 && local_socket_answers(path);
}

int heddle_fib_read(
	int namespace_fd, const struct fabric *fabric, int node, const struct verify_place *place) {
	struct reading reading = {.fabric = fabric, .node = &fabric->nodes[node], .place = place};
	char path[HEDDLE_SOCKET_MAX];
	int error = heddle_socket(namespace_fd, path);

	if (error)
		return error;
	error = client_try(
		path, json_pack("{s:s}", "show", "routes"), read_row, &reading, READ_SECONDS);
	return error ? error : reading.error;
}
