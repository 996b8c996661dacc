/* design_cables: cables and their ports: those of the shape, of hosts, those that are listed, and
 * those of external routers (design.h). */
#include "fabric/design.h"

#include "fabric/intent_nodes.h"

#include <string.h>

static bool is_above(const struct fabric_node *one, const struct fabric_node *other) {
	return one->role < other->role && other->role != ROLE_EXTERNAL;
}

static enum fabric_tier tier_of(const struct fabric_node *upper, const struct fabric_node *lower) {
	if (lower->role == ROLE_HOST || upper->role == ROLE_HOST)
		return TIER_HOST;
	if (lower->role == ROLE_EXTERNAL || upper->role == ROLE_EXTERNAL)
		return TIER_EXTERNAL;
	if (fabric_are_across(upper, lower))
		return TIER_INTERCONNECT;
	return upper->role == ROLE_SUPER_SPINE ? TIER_SPINE_SUPER : TIER_LEAF_SPINE;
}

/* Ports towards what is below count from 1 up, those towards what is above from the last down: both
 * have room to grow, and keep their numbers. */
static uint32_t choose_port(struct design *design, int node_id, int other_id, uint32_t cable) {
	struct fabric *fabric = &design->fabric;
	const struct fabric_node *node = &fabric->nodes[node_id], *other = &fabric->nodes[other_id];
	bool is_up = fabric_is_switch(node) && is_above(other, node);
	char pool[DESIGN_KEY_MAX];
	uint32_t index;

	snprintf(pool, sizeof(pool), "port/%s/%s", node->name, is_up ? "up" : "down");
	index = design_take(design, pool, "%s#%u", other->name, cable + 1);
	return is_up ? fabric->intent->devices[node->role].ports - index : index + 1;
}

/* How many cables there are between two nodes so far; the lower has the fewer ports. */
static uint32_t count_cables(const struct fabric *fabric, int upper, int lower) {
	const struct fabric_node *node = &fabric->nodes[lower];
	uint32_t count = 0;

	for (size_t n = 0; n < node->port_count; n++)
		count += fabric->ports[fabric->ports[node->ports[n]].other].node == upper;
	return count;
}

static int add_port(struct design *design, int node_id, int other_id, uint32_t cable, int link) {
	struct fabric *fabric = &design->fabric;
	int id = (int)fabric->port_count;
	struct fabric_port *port =
		design_append(design, &fabric->ports, &fabric->port_count, sizeof(*fabric->ports));
	struct fabric_node *node = &fabric->nodes[node_id];
	int *place =
		port ? design_append(design, &node->ports, &node->port_count, sizeof(int)) : NULL;

	if (!place)
		return FABRIC_NONE;
	*place = id;
	port->node = node_id;
	port->link = link;
	port->number = choose_port(design, node_id, other_id, cable);
	snprintf(port->name, sizeof(port->name), "%s%u", fabric_is_switch(node) ? "swp" : "eth",
		port->number);
	return id;
}

static void join(
	struct design *design, int upper, int lower, const struct intent_cabling *cabling) {
	struct fabric *fabric = &design->fabric;
	uint32_t first = count_cables(fabric, upper, lower);

	for (uint32_t cable = first; cable < first + cabling->count; cable++) {
		int id = (int)fabric->link_count;
		struct fabric_link *link = design_append(
			design, &fabric->links, &fabric->link_count, sizeof(*fabric->links));

		if (!link)
			return;
		link->tier = tier_of(&fabric->nodes[upper], &fabric->nodes[lower]);
		link->speed_mbps = cabling->speed_mbps;
		link->length_m = cabling->length_m;
		link->ports[0] = add_port(design, upper, lower, cable, id);
		link->ports[1] = add_port(design, lower, upper, cable, id);
		if (link->ports[0] < 0 || link->ports[1] < 0)
			return;
		fabric->ports[link->ports[0]].other = link->ports[1];
		fabric->ports[link->ports[1]].other = link->ports[0];
		link->number = design_take(design, "cable", "%s:%s", fabric->nodes[lower].name,
				       fabric->ports[link->ports[1]].name) +
			       1;
	}
}

/* All nodes of one role with all of another below it, within each pod if both have one. */
static void connect_tier(struct design *design, enum fabric_role above, enum fabric_role below,
	const struct intent_cabling *cabling) {
	const struct fabric *fabric = &design->fabric;

	for (size_t lower = 0; lower < fabric->node_count; lower++) {
		if (fabric->nodes[lower].role != below || fabric->nodes[lower].line)
			continue;
		for (size_t upper = 0; upper < fabric->node_count; upper++)
			if (fabric->nodes[upper].role == above && !fabric->nodes[upper].line &&
				(above == ROLE_SUPER_SPINE ||
					fabric->nodes[upper].pod == fabric->nodes[lower].pod))
				join(design, (int)upper, (int)lower, cabling);
	}
}

/* "border1" of "east-border1". */
static const char *name_in_site(const struct intent *intent, const struct fabric_node *node) {
	return node->name + strlen(intent->sites.names[node->pod - 1]) + 1;
}

/* Whether the shape joins two nodes across sites: borders of one name. */
static bool are_joined(const struct intent *intent, const struct fabric_node *one,
	const struct fabric_node *other) {
	return fabric_are_across(one, other) && one->pod && other->pod && one->pod != other->pod &&
	       strcmp(name_in_site(intent, one), name_in_site(intent, other)) == 0;
}

