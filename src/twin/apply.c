/*
 * apply: see apply.h. While it goes on, the twin is both designs at once: nodes and cables of the
 * old one are reached by `before`, those of the new one by `after`.
 */
#include "twin/apply.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/bird.h"
#include "fabric/blueprint.h"
#include "fabric/change.h"
#include "fabric/plan.h"
#include "emulator/settings.h"
#include "twin/build.h"
#include "twin/console.h"
#include "twin/netns.h"
#include "twin/running.h"
#include "twin/supervisor.h"
#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PATH_BYTES = TWIN_PATH_MAX + 3 * FABRIC_NAME_MAX,
	PEERS_PATIENCE_S = 30,
	PEERS_PAUSE_MS = 100
};

struct apply {
	struct running *running;
	const char *intent_path;
	struct blueprint *blueprint; /* the new one */
	struct change change;
	struct nodes after;
	void (*told)(void *owner, const char *kind, const char *text);
	void *owner;
	char *error;
};

static int fail(struct apply *apply, int error, const char *what, const char *which) {
	snprintf(apply->error, TWIN_ERROR_MAX, "%s %s: %s", what, which, strerror(-error));
	return error;
}

static const char *node_name(const struct change_step *step) {
	return step->fabric->nodes[step->node].name;
}

static void node_folder(const struct apply *apply, const char *node, char *path) {
	snprintf(path, PATH_BYTES, "%s/nodes/%s", apply->running->folder, node);
}

/* Which of the two a step is of. */
static const struct nodes *nodes_of(const struct apply *apply, const struct change_step *step) {
	return step->fabric == apply->change.after ? &apply->after : &apply->running->nodes;
}

static struct daemons daemons_of(const struct apply *apply, const struct change_step *step) {
	struct daemons daemons = apply->running->daemons;

	daemons.nodes = nodes_of(apply, step);
	return daemons;
}

/* --- configuration lines --- */

static int write_lines(struct apply *apply, const struct change_step *step) {
	return console_write_lines(
		apply->running->folder, node_name(step), step->lines, apply->error, TWIN_ERROR_MAX);
}

static int change_lines(struct apply *apply, const struct change_step *step) {
	const struct nodes *nodes = nodes_of(apply, step);
	int error;

	if (nodes->fabric->nodes[step->node].role == ROLE_HOST)
		return build_addresses(nodes, step->node);
	if (!bird_is_run_by(nodes->fabric, step->node))
		return write_lines(apply, step);
	error = build_addresses(nodes, step->node);
	return error ? error
		     : console_reload_bird(apply->running->folder, node_name(step), apply->error,
			       TWIN_ERROR_MAX);
}

/* --- nodes and cables --- */

/* Sessions of a node's neighbours that do not stand. */
static size_t neighbours_down(struct apply *apply, const struct fabric *fabric, int id) {
	const struct fabric_node *node = &fabric->nodes[id];
	size_t total = 0;

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_node *neighbour = fabric_neighbour(fabric, node->ports[n]);

		if (fabric_is_switch(neighbour))
			total += console_sessions_down(apply->running->folder, neighbour->name);
	}
	return total;
}

/* Waits until no more sessions of a node's neighbours are down than before it was cut off from
 * them: until then, nothing else may be taken from them. */
static int await_peers(struct apply *apply, const struct fabric *fabric, int id, size_t before) {
	double until = clock_now() + PEERS_PATIENCE_S;

	while (!apply->running->stopping && clock_now() < until &&
		neighbours_down(apply, fabric, id) > before)
		running_attend(apply->running, PEERS_PAUSE_MS);
	return apply->running->stopping ? -EINTR : 0;
}

static int start_node(struct apply *apply, const struct change_step *step) {
	const struct daemons daemons = daemons_of(apply, step);
	int error = daemons_start_node(&daemons, step->node);

	return error ? fail(apply, error, "daemons of", node_name(step)) : 0;
}

static int replace_node(struct apply *apply, const struct change_step *step) {
	const struct daemons daemons = daemons_of(apply, step);
	size_t down = neighbours_down(apply, step->fabric, step->node);
	int error;

	daemons_stop_node(&daemons, step->node);
	error = start_node(apply, step);
	return error ? error : await_peers(apply, step->fabric, step->node, down);
}

static int remove_node(struct apply *apply, const struct change_step *step) {
	const struct daemons daemons = daemons_of(apply, step);
	char name[TWIN_PATH_MAX], path[PATH_BYTES];
	int error;

	daemons_stop_node(&daemons, step->node);
	twin_namespace(apply->running->name, node_name(step), name);
	error = twin_remove_namespace(name);
	node_folder(apply, node_name(step), path);
	twin_remove_folder(path);
	snprintf(path, sizeof(path), "%s/plan/nodes/%s", apply->running->folder, node_name(step));
	twin_remove_folder(path);
	return error ? fail(apply, error, "namespace of", node_name(step)) : 0;
}

