/* model: see model.h. What is announced together is spread once (spread.h). */
#include "fabric/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LEAVES_OF_HOST_MOST = 64 };

struct walk {
	const struct fabric *fabric;
	const struct model_failures *failures;
	struct fib_set *set;
	struct spread *spread;
	uint32_t *ports;
	/* What is being said of some prefixes alike. */
	struct prefix *prefixes;
	uint32_t *numbers; /* theirs in the set */
	size_t prefix_count, prefix_room, number_room;
	struct fib_entry *entries;
	size_t entry_count, entry_room;
};

static bool port_is_up(const struct walk *walk, int port) {
	return spread_port_is_up(walk->fabric, walk->failures, port);
}

/* --- prefixes, and what all nodes do with them --- */

static bool make_room(void *array, size_t *room, size_t count, size_t size) {
	void **elements = array;
	void *more;

	if (count < *room)
		return true;
	more = realloc(*elements, 2 * (count + 32) * size);
	if (!more)
		return false;
	*elements = more;
	*room = 2 * (count + 32);
	return true;
}

/* Nothing of a prefix that is none (AF_UNSPEC). */
static int take_prefix(struct walk *walk, const struct prefix *prefix) {
	if (!prefix->family)
		return 0;
	if (!make_room(&walk->prefixes, &walk->prefix_room, walk->prefix_count,
		    sizeof(*walk->prefixes)) ||
		!make_room(&walk->numbers, &walk->number_room, walk->prefix_count,
			sizeof(*walk->numbers)))
		return -ENOMEM;
	walk->prefixes[walk->prefix_count++] = *prefix;
	return 0;
}

static int take_prefixes(struct walk *walk, const struct prefix *ipv4, const struct prefix *ipv6) {
	int error = take_prefix(walk, ipv4);

	return error ? error : take_prefix(walk, ipv6);
}

static int take_entry(struct walk *walk, int node, uint32_t group) {
	if (!spread_node_is_up(walk->failures, node))
		return 0;
	if (group == UINT32_MAX || !make_room(&walk->entries, &walk->entry_room, walk->entry_count,
					   sizeof(*walk->entries)))
		return -ENOMEM;
	walk->entries[walk->entry_count++] =
		(struct fib_entry){.node = (uint32_t)node, .group = group};
	return 0;
}

/* Says what was taken, and forgets it. What nobody has an entry for is not mentioned. */
static int say(struct walk *walk) {
	size_t count = walk->entry_count ? walk->prefix_count : 0;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		walk->numbers[i] = fib_set_number(walk->set, &walk->prefixes[i]);
		if (walk->numbers[i] == UINT32_MAX)
			error = -ENOMEM;
	}
	if (count && !error)
		error = fib_set_add_alike(
			walk->set, walk->numbers, count, walk->entries, walk->entry_count);
	walk->prefix_count = walk->entry_count = 0;
	return error;
}

/* The entries of all switches for what these origins announce. */
static int announce(struct walk *walk, const int *origins, size_t count, int tenant) {
	const struct fabric *fabric = walk->fabric;
	int error = 0;

	spread_from(walk->spread, walk->failures, origins, count, tenant);
	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		size_t ways = fabric_is_switch(&fabric->nodes[id])
				      ? spread_ways(walk->spread, id, walk->ports)
				      : 0;

		if (ways)
			error = take_entry(walk, id, fib_set_group(walk->set, walk->ports, ways));
	}
	return error;
}

static int announce_loopbacks(struct walk *walk) {
	const struct fabric *fabric = walk->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		if (!fabric_is_switch(node))
			continue; /* those of external routers are refused at the border (frr.c) */
		error = take_prefixes(walk, &node->loopback4, &node->loopback6);
		if (!error)
			error = announce(walk, &id, 1, FABRIC_NONE);
		if (!error)
			error = take_entry(walk, id, FIB_LOCAL);
		if (!error)
			error = say(walk);
	}
	return error;
}

static int announce_networks(struct walk *walk) {
	const struct fabric *fabric = walk->fabric;
	int error = 0;

	for (size_t i = 0; i < fabric->network_count && !error; i++) {
		const struct fabric_network *network = &fabric->networks[i];

		if (network->leaf == FABRIC_NONE)
			continue;
		error = take_prefixes(walk, &network->ipv4, &network->ipv6);
		if (!error)
			error = announce(walk, &network->leaf, 1, network->tenant);
		if (!error)
			error = take_entry(walk, network->leaf, FIB_DROP);
		if (!error)
			error = say(walk);
	}
	return error;
}

