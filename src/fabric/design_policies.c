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

/* Whether someone of a tenant hangs below a site's leaves. */
static bool site_has(const struct fabric *fabric, uint32_t site, int tenant) {
	for (size_t i = 0; i < fabric->network_count; i++) {
		const struct fabric_network *network = &fabric->networks[i];

		if (network->tenant == tenant && network->leaf != FABRIC_NONE &&
			fabric->nodes[network->leaf].pod == site)
			return true;
	}
	return false;
}

/* Whether two sites tell each other of a tenant: by a cable whose borders both know it. */
static bool sites_tell(const struct fabric *fabric, uint32_t one, uint32_t other, int tenant) {
	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];
		int a = fabric->ports[link->ports[0]].node, b = fabric->ports[link->ports[1]].node;
		uint32_t sites[2] = {fabric->nodes[a].pod, fabric->nodes[b].pod};

		if (link->tier == TIER_INTERCONNECT &&
			((sites[0] == one && sites[1] == other) ||
				(sites[0] == other && sites[1] == one)) &&
			fabric_node_knows(fabric, a, tenant) &&
			fabric_node_knows(fabric, b, tenant))
			return true;
	}
	return false;
}

/* A border that has a router of others refuses whom that may not reach, and so does not pass them
 * on to the next site either. */
static void check_sites(struct design *design) {
	const struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;

	for (uint32_t one = 1; one <= intent->sites.count; one++)
		for (uint32_t other = one + 1; other <= intent->sites.count; other++)
			for (int tenant = 0; tenant < (int)intent->tenant_count; tenant++)
				if ((site_has(fabric, one, tenant) ||
					    site_has(fabric, other, tenant)) &&
					!sites_tell(fabric, one, other, tenant))
					design_mistake(design, intent_line(intent, "policies"),
						"'%s' has no way between '%s' and '%s': each "
						"border "
						"has a router there that may not reach it; "
						"expected one more "
						"border, or the router attached to a leaf",
						tenant_name(fabric, tenant),
						intent->sites.names[one - 1],
						intent->sites.names[other - 1]);
}

void design_check_policies(struct design *design) {
	check_policies(design);
	check_shared_leaves(design);
	if (design->fabric.intent->shape == SHAPE_SITES)
		check_sites(design);
}
