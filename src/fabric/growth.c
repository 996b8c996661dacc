/* growth: see growth.h. What the shape connects by itself grows by its counts; listed nodes take
 * ports like all, and grow by what is listed. */
#include "fabric/growth.h"

#include <stdio.h>
#include <string.h>

enum { NETWORK_LENGTH4 = 24, NETWORK_LENGTH6 = 64 };

static void measure_roles(const struct fabric *fabric, struct growth *growth) {
	for (int role = 0; role < ROLES; role++)
		growth->roles[role] = (struct growth_role){
			.ports = fabric->intent->devices[role].ports, .fullest = FABRIC_NONE};
	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];
		struct growth_role *role = &growth->roles[node->role];
		uint32_t left;

		if (!fabric_is_switch(node))
			continue;
		left = role->ports - (uint32_t)node->port_count;
		role->switches++;
		role->left_all += left;
		if (role->fullest == FABRIC_NONE || left < role->left_least) {
			role->left_least = left;
			role->fullest = (int)id;
		}
	}
}

static void limit_by(struct growth_room *room, uint64_t more, const char *name, const char *what) {
	if (more >= room->more)
		return;
	room->more = (uint32_t)more;
	snprintf(room->limit, sizeof(room->limit), "%s %s", what, name);
}

static void limit_by_role(const struct fabric *fabric, const struct growth *growth,
	enum fabric_role role, uint64_t ports_each, struct growth_room *room) {
	const struct growth_role *from = &growth->roles[role];

	if (from->fullest != FABRIC_NONE && ports_each)
		limit_by(room, from->left_least / ports_each, fabric->nodes[from->fullest].name,
			"the ports of");
}

/* Each leaf takes a part of its tenant's prefix; the next are of the first tenant. */
static void limit_by_prefix(
	const struct fabric *fabric, uint64_t leaves_each, struct growth_room *room) {
	const struct intent_tenant *tenant = &fabric->intent->tenants[0];
	uint64_t used = 0;

	for (size_t i = 0; i < fabric->network_count; i++)
		used += fabric->networks[i].tenant == 0;
	if (tenant->ipv4.family)
		limit_by(room, (prefix_parts(&tenant->ipv4, NETWORK_LENGTH4) - used) / leaves_each,
			tenant->name, "the IPv4 prefix of");
	if (tenant->ipv6.family)
		limit_by(room, (prefix_parts(&tenant->ipv6, NETWORK_LENGTH6) - used) / leaves_each,
			tenant->name, "the IPv6 prefix of");
}

/* A leaf's /24 has 128 links. */
static void limit_by_network(const struct fabric *fabric, struct growth_room *room) {
	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];
		uint32_t hosts = 0;

		for (size_t n = 0; node->role == ROLE_LEAF && n < node->port_count; n++)
			hosts += fabric_neighbour(fabric, node->ports[n])->role == ROLE_HOST;
		if (node->role == ROLE_LEAF)
			limit_by(room, hosts < 128 ? 128 - hosts : 0, node->name, "the network of");
	}
}

void growth_measure(const struct fabric *fabric, struct growth *growth) {
	const struct intent *intent = fabric->intent;
	uint32_t pods = intent_pods(intent) ? intent_pods(intent) : 1;

	memset(growth, 0, sizeof(*growth));
	measure_roles(fabric, growth);
	growth->leaf_uplinks = (uint32_t)intent->spines.count * intent->leaf_spine.count;
	growth->leaf_hosts = intent->hosts_per_leaf * intent->host.count;
	growth->hosts.more = growth->leaves.more = INTENT_HOSTS_MAX;
	growth->spines.more = growth->pods.more = INTENT_SWITCHES_MAX;
	limit_by_role(fabric, growth, ROLE_LEAF, intent->host.count, &growth->hosts);
	limit_by_network(fabric, &growth->hosts);
	limit_by_role(fabric, growth, ROLE_SPINE, intent->leaf_spine.count, &growth->leaves);
	limit_by_prefix(fabric, pods, &growth->leaves);
	limit_by_role(fabric, growth, ROLE_LEAF, intent->leaf_spine.count, &growth->spines);
	limit_by_role(fabric, growth, ROLE_BORDER, intent->leaf_spine.count, &growth->spines);
	limit_by_role(fabric, growth, ROLE_SUPER_SPINE, (uint64_t)intent->spine_super.count * pods,
		&growth->spines);
	limit_by_role(fabric, growth, ROLE_SUPER_SPINE,
		(uint64_t)intent->spine_super.count * intent->spines.count, &growth->pods);
	if (intent->shape == SHAPE_SITES)
		limit_by_role(
			fabric, growth, ROLE_BORDER, intent->interconnect.count, &growth->pods);
	limit_by_prefix(fabric, intent->leaves.count ? intent->leaves.count : 1, &growth->pods);
}
