/* apply_steps: the steps of a change, taken on a running twin (apply_private.h). */
#include "twin/apply_private.h"

#include "base/clock.h"
#include "fabric/bird.h"
#include "twin/build.h"
#include "twin/console.h"
#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	PATH_BYTES = TWIN_PATH_MAX + 3 * FABRIC_NAME_MAX,
	PEERS_PATIENCE_S = 30,
	PEERS_PAUSE_MS = 100
};

int apply_fail(struct apply *apply, int error, const char *what, const char *which) {
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

	return error ? apply_fail(apply, error, "daemons of", node_name(step)) : 0;
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
	return error ? apply_fail(apply, error, "namespace of", node_name(step)) : 0;
}

int apply_add_cable(struct apply *apply, const struct change_step *step) {
	const struct nodes *nodes = nodes_of(apply, step);
	const struct fabric_link *link = &nodes->fabric->links[step->link];
	const struct daemons daemons = daemons_of(apply, step);
	int error = build_cable(nodes, step->link);

	if (!error)
		error = daemons_start_wire(&daemons, step->link);

	for (int end = 0; end < 2 && !error; end++)
		error = build_addresses(nodes, nodes->fabric->ports[link->ports[end]].node);
	return error ? apply_fail(
			       apply, error, "cable at", nodes->fabric->ports[link->ports[0]].name)
		     : 0;
}

/* Both ends, if a wire is between them. One whose node has gone is gone with it. */
int apply_remove_cable(struct apply *apply, const struct change_step *step) {
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
			apply_fail(apply, error, "cable at", port->name);
	}
	return error;
}

/* Out, and another in. The step is of the new design, whose ports have the same names. */
static int swap_cable(struct apply *apply, const struct change_step *step) {
	const struct fabric *fabric = step->fabric;
	int upper = fabric->ports[fabric->links[step->link].ports[0]].node;
	size_t down = neighbours_down(apply, fabric, upper);
	int error = apply_remove_cable(apply, step);

	if (!error)
		error = apply_add_cable(apply, step);
	return error ? error : await_peers(apply, fabric, upper, down);
}

/* For good. */
static int unplug_cable(struct apply *apply, const struct change_step *step) {
	int error = apply_remove_cable(apply, step);

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
		return apply_add_cable(apply, step);
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

int apply_take_steps(struct apply *apply) {
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
			error = running_settle(apply->running, &apply->after);
	}
	return error || have_started ? error : start_new_nodes(apply);
}