static int add_cable(struct apply *apply, const struct change_step *step) {
	const struct nodes *nodes = nodes_of(apply, step);
	const struct fabric_link *link = &nodes->fabric->links[step->link];
	const struct daemons daemons = daemons_of(apply, step);
	int error = build_cable(nodes, step->link);

	if (!error)
		error = daemons_start_wire(&daemons, step->link);

	for (int end = 0; end < 2 && !error; end++)
		error = build_addresses(nodes, nodes->fabric->ports[link->ports[end]].node);
	return error ? fail(apply, error, "cable at", nodes->fabric->ports[link->ports[0]].name)
		     : 0;
}

/* Both ends, if a wire is between them. One whose node has gone is gone with it. */
static int remove_cable(struct apply *apply, const struct change_step *step) {
	const struct nodes *nodes = nodes_of(apply, step);
	const struct daemons daemons = daemons_of(apply, step);
	int error = 0;

	daemons_stop_wire(&daemons, step->link);
	for (int end = 0; end < 2 && !error; end++) {
		const struct fabric_port *port =
			&nodes->fabric->ports[nodes->fabric->links[step->link].ports[end]];

		error = wiring_delete_link(nodes->wirings[port->node], port->name);
		if (error == -ENODEV)
			error = 0;
		if (error)
			fail(apply, error, "cable at", port->name);
	}
	return error;
}

/* Out, and another in. The step is of the new design, whose ports have the same names. */
static int swap_cable(struct apply *apply, const struct change_step *step) {
	const struct fabric *fabric = step->fabric;
	int upper = fabric->ports[fabric->links[step->link].ports[0]].node;
	size_t down = neighbours_down(apply, fabric, upper);
	int error = remove_cable(apply, step);

	if (!error)
		error = add_cable(apply, step);
	return error ? error : await_peers(apply, fabric, upper, down);
}

/* For good. */
static int unplug_cable(struct apply *apply, const struct change_step *step) {
	int error = remove_cable(apply, step);

	if (!error && nodes_of(apply, step)->wires[step->link] >= 0)
		error = wire_delete(apply->running->name, step->fabric, step->link);
	return error;
}

/* --- steps --- */

static int take_step(struct apply *apply, const struct change_step *step) {
	switch (step->action) {
	case CHANGE_ADD_NODE:
		return 0; /* it is there, and starts when it has its cables */
	case CHANGE_ADD_CABLE:
		return add_cable(apply, step);
	case CHANGE_ADD_LINES:
	case CHANGE_REMOVE_LINES:
	case CHANGE_DRAIN:
	case CHANGE_UNDRAIN:
		return change_lines(apply, step);
	case CHANGE_SWAP_CABLE:
		return swap_cable(apply, step);
	case CHANGE_REPLACE_NODE:
		return replace_node(apply, step);
	case CHANGE_REMOVE_CABLE:
		return unplug_cable(apply, step);
	case CHANGE_REMOVE_NODE:
		return remove_node(apply, step);
	case CHANGE_ACTIONS:
		break;
	}
	return 0;
}

/* After what makes others send elsewhere, or lets them come back, and before what follows relies on
 * it. */
static bool settles(const struct change_step *step, const struct change_step *next) {
	switch (step->action) {
	case CHANGE_ADD_LINES:
	case CHANGE_DRAIN:
	case CHANGE_UNDRAIN:
	case CHANGE_REMOVE_LINES:
		return next->action != step->action;
	default:
		return false;
	}
}

static void tell_step(struct apply *apply, size_t n) {
	const struct change_step *step = &apply->change.steps[n];
	char text[256], link[LINK_TEXT_MAX];

	snprintf(text, sizeof(text), "%zu/%zu %s %s", n + 1, apply->change.step_count,
		change_action_name(step->action),
		step->node != FABRIC_NONE ? node_name(step)
					  : fabric_link_text(step->fabric, step->link, link));
	apply->told(apply->owner, "step", text);
}

/* With all their cables, as a switch does that is switched on. */
static int start_new_nodes(struct apply *apply) {
	const struct change *change = &apply->change;
	int error = 0;

	for (size_t i = 0; i < change->step_count && !error; i++)
		if (change->steps[i].action == CHANGE_ADD_NODE)
			error = start_node(apply, &change->steps[i]);
	return error;
}

static int take_steps(struct apply *apply) {
	const struct change *change = &apply->change;
	bool have_started = false;
	int error = 0;

	for (size_t i = 0; i < change->step_count && !error; i++) {
		if (!have_started && change->steps[i].action > CHANGE_ADD_CABLE) {
			error = start_new_nodes(apply);
			have_started = true;
		}
		tell_step(apply, i);
		if (!error)
			error = take_step(apply, &change->steps[i]);
		if (!error && i + 1 < change->step_count &&
			settles(&change->steps[i], &change->steps[i + 1]))
			error = running_settle(apply->running);
	}
	return error || have_started ? error : start_new_nodes(apply);
}

