/* path: see path.h. */
#include "mirror/path.h"

#include "mirror/mirror_private.h"
#include "table/nexthops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool hop_is_alive(
	const struct mirror *mirror, const struct path *path, const struct hop *hop) {
	const struct link *link = link_find(&mirror->links, hop->ifindex);

	if (hop->flags & HOP_DEAD)
		return false;
	if (hop->flags & HOP_HOST_SCOPE || !hop->ifindex)
		return true; /* what is not understood is taken for alive: it stays the kernel's */
	if (!link || !link_is_up(link))
		return false;
	if (path->content.family == AF_INET)
		return !(link->lost_addresses && !path->content.object) &&
		       (link->shown.carrier || !link->ignore_linkdown4);
	return link->shown.carrier || !link->ignore_linkdown6;
}

static bool path_has_hop_on(const struct path *path, uint32_t ifindex) {
	for (size_t i = 0; i < path->hop_count; i++) {
		if (path->hops[i].ifindex == ifindex)
			return true;
	}
	return false;
}

static bool any_hop_has(const struct path *path, enum hop_flag flag) {
	for (size_t i = 0; i < path->hop_count; i++) {
		if (path->hops[i].flags & flag)
			return true;
	}
	return false;
}

static bool some_hop_is_on_link(const struct path *path) {
	for (size_t i = 0; i < path->hop_count; i++) {
		if (path->hops[i].family == AF_UNSPEC)
			return true;
	}
	return false;
}

/* A path without routes has nothing to be written again, and what takes it writes itself. */
static void mark_dirty(struct mirror *mirror, struct path *path) {
	if (!path->references)
		return;
	path->dirty = true;
	mirror->paths.dirty[family_index((sa_family_t)path->content.family)] = true;
}

/* What a path held stays held until its routes are written again: leaves still have the ids. */
static void drop_later(struct mirror *mirror, struct neighbour *neighbour) {
	struct paths *paths = &mirror->paths;

	if (paths->dropped_count == paths->dropped_capacity) {
		size_t capacity = paths->dropped_capacity ? 2 * paths->dropped_capacity : 64;
		struct neighbour **dropped = realloc(paths->dropped, capacity * sizeof(*dropped));

		if (!dropped) {
			mirror->lost = true; /* and the reference stays */
			return;
		}
		paths->dropped = dropped;
		paths->dropped_capacity = capacity;
	}
	paths->dropped[paths->dropped_count++] = neighbour;
}

static void drop_ways(struct mirror *mirror, struct path *path) {
	for (size_t i = 0; i < path->way_count; i++)
		drop_later(mirror, path->ways[i]);
	free(path->ways);
	path->ways = NULL;
	path->way_count = 0;
}

/* Takes a neighbour for each hop; false, holding none, if the tables have no room. */
static bool take_ways(struct mirror *mirror, struct path *path) {
	path->ways = calloc(path->hop_count, sizeof(struct neighbour *));
	if (!path->ways)
		return false;
	for (size_t i = 0; i < path->hop_count; i++) {
		const struct hop *hop = &path->hops[i];
		struct neighbour *way =
			neighbour_take(mirror, hop->ifindex, hop->family, hop->gateway);

		if (!way) {
			drop_ways(mirror, path);
			return false;
		}
		path->ways[path->way_count++] = way;
	}
	return true;
}

static void fill_group(struct mirror *mirror, struct path *path) {
	struct nexthop_member members[HOPS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < path->way_count; i++) {
		if (hop_is_alive(mirror, path, &path->hops[i]))
			members[count++] =
				(struct nexthop_member){path->ways[i]->id, path->hops[i].weight};
	}
	if (!count)
		nexthops_set_verdict(mirror->tables.nexthops, path->group, REASON_LINK_DOWN, 0, 0);
	else if (nexthops_set_group(mirror->tables.nexthops, path->group, members, count))
		mirror_tell_limit(mirror, LIMIT_TABLES, "the next-hop table is full");
}

static bool ensure_group(struct mirror *mirror, struct path *path) {
	if (path->group != NEIGHBOUR_NO_ID)
		return true;
	if (!nexthops_allocate(mirror->tables.nexthops, &path->group)) {
		owner_set(mirror, path->group, (struct owner){.path = path});
		return true;
	}
	path->group = NEIGHBOUR_NO_ID;
	mirror_tell_limit(mirror, LIMIT_TABLES, "the next-hop table is full");
	return false;
}

/* A group object keeps its group however many members it has, so that routes need not be touched
 * when one comes or goes. */
static uint32_t choose_id(struct mirror *mirror, struct path *path, enum object_kind kind) {
	bool wants_group = kind == OBJECT_GROUP || path->hop_count > 1;

	if (kind == OBJECT_BLACKHOLE)
		return REASON_BLACKHOLE;
	if ((kind != OBJECT_HOP && kind != OBJECT_GROUP) || !path->hop_count ||
		any_hop_has(path, HOP_FEATURE) || (wants_group && some_hop_is_on_link(path)))
		return REASON_ROUTE_FEATURE;
	if (!take_ways(mirror, path) || (wants_group && !ensure_group(mirror, path)))
		return REASON_TABLE_FULL;
	if (wants_group)
		return path->group;
	if (path->hops[0].family == AF_UNSPEC)
		path->on_link = path->hops[0].ifindex;
	return path->ways[0]->id;
}