static int say_one(struct walk *walk, int node, const struct prefix *prefix, uint32_t group) {
	int error = take_prefix(walk, prefix);

	if (!error)
		error = take_entry(walk, node, group);
	return error ? error : say(walk);
}

/* Whether a port has its carrier, although its link may carry nothing. */
static bool port_has_carrier(const struct walk *walk, int port) {
	const struct fabric_port *ports = walk->fabric->ports;

	if (walk->failures && walk->failures->link_is_silent &&
		walk->failures->link_is_silent[ports[port].link])
		return spread_node_is_up(walk->failures, ports[port].node) &&
		       spread_node_is_up(walk->failures, ports[ports[port].other].node);
	return port_is_up(walk, port);
}

/* Whether Linux keeps a port's own address as local while its link is down: IPv4 always, IPv6 where
 * the port is not taken down itself, which the upper end of a failed link is. */
static bool keeps_address(const struct walk *walk, int port, sa_family_t family) {
	const struct fabric *fabric = walk->fabric;

	return port_has_carrier(walk, port) || family == AF_INET ||
	       fabric->links[fabric->ports[port].link].ports[0] != port;
}

static int add_port_address(
	struct walk *walk, int id, const struct prefix *address, uint32_t group) {
	struct prefix alone = *address;

	alone.length = (uint8_t)prefix_bits(alone.family);
	return say_one(walk, walk->fabric->ports[id].node, &alone, group);
}

/* Both addresses of a link are known at its upper end, and at the lower if that is a switch. */
static int add_link_addresses(struct walk *walk) {
	const struct fabric *fabric = walk->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->port_count && !error; id++) {
		const struct fabric_port *port = &fabric->ports[id],
					 *far = &fabric->ports[port->other];
		const struct prefix *const own[] = {&port->address4, &port->address6};
		const struct prefix *const theirs[] = {&far->address4, &far->address6};
		uint32_t ports[] = {(uint32_t)id};

		if (!fabric_is_switch(&fabric->nodes[port->node]))
			continue;
		for (int i = 0; i < 2 && !error; i++) {
			if (keeps_address(walk, id, own[i]->family))
				error = add_port_address(walk, id, own[i], FIB_LOCAL);
			if (!error && port_has_carrier(walk, id))
				error = add_port_address(
					walk, id, theirs[i], fib_set_group(walk->set, ports, 1));
		}
	}
	return error;
}

/* The ports of a leaf by which a host hangs below it. */
static size_t ports_to_host(struct walk *walk, const struct fabric_node *host, int leaf) {
	const struct fabric_port *ports = walk->fabric->ports;
	size_t count = 0;

	for (size_t n = 0; n < host->port_count; n++) {
		int far = ports[host->ports[n]].other;

		if (ports[far].node == leaf && port_has_carrier(walk, far))
			walk->ports[count++] = (uint32_t)far;
	}
	return count;
}

