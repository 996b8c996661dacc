/*
 * route_list: the routes of one prefix, in the order in which the kernel looks at them: table local
 * before main, TOS down, metric up. Counts what depends on single routes: own addresses and the
 * nets of table local.
 */
#pragma once

#include "mirror/mirror_private.h"
#include "table/target.h"

/* A prefix and its list while it is being changed; route_list_store keeps the change. */
struct prefix {
	sa_family_t family;
	unsigned int length;
	uint32_t first; /* route, or ROUTE_NONE */
	uint8_t address[16];
};

static inline struct route *route_at(const struct mirror *mirror, uint32_t index) {
	return &mirror->routes.pool[index];
}

static inline struct path *path_of(const struct mirror *mirror, const struct route *route) {
	return path_at(&mirror->paths, route->path);
}

static inline unsigned int host_length(sa_family_t family) {
	return (unsigned int)family_bytes(family) * 8;
}

static inline uint32_t host_order(const struct prefix *prefix) {
	uint32_t address;

	memcpy(&address, prefix->address, sizeof(address));
	return NET32(address);
}

/* Keeps the list's head, which was `first_before`. */
void route_list_store(struct mirror *mirror, const struct prefix *prefix, uint32_t first_before);

void route_list_remove(struct mirror *mirror, struct prefix *prefix, uint32_t index);

/* These take over the caller's reference to the path of `content`. */
void route_list_insert(
	struct mirror *mirror, struct prefix *prefix, uint32_t before, const struct route *content);
void route_list_replace(
	struct mirror *mirror, struct prefix *prefix, uint32_t index, const struct route *content);

/* The first route that does not come before one of this key (table, TOS, metric), the first after
 * all of it, and the first of it that `matches`; or ROUTE_NONE. */
uint32_t route_list_first_not_before(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route);
uint32_t route_list_first_after(
	struct mirror *mirror, const struct prefix *prefix, const struct route *route);
uint32_t route_list_first_that(struct mirror *mirror, const struct prefix *prefix,
	const struct route *route,
	bool (*matches)(const struct route *one, const struct route *other));

/* Removes routes whose paths are condemned: they are gone in the kernel. True if there were any. */
bool route_list_purge(struct mirror *mirror, struct prefix *prefix);
