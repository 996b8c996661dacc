/*
 * route: see route.h. How notifications change a list is the kernel's own order: fib_table_insert
 * for IPv4 (TOS down, metric up; among equals the newest first unless appended), fib6_add_rt2node
 * for IPv6 (metric up; routes by gateways of one metric are one multipath route).
 */
#include "mirror/route.h"

#include "mirror/mirror_private.h"
#include "mirror/route_choice.h"
#include "mirror/route_list.h"
#include "mirror/route_message.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/layout.h"
#include "table/rib.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

static struct prefix find_prefix(const struct mirror *mirror, sa_family_t family,
	const uint8_t *address, unsigned int length) {
	struct prefix prefix = {.family = family, .length = length, .first = ROUTE_NONE};

	memcpy(prefix.address, address, family_bytes(family));
	if (rib_get(mirror->routes.prefixes[family_index(family)], address, length, &prefix.first))
		prefix.first = ROUTE_NONE;
	return prefix;
}

static struct choice choose(const struct mirror *mirror, const struct prefix *prefix) {
	return route_choose(mirror, prefix->family, prefix->address, prefix->length, prefix->first);
}

/*
 * Writing into the tables.
 */

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
		error = fib6_insert(mirror->tables.fib6, prefix->address, prefix->length, nexthop);
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
 * What messages do to a list.
 */

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

/* In a dump equals come in the kernel's order, so that each goes behind those seen before. */
static void dumped4(struct mirror *mirror, struct prefix *prefix, const struct route *route) {
	uint32_t known = route_list_first_that(mirror, prefix, route, same_content);

	if (known != ROUTE_NONE &&
		route_at(mirror, known)->next == route_list_first_after(mirror, prefix, route)) {
		route_at(mirror, known)->generation = route->generation;
		path_release(mirror, path_of(mirror, route));
		return;
	}
	if (known != ROUTE_NONE)
		route_list_remove(mirror, prefix, known);
	route_list_insert(mirror, prefix, route_list_first_after(mirror, prefix, route), route);
}

static void added4(struct mirror *mirror, struct prefix *prefix, const struct route *route,
	unsigned int flags) {
	uint32_t known = route_list_first_that(mirror, prefix, route, same_content);
	uint32_t first = route_list_first_that(mirror, prefix, route, any);

	if (flags & NLM_F_REPLACE && first != ROUTE_NONE) {
		if (known != ROUTE_NONE && known != first)
			route_list_remove(mirror, prefix, known);
		route_list_replace(mirror, prefix, first, route);
	} else if (known != ROUTE_NONE) {
		route_at(mirror, known)->generation = route->generation;
		path_release(mirror, path_of(mirror, route));
	} else if (flags & NLM_F_APPEND) {
		route_list_insert(
			mirror, prefix, route_list_first_after(mirror, prefix, route), route);
	} else {
		route_list_insert(
			mirror, prefix, route_list_first_not_before(mirror, prefix, route), route);
	}
}

/* A message of a route by gateways tells all siblings; any other stands beside its equals. */
static void added6(struct mirror *mirror, struct prefix *prefix, const struct route *route,
	unsigned int flags) {
	uint32_t known = route_list_first_that(mirror, prefix, route, same_way);

	if (known == ROUTE_NONE && (route->flags & ROUTE_MAY_GROW || flags & NLM_F_REPLACE))
		known = route_list_first_that(mirror, prefix, route, same_growth);
	if (known == ROUTE_NONE && flags & NLM_F_REPLACE)
		known = route_list_first_that(mirror, prefix, route, any);
	if (known != ROUTE_NONE)
		route_list_replace(mirror, prefix, known, route);
	else
		route_list_insert(
			mirror, prefix, route_list_first_after(mirror, prefix, route), route);
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
		route_list_remove(mirror, prefix, index);
	} else if (path) {
		route.path = path->index;
		route_list_replace(mirror, prefix, index, &route);
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
		index = route_list_first_that(mirror, prefix, &message->route, same_content);
	if (index == ROUTE_NONE)
		index = route_list_first_that(mirror, prefix, &message->route, same_way);
	if (index == ROUTE_NONE && message->route.flags & ROUTE_MAY_GROW) {
		index = route_list_first_that(mirror, prefix, &message->route, same_growth);
		if (index != ROUTE_NONE) {
			shrink(mirror, prefix, index, message->content);
			return;
		}
	}
	if (index == ROUTE_NONE) {
		index = route_list_first_that(mirror, prefix, &message->route, any);
		if (index != ROUTE_NONE)
			mirror_want(mirror, REREAD_ALL); /* not the one that was meant, perhaps */
		if (index != ROUTE_NONE && route_at(mirror, index)->flags & ROUTE_IS_UNKNOWN)
			return; /* it may have lost a hop of many */
	}
	if (message->route.flags & ROUTE_IS_UNKNOWN)
		mirror_want(mirror, REREAD_ALL); /* there may be others that look the same */
	if (index != ROUTE_NONE)
		route_list_remove(mirror, prefix, index);
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
		mirror->statistics.malformed++;
		return;
	case ROUTE_IGNORED:
		return;
	case ROUTE_CONCERNS:
		break;
	}
	if (!mirror->dumping)
		audit_told(mirror, read.family, read.prefix, read.prefix_len);
	else if (audit_passes_over(mirror, read.family, read.prefix, read.prefix_len))
		return;
	prefix = find_prefix(mirror, read.family, read.prefix, read.prefix_len);
	first = prefix.first;
	before = choose(mirror, &prefix);
	had_local_net = !rib_get(mirror->routes.local_nets[family_index(prefix.family)],
		prefix.address, prefix.length, &count);
	route_list_purge(mirror, &prefix);
	if (message->nlmsg_type == RTM_DELROUTE)
		deleted(mirror, &prefix, &read);
	else
		added(mirror, &prefix, &read, message->nlmsg_flags);
	route_list_store(mirror, &prefix, first);
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
	*prefix =
		(struct prefix){.family = family, .length = walk->prefix_len, .first = walk->value};
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

	if (audit_passes_over(mirror, prefix->family, prefix->address, prefix->length))
		return;
	while (index != ROUTE_NONE) {
		uint32_t next = route_at(mirror, index)->next;

		if (is_stale(mirror, route_at(mirror, index)))
			route_list_remove(mirror, prefix, index);
		index = next;
	}
}

/* What was chosen before is no longer known here, so all that may follow is written again. */
static void rewrite(
	struct mirror *mirror, struct prefix *prefix, uint32_t first_before, bool had_local_net) {
	struct choice unknown = {.present = true, .on_link = UINT32_MAX};

	route_list_store(mirror, prefix, first_before);
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
	route_list_purge(mirror, prefix);
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
