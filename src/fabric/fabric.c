/* fabric: see fabric.h. A design is made in the order in which one thing needs another. */
#include "fabric/fabric.h"

#include "fabric/design.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool fabric_are_across(const struct fabric_node *one, const struct fabric_node *other) {
	return one->role == ROLE_BORDER && other->role == ROLE_BORDER;
}

bool fabric_is_switch(const struct fabric_node *node) {
	return node->role != ROLE_HOST && node->role != ROLE_EXTERNAL;
}

const struct fabric_node *fabric_neighbour(const struct fabric *fabric, int port) {
	return &fabric->nodes[fabric->ports[fabric->ports[port].other].node];
}

int fabric_find(const struct fabric *fabric, const char *name) {
	const struct design *design = (const struct design *)fabric;
	struct name_entry *entry;

	HASH_FIND_STR(design->names, name, entry);
	return entry ? entry->node : FABRIC_NONE;
}

enum { STEP_KEYS_MAX = 12 };

/* The steps, and which keys of the intent each needs beside those of the steps before it: if one
 * of them is wrong, then what seems wrong from there on may come of that. */
static const struct step {
	void (*take)(struct design *design);
	const char *needs[STEP_KEYS_MAX];
} steps[] = {
	{design_nodes, {"shape", "pods", "super-spines", "leaves", "borders", "nodes",
			       "loopbacks-ipv4", "loopbacks-ipv6", "asn-base"}},
	{design_cables, {"spines", "hosts", "racks", "external", "cables", "links"}},
	{design_emulation, {NULL}},
	{design_check_ports, {"devices"}},
	{design_addresses, {"tenants", "links-ipv4", "links-ipv6"}},
	{design_check_policies, {"policies"}},
	{design_check_applications, {"applications"}},
};

static bool needs_what_is_wrong(const struct design *design, const struct step *step) {
	for (size_t i = 0; i < STEP_KEYS_MAX && step->needs[i]; i++)
		if (intent_is_wrong(design->fabric.intent, step->needs[i]))
			return true;
	return false;
}

static void build(struct design *design) {
	design->is_sure = true;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !design->no_memory; i++) {
		if (needs_what_is_wrong(design, &steps[i]))
			design->is_sure = false;
		steps[i].take(design);
	}
}

int fabric_create(const struct intent *intent, struct mistakes *mistakes, struct state *state,
	struct fabric **fabric) {
	struct design *design;
	int error;

	if (intent->is_beyond_design)
		return -EINVAL;
	design = calloc(1, sizeof(*design));
	if (!design)
		return -ENOMEM;
	design->fabric.intent = intent;
	design->mistakes = mistakes;
	design->state = state;
	build(design);
	error = design->no_memory ? -ENOMEM : mistakes_any(mistakes) ? -EINVAL : 0;
	if (error)
		fabric_destroy(&design->fabric);
	else
		*fabric = &design->fabric;
	return error;
}

void fabric_destroy(struct fabric *fabric) {
	struct design *design = (struct design *)fabric;
	struct name_entry *entry, *next;

	if (!fabric)
		return;
	HASH_ITER(hh, design->names, entry, next) {
		HASH_DEL(design->names, entry);
		free(entry);
	}
	for (size_t i = 0; i < fabric->node_count; i++)
		free(fabric->nodes[i].ports);
	free(fabric->nodes);
	free(fabric->ports);
	free(fabric->links);
	free(fabric->networks);
	free(fabric->tenant_numbers);
	free(design);
}
