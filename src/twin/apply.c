/* apply: see apply.h. */
#include "twin/apply_private.h"

#include "emulator/settings.h"
#include "fabric/bird.h"
#include "twin/build.h"
#include "twin/netns.h"
#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- from one design to the other --- */

static bool is_to_be_emulated(const struct apply *apply, int link) {
	return build_is_emulated(apply->change.after, link, apply->running->options->emulate_all);
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
		twin_namespace(apply->running->name, step->fabric->nodes[step->node].name, name);
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
	return apply_fail(apply, error, "namespaces of", "new nodes");
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
	return error ? apply_fail(apply, error, "addresses of", "hosts") : 0;
}

/* The cable is taken out and comes back with a wire in it, or without. */
static int begin_or_end_wire(struct apply *apply, int link) {
	const struct change_step step = {
		.fabric = apply->after.fabric, .node = FABRIC_NONE, .link = link};
	int *wire = &apply->after.wires[link], error = apply_remove_cable(apply, &step);
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
	return error ? error : apply_add_cable(apply, &step);
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
	return error ? apply_fail(apply, error, "wires of", apply->running->name) : 0;
}

/* From here on the twin is the new design alone. */
static int take_over(struct apply *apply) {
	struct running *running = apply->running;
	struct daemons after = running->daemons;

	after.nodes = &apply->after;
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

/* They go on by the intent as it is now: those that were stopped stay so. Before they have all that
 * they need, they would only be told as down. */
static void play_applications(struct apply *apply) {
	struct daemons *daemons = &apply->running->daemons;

	if (daemons_want_applications(daemons) || apply->had_none)
		daemons_start_applications(daemons);
}

static int change_over(struct apply *apply) {
	struct running *running = apply->running;
	int error = running_keep_plan(
		running, apply->blueprint->fabric, apply->blueprint->state, apply->intent_path);

	if (!error)
		error = apply_take_steps(apply);
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

	apply->had_none = running->nodes.fabric->intent->application_count == 0;
	if (error)
		return error;
	running->is_torn = true;
	error = change_over(apply);
	running->is_torn = error != 0;
	if (!error)
		error = running_converge(
			running, !running->daemons.without_heddle, tell_waiting, apply);
	if (!error)
		play_applications(apply);
	if (error && !apply->error[0])
		apply_fail(apply, error, "the change of", running->name);
	if (running->is_torn)
		tell_torn(apply);
	return error;
}

/* --- before anything changes --- */

static int open_blueprint(struct apply *apply) {
	char state[TWIN_PATH_MAX];
	int error;

	apply->blueprint = calloc(1, sizeof(*apply->blueprint));
	if (!apply->blueprint)
		return -ENOMEM;
	twin_state_path(apply->running->name, state);
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

	if (faults_are_there(&running->faults)) {
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