static bool is_usable(const struct mirror *mirror, const struct path *path) {
	if (path->condemned)
		return false;
	for (size_t i = 0; i < path->hop_count; i++) {
		if (hop_is_alive(mirror, path, &path->hops[i]))
			return true;
	}
	return !path->hop_count; /* blackholes, and objects not known yet */
}

/* Brings usability and the group's members up to date with the links. */
static void evaluate(struct mirror *mirror, struct path *path) {
	bool usable = is_usable(mirror, path);

	if (path->id == path->group)
		fill_group(mirror, path);
	if (usable != path->usable)
		mark_dirty(mirror, path);
	path->usable = usable;
}

/* Finds the hops, which for an object may have changed, and from them the id. */
static void bind_path(struct mirror *mirror, struct path *path) {
	uint32_t id_before = path->id, on_link_before = path->on_link;
	enum object_kind kind = OBJECT_HOP;

	drop_ways(mirror, path);
	path->on_link = 0;
	if (path->content.object)
		kind = nexthop_object_hops(
			mirror, path->content.object, path->hops, &path->hop_count);
	path->id = choose_id(mirror, path, kind);
	if (path->group != NEIGHBOUR_NO_ID && path->group != path->id)
		nexthops_set_verdict(
			mirror->tables.nexthops, path->group, REASON_ROUTE_FEATURE, 0, 0);
	if (path->id != id_before || path->on_link != on_link_before)
		mark_dirty(mirror, path);
	evaluate(mirror, path);
}

static int grow(struct paths *paths) {
	uint32_t capacity = paths->capacity ? 2 * paths->capacity : 64;
	struct path **all = realloc(paths->all, capacity * sizeof(*all));

	if (!all)
		return -1;
	memset(all + paths->capacity, 0, (capacity - paths->capacity) * sizeof(*all));
	paths->all = all;
	paths->capacity = capacity;
	return 0;
}

static struct path *path_create(struct mirror *mirror, const struct path_content *content) {
	struct paths *paths = &mirror->paths;
	size_t size = path_content_size(content->hop_count);
	struct path *path;

	if (paths->count == PATHS_MAX) {
		mirror_tell_limit(mirror, LIMIT_PATHS, "more than 1048576 sets of next hops");
		return NULL;
	}
	if (paths->count == paths->capacity && grow(paths))
		return NULL;
	path = calloc(1, offsetof(struct path, content) + size);
	if (!path)
		return NULL;
	memcpy(&path->content, content, size);
	path->hops = content->object ? calloc(HOPS_MAX, sizeof(struct hop)) : path->content.hops;
	if (!path->hops) {
		free(path);
		return NULL;
	}
	path->hop_count = content->object ? 0 : content->hop_count;
	while (paths->all[paths->first_free])
		paths->first_free = (paths->first_free + 1) % paths->capacity;
	path->index = paths->first_free;
	path->group = path->id = NEIGHBOUR_NO_ID;
	paths->all[path->index] = path;
	paths->count++;
	paths->dead_hops += any_hop_has(path, HOP_DEAD);
	HASH_ADD_KEYPTR(hh, paths->table, &path->content, size, path);
	bind_path(mirror, path);
	return path;
}

static void free_path(struct mirror *mirror, struct path *path) {
	struct paths *paths = &mirror->paths;

	if (!path->condemned)
		HASH_DEL(paths->table, path);
	drop_ways(mirror, path);
	if (path->group != NEIGHBOUR_NO_ID) {
		owner_set(mirror, path->group, (struct owner){0});
		nexthops_free(mirror->tables.nexthops, path->group);
	}
	paths->dead_hops -= !path->content.object && any_hop_has(path, HOP_DEAD);
	if (path->hops != path->content.hops)
		free(path->hops);
	paths->all[path->index] = NULL;
	paths->count--;
	free(path);
}

static void condemn(struct mirror *mirror, struct path *path) {
	HASH_DEL(mirror->paths.table, path);
	path->condemned = true;
	path->usable = false;
	if (!path->references)
		return;
	mark_dirty(mirror, path);
	mirror_want(mirror, REREAD_ALL); /* did the kernel drop the same? */
}

static bool hop_leaves_with_link(const struct hop *hop, uint32_t ifindex) {
	return hop->ifindex == ifindex && !(hop->flags & HOP_HOST_SCOPE);
}

/* Whether every hop is dead now, those on this link included: fib_sync_down_dev. */
static bool is_dead_without(
	const struct mirror *mirror, const struct path *path, uint32_t ifindex) {
	for (size_t i = 0; i < path->hop_count; i++) {
		const struct link *link = link_find(&mirror->links, path->hops[i].ifindex);

		if (!hop_leaves_with_link(&path->hops[i], ifindex) &&
			!(path->hops[i].flags & HOP_DEAD) && link && link_is_up(link) &&
			!(link->lost_addresses && path->content.family == AF_INET))
			return false;
		if (path->hops[i].flags & HOP_HOST_SCOPE)
			return false;
	}
	return true;
}