/* The upper end is that whose name comes first, so that nothing moves where sites are told in
 * another order. */
static void connect_sites(struct design *design) {
	const struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;

	for (size_t upper = 0; upper < fabric->node_count; upper++) {
		if (fabric->nodes[upper].role != ROLE_BORDER)
			continue;
		for (size_t lower = 0; lower < fabric->node_count; lower++)
			if (are_joined(intent, &fabric->nodes[upper], &fabric->nodes[lower]) &&
				strcmp(fabric->nodes[upper].name, fabric->nodes[lower].name) < 0)
				join(design, (int)upper, (int)lower, &intent->interconnect);
	}
}

static int connect_host(void *owner, const struct wanted_node *wanted) {
	struct design *design = owner;
	const struct intent *intent = design->fabric.intent;
	int host = fabric_find(&design->fabric, wanted->name);

	if (wanted->role != ROLE_HOST || !wanted->leaf[0])
		return 0;
	join(design, fabric_find(&design->fabric, wanted->leaf), host, &intent->host);
	if (wanted->partner[0])
		join(design, fabric_find(&design->fabric, wanted->partner), host, &intent->host);
	return 0;
}

static void connect_externals(struct design *design) {
	const struct intent *intent = design->fabric.intent;

	for (size_t i = 0; i < intent->external_count; i++)
		for (size_t n = 0; n < intent->externals[i].attach.count; n++)
			join(design,
				fabric_find(&design->fabric, intent->externals[i].attach.names[n]),
				fabric_find(&design->fabric, intent->externals[i].name),
				&intent->external);
}

/* A listed cable is of its tier's kind in what it does not say. */
static struct intent_cabling cabling_between(
	const struct design *design, int upper, int lower, const struct intent_cabling *said) {
	const struct intent *intent = design->fabric.intent;
	const struct fabric_node *nodes = design->fabric.nodes;
	const struct intent_cabling *const tiers[TIERS] = {
		[TIER_LEAF_SPINE] = &intent->leaf_spine,
		[TIER_SPINE_SUPER] = &intent->spine_super,
		[TIER_HOST] = &intent->host,
		[TIER_EXTERNAL] = &intent->external,
		[TIER_INTERCONNECT] = &intent->interconnect,
	};
	const struct intent_cabling *tier = tiers[tier_of(&nodes[upper], &nodes[lower])];

	return (struct intent_cabling){
		.speed_mbps = said->speed_mbps ? said->speed_mbps : tier->speed_mbps,
		.count = said->count ? said->count : 1,
		.length_m = said->length_m ? said->length_m : tier->length_m,
	};
}

static void connect_cables(struct design *design) {
	const struct intent *intent = design->fabric.intent;
	const struct fabric_node *nodes = design->fabric.nodes;

	for (size_t i = 0; i < intent->cable_count; i++) {
		int from = fabric_find(&design->fabric, intent->cables[i].from);
		int to = fabric_find(&design->fabric, intent->cables[i].to);
		bool is_up =
			is_above(&nodes[to], &nodes[from]) || nodes[from].role == ROLE_EXTERNAL;
		int upper = is_up ? to : from, lower = is_up ? from : to;
		struct intent_cabling cabling =
			cabling_between(design, upper, lower, &intent->cables[i].cabling);

		join(design, upper, lower, &cabling);
	}
}

/* Whether those towards what is below and those towards what is above meet. */
static bool has_ports_enough(const struct fabric *fabric, const struct fabric_node *node) {
	uint32_t ports = fabric->intent->devices[node->role].ports, down = 0, up = UINT32_MAX;

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];
		const struct fabric_node *other = fabric_neighbour(fabric, node->ports[n]);

		if (!is_above(other, node) && port->number > down)
			down = port->number;
		if (is_above(other, node) && port->number < up)
			up = port->number;
	}
	return down < up && down <= ports && (up == UINT32_MAX || up <= ports);
}

/* A device too small is one mistake, however many nodes there are of its role. */
void design_check_ports(struct design *design) {
	const struct fabric *fabric = &design->fabric;

	for (int role = 0; role < ROLE_HOST; role++) {
		const struct fabric_node *worst = NULL;
		size_t count = 0;

		for (size_t i = 0; i < fabric->node_count; i++) {
			const struct fabric_node *node = &fabric->nodes[i];

			if ((int)node->role != role || has_ports_enough(fabric, node))
				continue;
			count++;
			if (!worst || node->port_count > worst->port_count)
				worst = node;
		}
		if (worst)
			design_mistake(design, intent_line(fabric->intent, "devices"),
				"'%s' needs %zu ports, its device has %u (%zu such): expected a "
				"larger one in 'devices', or fewer cables",
				worst->name, worst->port_count, fabric->intent->devices[role].ports,
				count);
	}
}

void design_cables(struct design *design) {
	const struct intent *intent = design->fabric.intent;

	if (intent->shape != SHAPE_CUSTOM) {
		connect_tier(design, ROLE_SPINE, ROLE_LEAF, &intent->leaf_spine);
		connect_tier(design, ROLE_SPINE, ROLE_BORDER, &intent->leaf_spine);
		connect_tier(design, ROLE_SUPER_SPINE, ROLE_SPINE, &intent->spine_super);
		if (intent->shape == SHAPE_SITES)
			connect_sites(design);
		intent_each_node(intent, connect_host, design);
	}
	connect_cables(design);
	connect_externals(design);
}
