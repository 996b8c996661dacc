/* live: see live.h. */
#include "twin/live.h"

#include "base/log.h"
#include "fabric/blueprint.h"
#include "fabric/fib_folder.h"
#include "twin/control.h"
#include "twin/heddle_fib.h"
#include "twin/live_fib.h"
#include "twin/nodes.h"
#include "twin/twin.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct live {
	char name[TWIN_PATH_MAX];
	struct blueprint blueprint;
	struct nodes nodes;
	bool *link_is_down, *node_is_down, *link_is_silent, *link_is_drained, *link_has_failed;
	struct model_failures failures;
};

static int open_blueprint(struct live *live) {
	char folder[TWIN_PATH_MAX], intent[TWIN_PATH_MAX + 32], state[TWIN_PATH_MAX];

	twin_folder(live->name, folder);
	snprintf(intent, sizeof(intent), "%s/intent.yaml", folder);
	twin_state_path(live->name, state);
	return blueprint_open(&live->blueprint, intent, state);
}

static int open_nodes(struct live *live) {
	const struct fabric *fabric = live->blueprint.fabric;
	int error;

	live->link_is_down = calloc(fabric->link_count + 1, sizeof(bool));
	live->node_is_down = calloc(fabric->node_count + 1, sizeof(bool));
	live->link_is_silent = calloc(fabric->link_count + 1, sizeof(bool));
	live->link_is_drained = calloc(fabric->link_count + 1, sizeof(bool));
	live->link_has_failed = calloc(fabric->link_count + 1, sizeof(bool));
	live->failures = (struct model_failures){
		live->link_is_down, live->node_is_down, live->link_is_silent};
	error = live->link_is_down && live->node_is_down && live->link_is_silent &&
				live->link_is_drained && live->link_has_failed
			? 0
			: -ENOMEM;
	return error ? error : nodes_open(&live->nodes, fabric, live->name);
}

int live_open(const char *name, struct live **out) {
	struct live *live = calloc(1, sizeof(*live));
	int error = live ? twin_find(name, live->name) : -ENOMEM;

	if (!error)
		error = open_blueprint(live);
	if (error) {
		free(live);
		return error;
	}
	error = open_nodes(live);
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
	blueprint_close(&live->blueprint);
	free(live->link_is_down);
	free(live->node_is_down);
	free(live->link_is_silent);
	free(live->link_is_drained);
	free(live->link_has_failed);
	free(live);
}

const char *live_name(const struct live *live) {
	return live->name;
}

const struct fabric *live_fabric(const struct live *live) {
	return live->blueprint.fabric;
}

const struct nodes *live_nodes(const struct live *live) {
	return &live->nodes;
}

/* Links that fail come first, then those that are drained, which may have failed as well. */
static void note_link(struct live *live, size_t link, const json_t *row) {
	bool is_drained = json_is_true(json_object_get(row, "drained"));

	live->link_is_drained[link] |= is_drained;
	live->link_has_failed[link] |= !is_drained;
	live->link_is_down[link] = true;
	live->link_is_silent[link] = is_drained ? !live->link_has_failed[link]
						: json_is_true(json_object_get(row, "silent"));
}

static void note_failure(void *owner, const json_t *row) {
	struct live *live = owner;
	const json_t *link = json_object_get(row, "link"), *node = json_object_get(row, "node");
	const struct fabric *fabric = live->blueprint.fabric;

	if (link && (size_t)json_integer_value(link) < fabric->link_count)
		note_link(live, (size_t)json_integer_value(link), row);
	if (node && (size_t)json_integer_value(node) < fabric->node_count)
		live->node_is_down[json_integer_value(node)] = true;
}

int live_read_failures(struct live *live) {
	memset(live->link_is_down, 0, live->blueprint.fabric->link_count);
	memset(live->link_is_silent, 0, live->blueprint.fabric->link_count);
	memset(live->link_is_drained, 0, live->blueprint.fabric->link_count);
	memset(live->link_has_failed, 0, live->blueprint.fabric->link_count);
	memset(live->node_is_down, 0, live->blueprint.fabric->node_count);
	return twin_ask(live->name, json_pack("{s:b}", "faults", 1), note_failure, live);
}

