/* nodes: see nodes.h. */
#include "twin/nodes.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/model.h"
#include "twin/heddle_fib.h"
#include "twin/live_fib.h"
#include "twin/netns.h"
#include "twin/twin.h"
#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILES_MAX = 1 << 16 }; /* three a node */

static int open_node(struct nodes *nodes, const char *twin, size_t id) {
	char name[TWIN_PATH_MAX];
	int error;

	twin_namespace(twin, nodes->fabric->nodes[id].name, name);
	nodes->namespaces[id] = netns_open(name);
	error = nodes->namespaces[id] < 0 ? nodes->namespaces[id]
					  : wiring_open(nodes->namespaces[id], &nodes->wirings[id]);
	if (error)
		log_error("namespace %s: %s", name, strerror(-error));
	return error;
}

/* Most links have no wire. */
static void open_wires(struct nodes *nodes) {
	for (size_t link = 0; link < nodes->fabric->link_count; link++) {
		char name[TWIN_PATH_MAX];

		wire_namespace(nodes->twin, nodes->fabric, (int)link, name);
		nodes->wires[link] = netns_open(name);
		if (nodes->wires[link] < 0)
			nodes->wires[link] = -1;
	}
}

int nodes_open(struct nodes *nodes, const struct fabric *fabric, const char *name) {
	const struct rlimit files = {.rlim_cur = FILES_MAX, .rlim_max = FILES_MAX};
	size_t count = fabric->node_count;
	int error = 0;

	setrlimit(RLIMIT_NOFILE, &files);
	*nodes = (struct nodes){.fabric = fabric,
		.twin = name,
		.wires = malloc((fabric->link_count + 1) * sizeof(*nodes->wires)),
		.namespaces = malloc((count + 1) * sizeof(*nodes->namespaces)),
		.wirings = calloc(count + 1, sizeof(*nodes->wirings))};
	if (nodes->wires)
		memset(nodes->wires, -1, (fabric->link_count + 1) * sizeof(*nodes->wires));
	if (!nodes->namespaces || !nodes->wirings || !nodes->wires)
		return -ENOMEM;
	memset(nodes->namespaces, -1, (count + 1) * sizeof(*nodes->namespaces));
	for (size_t id = 0; id < count && !error; id++)
		error = open_node(nodes, name, id);
	if (!error)
		open_wires(nodes);
	return error;
}

void nodes_close(struct nodes *nodes) {
	bool is_open = nodes->namespaces && nodes->wirings;

	for (size_t id = 0; is_open && id < nodes->fabric->node_count; id++) {
		wiring_close(nodes->wirings[id]);
		if (nodes->namespaces[id] >= 0)
			close(nodes->namespaces[id]);
	}
	for (size_t link = 0; nodes->wires && link < nodes->fabric->link_count; link++)
		if (nodes->wires[link] >= 0)
			close(nodes->wires[link]);
	free(nodes->wires);
	free(nodes->wirings);
	free(nodes->namespaces);
}

/* What is read into a proof. */
struct reading {
	const struct nodes *nodes;
	enum nodes_heddles heddles;
	struct verify *verify;
	const struct verify_telling *telling;
	size_t unread; /* Heddles that do not answer */
};

static void tell_unread(struct reading *reading, int id) {
	struct violation violation = {.kind = VIOLATION_UNREAD,
		.layer = "Heddle",
		.destination = "all",
		.node = reading->nodes->fabric->nodes[id].name,
		.found = "its kernel, as no Heddle answers",
		.wanted = "Heddle"};

	verify_tell(reading->telling, &reading->unread, &violation);
}

static int read_heddle(struct reading *reading, int id) {
	const struct nodes *nodes = reading->nodes;
	const struct verify_place place = verify_place(reading->verify, 2, id);
	int error = heddle_fib_is_there(nodes->namespaces[id])
			    ? heddle_fib_read(nodes->namespaces[id], nodes->fabric, id, &place)
			    : -ENOTCONN;

	if (!error || error == -ENOMEM)
		return error;
	if (reading->heddles == HEDDLES_IF_THERE)
		return 0;
	tell_unread(reading, id);
	return live_fib_read(nodes->wirings[id], nodes->fabric, id, &place);
}

/* Layer 0 is what the model says, 1 the kernels', 2 the Heddles'. */
static int read_tables(struct reading *reading, const struct model_failures *failures) {
	const struct nodes *nodes = reading->nodes;
	const struct fabric *fabric = nodes->fabric;
	int error = model_tables(fabric, failures, verify_place(reading->verify, 0, 0).set);

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		const struct verify_place place = verify_place(reading->verify, 1, id);

		if (!fabric_is_switch(&fabric->nodes[id]) || !spread_node_is_up(failures, id))
			continue;
		error = live_fib_read(nodes->wirings[id], fabric, id, &place);
		if (!error && reading->heddles != HEDDLES_NONE)
			error = read_heddle(reading, id);
	}
	return error;
}

int nodes_verify(const struct nodes *nodes, const struct model_failures *failures,
	const bool *port_is_dead, enum nodes_heddles heddles, const struct verify_telling *telling,
	struct nodes_verdict *verdict) {
	const struct verify_layer layers[] = {{.name = "model"},
		{.name = "kernel", .port_is_dead = port_is_dead},
		{.name = "Heddle", .port_is_dead = port_is_dead}};
	struct reading reading = {.nodes = nodes, .heddles = heddles, .telling = telling};
	double began = clock_now();
	int error = -ENOMEM;

	verdict->layers = heddles == HEDDLES_NONE ? 2 : 3;
	reading.verify = verify_create(nodes->fabric, layers, verdict->layers);
	if (reading.verify)
		error = read_tables(&reading, failures);
	verdict->read_seconds = clock_now() - began;
	began = clock_now();
	if (!error)
		error = verify_run(reading.verify, telling, &verdict->summary);
	verdict->proof_seconds = clock_now() - began;
	verdict->summary.violations += reading.unread;
	verify_destroy(reading.verify);
	return error;
}