size_t path_content_size(uint32_t hop_count) {
	return sizeof(struct path_content) + hop_count * sizeof(struct hop);
}

struct path *path_find(const struct mirror *mirror, const struct path_content *content) {
	struct path *path;

	HASH_FIND(hh, mirror->paths.table, content, path_content_size(content->hop_count), path);
	return path;
}

struct path *path_intern(struct mirror *mirror, const struct path_content *content) {
	struct path *path = path_find(mirror, content);

	if (!path)
		path = path_create(mirror, content);
	if (path)
		path->references++;
	return path;
}

void path_release(struct mirror *mirror, struct path *path) {
	struct paths *paths = &mirror->paths;

	if (--path->references || path->idle)
		return;
	if (paths->idle_count == paths->idle_capacity) {
		size_t capacity = paths->idle_capacity ? 2 * paths->idle_capacity : 64;
		uint32_t *idle = realloc(paths->idle, capacity * sizeof(*idle));

		if (!idle)
			return; /* interned still, and used again when the content comes back */
		paths->idle = idle;
		paths->idle_capacity = capacity;
	}
	path->idle = true;
	paths->idle[paths->idle_count++] = path->index;
}

void paths_update_link(struct mirror *mirror, uint32_t ifindex) {
	for (struct path *path = mirror->paths.table; path; path = path->hh.next) {
		if (path_has_hop_on(path, ifindex))
			evaluate(mirror, path);
	}
}

void paths_update_object(struct mirror *mirror, uint32_t object) {
	for (struct path *path = mirror->paths.table; path; path = path->hh.next) {
		if (path->content.object == object)
			bind_path(mirror, path);
	}
}

void paths_condemn_link_down(struct mirror *mirror, uint32_t ifindex) {
	struct path *path, *next;

	HASH_ITER(hh, mirror->paths.table, path, next) {
		if (!path->content.object && path_has_hop_on(path, ifindex) &&
			is_dead_without(mirror, path, ifindex))
			condemn(mirror, path);
	}
}

/* With a link that is gone the kernel drops an IPv4 route for any hop of it. */
void paths_condemn_link_gone(struct mirror *mirror, uint32_t ifindex) {
	struct path *path, *next;

	HASH_ITER(hh, mirror->paths.table, path, next) {
		if (!path->content.object && path_has_hop_on(path, ifindex) &&
			(path->content.family == AF_INET || is_dead_without(mirror, path, ifindex)))
			condemn(mirror, path);
	}
}

/* With a link's last IPv4 address go all IPv4 routes there, local ones too. */
void paths_condemn_addresses(struct mirror *mirror, uint32_t ifindex) {
	struct path *path, *next;

	HASH_ITER(hh, mirror->paths.table, path, next) {
		if (path->content.family != AF_INET || path->content.object ||
			!path_has_hop_on(path, ifindex))
			continue;
		if (any_hop_has(path, HOP_HOST_SCOPE) || is_dead_without(mirror, path, ifindex))
			condemn(mirror, path);
	}
}

void paths_condemn_source(struct mirror *mirror, uint32_t source) {
	struct path *path, *next;

	HASH_ITER(hh, mirror->paths.table, path, next) {
		if (path->content.family == AF_INET && path->content.source == source)
			condemn(mirror, path);
	}
}

void paths_condemn_object(struct mirror *mirror, uint32_t object) {
	struct path *path, *next;

	HASH_ITER(hh, mirror->paths.table, path, next) {
		if (path->content.object == object)
			condemn(mirror, path);
	}
}

void paths_settle(struct mirror *mirror) {
	struct paths *paths = &mirror->paths;

	for (size_t i = 0; i < paths->idle_count; i++) {
		struct path *path = paths->all[paths->idle[i]];

		path->idle = false;
		if (!path->references)
			free_path(mirror, path);
	}
	paths->idle_count = 0;
	for (size_t i = 0; i < paths->dropped_count; i++)
		neighbour_drop(mirror, paths->dropped[i]);
	paths->dropped_count = 0;
	if (!paths->dirty[0] && !paths->dirty[1])
		return;
	for (uint32_t i = 0; i < paths->capacity; i++) {
		if (paths->all[i])
			paths->all[i]->dirty = false;
	}
	paths->dirty[0] = paths->dirty[1] = false;
}

void paths_destroy(struct mirror *mirror) {
	struct paths *paths = &mirror->paths;

	for (uint32_t i = 0; i < paths->capacity; i++) {
		if (paths->all[i])
			free_path(mirror, paths->all[i]);
	}
	for (size_t i = 0; i < paths->dropped_count; i++)
		neighbour_drop(mirror, paths->dropped[i]);
	free(paths->all);
	free(paths->idle);
	free(paths->dropped);
}
