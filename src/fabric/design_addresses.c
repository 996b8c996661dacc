/* design_addresses: the networks of leaves, and the addresses of links and hosts (design.h). */
#include "fabric/design.h"

enum {
	NETWORK_LENGTH4 = 24, /* what a leaf gets of a tenant: 128 hosts */
	NETWORK_LENGTH6 = 64,
};

static int network_of(struct design *design, int tenant, int leaf) {
	struct fabric *fabric = &design->fabric;
	const struct intent_tenant *wanted = &fabric->intent->tenants[tenant];
	const char *leaf_name = leaf == FABRIC_NONE ? "dual-homed" : fabric->nodes[leaf].name;
	struct fabric_network *network;
	char pool[DESIGN_KEY_MAX];
	uint32_t number;

	for (size_t i = fabric->network_count; i-- > 0;)
		if (fabric->networks[i].leaf == leaf && fabric->networks[i].tenant == tenant)
			return (int)i;
	network = design_append(
		design, &fabric->networks, &fabric->network_count, sizeof(*fabric->networks));
	if (!network)
		return FABRIC_NONE;
	snprintf(pool, sizeof(pool), "network/%s", wanted->name);
	number = design_take(design, pool, "%s", leaf_name);
	network->tenant = tenant;
	network->leaf = leaf;
	network->ipv4 = design_part_of(design, (struct pool){&wanted->ipv4, wanted->at.line},
		NETWORK_LENGTH4, number, "one more leaf");
	network->ipv6 = design_part_of(design, (struct pool){&wanted->ipv6, wanted->at.line},
		NETWORK_LENGTH6, number, "one more leaf");
	return (int)fabric->network_count - 1;
}

/* Both ends of a link: /31 (RFC 3021) and /127 (RFC 6164), the upper end's address first. */
static void address_link(struct design *design, const struct fabric_link *link, struct pool pool4,
	struct pool pool6, uint32_t number, const char *what) {
	for (int end = 0; end < 2; end++) {
		struct fabric_port *port = &design->fabric.ports[link->ports[end]];

		port->address4 =
			design_part_of(design, pool4, 32, 2 * (uint64_t)number + end, what);
		port->address6 =
			design_part_of(design, pool6, 128, 2 * (uint64_t)number + end, what);
		if (port->address4.family)
			port->address4.length = 31;
		if (port->address6.family)
			port->address6.length = 127;
	}
}

/* A network's own prefixes, which are parts of its tenant's. */
static struct pool network_pool(
	const struct fabric *fabric, int network, const struct prefix *prefix) {
	int tenant = fabric->networks[network].tenant;

	return (struct pool){prefix, fabric->intent->tenants[tenant].at.line};
}

static void address_host_link(struct design *design, const struct fabric_link *link) {
	const struct fabric *fabric = &design->fabric;
	const struct fabric_port *upper = &fabric->ports[link->ports[0]];
	const struct fabric_port *lower = &fabric->ports[link->ports[1]];
	const struct fabric_node *host = &fabric->nodes[lower->node];
	int network = network_of(design, host->tenant, upper->node);
	char pool[DESIGN_KEY_MAX];
	uint32_t number;

	if (network == FABRIC_NONE)
		return;
	snprintf(pool, sizeof(pool), "host/%s/%s", fabric->intent->tenants[host->tenant].name,
		fabric->nodes[upper->node].name);
	number = design_take(design, pool, "%s#%u", host->name, lower->number);
	address_link(design, link, network_pool(fabric, network, &fabric->networks[network].ipv4),
		network_pool(fabric, network, &fabric->networks[network].ipv6), number,
		"one more host below a leaf");
}

/* A host with two leaves has an address of its own, which both announce. */
static void address_dual_homed(struct design *design, struct fabric_node *host) {
	const struct fabric *fabric = &design->fabric;
	int network = network_of(design, host->tenant, FABRIC_NONE);
	char pool[DESIGN_KEY_MAX];
	uint32_t number;

	if (network == FABRIC_NONE)
		return;
	snprintf(pool, sizeof(pool), "dual-homed/%s", fabric->intent->tenants[host->tenant].name);
	number = design_take(design, pool, "%s", host->name) + 1;
	host->loopback4 = design_part_of(design,
		network_pool(fabric, network, &fabric->networks[network].ipv4), 32, number,
		"one more dual-homed host");
	host->loopback6 = design_part_of(design,
		network_pool(fabric, network, &fabric->networks[network].ipv6), 128, number,
		"one more dual-homed host");
}

void design_addresses(struct design *design) {
	struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;
	const struct pool links4 = {&intent->links4, intent_line(intent, "links-ipv4")};
	const struct pool links6 = {&intent->links6, intent_line(intent, "links-ipv6")};

	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];
		const struct fabric_port *lower = &fabric->ports[link->ports[1]];

		if (link->tier == TIER_HOST)
			address_host_link(design, link);
		else if (intent->numbered || link->tier == TIER_EXTERNAL)
			address_link(design, link, links4, links6,
				design_take(design, "link", "%s:%s",
					fabric->nodes[lower->node].name, lower->name),
				"one more link");
	}
	for (size_t i = 0; i < fabric->node_count; i++)
		if (fabric->nodes[i].role == ROLE_HOST && fabric->nodes[i].port_count > 1)
			address_dual_homed(design, &fabric->nodes[i]);
}
