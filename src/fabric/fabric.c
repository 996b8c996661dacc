/* fabric: see fabric.h. Nodes first, then cables with their ports, then addresses; each number
 * comes from the state by a key that says what it is for. */
#include "fabric/fabric.h"

#include "base/log.h"
#include "fabric/intent_nodes.h"
#include "fabric/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
	NETWORK_LENGTH4 = 24, /* what a leaf gets of a tenant: 128 hosts */
	NETWORK_LENGTH6 = 64,
	KEY_MAX = 3 * FABRIC_NAME_MAX,
};

static const uint32_t ASN_LAST = 4294967294; /* RFC 7300: the one after it is reserved */

struct name_entry {
	const char *name;
	int node;
	UT_hash_handle hh;
};

struct design {
	struct fabric fabric; /* first: what is given out */
	const char *path;
	struct state *state;
	struct name_entry *names;
	unsigned int mistakes;
	bool no_memory;
};

static void __attribute__((format(printf, 3, 4)))
mistake(struct design *design, int line, const char *format, ...) {
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (line)
		log_error("%s:%d: %s", design->path, line, text);
	else
		log_error("%s: %s", design->path, text);
	design->mistakes++;
}

/* One more element, zeroed; arrays double, so that a fabric of thousands is built in no time. */
static void *append(struct design *design, void *array, size_t *count, size_t size) {
	void **elements = array;

	if ((*count & (*count - 1)) == 0) { /* a power of two, or none */
		void *more = realloc(*elements, (*count ? 2 * *count : 1) * size);

		if (!more) {
			design->no_memory = true;
			return NULL;
		}
		*elements = more;
	}
	return memset((char *)*elements + (*count)++ * size, 0, size);
}

static uint32_t __attribute__((format(printf, 3, 4)))
take(struct design *design, const char *pool, const char *format, ...) {
	char key[KEY_MAX];
	va_list arguments;
	uint32_t number;

	va_start(arguments, format);
	vsnprintf(key, sizeof(key), format, arguments);
	va_end(arguments);
	number = state_take(design->state, pool, key);
	if (number == UINT32_MAX) {
		design->no_memory = true;
		return 0;
	}
	return number;
}

/* The n-th part of a prefix, told if there is none. */
static struct prefix part_of(struct design *design, const struct prefix *whole, unsigned int length,
	uint64_t n, const char *what) {
	struct prefix part = {0};
	char text[PREFIX_TEXT_MAX];

	if (whole->family && prefix_part(whole, length, n, &part) < 0)
		mistake(design, 0, "%s has no room for %s: expected a shorter prefix",
			prefix_text(whole, text), what);
	return part;
}

/* --- nodes --- */

static int tenant_named(const struct intent *intent, const char *name) {
	for (size_t i = 0; i < intent->tenant_count; i++)
		if (strcmp(intent->tenants[i].name, name) == 0)
			return (int)i;
	return FABRIC_NONE;
}

bool fabric_is_switch(const struct fabric_node *node) {
	return node->role != ROLE_HOST && node->role != ROLE_EXTERNAL;
}

/* The n-th AS number from the base on. */
static uint32_t asn_at(struct design *design, uint32_t n) {
	const struct intent *intent = design->fabric.intent;

	if (n <= ASN_LAST - intent->asn_base)
		return intent->asn_base + n;
	mistake(design, 0, "'asn-base' %u leaves no number for all switches: expected a lower one",
		intent->asn_base);
	return 0;
}

/* Those above the leaves share a number within their tier and pod, and leaves have one each
 * (RFC 7938, section 5.2.1): a path down and up again would meet a number twice, and is dropped. */
static uint32_t choose_asn(struct design *design, const struct fabric_node *node) {
	const struct intent *intent = design->fabric.intent;
	const struct intent_external *external;

	switch (node->role) {
	case ROLE_HOST:
		return 0;
	case ROLE_EXTERNAL:
		external = intent_external_of(intent, node->name);
		return external ? external->asn : intent->asn_base - 1;
	case ROLE_SUPER_SPINE:
		return asn_at(design, take(design, "asn", "super-spines"));
	case ROLE_SPINE:
		return asn_at(design, take(design, "asn", "pod%u spines", node->pod));
	default:
		return asn_at(design, take(design, "asn", "%s", node->name));
	}
}

