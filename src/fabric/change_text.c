/* change_text: a change as people and programs read it. */
#include "fabric/change.h"

#include "fabric/speed.h"
#include "fabric/tables.h"

#include <jansson.h>
#include <string.h>

static const char *const action_names[CHANGE_ACTIONS] = {
	[CHANGE_ADD_NODE] = "add node",
	[CHANGE_ADD_CABLE] = "add cable",
	[CHANGE_ADD_LINES] = "add lines",
	[CHANGE_DRAIN] = "drain",
	[CHANGE_REPLACE_NODE] = "replace node",
	[CHANGE_REMOVE_LINES] = "remove lines",
	[CHANGE_SWAP_CABLE] = "swap cable",
	[CHANGE_UNDRAIN] = "undrain",
	[CHANGE_REMOVE_CABLE] = "remove cable",
	[CHANGE_REMOVE_NODE] = "remove node",
};

const char *change_action_name(enum change_action action) {
	return action_names[action];
}

static size_t count_action(const struct change *change, enum change_action action) {
	size_t count = 0;

	for (size_t i = 0; i < change->step_count; i++)
		count += change->steps[i].action == action;
	return count;
}

static size_t count_addresses(const struct change *change, bool is_added) {
	size_t count = 0;

	for (size_t i = 0; i < change->address_count; i++)
		count += change->addresses[i].is_added == is_added;
	return count;
}

/* --- text --- */

static void write_counts(const struct change *change, FILE *to) {
	fprintf(to,
		"added: %zu nodes, %zu cables, %zu addresses; removed: %zu nodes, %zu cables, %zu "
		"addresses\n",
		count_action(change, CHANGE_ADD_NODE), count_action(change, CHANGE_ADD_CABLE),
		count_addresses(change, true), count_action(change, CHANGE_REMOVE_NODE),
		count_action(change, CHANGE_REMOVE_CABLE), count_addresses(change, false));
}

static void write_cable(const struct fabric *fabric, int id, FILE *to) {
	const struct fabric_link *link = &fabric->links[id];
	const struct fabric_port *upper = &fabric->ports[link->ports[0]],
				 *lower = &fabric->ports[link->ports[1]];
	char speed[16];

	fprintf(to, " %u: %s:%s to %s:%s, %s, %u m, %s", link->number,
		fabric->nodes[lower->node].name, lower->name, fabric->nodes[upper->node].name,
		upper->name, speed_text(link->speed_mbps, speed), link->length_m,
		cable_medium(link->speed_mbps, link->length_m));
}

static size_t count_lines(const char *lines) {
	size_t count = 0;

	for (; (lines = strchr(lines, '\n')); lines++)
		count++;
	return count;
}

/* Whole configurations are in the plan; they are counted only. */
static bool is_whole(const struct change_step *step) {
	return step->action == CHANGE_ADD_NODE || step->action == CHANGE_REPLACE_NODE;
}

static void write_step(const struct change_step *step, size_t number, FILE *to) {
	fprintf(to, "%zu. %s", number, action_names[step->action]);
	if (step->link != FABRIC_NONE)
		write_cable(step->fabric, step->link, to);
	if (step->node != FABRIC_NONE)
		fprintf(to, " %s", step->fabric->nodes[step->node].name);
	if (is_whole(step))
		fprintf(to, ": %s, %zu lines",
			fabric_role_name(step->fabric->nodes[step->node].role),
			count_lines(step->lines));
	fputc('\n', to);
	for (const char *line = step->lines; *line && !is_whole(step);
		line = strchr(line, '\n') + 1)
		fprintf(to, "\t%.*s\n", (int)strcspn(line, "\n"), line);
}

void change_write_text(const struct change *change, FILE *to) {
	if (change->step_count == 0)
		return;
	write_counts(change, to);
	for (size_t i = 0; i < change->step_count; i++)
		write_step(&change->steps[i], i + 1, to);
}

/* --- JSON --- */

static json_t *cable_json(const struct fabric *fabric, int id) {
	const struct fabric_link *link = &fabric->links[id];
	const struct fabric_port *upper = &fabric->ports[link->ports[0]],
				 *lower = &fabric->ports[link->ports[1]];

	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:i, s:s}", "cable", (int)link->number,
		"from", fabric->nodes[lower->node].name, "from_port", lower->name, "to",
		fabric->nodes[upper->node].name, "to_port", upper->name, "mbps",
		(json_int_t)link->speed_mbps, "length_m", (int)link->length_m, "medium",
		cable_medium(link->speed_mbps, link->length_m));
}

static json_t *lines_json(const char *lines) {
	json_t *array = json_array();

	for (; *lines; lines = strchr(lines, '\n') + 1)
		json_array_append_new(array, json_stringn(lines, strcspn(lines, "\n")));
	return array;
}

static json_t *step_json(const struct change_step *step) {
	json_t *object = json_pack("{s:s}", "action", action_names[step->action]);

	if (step->node != FABRIC_NONE)
		json_object_set_new(
			object, "node", json_string(step->fabric->nodes[step->node].name));
	if (step->link != FABRIC_NONE)
		json_object_set_new(object, "cable", cable_json(step->fabric, step->link));
	else
		json_object_set_new(object, "lines", lines_json(step->lines));
	return object;
}

static json_t *addresses_json(const struct change *change, bool is_added) {
	json_t *array = json_array();

	for (size_t i = 0; i < change->address_count; i++) {
		const struct change_address *address = &change->addresses[i];
		const struct fabric *fabric = address->fabric;
		char text[PREFIX_TEXT_MAX];

		if (address->is_added == is_added)
			json_array_append_new(
				array, json_pack("{s:s, s:s, s:s}", "node",
					       fabric->nodes[address->node].name, "port",
					       address->port == FABRIC_NONE
						       ? "lo"
						       : fabric->ports[address->port].name,
					       "address", prefix_text(&address->address, text)));
	}
	return array;
}

/* The nodes or cables of the steps of one kind. */
static json_t *list_json(const struct change *change, enum change_action action) {
	json_t *array = json_array();

	for (size_t i = 0; i < change->step_count; i++) {
		const struct change_step *step = &change->steps[i];

		if (step->action == action)
			json_array_append_new(
				array, step->link == FABRIC_NONE
					       ? json_string(step->fabric->nodes[step->node].name)
					       : cable_json(step->fabric, step->link));
	}
	return array;
}

void change_write_json(const struct change *change, FILE *to) {
	json_t *steps = json_array(), *object;

	for (size_t i = 0; i < change->step_count; i++)
		json_array_append_new(steps, step_json(&change->steps[i]));
	object = json_pack("{s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o}, s:o}", "added", "nodes",
		list_json(change, CHANGE_ADD_NODE), "cables", list_json(change, CHANGE_ADD_CABLE),
		"addresses", addresses_json(change, true), "removed", "nodes",
		list_json(change, CHANGE_REMOVE_NODE), "cables",
		list_json(change, CHANGE_REMOVE_CABLE), "addresses", addresses_json(change, false),
		"steps", steps);
	json_dumpf(object, to, JSON_INDENT(1));
	fputc('\n', to);
	json_decref(object);
}
