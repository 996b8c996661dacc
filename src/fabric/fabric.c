/* fabric: see fabric.h. A design is made in the order in which one thing needs another. */
#include "fabric/fabric.h"

#include "fabric/design.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static void build(struct design *design) {
	design_nodes(design);
	if (!design->no_memory)
		design_cables(design);
	if (design->no_memory)
		return;
	design_emulation(design);
	design_addresses(design);
	design_check_policies(design);
}

int fabric_create(const struct intent *intent, const char *path, struct state *state,
	struct fabric **fabric) {
	struct design *design = calloc(1, sizeof(*design));

	if (!design)
		return -ENOMEM;
	design->fabric.intent = intent;
	design->path = path;
	design->state = state;
	build(design);
	if (design->no_memory || design->mistakes) {
		int error = design->no_memory ? -ENOMEM : -EINVAL;

		fabric_destroy(&design->fabric);
		return error;
	}
	*fabric = &design->fabric;
	return 0;
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