static int add_node(void *owner, const struct wanted_node *wanted) {
	struct design *design = owner;
	struct fabric *fabric = &design->fabric;
	struct fabric_node *node =
		append(design, &fabric->nodes, &fabric->node_count, sizeof(*fabric->nodes));

	if (!node)
		return -ENOMEM;
	memcpy(node->name, wanted->name, sizeof(node->name));
	node->role = wanted->role;
	node->pod = wanted->pod;
	node->line = wanted->line;
	node->tenant = wanted->role == ROLE_HOST ? tenant_named(fabric->intent, wanted->tenant)
						 : FABRIC_NONE;
	return 0;
}

static int index_nodes(struct design *design) {
	struct fabric *fabric = &design->fabric;

	for (size_t i = 0; i < fabric->node_count; i++) {
		struct name_entry *entry = calloc(1, sizeof(*entry));

		if (!entry)
			return -ENOMEM;
		entry->name = fabric->nodes[i].name;
		entry->node = (int)i;
		HASH_ADD_KEYPTR(hh, design->names, entry->name, strlen(entry->name), entry);
	}
	return 0;
}

int fabric_find(const struct fabric *fabric, const char *name) {
	const struct design *design = (const struct design *)fabric;
	struct name_entry *entry;

	HASH_FIND_STR(design->names, name, entry);
	return entry ? entry->node : FABRIC_NONE;
}

static void number_nodes(struct design *design) {
	struct fabric *fabric = &design->fabric;

	for (size_t i = 0; i < fabric->node_count; i++) {
		struct fabric_node *node = &fabric->nodes[i];
		uint32_t number;

		node->asn = choose_asn(design, node);
		if (node->role == ROLE_HOST)
			continue;
		number = take(design, "loopback", "%s", node->name) + 1;
		node->loopback4 = part_of(
			design, &fabric->intent->loopbacks4, 32, number, "one more loopback");
		node->loopback6 = part_of(
			design, &fabric->intent->loopbacks6, 128, number, "one more loopback");
	}
}

/* BGP drops what has its own number in the path: no switch has that of an external router. */
static void check_asns(struct design *design) {
	const struct fabric *fabric = &design->fabric;

	for (size_t i = 0; i < fabric->node_count; i++) {
		const struct fabric_node *external = &fabric->nodes[i];

		for (size_t j = 0; external->role == ROLE_EXTERNAL && j < fabric->node_count; j++)
			if (fabric_is_switch(&fabric->nodes[j]) &&
				fabric->nodes[j].asn == external->asn) {
				mistake(design, external->line,
					"'%s' has the AS number %u of %s: expected another, or "
					"another "
					"'asn-base'",
					external->name, external->asn, fabric->nodes[j].name);
				break;
			}
	}
}

/* --- cables --- */

static bool is_above(const struct fabric_node *one, const struct fabric_node *other) {
	return one->role < other->role && other->role != ROLE_EXTERNAL;
}

static enum fabric_tier tier_of(const struct fabric_node *upper, const struct fabric_node *lower) {
	if (lower->role == ROLE_HOST || upper->role == ROLE_HOST)
		return TIER_HOST;
	if (lower->role == ROLE_EXTERNAL || upper->role == ROLE_EXTERNAL)
		return TIER_EXTERNAL;
	return upper->role == ROLE_SUPER_SPINE ? TIER_SPINE_SUPER : TIER_LEAF_SPINE;
}

/* Ports towards what is below count from 1 up, those towards what is above from the last down: both
 * have room to grow, and keep their numbers. */
