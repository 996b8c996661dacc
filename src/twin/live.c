/* live: see live.h. */
#include "twin/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/model.h"
#include "fabric/state.h"
#include "twin/heddle_fib.h"
#include "twin/live_fib.h"
#include "twin/netns.h"
#include "twin/twin.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct live {
	char folder[TWIN_PATH_MAX];
	struct intent intent;
	bool has_intent;
	struct fabric *fabric;
	int *namespaces;
	struct wiring **wirings;
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

static int enter_nodes(struct live *live, const char *name) {
	const struct rlimit files = {.rlim_cur = 1 << 16, .rlim_max = 1 << 16};
	size_t count = live->fabric->node_count;

	setrlimit(RLIMIT_NOFILE, &files);
	live->namespaces = malloc((count + 1) * sizeof(*live->namespaces));
	live->wirings = calloc(count + 1, sizeof(*live->wirings));
	if (!live->namespaces || !live->wirings)
		return -ENOMEM;
	memset(live->namespaces, -1, (count + 1) * sizeof(*live->namespaces));
	for (size_t id = 0; id < count; id++) {
		char namespace[TWIN_PATH_MAX];
		int error;

		twin_namespace(name, live->fabric->nodes[id].name, namespace);
		live->namespaces[id] = netns_open(namespace);
		error = live->namespaces[id] < 0
				? live->namespaces[id]
				: wiring_open(live->namespaces[id], &live->wirings[id]);
		if (error) {
			log_error("namespace %s: %s", namespace, strerror(-error));
			return error;
		}
	}
	return 0;
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
		error = enter_nodes(live, name);
	if (error)
		live_close(live);
	else
		*out = live;
	return error;
}

void live_close(struct live *live) {
	if (!live)
		return;
	for (size_t id = 0; live->fabric && live->wirings && id < live->fabric->node_count; id++) {
		wiring_close(live->wirings[id]);
		if (live->namespaces[id] >= 0)
			close(live->namespaces[id]);
	}
	free(live->wirings);
	free(live->namespaces);
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

		if (wiring_look(live->wirings[port->node], port->name, &link) < 0)
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

static int read_tables(struct live *live, struct verify *verify, unsigned int layers) {
	const struct fabric *fabric = live->fabric;
	int error = model_tables(fabric, NULL, verify_place(verify, 0, 0).set);

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		struct verify_place place = verify_place(verify, 1, id);

		if (!fabric_is_switch(&fabric->nodes[id]))
			continue;
		error = live_fib_read(live->wirings[id], fabric, id, &place);
		if (error || layers < 3)
			continue;
		place = verify_place(verify, 2, id);
		error = heddle_fib_read(live->namespaces[id], fabric, id, &place);
	}
	if (error)
		log_error("the tables cannot be read: %s", strerror(-error));
	return error;
}

/* A twin without Heddle has no daemon to ask in any of its switches. */
static bool has_heddle(const struct live *live) {
	for (int id = 0; id < (int)live->fabric->node_count; id++)
		if (fabric_is_switch(&live->fabric->nodes[id]))
			return heddle_fib_is_there(live->namespaces[id]);
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
	if (!error)
		error = read_tables(live, verify, verdict->layers);
	verdict->read_seconds = clock_now() - began;
	began = clock_now();
	if (!error)
		error = verify_run(verify, most, told, owner, &verdict->summary);
	verdict->proof_seconds = clock_now() - began;
	verify_destroy(verify);
	free(dead);
	return error;
}