/* --- from one design to the other --- */

static bool is_to_be_emulated(const struct apply *apply, int link) {
	const struct fabric_link *after = &apply->change.after->links[link];

	return after->emulation ||
	       (apply->running->options->emulate_all && after->tier != TIER_HOST);
}

/* The namespace of a node or of a cable's wire. */
static int make_namespace(const struct apply *apply, const struct change_step *step) {
	const char *twin = apply->running->name;

	if (step->action == CHANGE_ADD_NODE)
		return build_namespace(twin, &step->fabric->nodes[step->node]);
	if (step->action == CHANGE_ADD_CABLE)
		return build_wire(
			twin, step->fabric, step->link, apply->running->options->emulate_all);
	return 0;
}

static void remove_namespace(const struct apply *apply, const struct change_step *step) {
	char name[TWIN_PATH_MAX];

	if (step->action == CHANGE_ADD_NODE) {
		twin_namespace(apply->running->name, node_name(step), name);
		twin_remove_namespace(name);
	} else if (step->action == CHANGE_ADD_CABLE && is_to_be_emulated(apply, step->link)) {
		wire_delete(apply->running->name, step->fabric, step->link);
	}
}

static int open_new_nodes(struct apply *apply) {
	const struct change *change = &apply->change;
	int error = nodes_open(&apply->after, change->after, apply->running->name);

	for (size_t i = 0; i < change->step_count && !error; i++)
		if (change->steps[i].action == CHANGE_ADD_NODE)
			error = build_node(&apply->after, change->steps[i].node);
	return error;
}

/* New nodes are there, without cables, before the first step; or, if that fails, none is. */
static int open_after(struct apply *apply) {
	const struct change *change = &apply->change;
	size_t made = 0;
	int error = 0;

	while (made < change->step_count && !error) {
		error = make_namespace(apply, &change->steps[made]);
		made += !error;
	}
	if (!error)
		error = open_new_nodes(apply);
	if (!error)
		return 0;
	while (made-- > 0)
		remove_namespace(apply, &change->steps[made]);
	return fail(apply, error, "namespaces of", "new nodes");
}

/* Addresses of hosts and of BIRD's routers that the new design does not know any more. */
static int remove_addresses(struct apply *apply) {
	int error = 0;

	for (size_t i = 0; i < apply->change.address_count && !error; i++) {
		const struct change_address *address = &apply->change.addresses[i];
		const struct fabric *before = address->fabric;
		const struct fabric_node *node = &before->nodes[address->node];

		if (address->is_added || fabric_find(apply->change.after, node->name) < 0 ||
			(node->role != ROLE_HOST && !bird_is_run_by(before, address->node)))
			continue;
		error = wiring_delete_address(apply->running->nodes.wirings[address->node],
			address->port == FABRIC_NONE ? "lo" : before->ports[address->port].name,
			&address->address);
		if (error == -ENODEV || error == -EADDRNOTAVAIL)
			error = 0; /* it went with its port */
	}
	return error;
}

static int set_addresses(struct apply *apply) {
	int error = remove_addresses(apply);

	for (int id = 0; id < (int)apply->after.fabric->node_count && !error; id++)
		error = build_addresses(&apply->after, id);
	return error ? fail(apply, error, "addresses of", "hosts") : 0;
}

static struct daemons daemons_after(const struct apply *apply) {
	struct daemons daemons = apply->running->daemons;

	daemons.nodes = &apply->after;
	return daemons;
}

/* The cable is taken out and comes back with a wire in it, or without. */
static int begin_or_end_wire(struct apply *apply, int link) {
	const struct change_step step = {
		.fabric = apply->after.fabric, .node = FABRIC_NONE, .link = link};
	int *wire = &apply->after.wires[link], error = remove_cable(apply, &step);
	char name[TWIN_PATH_MAX];

	if (error)
		return error;
	if (*wire >= 0) {
		close(*wire);
		*wire = -1;
		error = wire_delete(apply->running->name, step.fabric, link);
	} else {
		error = wire_create(apply->running->name, step.fabric, link);
		wire_namespace(apply->running->name, step.fabric, link, name);
		*wire = error ? -1 : netns_open(name);
	}
	return error ? error : add_cable(apply, &step);
}

