/*
 * route: see route.h. How notifications change a list is the kernel's own order: fib_table_insert
 * for IPv4 (TOS down, metric up; among equals the newest first unless appended), fib6_add_rt2node
 * for IPv6 (metric up; routes by gateways of one metric are one multipath route).
 */
#include "mirror/route.h"

#include "mirror/mirror_private.h"
#include "mirror/route_choice.h"
#include "mirror/route_message.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/layout.h"
#include "table/rib.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

/* A prefix and its list while it is being changed. */
struct prefix {
	sa_family_t family;
	unsigned int length;
	uint32_t first;
	uint8_t address[16];
};

static struct route *route_at(struct mirror *mirror, uint32_t index) {
	return &mirror->routes.pool[index];
}

static struct path *path_of(struct mirror *mirror, const struct route *route) {
	return path_at(&mirror->paths, route->path);
}

static unsigned int host_length(sa_family_t family) {
	return (unsigned int)family_bytes(family) * 8;
}

static struct prefix find_prefix(
	const struct mirror *mirror, sa_family_t family, const uint8_t *address, unsigned int length) {
	struct prefix prefix = {.family = family, .length = length, .first = ROUTE_NONE};

	memcpy(prefix.address, address, family_bytes(family));
	if (rib_get(mirror->routes.prefixes[family_index(family)], address, length, &prefix.first))
		prefix.first = ROUTE_NONE;
	return prefix;
}

static struct choice choose(const struct mirror *mirror, const struct prefix *prefix) {
	return route_choose(
		mirror, prefix->family, prefix->address, prefix->length, prefix->first);
}

/*
 * Writing into the tables.
 */

static uint32_t host_order(const struct prefix *prefix) {
	uint32_t address;

	memcpy(&address, prefix->address, sizeof(address));
	return NET32(address);
}

static int table_get(const struct mirror *mirror, const struct prefix *prefix, uint32_t *nexthop) {
	if (prefix->family == AF_INET)
		return fib4_get(mirror->tables.fib4, host_order(prefix), prefix->length, nexthop);
	return fib6_get(mirror->tables.fib6, prefix->address, prefix->length, nexthop);
}

static void table_set(struct mirror *mirror, const struct prefix *prefix, uint32_t nexthop) {
	uint32_t present;
	int error;

	if (!mirror->loading && !table_get(mirror, prefix, &present) && present == nexthop)
		return;
	if (prefix->family == AF_INET)
		error = fib4_insert(
			mirror->tables.fib4, host_order(prefix), prefix->length, nexthop);
	else
		error = fib6_insert(
			mirror->tables.fib6, prefix->address, prefix->length, nexthop);
	if (error == -ENOSPC)
		mirror_tell_limit(mirror, LIMIT_TABLES, "a forwarding table is full");
	else if (error)
		mirror->lost = true;
}

static void table_remove(struct mirror *mirror, const struct prefix *prefix) {
	if (prefix->family == AF_INET)
		fib4_remove(mirror->tables.fib4, host_order(prefix), prefix->length);
	else
		fib6_remove(mirror->tables.fib6, prefix->address, prefix->length);
}

static struct neighbour *find_host(struct mirror *mirror, const struct prefix *prefix) {
	uint32_t ifindex;
	struct neighbour *neighbour;

	ifindex = route_connected_link(mirror, prefix->family, prefix->address);
	if (!ifindex)
		return NULL;
	neighbour = neighbour_resolved(mirror, prefix->family, prefix->address, ifindex);
	if (!neighbour || neighbour_take_host_route(mirror, neighbour))
		return NULL;
	return neighbour;
}

/* Brings the tables to what this one prefix should lead to: its route, or, for an address alone,
 * the neighbour there. */
static void write_prefix(struct mirror *mirror, const struct prefix *prefix) {
	bool is_host = prefix->length == host_length(prefix->family);
	struct choice choice = choose(mirror, prefix);
	struct neighbour *before = NULL, *host = NULL;

	if (is_host)
		before = neighbour_with_host_route(mirror, prefix->family, prefix->address);
	if (is_host && !choice.present)
		host = find_host(mirror, prefix);
	if (choice.present || host)
		table_set(mirror, prefix, host ? host->id : choice.nexthop);
	else
		table_remove(mirror, prefix);
	if (before && before != host)
		neighbour_drop_host_route(mirror, before);
}

static void write_hosts_within(struct mirror *mirror, const struct prefix *within) {
	const struct rib *hosts = mirror->neighbours.by_address[family_index(within->family)];
	uint8_t address[16];
	unsigned int length = RIB_START;
	uint32_t slot;

	if (within->length == host_length(within->family))
		return;
	while (!rib_next_within(hosts, within->address, within->length, address, &length, &slot))
		route_update_host(mirror, within->family, address);
}

