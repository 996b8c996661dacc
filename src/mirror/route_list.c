/* route_list: see route_list.h. */
#include "mirror/route_list.h"

#include "table/layout.h"
#include "table/rib.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>

static uint32_t take_route(struct mirror *mirror) {
	struct routes *routes = &mirror->routes;
	uint32_t index = routes->free;

	if (index != ROUTE_NONE) {
		routes->free = routes->pool[index].next;
		return index;
	}
	if (routes->used == routes->capacity) {
		uint32_t capacity =
			routes->capacity ? routes->capacity + routes->capacity / 2 : 1024;
		struct route *pool;

		if (routes->used == ROUTES_MAX)
			return ROUTE_NONE;
		if (capacity > ROUTES_MAX)
			capacity = ROUTES_MAX;
		pool = realloc(routes->pool, capacity * sizeof(*pool));
		if (!pool)
			return ROUTE_NONE;
		routes->pool = pool;
		routes->capacity = capacity;
	}
	return routes->used++;
}

/* Writes a word of the local filter. */
static void store_filter(struct mirror *mirror, uint32_t word) {
	const struct routes *routes = &mirror->routes;
	uint64_t bits = routes->own_nets ? ~(uint64_t)0 : 0;

	for (uint32_t bit = 0; bit < 64 && !routes->own_nets; bit++)
		bits |= (uint64_t) !!routes->own_addresses[word * 64 + bit] << bit;
	__atomic_store_n(&mirror->tables.local_filter[word], bits, __ATOMIC_RELAXED);
}

static void count_own_address(struct mirror *mirror, const struct prefix *prefix, int change) {
	uint32_t bit = local_filter_bit(host_order(prefix));

	mirror->routes.own_addresses[bit] += (uint32_t)change;
	store_filter(mirror, bit / 64);
}

/* Addresses of a whole network as this machine's own (ip route add local 192.0.2.0/24 dev lo) are
 * too many for the filter: while there is one, every source is looked up. What the kernel has for
 * 127.0.0.0/8 does not count: no source is from there. */
static void count_own_net(struct mirror *mirror, const struct prefix *prefix, int change) {
	size_t before = mirror->routes.own_nets;

	if (prefix->length >= 8 && host_order(prefix) >> 24 == 127)
		return;
	mirror->routes.own_nets += (size_t)change;
	if (!before == !mirror->routes.own_nets)
		return;
	for (uint32_t word = 0; word < LOCAL_FILTER_WORDS; word++)
		store_filter(mirror, word);
}

/* In whichever table: what decides is that such a route is the one found. */
static void count_own(struct mirror *mirror, const struct prefix *prefix, int change) {
	if (prefix->length < host_length(prefix->family))
		count_own_net(mirror, prefix, change);
	else
		count_own_address(mirror, prefix, change);
}

/* Routes of table local with shorter prefixes are counted, since they decide over longer ones. */
static void count_local_net(struct mirror *mirror, const struct prefix *prefix, int change) {
	struct rib *nets = mirror->routes.local_nets[family_index(prefix->family)];
	uint32_t count = 0;

	rib_get(nets, prefix->address, prefix->length, &count);
	count += (uint32_t)change;
	if (!count)
		rib_remove(nets, prefix->address, prefix->length, NULL);
	else if (rib_set(nets, prefix->address, prefix->length, count))
		mirror->lost = true;
}

static void count_route(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route, int change) {
	mirror->routes.count[family_index(prefix->family)] += (size_t)change;
	if (prefix->family == AF_INET && route->type == RTN_LOCAL)
		count_own(mirror, prefix, change);
	if (route->is_local && prefix->length < host_length(prefix->family))
		count_local_net(mirror, prefix, change);
}

/* The link that holds a route's index: the list's head or the `next` before it. */
static uint32_t *link_to(struct mirror *mirror, struct prefix *prefix, uint32_t index) {
	uint32_t *link = &prefix->first;

	while (*link != index)
		link = &route_at(mirror, *link)->next;
	return link;
}

void route_list_store(struct mirror *mirror, const struct prefix *prefix, uint32_t first_before) {
	struct rib *rib = mirror->routes.prefixes[family_index(prefix->family)];

	if (prefix->first == first_before)
		return;
	if (prefix->first == ROUTE_NONE)
		rib_remove(rib, prefix->address, prefix->length, NULL);
	else if (rib_set(rib, prefix->address, prefix->length, prefix->first))
		mirror->lost = true;
}

void route_list_remove(struct mirror *mirror, struct prefix *prefix, uint32_t index) {
	struct route *route = route_at(mirror, index);

	*link_to(mirror, prefix, index) = route->next;
	count_route(mirror, prefix, route, -1);
	path_release(mirror, path_of(mirror, route));
	route->next = mirror->routes.free;
	mirror->routes.free = index;
}

void route_list_insert(struct mirror *mirror, struct prefix *prefix, uint32_t before,
	const struct route *content) {
	uint32_t index = take_route(mirror), *link;

	if (index == ROUTE_NONE) {
		mirror_tell_limit(
			mirror, LIMIT_ROUTES, "no room for more routes (4194304 at most)");
		path_release(mirror, path_of(mirror, content));
		mirror->lost = true;
		return;
	}
	link = link_to(mirror, prefix, before);
	*route_at(mirror, index) = *content;
	route_at(mirror, index)->next = *link;
	*link = index;
	count_route(mirror, prefix, content, 1);
}

void route_list_replace(
	struct mirror *mirror, struct prefix *prefix, uint32_t index, const struct route *content) {
	struct route *route = route_at(mirror, index);
	uint32_t next = route->next;

	count_route(mirror, prefix, route, -1);
	path_release(mirror, path_of(mirror, route));
	*route = *content;
	route->next = next;
	count_route(mirror, prefix, content, 1);
}

/* Below 0 if `one` comes before the other in the kernel's order, 0 if they have one key. */
static int compare(const struct route *one, const struct route *other) {
	if (one->is_local != other->is_local)
		return one->is_local ? -1 : 1;
	if (one->tos != other->tos)
		return one->tos > other->tos ? -1 : 1;
	if (one->metric != other->metric)
		return one->metric < other->metric ? -1 : 1;
	return 0;
}

uint32_t route_list_first_not_before(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route) {
	uint32_t index = prefix->first;

	while (index != ROUTE_NONE && compare(route_at(mirror, index), route) < 0)
		index = route_at(mirror, index)->next;
	return index;
}

uint32_t route_list_first_after(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route) {
	uint32_t index = route_list_first_not_before(mirror, prefix, route);

	while (index != ROUTE_NONE && !compare(route_at(mirror, index), route))
		index = route_at(mirror, index)->next;
	return index;
}

/* The first of this key for which `matches`, or ROUTE_NONE. */
uint32_t route_list_first_that(struct mirror *mirror, const struct prefix *prefix,
	const struct route *route,
	bool (*matches)(const struct route *one, const struct route *other)) {
	uint32_t index = route_list_first_not_before(mirror, prefix, route);

	for (; index != ROUTE_NONE && !compare(route_at(mirror, index), route);
		index = route_at(mirror, index)->next) {
		if (matches(route_at(mirror, index), route))
			return index;
	}
	return ROUTE_NONE;
}

bool route_list_purge(struct mirror *mirror, struct prefix *prefix) {
	uint32_t index = prefix->first;
	bool purged = false;

	while (index != ROUTE_NONE) {
		uint32_t next = route_at(mirror, index)->next;

		if (path_of(mirror, route_at(mirror, index))->condemned) {
			route_list_remove(mirror, prefix, index);
			purged = true;
		}
		index = next;
	}
	return purged;
}
