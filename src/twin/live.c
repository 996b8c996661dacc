/* live: see live.h. */
#include "twin/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/state.h"
#include "twin/heddle_fib.h"
#include "twin/nodes.h"
#include "twin/twin.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct live {
	char folder[TWIN_PATH_MAX];
	struct intent intent;
	bool has_intent;
	struct fabric *fabric;
	struct nodes nodes;
};

static int make_design(struct live *live) {
	char path[TWIN_PATH_MAX + 32];
	struct state *state;
	int error;

	snprintf(path, sizeof(path), "%s/intent.yaml", live->folder);
	error = intent_read(&live->intent, path);
	if (error)
		return error;
	live->has_intent = true;
	snprintf(path, sizeof(path), "%s/plan/state.json", live->folder);
	error = state_open(path, &state);
	if (error)
		return error;
	error = fabric_create(&live->intent, path, state, &live->fabric);
	state_close(state);
	return error;
}

int live_open(const char *name, struct live **out) {
	struct live *live = calloc(1, sizeof(*live));
	int error;

	if (!live)
		return -ENOMEM;
	twin_folder(name, live->folder);
	if (access(live->folder, F_OK) < 0) {
		log_error("no twin '%s' runs; 'heddle twin up' raises one", name);
		free(live);
		return -ENOENT;
	}
	error = make_design(live);
	if (!error)
		error = nodes_open(&live->nodes, live->fabric, name);
	if (error)
		live_close(live);
	else
		*out = live;
	return error;
}

void live_close(struct live *live) {
	if (!live)
		return;
	nodes_close(&live->nodes);
	fabric_destroy(live->fabric);
	if (live->has_intent)
		intent_free(&live->intent);
	free(live);
}

const struct fabric *live_fabric(const struct live *live) {
	return live->fabric;
}

size_t live_check_links(struct live *live, bool *port_is_dead,
	void (*told)(void *owner, const char *text), void *owner) {
	const struct fabric *fabric = live->fabric;
	size_t found = 0;

	for (size_t id = 0; id < fabric->port_count; id++) {
		const struct fabric_port *port = &fabric->ports[id];
		struct wiring_link link;
		char text[160] = "";

		if (wiring_look(live->nodes.wirings[port->node], port->name, &link) < 0)
			snprintf(text, sizeof(text), "%s:%s is not there",
				fabric->nodes[port->node].name, port->name);
		else if (!link.is_running)
			snprintf(text, sizeof(text), "%s:%s is down",
				fabric->nodes[port->node].name, port->name);
		else if (link.mtu != fabric->intent->mtu)
			snprintf(text, sizeof(text), "%s:%s has an MTU of %u, not %u",
				fabric->nodes[port->node].name, port->name, link.mtu,
				fabric->intent->mtu);
		if (port_is_dead)
			port_is_dead[id] = text[0] && !link.is_running;
		if (!text[0])
			continue;
		found++;
		told(owner, text);
	}
	return found;
}

static void say_nothing(void *owner, const char *text) {
}

/* A twin without Heddle has no daemon to ask in any of its switches. */
static bool has_heddle(const struct live *live) {
	for (int id = 0; id < (int)live->fabric->node_count; id++)
		if (fabric_is_switch(&live->fabric->nodes[id]))
			return heddle_fib_is_there(live->nodes.namespaces[id]);
	return false;
}

int live_verify(struct live *live, size_t most,
	void (*told)(void *owner, const struct violation *violation), void *owner,
	struct live_verdict *verdict) {
	bool *dead = calloc(live->fabric->port_count + 1, sizeof(*dead));
	const struct verify_layer layers[] = {{.name = "model"},
		{.name = "kernel", .port_is_dead = dead}, {.name = "Heddle", .port_is_dead = dead}};
	struct verify *verify;
	double began = clock_now();
	int error = dead ? 0 : -ENOMEM;

	verdict->layers = has_heddle(live) ? 3 : 2;
	if (!error)
		live_check_links(live, dead, say_nothing, NULL);
	verify = error ? NULL : verify_create(live->fabric, layers, verdict->layers);
	if (!verify)
		error = -ENOMEM;
	if (!error) {
		error = nodes_read_tables(
			&live->nodes, verdict->layers == 3 ? HEDDLES_ALL : HEDDLES_NONE, verify);
		if (error)
			log_error("the tables cannot be read: %s", strerror(-error));
	}
	verdict->read_seconds = clock_now() - began;
	began = clock_now();
	if (!error)
		error = verify_run(verify, most, told, owner, &verdict->summary);
	verdict->proof_seconds = clock_now() - began;
	verify_destroy(verify);
	free(dead);
	return error;
}