static uint32_t choose_port(struct design *design, int node_id, int other_id, uint32_t cable) {
	struct fabric *fabric = &design->fabric;
	const struct fabric_node *node = &fabric->nodes[node_id], *other = &fabric->nodes[other_id];
	bool is_up = fabric_is_switch(node) && is_above(other, node);
	char pool[KEY_MAX];
	uint32_t index;

	snprintf(pool, sizeof(pool), "port/%s/%s", node->name, is_up ? "up" : "down");
	index = take(design, pool, "%s#%u", other->name, cable + 1);
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
		append(design, &fabric->ports, &fabric->port_count, sizeof(*fabric->ports));
	struct fabric_node *node = &fabric->nodes[node_id];
	int *place = port ? append(design, &node->ports, &node->port_count, sizeof(int)) : NULL;

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
		struct fabric_link *link =
			append(design, &fabric->links, &fabric->link_count, sizeof(*fabric->links));

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
		link->number = take(design, "cable", "%s:%s", fabric->nodes[lower].name,
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

static bool is_tier(const char *word, enum fabric_tier tier) {
	static const char *const words[TIERS] = {[TIER_LEAF_SPINE] = "leaf-spine",
		[TIER_SPINE_SUPER] = "spine-super",
		[TIER_HOST] = "host",
		[TIER_EXTERNAL] = "external"};

	return strcmp(words[tier], word) == 0;
}

/* Those of one link come after those of its tier, whatever the order in the file. */
static void emulate_links(struct design *design) {
	struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;

	for (size_t i = 0; i < intent->emulation_count; i++)
		for (size_t id = 0; id < fabric->link_count; id++)
			if (is_tier(intent->emulations[i].link, fabric->links[id].tier))
				fabric->links[id].emulation = &intent->emulations[i];
	for (size_t i = 0; i < intent->emulation_count; i++) {
		const struct intent_emulation *emulation = &intent->emulations[i];
		int link, error;

		if (is_tier(emulation->link, TIER_LEAF_SPINE) ||
			is_tier(emulation->link, TIER_SPINE_SUPER) ||
			is_tier(emulation->link, TIER_HOST) ||
			is_tier(emulation->link, TIER_EXTERNAL))
			continue;
		error = fabric_find_link(fabric, emulation->link, &link);
		if (error)
			mistake(design, emulation->line,
				"'%s': expected %s, as in 'leaf1:%s', or one of leaf-spine, "
				"spine-super, host, external",
				emulation->link,
				error == -EEXIST ? "one of several cables, by its port"
						 : "two nodes with a cable",
				error == -EEXIST ? "swp63" : "spine2");
		else
			fabric->links[link].emulation = emulation;
	}
}

/* A device too small is one mistake, however many nodes there are of its role. */
static void check_ports(struct design *design) {
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
			mistake(design, intent_line(fabric->intent, "devices"),
				"%s needs %zu ports, its device has %u (%zu such): expected a "
				"larger one in 'devices', or fewer cables",
				worst->name, worst->port_count, fabric->intent->devices[role].ports,
				count);
	}
}

const struct fabric_node *fabric_neighbour(const struct fabric *fabric, int port) {
	return &fabric->nodes[fabric->ports[fabric->ports[port].other].node];
}

/* --- addresses --- */

static int network_of(struct design *design, int tenant, int leaf) {
	struct fabric *fabric = &design->fabric;
	const struct intent_tenant *wanted = &fabric->intent->tenants[tenant];
	const char *leaf_name = leaf == FABRIC_NONE ? "dual-homed" : fabric->nodes[leaf].name;
	struct fabric_network *network;
	char pool[KEY_MAX];
	uint32_t number;

	for (size_t i = fabric->network_count; i-- > 0;)
		if (fabric->networks[i].leaf == leaf && fabric->networks[i].tenant == tenant)
			return (int)i;
	network = append(
		design, &fabric->networks, &fabric->network_count, sizeof(*fabric->networks));
	if (!network)
		return FABRIC_NONE;
	snprintf(pool, sizeof(pool), "network/%s", wanted->name);
	number = take(design, pool, "%s", leaf_name);
	network->tenant = tenant;
	network->leaf = leaf;
	network->ipv4 = part_of(design, &wanted->ipv4, NETWORK_LENGTH4, number, "one more leaf");
	network->ipv6 = part_of(design, &wanted->ipv6, NETWORK_LENGTH6, number, "one more leaf");
	return (int)fabric->network_count - 1;
}

/* Both ends of a link: /31 (RFC 3021) and /127 (RFC 6164), the upper end's address first. */
static void address_link(struct design *design, const struct fabric_link *link,
	const struct prefix *pool4, const struct prefix *pool6, uint32_t number, const char *what) {
	for (int end = 0; end < 2; end++) {
		struct fabric_port *port = &design->fabric.ports[link->ports[end]];

		port->address4 = part_of(design, pool4, 32, 2 * (uint64_t)number + end, what);
		port->address6 = part_of(design, pool6, 128, 2 * (uint64_t)number + end, what);
		if (port->address4.family)
			port->address4.length = 31;
		if (port->address6.family)
			port->address6.length = 127;
	}
}

static void address_host_link(struct design *design, const struct fabric_link *link) {
	const struct fabric *fabric = &design->fabric;
	const struct fabric_port *upper = &fabric->ports[link->ports[0]];
	const struct fabric_port *lower = &fabric->ports[link->ports[1]];
	const struct fabric_node *host = &fabric->nodes[lower->node];
	int network = network_of(design, host->tenant, upper->node);
	char pool[KEY_MAX];
	uint32_t number;

	if (network == FABRIC_NONE)
		return;
	snprintf(pool, sizeof(pool), "host/%s/%s", fabric->intent->tenants[host->tenant].name,
		fabric->nodes[upper->node].name);
	number = take(design, pool, "%s#%u", host->name, lower->number);
	address_link(design, link, &fabric->networks[network].ipv4, &fabric->networks[network].ipv6,
		number, "one more host below a leaf");
}

/* A host with two leaves has an address of its own, which both announce. */
static void address_dual_homed(struct design *design, struct fabric_node *host) {
	const struct fabric *fabric = &design->fabric;
	int network = network_of(design, host->tenant, FABRIC_NONE);
	char pool[KEY_MAX];
	uint32_t number;

	if (network == FABRIC_NONE)
		return;
	snprintf(pool, sizeof(pool), "dual-homed/%s", fabric->intent->tenants[host->tenant].name);
	number = take(design, pool, "%s", host->name) + 1;
	host->loopback4 = part_of(
		design, &fabric->networks[network].ipv4, 32, number, "one more dual-homed host");
	host->loopback6 = part_of(
		design, &fabric->networks[network].ipv6, 128, number, "one more dual-homed host");
}

static void address_links(struct design *design) {
	struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;

	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];
		const struct fabric_port *lower = &fabric->ports[link->ports[1]];

		if (link->tier == TIER_HOST)
			address_host_link(design, link);
		else if (intent->numbered || link->tier == TIER_EXTERNAL)
			address_link(design, link, &intent->links4, &intent->links6,
				take(design, "link", "%s:%s", fabric->nodes[lower->node].name,
					lower->name),
				"one more link");
	}
	for (size_t i = 0; i < fabric->node_count; i++)
		if (fabric->nodes[i].role == ROLE_HOST && fabric->nodes[i].port_count > 1)
			address_dual_homed(design, &fabric->nodes[i]);
}