/* Wires do from now on what the new intent says. */
static int change_wires(struct apply *apply) {
	const struct fabric *after = apply->after.fabric;
	struct wire_settings settings;
	char text[LINK_TEXT_MAX + 16], words[LINK_TEXT_MAX];
	int error = 0;

	for (int link = 0; link < (int)after->link_count && !error; link++)
		if ((apply->after.wires[link] >= 0) != is_to_be_emulated(apply, link)) {
			snprintf(text, sizeof(text), "rewire %s",
				fabric_link_text(after, link, words));
			apply->told(apply->owner, "step", text);
			error = begin_or_end_wire(apply, link);
		} else if (apply->after.wires[link] >= 0) {
			wire_settings_init(&settings);
			if (after->links[link].emulation)
				settings = after->links[link].emulation->settings;
			error = wire_change(&apply->after, link, &settings);
		}
	return error ? fail(apply, error, "wires of", apply->running->name) : 0;
}

/* From here on the twin is the new design alone. */
static int take_over(struct apply *apply) {
	struct running *running = apply->running;
	const struct daemons after = daemons_after(apply);

	daemons_adopt(&after);
	nodes_close(&running->nodes);
	running->nodes = apply->after;
	apply->after = (struct nodes){0};
	if (running->blueprint) {
		blueprint_close(running->blueprint);
		free(running->blueprint);
	}
	running->blueprint = apply->blueprint;
	apply->blueprint = NULL;
	faults_close(&running->faults);
	return faults_open(&running->faults, &running->daemons);
}

static void tell_waiting(void *owner, const char *text) {
	struct apply *apply = owner;

	apply->told(apply->owner, "waiting", text);
}

static void tell_torn(struct apply *apply) {
	size_t used = strlen(apply->error);

	snprintf(apply->error + used, TWIN_ERROR_MAX - used,
		"; the twin is between two designs now: 'heddle twin down --name %s' removes it",
		apply->running->name);
}

static int change_over(struct apply *apply) {
	struct running *running = apply->running;
	int error = running_keep_plan(
		running, apply->blueprint->fabric, apply->blueprint->state, apply->intent_path);

	if (!error)
		error = take_steps(apply);
	if (!error)
		error = set_addresses(apply);
	if (!error)
		error = change_wires(apply);
	return error ? error : take_over(apply);
}

/* Before the first step all can be as it was; between two designs it can not, and is not guessed
 * at: what is there is neither the one nor the other. */
static int change_and_converge(struct apply *apply) {
	struct running *running = apply->running;
	int error = open_after(apply);

	if (error)
		return error;
	running->is_torn = true;
	error = change_over(apply);
	running->is_torn = error != 0;
	if (!error)
		error = running_converge(
			running, !running->daemons.without_heddle, tell_waiting, apply);
	if (error && !apply->error[0])
		fail(apply, error, "the change of", running->name);
	if (running->is_torn)
		tell_torn(apply);
	return error;
}

/* --- before anything changes --- */

static bool has_faults(const struct running *running) {
	for (size_t id = 0; id < running->nodes.fabric->link_count; id++)
		if (running->faults.link_is_down[id])
			return true;
	for (size_t id = 0; id < running->nodes.fabric->node_count; id++)
		if (running->faults.node_is_down[id])
			return true;
	return false;
}

static int open_blueprint(struct apply *apply) {
	char state[PATH_BYTES];
	int error;

	apply->blueprint = calloc(1, sizeof(*apply->blueprint));
	if (!apply->blueprint)
		return -ENOMEM;
	snprintf(state, sizeof(state), "%s/plan/state.json", apply->running->folder);
	error = blueprint_open(apply->blueprint, apply->intent_path, state);
	if (error) {
		free(apply->blueprint);
		apply->blueprint = NULL;
		snprintf(apply->error, TWIN_ERROR_MAX,
			"%s is not a right intent: 'heddle fabric "
			"plan' tells what is wrong with it",
			apply->intent_path);
	}
	return error;
}

static void close_blueprint(struct apply *apply) {
	if (!apply->blueprint)
		return;
	blueprint_close(apply->blueprint);
	free(apply->blueprint);
}

int apply_intent(struct running *running, const char *intent_path,
	void (*told)(void *owner, const char *kind, const char *text), void *owner,
	char error_text[TWIN_ERROR_MAX]) {
	struct apply apply = {.running = running,
		.intent_path = intent_path,
		.told = told,
		.owner = owner,
		.error = error_text};
	int error;

	if (has_faults(running)) {
		snprintf(error_text, TWIN_ERROR_MAX,
			"something was made to fail; 'heddle twin restore' mends it first");
		return -EBUSY;
	}
	error = open_blueprint(&apply);
	if (!error)
		error = change_create(
			running->nodes.fabric, apply.blueprint->fabric, &apply.change);
	if (!error) {
		running->is_busy = true;
		error = change_and_converge(&apply);
		running->is_busy = false;
		change_free(&apply.change);
	}
	nodes_close(&apply.after);
	close_blueprint(&apply);
	return error;
}
