/* live_fib: see live_fib.h. */
#include "twin/live_fib.h"

#include "twin/live_routes.h"
#include "twin/wiring.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { LOOPBACK_INDEX = 1, PORTS_MAX = 1024 };

struct reading {
	const struct fabric_node *node;
	unsigned int *indexes; /* ifindex of each of the node's ports */
	const struct verify_place *place;
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
		fib_set_add(reading->place->set, reading->place->node, &route->destination, group))
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
	}
	free(reading->indexes);
	free(reading);
	return error;
}