const struct model_failures *live_failures(const struct live *live) {
	return &live->failures;
}

bool live_has_failed(const struct live *live, int link) {
	return live->link_has_failed[link];
}

bool live_is_drained(const struct live *live, int link) {
	return live->link_is_drained[link];
}

/* What is wrong with a port, "" if nothing is. Returns whether it is dead. */
static bool look_at_port(const struct live *live, int id, char *what, size_t size) {
	const struct fabric *fabric = live->blueprint.fabric;
	const struct fabric_port *port = &fabric->ports[id];
	struct wiring_link link;

	what[0] = '\0';
	if (wiring_look(live->nodes.wirings[port->node], port->name, &link) < 0) {
		snprintf(what, size, "is not there");
		return true;
	}
	if (!link.is_running)
		snprintf(what, size, "is down");
	else if (link.mtu != fabric->intent->mtu)
		snprintf(what, size, "has an MTU of %u, not %u", link.mtu, fabric->intent->mtu);
	return !link.is_running;
}

size_t live_check_links(struct live *live, bool *port_is_dead,
	void (*told)(void *owner, int port, const char *what), void *owner) {
	const struct fabric *fabric = live->blueprint.fabric;
	size_t found = 0;

	for (int id = 0; id < (int)fabric->port_count; id++) {
		char what[64];
		bool is_dead = look_at_port(live, id, what, sizeof(what));

		if (port_is_dead)
			port_is_dead[id] = is_dead;
		if (!what[0] || (is_dead && !spread_port_is_up(fabric, &live->failures, id)))
			continue;
		found++;
		told(owner, id, what);
	}
	return found;
}

static void say_nothing(void *owner, int port, const char *what) {
}

/* A twin without Heddle has no daemon to ask in any of its switches. */
static bool has_heddle(const struct live *live) {
	for (int id = 0; id < (int)live->blueprint.fabric->node_count; id++)
		if (fabric_is_switch(&live->blueprint.fabric->nodes[id]) &&
			heddle_fib_is_there(live->nodes.namespaces[id]))
			return true;
	return false;
}

int live_verify(struct live *live, enum nodes_heddles heddles, const struct verify_telling *telling,
	struct nodes_verdict *verdict) {
	bool *dead = calloc(live->blueprint.fabric->port_count + 1, sizeof(*dead));
	int error;

	if (!dead)
		return -ENOMEM;
	live_check_links(live, dead, say_nothing, NULL);
	error = nodes_verify(&live->nodes, &live->failures, dead,
		has_heddle(live) ? heddles : HEDDLES_NONE, telling, verdict);
	if (error)
		log_error("the tables cannot be read: %s", strerror(-error));
	free(dead);
	return error;
}

static int read_set(const struct live *live, bool of_heddle, struct fib_set *set) {
	const struct fabric *fabric = live->blueprint.fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		const struct verify_place place = {.set = set,
			.node = (uint32_t)id,
			.strange_port = (uint32_t)fabric->port_count};

		if (!fabric_is_switch(&fabric->nodes[id]))
			continue;
		error = of_heddle ? heddle_fib_read(live->nodes.namespaces[id], fabric, id, &place)
				  : live_fib_read(live->nodes.wirings[id], fabric, id, &place);
		if (error)
			log_error("%s: its table cannot be read: %s", fabric->nodes[id].name,
				strerror(-error));
	}
	return error ? error : fib_set_finish(set);
}

int live_collect(struct live *live, bool of_heddle, const char *folder) {
	const struct fabric *fabric = live->blueprint.fabric;
	bool *dead = calloc(fabric->port_count + 1, sizeof(*dead));
	struct fib_set *set = fib_set_create();
	int error = dead && set ? 0 : -ENOMEM;

	if (!error) {
		live_check_links(live, dead, say_nothing, NULL);
		error = read_set(live, of_heddle, set);
	}
	if (!error)
		error = fib_folder_write(folder, fabric, set, dead);
	fib_set_destroy(set);
	free(dead);
	return error;
}