/* --- policies --- */

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

/* Routing keeps tenants apart only if they enter at different switches. */
static void check_policies(struct design *design) {
	const struct fabric *fabric = &design->fabric;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		for (size_t i = 0; fabric_is_switch(node) && i < node->port_count; i++) {
			int here = tenant_at(fabric, node->ports[i]);

			if (here != FABRIC_NONE && !fabric_node_knows(fabric, (int)id, here)) {
				mistake(design, node->line,
					"%s has hosts of '%s' and of a tenant that a policy keeps "
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
				mistake(design, node->line,
					"%s: '%s' may not reach '%s' and '%s' may: expected those "
					"two below different leaves",
					node->name, tenant_name(fabric, denied),
					tenant_name(fabric, tenant), tenant_name(fabric, allowed));
		}
	}
}

static void number_tenants(struct design *design) {
	const struct intent *intent = design->fabric.intent;
	uint32_t *numbers = calloc(intent->tenant_count + 1, sizeof(*numbers));

	if (!numbers)
		design->no_memory = true;
	for (size_t i = 0; i < intent->tenant_count && numbers; i++)
		numbers[i] = take(design, "tenant", "%s", intent->tenants[i].name) + 1;
	design->fabric.tenant_numbers = numbers;
}

static void build(struct design *design) {
	const struct intent *intent = design->fabric.intent;

	if (intent_each_node(intent, add_node, design) || index_nodes(design)) {
		design->no_memory = true;
		return;
	}
	number_tenants(design);
	number_nodes(design);
	check_asns(design);
	if (intent->shape != SHAPE_CUSTOM) {
		connect_tier(design, ROLE_SPINE, ROLE_LEAF, &intent->leaf_spine);
		connect_tier(design, ROLE_SPINE, ROLE_BORDER, &intent->leaf_spine);
		connect_tier(design, ROLE_SUPER_SPINE, ROLE_SPINE, &intent->spine_super);
		intent_each_node(intent, connect_host, design);
	}
	connect_cables(design);
	connect_externals(design);
	if (design->no_memory)
		return;
	check_ports(design);
	emulate_links(design);
	address_links(design);
	check_policies(design);
	check_shared_leaves(design);
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
