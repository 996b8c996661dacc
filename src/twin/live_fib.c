/* live_fib: see live_fib.h. Of several routes to one prefix the kernel goes by that of the least
 * metric, and by table local before table main; the dump says so in no order to rely on. */
#include "twin/live_fib.h"

#include "twin/live_routes.h"
#include "twin/wiring.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { LOOPBACK_INDEX = 1, PORTS_MAX = 1024 };

struct entry {
	struct prefix prefix;
	uint32_t group;
	uint64_t rank; /* of those with the same prefix the least holds */
};

struct reading {
	const struct fabric_node *node;
	unsigned int *indexes; /* ifindex of each of the node's ports */
	const struct verify_place *place;
	struct entry *entries;
	size_t entry_count, entry_room;
	uint32_t ports[PORTS_MAX];
	int error;
};

static uint32_t port_of(const struct reading *reading, unsigned int ifindex) {
	for (size_t n = 0; n < reading->node->port_count; n++)
		if (reading->indexes[n] == ifindex)
			return reading->place->first_port + (uint32_t)reading->node->ports[n];
	return reading->place->strange_port;
}

static uint32_t group_of(struct reading *reading, const struct live_route *route) {
	size_t count = 0;

	if (route->type == RTN_LOCAL)
		return FIB_LOCAL;
	if (route->type != RTN_UNICAST)
		return FIB_DROP;
	for (size_t i = 0; i < route->hop_count && count < PORTS_MAX; i++)
		if (!route->hops[i].is_dead)
			reading->ports[count++] = port_of(reading, route->hops[i].ifindex);
	return fib_set_group(reading->place->set, reading->ports, count);
}

/* IPv6 has a machine's own addresses in table main, too, by the loopback. */
static bool is_by_loopback(const struct live_route *route) {
	return route->table == RT_TABLE_MAIN && route->protocol == RTPROT_KERNEL &&
	       route->hop_count == 1 && route->hops[0].ifindex == LOOPBACK_INDEX;
}

static int keep_entry(
	struct reading *reading, const struct prefix *prefix, uint32_t group, uint64_t rank) {
	if (reading->entry_count == reading->entry_room) {
		size_t room = 2 * reading->entry_room + 256;
		struct entry *more = realloc(reading->entries, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		reading->entries = more;
		reading->entry_room = room;
	}
	reading->entries[reading->entry_count++] =
		(struct entry){.prefix = *prefix, .group = group, .rank = rank};
	return 0;
}

static int compare_ranks(const void *one, const void *other) {
	uint64_t a = ((const struct entry *)one)->rank, b = ((const struct entry *)other)->rank;

	return (a < b) - (a > b);
}

/* In a set the last entry of a prefix holds: so the least rank comes last. */
static int give_entries(struct reading *reading) {
	int error = 0;

	qsort(reading->entries, reading->entry_count, sizeof(*reading->entries), compare_ranks);
	for (size_t i = 0; i < reading->entry_count && !error; i++)
		error = fib_set_add(reading->place->set, reading->place->node,
			&reading->entries[i].prefix, reading->entries[i].group);
	return error;
}

static void take_route(void *owner, const struct live_route *route) {
	struct reading *reading = owner;
	uint32_t group;

	if ((route->table != RT_TABLE_MAIN && route->table != RT_TABLE_LOCAL) ||
		route->type == RTN_BROADCAST || route->type == RTN_MULTICAST ||
		route->type == RTN_ANYCAST || prefix_is_apart(&route->destination) ||
		is_by_loopback(route))
		return;
	group = group_of(reading, route);
	if (group == UINT32_MAX ||
		keep_entry(reading, &route->destination, group,
			(uint64_t)(route->table != RT_TABLE_LOCAL) << 32 | route->metric))
		reading->error = -ENOMEM;
}

int live_fib_read(struct wiring *wiring, const struct fabric *fabric, int node,
	const struct verify_place *place) {
	struct reading *reading = calloc(1, sizeof(*reading));
	int error = -ENOMEM;

	if (!reading)
		return error;
	*reading = (struct reading){.node = &fabric->nodes[node], .place = place};
	reading->indexes = calloc(reading->node->port_count + 1, sizeof(*reading->indexes));
	if (reading->indexes) {
		for (size_t n = 0; n < reading->node->port_count; n++)
			reading->indexes[n] =
				wiring_index(wiring, fabric->ports[reading->node->ports[n]].name);
		error = live_routes_each(wiring, take_route, reading);
		if (!error)
			error = reading->error;
		if (!error && reading->entry_count)
			error = give_entries(reading);
	}
	free(reading->entries);
	free(reading->indexes);
	free(reading);
	return error;
}