static bool is_among(const int *nodes, size_t count, int node) {
	for (size_t i = 0; i < count; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

/* The address of a dual-homed host lies behind its links, and its leaves announce it. */
static int announce_host(struct walk *walk, int host) {
	const struct fabric *fabric = walk->fabric;
	const struct fabric_node *node = &fabric->nodes[host];
	struct fib_entry own[LEAVES_OF_HOST_MOST];
	int leaves[LEAVES_OF_HOST_MOST], error;
	size_t count = 0;

	if (!(node->loopback4.family || node->loopback6.family))
		return 0;
	for (size_t n = 0; n < node->port_count && count < LEAVES_OF_HOST_MOST; n++) {
		int leaf = fabric->ports[fabric->ports[node->ports[n]].other].node;
		size_t width = ports_to_host(walk, node, leaf);

		if (width == 0 || is_among(leaves, count, leaf))
			continue;
		own[count].group = fib_set_group(walk->set, walk->ports, width);
		leaves[count++] = leaf;
	}
	error = take_prefixes(walk, &node->loopback4, &node->loopback6);
	if (!error)
		error = announce(walk, leaves, count, node->tenant);
	for (size_t i = 0; i < count && !error; i++)
		error = take_entry(walk, leaves[i], own[i].group);
	return error ? error : say(walk);
}

static int announce_hosts(struct walk *walk) {
	int error = 0;

	for (int id = 0; id < (int)walk->fabric->node_count && !error; id++)
		if (walk->fabric->nodes[id].role == ROLE_HOST)
			error = announce_host(walk, id);
	return error;
}

/* --- routers of others --- */

/* A prefix, and the routers that announce it. */
struct announced {
	const struct prefix *prefix;
	const int *origins;
	size_t count;
};

struct announcement {
	const struct prefix *prefix;
	int origin;
};

static int compare_announcements(const void *one, const void *other) {
	const struct announcement *a = one, *b = other;
	int order = prefix_compare(a->prefix, b->prefix);

	return order ? order : a->origin - b->origin;
}

static int compare_origins(const void *one, const void *other) {
	const struct announced *a = one, *b = other;
	size_t least = a->count < b->count ? a->count : b->count;

	for (size_t i = 0; i < least; i++)
		if (a->origins[i] != b->origins[i])
			return a->origins[i] - b->origins[i];
	return a->count < b->count ? -1 : a->count > b->count;
}

static size_t list_announcements(const struct fabric *fabric, struct announcement *list) {
	const struct intent *intent = fabric->intent;
	size_t count = 0;

	for (size_t i = 0; i < intent->external_count; i++)
		for (size_t n = 0; n < intent->externals[i].announce_count; n++) {
			if (list)
				list[count] = (struct announcement){
					.prefix = &intent->externals[i].announces[n],
					.origin = fabric_find(fabric, intent->externals[i].name)};
			count++;
		}
	if (list)
		qsort(list, count, sizeof(*list), compare_announcements);
	return count;
}

/* Brings a sorted list to one element a prefix; `origins` has room for as many as the list. */
static size_t gather(
	const struct announcement *list, size_t count, struct announced *prefixes, int *origins) {
	size_t gathered = 0, used = 0;

	for (size_t i = 0; i < count; i++) {
		bool is_same = i && prefix_compare(list[i - 1].prefix, list[i].prefix) == 0;

		if (is_same && list[i - 1].origin == list[i].origin)
			continue; /* one router, twice */
		origins[used] = list[i].origin;
		if (!is_same)
			prefixes[gathered++] = (struct announced){
				.prefix = list[i].prefix, .origins = &origins[used]};
		prefixes[gathered - 1].count++;
		used++;
	}
	return gathered;
}

/* Those that the same routers announce fare alike. */
static int announce_gathered(struct walk *walk, struct announced *prefixes, size_t count) {
	int error = 0;

	qsort(prefixes, count, sizeof(*prefixes), compare_origins);
	for (size_t i = 0; i < count && !error; i++) {
		error = take_prefix(walk, prefixes[i].prefix);
		if (error || (i + 1 < count && !compare_origins(&prefixes[i], &prefixes[i + 1])))
			continue;
		error = announce(walk, prefixes[i].origins, prefixes[i].count, TENANT_EXTERNAL);
		if (!error)
			error = say(walk);
	}
	return error;
}

static int announce_externals(struct walk *walk) {
	size_t count = list_announcements(walk->fabric, NULL);
	struct announcement *list = calloc(count + 1, sizeof(*list));
	struct announced *prefixes = calloc(count + 1, sizeof(*prefixes));
	int *origins = calloc(count + 1, sizeof(*origins)), error = -ENOMEM;

	if (list && prefixes && origins) {
		list_announcements(walk->fabric, list);
		error = announce_gathered(walk, prefixes, gather(list, count, prefixes, origins));
	}
	free(list);
	free(prefixes);
	free(origins);
	return error;
}

/* --- the whole --- */

/* Each tenant's whole prefix is unreachable, where nothing that follows says otherwise. */
static int add_refusals(struct walk *walk) {
	const struct fabric *fabric = walk->fabric;
	int error = 0;

	for (size_t i = 0; i < fabric->intent->tenant_count && !error; i++)
		error = take_prefixes(
			walk, &fabric->intent->tenants[i].ipv4, &fabric->intent->tenants[i].ipv6);
	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric_is_switch(&fabric->nodes[id]))
			error = take_entry(walk, id, FIB_DROP);
	return error ? error : say(walk);
}

int model_tables(
	const struct fabric *fabric, const struct model_failures *failures, struct fib_set *set) {
	struct walk walk = {.fabric = fabric, .failures = failures, .set = set};
	int error = -ENOMEM;

	walk.spread = spread_create(fabric);
	walk.ports = calloc(fabric->port_count + 1, sizeof(*walk.ports));
	if (walk.spread && walk.ports)
		error = add_refusals(&walk);
	if (!error)
		error = announce_loopbacks(&walk);
	if (!error)
		error = announce_networks(&walk);
	if (!error)
		error = add_link_addresses(&walk);
	if (!error)
		error = announce_hosts(&walk);
	if (!error)
		error = announce_externals(&walk);
	spread_destroy(walk.spread);
	free(walk.ports);
	free(walk.prefixes);
	free(walk.numbers);
	free(walk.entries);
	return error;
}