/* A prefix of table local decides over all prefixes within it. */
static void write_routes_within(struct mirror *mirror, const struct prefix *within) {
	const struct rib *prefixes = mirror->routes.prefixes[family_index(within->family)];
	struct prefix prefix = {.family = within->family, .length = RIB_START};

	while (!rib_next_within(prefixes, within->address, within->length, prefix.address,
		&prefix.length, &prefix.first))
		write_prefix(mirror, &prefix);
}

/*
 * The lists.
 */

static uint32_t take_route(struct mirror *mirror) {
	struct routes *routes = &mirror->routes;
	uint32_t index = routes->free;

	if (index != ROUTE_NONE) {
		routes->free = routes->pool[index].next;
		return index;
	}
	if (routes->used == routes->capacity) {
		uint32_t capacity = routes->capacity ? routes->capacity + routes->capacity / 2
						     : 1024;
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

static void count_own_address(struct mirror *mirror, const struct prefix *prefix, int change) {
	uint32_t bit = local_filter_bit(host_order(prefix));
	uint64_t *word = &mirror->tables.local_filter[bit / 64];
	uint64_t mask = (uint64_t)1 << bit % 64;

	mirror->routes.own_addresses[bit] += (uint32_t)change;
	__atomic_store_n(word,
		mirror->routes.own_addresses[bit] ? *word | mask : *word & ~mask,
		__ATOMIC_RELAXED);
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

static void count_route(struct mirror *mirror, const struct prefix *prefix,
	const struct route *route, int change) {
	mirror->routes.count[family_index(prefix->family)] += (size_t)change;
	if (!route->is_local)
		return;
	if (prefix->length < host_length(prefix->family))
		count_local_net(mirror, prefix, change);
	else if (prefix->family == AF_INET && route->type == RTN_LOCAL)
		count_own_address(mirror, prefix, change);
}

/* The link that holds a route's index: the list's head or the `next` before it. */
static uint32_t *link_to(struct mirror *mirror, struct prefix *prefix, uint32_t index) {
	uint32_t *link = &prefix->first;

	while (*link != index)
		link = &route_at(mirror, *link)->next;
	return link;
}

static void store_head(struct mirror *mirror, const struct prefix *prefix, uint32_t first_before) {
	struct rib *rib = mirror->routes.prefixes[family_index(prefix->family)];

	if (prefix->first == first_before)
		return;
	if (prefix->first == ROUTE_NONE)
		rib_remove(rib, prefix->address, prefix->length, NULL);
	else if (rib_set(rib, prefix->address, prefix->length, prefix->first))
		mirror->lost = true;
}

static void unlink_route(struct mirror *mirror, struct prefix *prefix, uint32_t index) {
	struct route *route = route_at(mirror, index);

	*link_to(mirror, prefix, index) = route->next;
	count_route(mirror, prefix, route, -1);
	path_release(mirror, path_of(mirror, route));
	route->next = mirror->routes.free;
	mirror->routes.free = index;
}

/* Takes over the caller's reference to the path. */
static void insert_before(struct mirror *mirror, struct prefix *prefix, uint32_t before,
	const struct route *content) {
	uint32_t index = take_route(mirror), *link;

	if (index == ROUTE_NONE) {
		mirror_tell_limit(mirror, LIMIT_ROUTES, "no room for more routes (4194304 at most)");
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

/* Where the route goes first, the caller's reference to the new path goes too. */
static void replace_route(struct mirror *mirror, struct prefix *prefix, uint32_t index,
	const struct route *content) {
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

static uint32_t first_not_before(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route) {
	uint32_t index = prefix->first;

	while (index != ROUTE_NONE && compare(route_at(mirror, index), route) < 0)
		index = route_at(mirror, index)->next;
	return index;
}

static uint32_t first_after(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route) {
	uint32_t index = first_not_before(mirror, prefix, route);

	while (index != ROUTE_NONE && !compare(route_at(mirror, index), route))
		index = route_at(mirror, index)->next;
	return index;
}

/* The first of this key for which `matches`, or ROUTE_NONE. */
static uint32_t first_that(struct mirror *mirror, const struct prefix *prefix,
	const struct route *route,
	bool (*matches)(const struct route *one, const struct route *other)) {
	uint32_t index = first_not_before(mirror, prefix, route);

	for (; index != ROUTE_NONE && !compare(route_at(mirror, index), route);
		index = route_at(mirror, index)->next) {
		if (matches(route_at(mirror, index), route))
			return index;
	}
	return ROUTE_NONE;
}

static bool same_content(const struct route *one, const struct route *other) {
	return one->path == other->path && one->type == other->type &&
	       one->protocol == other->protocol && one->flags == other->flags;
}

static bool same_way(const struct route *one, const struct route *other) {
	return one->path == other->path && one->type == other->type;
}

static bool same_growth(const struct route *one, const struct route *other) {
	return (one->flags & ROUTE_MAY_GROW) == (other->flags & ROUTE_MAY_GROW);
}

static bool any(const struct route *one, const struct route *other) {
	return true;
}

/* Routes whose paths are condemned are gone in the kernel. */
static bool purge(struct mirror *mirror, struct prefix *prefix) {
	uint32_t index = prefix->first;
	bool purged = false;

	while (index != ROUTE_NONE) {
		uint32_t next = route_at(mirror, index)->next;

		if (path_of(mirror, route_at(mirror, index))->condemned) {
			unlink_route(mirror, prefix, index);
			purged = true;
		}
		index = next;
	}
	return purged;
}

/*
 * What messages do to a list.
 */

/* In a dump equals come in the kernel's order, so that each goes behind those seen before. */
static void dumped4(struct mirror *mirror, struct prefix *prefix, const struct route *route) {
	uint32_t known = first_that(mirror, prefix, route, same_content);

	if (known != ROUTE_NONE && route_at(mirror, known)->next == first_after(mirror, prefix, route)) {
		route_at(mirror, known)->generation = route->generation;
		path_release(mirror, path_of(mirror, route));
		return;
	}
	if (known != ROUTE_NONE)
		unlink_route(mirror, prefix, known);
	insert_before(mirror, prefix, first_after(mirror, prefix, route), route);
}

static void added4(struct mirror *mirror, struct prefix *prefix, const struct route *route,
	unsigned int flags) {
	uint32_t known = first_that(mirror, prefix, route, same_content);
	uint32_t first = first_that(mirror, prefix, route, any);

	if (flags & NLM_F_REPLACE && first != ROUTE_NONE) {
		if (known != ROUTE_NONE && known != first)
			unlink_route(mirror, prefix, known);
		replace_route(mirror, prefix, first, route);
	} else if (known != ROUTE_NONE) {
		route_at(mirror, known)->generation = route->generation;
		path_release(mirror, path_of(mirror, route));
	} else if (flags & NLM_F_APPEND) {
		insert_before(mirror, prefix, first_after(mirror, prefix, route), route);
	} else {
		insert_before(mirror, prefix, first_not_before(mirror, prefix, route), route);
	}
}

/* A message of a route by gateways tells all siblings; any other stands beside its equals. */
static void added6(struct mirror *mirror, struct prefix *prefix, const struct route *route,
	unsigned int flags) {
	uint32_t known = first_that(mirror, prefix, route, same_way);

	if (known == ROUTE_NONE && (route->flags & ROUTE_MAY_GROW || flags & NLM_F_REPLACE))
		known = first_that(mirror, prefix, route, same_growth);
	if (known == ROUTE_NONE && flags & NLM_F_REPLACE)
		known = first_that(mirror, prefix, route, any);
	if (known != ROUTE_NONE)
		replace_route(mirror, prefix, known, route);
	else
		insert_before(mirror, prefix, first_after(mirror, prefix, route), route);
}

static bool hops_equal(const struct hop *one, const struct hop *other) {
	return one->ifindex == other->ifindex && one->family == other->family &&
	       !memcmp(one->gateway, other->gateway, sizeof(one->gateway));
}

static bool content_has(const struct path_content *content, const struct hop *hop) {
	for (uint32_t i = 0; i < content->hop_count; i++) {
		if (hops_equal(&content->hops[i], hop))
			return true;
	}
	return false;
}

/* Takes the hops of `gone` out of an IPv6 multipath route, and the route away with the last. */
static void shrink(struct mirror *mirror, struct prefix *prefix, uint32_t index,
	const struct path_content *gone) {
	const struct path_content *content = &path_of(mirror, route_at(mirror, index))->content;
	size_t size = path_content_size(content->hop_count);
	struct path_content *kept = malloc(size);
	struct route route = *route_at(mirror, index);
	struct path *path;

	if (!kept) {
		mirror->lost = true;
		return;
	}
	memcpy(kept, content, size);
	kept->hop_count = 0;
	for (uint32_t i = 0; i < content->hop_count; i++) {
		if (!content_has(gone, &content->hops[i]))
			kept->hops[kept->hop_count++] = content->hops[i];
	}
	if (kept->hop_count == content->hop_count)
		mirror_want(mirror, REREAD_ALL); /* none of them: the list is in doubt */
	path = kept->hop_count ? path_intern(mirror, kept) : NULL;
	if (!kept->hop_count) {
		unlink_route(mirror, prefix, index);
	} else if (path) {
		route.path = path->index;
		replace_route(mirror, prefix, index, &route);
	} else {
		mirror->lost = true;
	}
	free(kept);
}

static void deleted(struct mirror *mirror, struct prefix *prefix, struct route_message *message) {
	const struct path *path = path_find(mirror, message->content);
	uint32_t index = ROUTE_NONE;

	message->route.path = path ? path->index : PATH_NONE;
	if (prefix->family == AF_INET)
		index = first_that(mirror, prefix, &message->route, same_content);
	if (index == ROUTE_NONE)
		index = first_that(mirror, prefix, &message->route, same_way);
	if (index == ROUTE_NONE && message->route.flags & ROUTE_MAY_GROW) {
		index = first_that(mirror, prefix, &message->route, same_growth);
		if (index != ROUTE_NONE) {
			shrink(mirror, prefix, index, message->content);
			return;
		}
	}
	if (index == ROUTE_NONE) {
		index = first_that(mirror, prefix, &message->route, any);
		if (index != ROUTE_NONE)
			mirror_want(mirror, REREAD_ALL); /* not the one that was meant, perhaps */
	}
	if (index != ROUTE_NONE)
		unlink_route(mirror, prefix, index);
}

static void added(struct mirror *mirror, struct prefix *prefix, struct route_message *message,
	unsigned int flags) {
	struct path *path = path_intern(mirror, message->content);

	if (!path) {
		mirror->lost = true;
		return;
	}
	message->route.path = path->index;
	message->route.generation = mirror->generation;
	if (prefix->family == AF_INET6)
		added6(mirror, prefix, &message->route, flags);
	else if (mirror->dumping)
		dumped4(mirror, prefix, &message->route);
	else
		added4(mirror, prefix, &message->route, flags);
}

/* Writes what follows from a change of the list, beside the prefix itself. */
static void write_change(struct mirror *mirror, const struct prefix *prefix,
	const struct choice *before, bool had_local_net) {
	struct choice after = choose(mirror, prefix);
	uint32_t count;
	bool has_local_net = !rib_get(mirror->routes.local_nets[family_index(prefix->family)],
		prefix->address, prefix->length, &count);

	write_prefix(mirror, prefix);
	if (has_local_net != had_local_net)
		write_routes_within(mirror, prefix);
	if (before->present != after.present || before->on_link != after.on_link ||
		has_local_net != had_local_net)
		write_hosts_within(mirror, prefix);
}

void route_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	struct route_message read;
	struct prefix prefix;
	struct choice before;
	uint32_t first, count;
	bool had_local_net;

	switch (route_message_read(mirror, message, &read)) {
	case ROUTE_MALFORMED:
		mirror->malformed++;
		return;
	case ROUTE_IGNORED:
		return;
	case ROUTE_CONCERNS:
		break;
	}
	prefix = find_prefix(mirror, read.family, read.prefix, read.prefix_len);
	first = prefix.first;
	before = choose(mirror, &prefix);
	had_local_net = !rib_get(mirror->routes.local_nets[family_index(prefix.family)],
		prefix.address, prefix.length, &count);
	purge(mirror, &prefix);
	if (message->nlmsg_type == RTM_DELROUTE)
		deleted(mirror, &prefix, &read);
	else
		added(mirror, &prefix, &read, message->nlmsg_flags);
	store_head(mirror, &prefix, first);
	write_change(mirror, &prefix, &before, had_local_net);
}

/*
 * Walks over all routes.
 */

struct prefix_list {
	struct prefix *prefixes;
	size_t count, capacity;
};

static void collect(struct mirror *mirror, struct prefix_list *list, sa_family_t family,
	const struct rib_walk *walk) {
	struct prefix *prefix;

	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 256;
		struct prefix *prefixes = realloc(list->prefixes, capacity * sizeof(*prefixes));

		if (!prefixes) {
			mirror->lost = true;
			return;
		}
		list->prefixes = prefixes;
		list->capacity = capacity;
	}
	prefix = &list->prefixes[list->count++];
	*prefix = (struct prefix){.family = family, .length = walk->prefix_len, .first = walk->value};
	memcpy(prefix->address, walk->prefix, family_bytes(family));
}

/* The prefixes with a route for which `applies`, found before any is changed: a walk is fast, but
 * does not bear changes. */
static void collect_all(struct mirror *mirror, struct prefix_list *list, sa_family_t family,
	bool (*applies)(struct mirror *, const struct route *)) {
	static const uint8_t everything[16];
	struct rib_walk walk;

	rib_walk_start(&walk, mirror->routes.prefixes[family_index(family)], everything, 0);
	while (rib_walk_next(&walk)) {
		for (uint32_t i = walk.value; i != ROUTE_NONE; i = route_at(mirror, i)->next) {
			if (applies(mirror, route_at(mirror, i))) {
				collect(mirror, list, family, &walk);
				break;
			}
		}
	}
}

static bool is_stale(struct mirror *mirror, const struct route *route) {
	return route->generation != mirror->generation;
}

static bool leads_by_changed_path(struct mirror *mirror, const struct route *route) {
	const struct path *path = path_of(mirror, route);

	return path->dirty || path->condemned;
}

static void remove_stale(struct mirror *mirror, struct prefix *prefix) {
	uint32_t index = prefix->first;

	while (index != ROUTE_NONE) {
		uint32_t next = route_at(mirror, index)->next;

		if (is_stale(mirror, route_at(mirror, index)))
			unlink_route(mirror, prefix, index);
		index = next;
	}
}

/* What was chosen before is no longer known here, so all that may follow is written again. */
static void rewrite(struct mirror *mirror, struct prefix *prefix, uint32_t first_before,
	bool had_local_net) {
	struct choice unknown = {.present = true, .on_link = UINT32_MAX};

	store_head(mirror, prefix, first_before);
	write_change(mirror, prefix, &unknown, had_local_net);
}

static void change_all(struct mirror *mirror, struct prefix_list *list,
	void (*change)(struct mirror *, struct prefix *)) {
	for (size_t i = 0; i < list->count; i++) {
		struct prefix *prefix = &list->prefixes[i];
		uint32_t first = prefix->first, count;
		bool had_local_net =
			!rib_get(mirror->routes.local_nets[family_index(prefix->family)],
				prefix->address, prefix->length, &count);

		change(mirror, prefix);
		rewrite(mirror, prefix, first, had_local_net);
	}
	free(list->prefixes);
}

static void purge_changed(struct mirror *mirror, struct prefix *prefix) {
	purge(mirror, prefix);
}

void routes_sweep(struct mirror *mirror, sa_family_t family) {
	struct prefix_list list = {0};

	collect_all(mirror, &list, family, is_stale);
	change_all(mirror, &list, remove_stale);
}

void routes_settle(struct mirror *mirror) {
	static const sa_family_t families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		struct prefix_list list = {0};

		if (!mirror->paths.dirty[i])
			continue;
		collect_all(mirror, &list, families[i], leads_by_changed_path);
		change_all(mirror, &list, purge_changed);
	}
}

void route_update_host(struct mirror *mirror, sa_family_t family, const uint8_t *address) {
	struct prefix prefix = find_prefix(mirror, family, address, host_length(family));

	write_prefix(mirror, &prefix);
}

int route_show(const struct mirror *mirror, sa_family_t family, const uint8_t *address,
	unsigned int prefix_len, struct mirror_route *shown) {
	struct prefix prefix = find_prefix(mirror, family, address, prefix_len);
	const struct route *route;
	struct choice choice;

	memset(shown, 0, sizeof(*shown));
	if (table_get(mirror, &prefix, &shown->nexthop))
		return -ENOENT;
	choice = choose(mirror, &prefix);
	if (!choice.present) {
		shown->neighbour = true;
		return 0;
	}
	route = &mirror->routes.pool[choice.route];
	shown->protocol = route->protocol;
	shown->type = route->type;
	shown->table = route->is_local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
	shown->metric = route->metric;
	shown->nexthop_object = path_at(&mirror->paths, route->path)->content.object;
	return 0;
}

int routes_create(struct routes *routes) {
	routes->free = ROUTE_NONE;
	routes->own_addresses = calloc(LOCAL_FILTER_BITS, sizeof(*routes->own_addresses));
	for (unsigned int i = 0; i < 2; i++) {
		routes->prefixes[i] = rib_create(i ? 16 : 4);
		routes->local_nets[i] = rib_create(i ? 16 : 4);
		if (!routes->prefixes[i] || !routes->local_nets[i])
			return -ENOMEM;
	}
	return routes->own_addresses ? 0 : -ENOMEM;
}

void routes_destroy(struct routes *routes) {
	for (unsigned int i = 0; i < 2; i++) {
		if (routes->prefixes[i])
			rib_destroy(routes->prefixes[i]);
		if (routes->local_nets[i])
			rib_destroy(routes->local_nets[i]);
	}
	free(routes->own_addresses);
	free(routes->pool);
}
