/* design_policies: who may talk to whom, and whether switches can keep those apart who may not
 * (fabric.h, design.h). */
#include "fabric/design.h"

#include <string.h>

static const char *tenant_name(const struct fabric *fabric, int tenant) {
	return tenant == TENANT_EXTERNAL ? "external" : fabric->intent->tenants[tenant].name;
}

bool fabric_denies(const struct fabric *fabric, int one, int other) {
	const char *names[2] = {tenant_name(fabric, one), tenant_name(fabric, other)};

	for (size_t i = 0; i < fabric->intent->policy_count; i++) {
		const struct intent_policy *policy = &fabric->intent->policies[i];

		if ((strcmp(policy->one, names[0]) == 0 && strcmp(policy->other, names[1]) == 0) ||
			(strcmp(policy->one, names[1]) == 0 &&
				strcmp(policy->other, names[0]) == 0))
			return true;
	}
	return false;
}

/* Whose traffic a port brings into a switch: a tenant, TENANT_EXTERNAL, or FABRIC_NONE. */
static int tenant_at(const struct fabric *fabric, int port) {
	const struct fabric_node *other = fabric_neighbour(fabric, port);

	if (other->role == ROLE_EXTERNAL)
		return TENANT_EXTERNAL;
	return other->role == ROLE_HOST ? other->tenant : FABRIC_NONE;
}

bool fabric_node_knows(const struct fabric *fabric, int id, int tenant) {
	const struct fabric_node *node = &fabric->nodes[id];

	for (size_t i = 0; i < node->port_count; i++) {
		int here = tenant_at(fabric, node->ports[i]);

		if (here != FABRIC_NONE && fabric_denies(fabric, here, tenant))
			return false;
	}
	return true;
}

/* Where a node comes from, or what asks too much of it. */
static int line_of(const struct fabric *fabric, const struct fabric_node *node) {
	return node->line ? node->line : intent_line(fabric->intent, "policies");
}

/* Routing keeps tenants apart only if they enter at different switches. */
static void check_policies(struct design *design) {
	const struct fabric *fabric = &design->fabric;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		for (size_t i = 0; fabric_is_switch(node) && i < node->port_count; i++) {
			int here = tenant_at(fabric, node->ports[i]);

			if (here != FABRIC_NONE && !fabric_node_knows(fabric, (int)id, here)) {
				design_mistake(design, line_of(fabric, node),
					"'%s' has hosts of '%s' and of a tenant that a policy "
					"keeps "
					"from it: expected them below different leaves",
					node->name, tenant_name(fabric, here));
				break;
			}
		}
	}
}

/* What one tenant at a leaf may not reach, all others there must not want to either. */
static void check_shared_leaves(struct design *design) {
	const struct fabric *fabric = &design->fabric;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		for (int tenant = TENANT_EXTERNAL; tenant < (int)fabric->intent->tenant_count;
			tenant++) {
			int denied = FABRIC_NONE, allowed = FABRIC_NONE;

			if (tenant == FABRIC_NONE || !fabric_is_switch(node))
				continue;
			for (size_t i = 0; i < node->port_count; i++) {
				int here = tenant_at(fabric, node->ports[i]);

				if (here == FABRIC_NONE || here == tenant)
					continue;
				if (fabric_denies(fabric, here, tenant))
					denied = here;
				else
					allowed = here;
			}
			if (denied != FABRIC_NONE && allowed != FABRIC_NONE)
				design_mistake(design, line_of(fabric, node),
					"'%s': '%s' may not reach '%s' and '%s' may: expected "
					"those "
					"two below different leaves",
					node->name, tenant_name(fabric, denied),
					tenant_name(fabric, tenant), tenant_name(fabric, allowed));
		}
	}
}

void design_check_policies(struct design *design) {
	check_policies(design);
	check_shared_leaves(design);
}
