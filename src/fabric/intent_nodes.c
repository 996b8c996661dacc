/* intent_nodes: see intent_nodes.h. */
#include "fabric/intent_nodes.h"

#include <stdarg.h>
#include <string.h>

struct walk {
	const struct intent *intent;
	int (*take)(void *owner, const struct wanted_node *node);
	void *owner;
};

const struct intent_rack *intent_rack_of(const struct intent *intent, const char *leaf) {
	for (size_t i = 0; i < intent->rack_count; i++)
		if (strcmp(intent->racks[i].leaf, leaf) == 0)
			return &intent->racks[i];
	return NULL;
}

static void __attribute__((format(printf, 2, 3)))
compose(struct wanted_node *node, const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	node->is_cut = vsnprintf(node->name, sizeof(node->name), format, arguments) >=
		       (int)sizeof(node->name);
	va_end(arguments);
}

const struct intent_external *intent_external_of(const struct intent *intent, const char *name) {
	for (size_t i = 0; i < intent->external_count; i++)
		if (strcmp(intent->externals[i].name, name) == 0)
			return &intent->externals[i];
	return NULL;
}

/* The nodes of one role in one pod: "pod2-leaf1", in a site "east-leaf1", else "leaf1". */
static int walk_role(const struct walk *walk, const struct intent_names *names,
	enum fabric_role role, uint32_t pod) {
	int stop = 0;

	for (size_t i = 0; i < names->count && !stop; i++) {
		struct wanted_node node = {.role = role, .pod = pod};

		if (pod && walk->intent->shape == SHAPE_SITES)
			compose(&node, "%s-%s", walk->intent->sites.names[pod - 1],
				names->names[i]);
		else if (pod)
			compose(&node, "pod%u-%s", pod, names->names[i]);
		else
			memcpy(node.name, names->names[i], sizeof(node.name));
		stop = walk->take(walk->owner, &node);
	}
	return stop;
}

static int walk_hosts(const struct walk *walk, const struct wanted_node *leaf) {
	const struct intent *intent = walk->intent;
	const struct intent_rack *rack = intent_rack_of(intent, leaf->name);
	size_t count = rack && rack->says_hosts ? rack->hosts.count : intent->hosts_per_leaf;
	int stop = 0;

	for (size_t i = 0; i < count && !stop; i++) {
		struct wanted_node host = {.role = ROLE_HOST, .pod = leaf->pod};

		memcpy(host.leaf, leaf->name, sizeof(host.leaf));
		if (rack)
			memcpy(host.partner, rack->partner, sizeof(host.partner));
		memcpy(host.tenant,
			rack && rack->tenant[0] ? rack->tenant : intent->tenants[0].name,
			sizeof(host.tenant));
		if (rack && rack->names_hosts) {
			memcpy(host.name, rack->hosts.names[i], sizeof(host.name));
			host.at = &rack->at;
		} else {
			compose(&host, "%s-h%zu", leaf->name, i + 1);
		}
		stop = walk->take(walk->owner, &host);
	}
	return stop;
}

static int walk_hosts_of(void *owner, const struct wanted_node *leaf) {
	return walk_hosts(owner, leaf);
}

static int walk_switches(const struct walk *walk) {
	const struct intent *intent = walk->intent;
	uint32_t pods = intent_pods(intent);
	int stop = walk_role(walk, &intent->super_spines, ROLE_SUPER_SPINE, 0);

	for (uint32_t pod = pods ? 1 : 0; pod <= pods && !stop; pod++) {
		stop = walk_role(walk, &intent->spines, ROLE_SPINE, pod);
		if (!stop)
			stop = walk_role(walk, &intent->leaves, ROLE_LEAF, pod);
		if (!stop)
			stop = walk_role(walk, &intent->borders, ROLE_BORDER, pod);
	}
	return stop;
}

static int walk_leaves(const struct walk *walk) {
	uint32_t pods = intent_pods(walk->intent);
	int stop = 0;

	for (uint32_t pod = pods ? 1 : 0; pod <= pods && !stop; pod++)
		stop = walk_role(walk, &walk->intent->leaves, ROLE_LEAF, pod);
	return stop;
}

static int walk_listed(const struct walk *walk) {
	const struct intent *intent = walk->intent;
	int stop = 0;

	for (size_t i = 0; i < intent->node_count && !stop; i++) {
		struct wanted_node node = {
			.role = intent->nodes[i].role, .at = &intent->nodes[i].at};

		memcpy(node.name, intent->nodes[i].name, sizeof(node.name));
		if (node.role == ROLE_HOST)
			memcpy(node.tenant,
				intent->nodes[i].tenant[0] ? intent->nodes[i].tenant
							   : intent->tenants[0].name,
				sizeof(node.tenant));
		stop = walk->take(walk->owner, &node);
	}
	return stop;
}

static int walk_externals(const struct walk *walk) {
	int stop = 0;

	for (size_t i = 0; i < walk->intent->external_count && !stop; i++) {
		struct wanted_node node = {
			.role = ROLE_EXTERNAL, .at = &walk->intent->externals[i].at};

		memcpy(node.name, walk->intent->externals[i].name, sizeof(node.name));
		stop = walk->take(walk->owner, &node);
	}
	return stop;
}

/* Which the check tells; there is nothing to name nodes by. */
static bool lacks_sites(const struct intent *intent) {
	return intent->shape == SHAPE_SITES && intent->sites.count == 0;
}

int intent_each_node(const struct intent *intent,
	int (*take)(void *owner, const struct wanted_node *node), void *owner) {
	const struct walk walk = {.intent = intent, .take = take, .owner = owner};
	const struct walk below = {.intent = intent, .take = walk_hosts_of, .owner = (void *)&walk};
	int stop = 0;

	if (intent->shape != SHAPE_CUSTOM && !lacks_sites(intent))
		stop = walk_switches(&walk);
	if (!stop)
		stop = walk_listed(&walk);
	if (!stop && intent->shape != SHAPE_CUSTOM && !lacks_sites(intent))
		stop = walk_leaves(&below);
	return stop ? stop : walk_externals(&walk);
}
