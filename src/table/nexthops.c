/*
 * nexthops: the writer's side of the next-hop table; see nexthops.h.
 *
 * Readers see an entry change by one store of its head. A reader that read an older head may go on
 * reading the body it belongs to until the next grace period: so a body is written only while its
 * entry is a verdict and was nothing else since the last grace period.
 *
 * Buckets are allocated by granules of BUCKETS_MIN. A group keeps its buckets while none of its
 * members is up.
 */
#include "table/nexthops.h"

#include "table/buckets.h"
#include "table/grace.h"
#include "table/spans.h"
#include "table/tables.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

enum { WEIGHT_MAX = 65535 };

/* What only the writer knows of a next hop. */
struct entry {
	uint32_t next; /* in the list of free or retired ids */
	bool allocated;
	bool body_read; /* readers may hold the body: it was no verdict since the last grace */
	uint8_t bucket_shift;
	uint32_t granule; /* of a group: where its buckets begin */
	uint32_t member_count;
	struct nexthop_member *members; /* NULL unless it is a group */

	uint32_t *groups; /* that have it as a member, once for each time */
	uint32_t group_count;
	uint32_t group_capacity;
};

struct granule {
	uint32_t next; /* in the list of retired blocks of buckets, if one begins here */
	uint32_t size;
};

struct nexthops {
	struct nexthop_memory memory;
	struct grace *grace;
	struct entry *entries; /* nexthop_count */
	size_t count;
	uint32_t free_ids;
	uint32_t retired_ids;

	struct spans *free_granules;
	struct granule *granules;
	uint32_t granule_count;
	uint32_t retired_granules;

	/* Room to work in. */
	struct share shares[NEXTHOP_MEMBERS_MAX];
	uint32_t buckets[BUCKETS_MAX];
};

/* Waits until no reader is left in what is retired, and takes all of it back. */
static void await_readers(struct nexthops *nexthops) {
	uint32_t next;

	nexthops->grace->wait(nexthops->grace);

	for (uint32_t id = nexthops->retired_ids; id != NOWHERE; id = next) {
		next = nexthops->entries[id].next;
		nexthops->entries[id].next = nexthops->free_ids;
		nexthops->free_ids = id;
	}
	nexthops->retired_ids = NOWHERE;

	for (uint32_t granule = nexthops->retired_granules; granule != NOWHERE; granule = next) {
		next = nexthops->granules[granule].next;
		spans_give(nexthops->free_granules, granule, nexthops->granules[granule].size);
	}
	nexthops->retired_granules = NOWHERE;

	for (uint32_t id = 0; id < nexthops->memory.nexthop_count; id++)
		nexthops->entries[id].body_read &=
			nexthops->memory.nexthops[id].kind != NEXTHOP_VERDICT;
}

static void set_head(struct nexthops *nexthops, uint32_t id, struct nexthop head) {
	struct nexthop *nexthop = &nexthops->memory.nexthops[id];

	if (head.kind != NEXTHOP_VERDICT)
		nexthops->entries[id].body_read = true;
	if (nexthop->head != head.head)
		__atomic_store_n(&nexthop->head, head.head, __ATOMIC_RELEASE);
}

static void set_verdict_head(
	struct nexthops *nexthops, uint32_t id, enum reason reason, uint8_t port) {
	struct nexthop head = {
		.kind = NEXTHOP_VERDICT,
		.reason = (uint8_t)reason,
		.port = port,
	};

	set_head(nexthops, id, head);
}

static void set_ifindex(struct nexthops *nexthops, uint32_t id, uint32_t ifindex) {
	__atomic_store_n(&nexthops->memory.nexthops[id].ifindex, ifindex, __ATOMIC_RELAXED);
}

/* Makes the entry one whose body may be written. */
static void clear_of_readers(struct nexthops *nexthops, uint32_t id) {
	const struct nexthop *nexthop = &nexthops->memory.nexthops[id];

	if (nexthop->kind != NEXTHOP_VERDICT)
		set_verdict_head(nexthops, id, REASON_UNRESOLVED, nexthop->port);
	if (nexthops->entries[id].body_read)
		await_readers(nexthops);
}

/* The shares of those members that are up, ready to be dealt. */
static size_t live_shares(struct nexthops *nexthops, const struct entry *group) {
	size_t count = 0;

	for (size_t i = 0; i < group->member_count; i++) {
		const struct nexthop_member *member = &group->members[i];

		if (nexthops->memory.nexthops[member->nexthop].kind == NEXTHOP_ADJACENCY)
			nexthops->shares[count++] =
				(struct share){member->nexthop, member->weight, 0};
	}
	return buckets_join(nexthops->shares, count);
}

static size_t all_shares(
	struct nexthops *nexthops, const struct nexthop_member *members, size_t count) {
	for (size_t i = 0; i < count; i++)
		nexthops->shares[i] = (struct share){members[i].nexthop, members[i].weight, 0};
	return buckets_join(nexthops->shares, count);
}

static uint32_t *buckets_of(const struct nexthops *nexthops, const struct entry *group) {
	return nexthops->memory.buckets + (size_t)group->granule * BUCKETS_MIN;
}

static void store_ports(struct nexthops *nexthops, uint32_t id, size_t share_count) {
	uint64_t ports[PORTS_MAX / 64] = {0};

	for (size_t i = 0; i < share_count; i++) {
		uint8_t port = nexthops->memory.nexthops[nexthops->shares[i].nexthop].port;

		ports[port / 64] |= 1ull << port % 64;
	}
	for (size_t i = 0; i < PORTS_MAX / 64; i++)
		__atomic_store_n(
			&nexthops->memory.nexthops[id].port_set[i], ports[i], __ATOMIC_RELAXED);
}

/* Readers may be in these buckets: each store moves one bucket. */
static void store_buckets(struct nexthops *nexthops, const struct entry *group) {
	uint32_t *buckets = buckets_of(nexthops, group);

	for (size_t i = 0; i < (size_t)1 << group->bucket_shift; i++) {
		if (buckets[i] != nexthops->buckets[i])
			__atomic_store_n(&buckets[i], nexthops->buckets[i], __ATOMIC_RELAXED);
	}
}

static void answer_as_first_member(struct nexthops *nexthops, uint32_t id) {
	const struct entry *group = &nexthops->entries[id];
	const struct nexthop *first = &nexthops->memory.nexthops[group->members[0].nexthop];

	set_verdict_head(nexthops, id, first->reason, first->port);
	set_ifindex(nexthops, id, first->ifindex);
}

/* Deals the buckets, starting from who has them in nexthops->buckets, and publishes. */
static void publish_group(struct nexthops *nexthops, uint32_t id) {
	const struct entry *group = &nexthops->entries[id];
	size_t count = live_shares(nexthops, group);
	struct nexthop head = {
		.kind = NEXTHOP_GROUP,
		.bucket_shift = group->bucket_shift,
		.argument = group->granule * BUCKETS_MIN,
	};

	if (!count) {
		store_buckets(nexthops, group);
		answer_as_first_member(nexthops, id);
		return;
	}
	buckets_deal(nexthops->shares, count, nexthops->buckets, group->bucket_shift);
	store_buckets(nexthops, group);
	store_ports(nexthops, id, count);
	set_head(nexthops, id, head);
}

static void load_buckets(struct nexthops *nexthops, const struct entry *group) {
	memcpy(nexthops->buckets, buckets_of(nexthops, group),
		sizeof(uint32_t) << group->bucket_shift);
}

/* Brings the groups that have this member up to date with it. */
static void refresh_groups(struct nexthops *nexthops, uint32_t member) {
	const struct entry *entry = &nexthops->entries[member];

	for (size_t i = 0; i < entry->group_count; i++) {
		load_buckets(nexthops, &nexthops->entries[entry->groups[i]]);
		publish_group(nexthops, entry->groups[i]);
	}
}

/* The buckets of a group, were they 1 << shift: what a flow's hash chose it still chooses. */
static void load_resized_buckets(
	struct nexthops *nexthops, const struct entry *group, unsigned int shift) {
	const uint32_t *buckets;

	if (!group->members) {
		memset(nexthops->buckets, 0xff, sizeof(uint32_t) << shift);
		return;
	}
	buckets = buckets_of(nexthops, group);
	for (size_t i = 0; i < (size_t)1 << shift; i++)
		nexthops->buckets[i] = shift > group->bucket_shift
					       ? buckets[i >> (shift - group->bucket_shift)]
					       : buckets[i << (group->bucket_shift - shift)];
}

static int take_granules(struct nexthops *nexthops, uint32_t size, uint32_t *granule) {
	if (!spans_take(nexthops->free_granules, size, granule))
		return 0;
	if (nexthops->retired_granules == NOWHERE)
		return -ENOSPC;
	await_readers(nexthops);
	return spans_take(nexthops->free_granules, size, granule);
}

static uint32_t granules_of(unsigned int shift) {
	return (1u << shift) / BUCKETS_MIN;
}

static void retire_granules(struct nexthops *nexthops, uint32_t granule, unsigned int shift) {
	nexthops->granules[granule].size = granules_of(shift);
	nexthops->granules[granule].next = nexthops->retired_granules;
	nexthops->retired_granules = granule;
}

static void unlink_member(struct nexthops *nexthops, uint32_t id, uint32_t group) {
	struct entry *entry = &nexthops->entries[id];
	uint32_t i = 0;

	while (entry->groups[i] != group)
		i++;
	entry->groups[i] = entry->groups[--entry->group_count];
}

static void unlink_members(struct nexthops *nexthops, uint32_t group,
	const struct nexthop_member *members, size_t count) {
	for (size_t i = 0; i < count; i++)
		unlink_member(nexthops, members[i].nexthop, group);
}

static int link_member(struct nexthops *nexthops, uint32_t id, uint32_t group) {
	struct entry *entry = &nexthops->entries[id];

	if (entry->group_count == entry->group_capacity) {
		uint32_t capacity = entry->group_capacity ? 2 * entry->group_capacity : 4;
		uint32_t *groups = realloc(entry->groups, capacity * sizeof(*groups));

		if (!groups)
			return -ENOMEM;
		entry->groups = groups;
		entry->group_capacity = capacity;
	}
	entry->groups[entry->group_count++] = group;
	return 0;
}

static int link_members(struct nexthops *nexthops, uint32_t group,
	const struct nexthop_member *members, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (link_member(nexthops, members[i].nexthop, group)) {
			unlink_members(nexthops, group, members, i);
			return -ENOMEM;
		}
	}
	return 0;
}

/* No group any more: its head must be another's already. */
static void dissolve(struct nexthops *nexthops, uint32_t id) {
	struct entry *group = &nexthops->entries[id];

	if (!group->members)
		return;
	unlink_members(nexthops, id, group->members, group->member_count);
	retire_granules(nexthops, group->granule, group->bucket_shift);
	free(group->members);
	group->members = NULL;
	group->member_count = 0;
}

static bool is_allocated(const struct nexthops *nexthops, uint32_t id) {
	return id < nexthops->memory.nexthop_count && nexthops->entries[id].allocated;
}

static bool are_members(const struct nexthops *nexthops, uint32_t group,
	const struct nexthop_member *members, size_t count) {
	if (!count || count > NEXTHOP_MEMBERS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (members[i].nexthop == group || !is_allocated(nexthops, members[i].nexthop) ||
			nexthops->entries[members[i].nexthop].members)
			return false;
		if (!members[i].weight || members[i].weight > WEIGHT_MAX)
			return false;
	}
	return true;
}

static bool is_adjacency(const struct nexthop *nexthop, const struct adjacency *adjacency) {
	return nexthop->ifindex == adjacency->ifindex &&
	       !memcmp(nexthop->destination_mac, adjacency->destination_mac, 6) &&
	       !memcmp(nexthop->source_mac, adjacency->source_mac, 6);
}

static void set_unresolved(struct nexthops *nexthops, uint32_t id) {
	struct nexthop *nexthop = &nexthops->memory.nexthops[id];

	memset(nexthop, 0, sizeof(*nexthop));
	nexthops->entries[id].body_read = false;
	set_verdict_head(nexthops, id, REASON_UNRESOLVED, 0);
}

struct nexthops *nexthops_create(const struct nexthop_memory *memory, struct grace *grace) {
	struct nexthops *nexthops;

	if (memory->nexthop_count < REASON_COUNT) {
		errno = EINVAL;
		return NULL;
	}
	nexthops = calloc(1, sizeof(*nexthops));
	if (!nexthops)
		return NULL;
	nexthops->memory = *memory;
	nexthops->grace = grace;
	nexthops->granule_count = memory->bucket_count / BUCKETS_MIN;
	nexthops->entries = calloc(memory->nexthop_count, sizeof(*nexthops->entries));
	nexthops->free_granules = spans_create(nexthops->granule_count);
	nexthops->granules = calloc((size_t)nexthops->granule_count + 1, sizeof(struct granule));
	if (!nexthops->entries || !nexthops->free_granules || !nexthops->granules) {
		nexthops_destroy(nexthops);
		errno = ENOMEM;
		return NULL;
	}

	nexthops->retired_ids = NOWHERE;
	nexthops->retired_granules = NOWHERE;
	nexthops->free_ids = NOWHERE;
	for (uint32_t id = memory->nexthop_count; id-- > REASON_COUNT;) {
		nexthops->entries[id].next = nexthops->free_ids;
		nexthops->free_ids = id;
	}
	for (uint32_t id = 0; id < REASON_COUNT; id++) {
		nexthops->entries[id].allocated = true;
		set_verdict_head(nexthops, id, id == REASON_FORWARDED ? REASON_NO_ROUTE : id, 0);
	}
	return nexthops;
}

void nexthops_destroy(struct nexthops *nexthops) {
	if (!nexthops)
		return;
	for (size_t id = 0; nexthops->entries && id < nexthops->memory.nexthop_count; id++) {
		free(nexthops->entries[id].members);
		free(nexthops->entries[id].groups);
	}
	free(nexthops->entries);
	spans_destroy(nexthops->free_granules);
	free(nexthops->granules);
	free(nexthops);
}

int nexthops_allocate(struct nexthops *nexthops, uint32_t *id) {
	if (nexthops->free_ids == NOWHERE && nexthops->retired_ids != NOWHERE)
		await_readers(nexthops);
	if (nexthops->free_ids == NOWHERE)
		return -ENOSPC;
	*id = nexthops->free_ids;
	nexthops->free_ids = nexthops->entries[*id].next;
	nexthops->entries[*id].allocated = true;
	nexthops->count++;
	set_unresolved(nexthops, *id);
	return 0;
}

void nexthops_free(struct nexthops *nexthops, uint32_t id) {
	struct entry *entry = &nexthops->entries[id];

	assert(id >= REASON_COUNT && is_allocated(nexthops, id) && !entry->group_count);
	set_verdict_head(nexthops, id, REASON_UNRESOLVED, 0);
	dissolve(nexthops, id);
	entry->allocated = false;
	entry->next = nexthops->retired_ids;
	nexthops->retired_ids = id;
	nexthops->count--;
}

void nexthops_set_verdict(struct nexthops *nexthops, uint32_t id, enum reason reason, uint8_t port,
	uint32_t ifindex) {
	const struct nexthop *nexthop = &nexthops->memory.nexthops[id];

	assert(id >= REASON_COUNT && is_allocated(nexthops, id));
	if (!nexthops->entries[id].members && nexthop->kind == NEXTHOP_VERDICT &&
		nexthop->reason == reason && nexthop->port == port && nexthop->ifindex == ifindex)
		return;
	set_verdict_head(nexthops, id, reason, port);
	dissolve(nexthops, id);
	refresh_groups(nexthops, id);
	if (nexthop->ifindex == ifindex)
		return;

	/* Only now, with the frames on their new way, what may have to wait. */
	clear_of_readers(nexthops, id);
	set_ifindex(nexthops, id, ifindex);
	refresh_groups(nexthops, id);
}

void nexthops_announce_adjacency(
	struct nexthops *nexthops, uint32_t id, const struct adjacency *adjacency) {
	const struct nexthop *nexthop = &nexthops->memory.nexthops[id];

	assert(id >= REASON_COUNT && is_allocated(nexthops, id));
	if (nexthop->kind != NEXTHOP_VERDICT && !is_adjacency(nexthop, adjacency))
		set_verdict_head(nexthops, id, REASON_UNRESOLVED, nexthop->port);
}

void nexthops_set_adjacency(
	struct nexthops *nexthops, uint32_t id, const struct adjacency *adjacency) {
	struct nexthop *nexthop = &nexthops->memory.nexthops[id];
	struct nexthop head = {
		.kind = NEXTHOP_ADJACENCY,
		.port = adjacency->port,
		.argument = adjacency->mtu,
	};

	assert(id >= REASON_COUNT && is_allocated(nexthops, id));
	if (nexthop->head == head.head && is_adjacency(nexthop, adjacency))
		return;
	if (nexthops->entries[id].members || !is_adjacency(nexthop, adjacency)) {
		clear_of_readers(nexthops, id);
		dissolve(nexthops, id);
		memcpy(nexthop->destination_mac, adjacency->destination_mac, 6);
		memcpy(nexthop->source_mac, adjacency->source_mac, 6);
		set_ifindex(nexthops, id, adjacency->ifindex);
	}
	set_head(nexthops, id, head);
	refresh_groups(nexthops, id);
}

int nexthops_set_group(struct nexthops *nexthops, uint32_t id, const struct nexthop_member *members,
	size_t count) {
	struct entry *group = &nexthops->entries[id];
	struct entry old = *group;
	struct nexthop_member *copy;
	unsigned int shift;
	uint32_t granule;

	if (id < REASON_COUNT || !is_allocated(nexthops, id) || group->group_count ||
		!are_members(nexthops, id, members, count))
		return -EINVAL;
	copy = malloc(count * sizeof(*copy));
	if (!copy || link_members(nexthops, id, members, count)) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, members, count * sizeof(*copy));

	shift = buckets_shift(nexthops->shares, all_shares(nexthops, members, count));
	if (old.members && old.bucket_shift == shift) {
		granule = old.granule;
	} else if (take_granules(nexthops, granules_of(shift), &granule)) {
		unlink_members(nexthops, id, members, count);
		free(copy);
		nexthops_set_verdict(nexthops, id, REASON_TABLE_FULL, 0, 0);
		return -ENOSPC;
	}
	if (!old.members)
		clear_of_readers(nexthops, id);
	load_resized_buckets(nexthops, group, shift);

	group->members = copy;
	group->member_count = (uint32_t)count;
	group->bucket_shift = (uint8_t)shift;
	group->granule = granule;
	publish_group(nexthops, id);

	if (old.members) {
		unlink_members(nexthops, id, old.members, old.member_count);
		if (old.granule != granule)
			retire_granules(nexthops, old.granule, old.bucket_shift);
		free(old.members);
	}
	return 0;
}

const struct nexthop *nexthops_get(const struct nexthops *nexthops, uint32_t id) {
	assert(id < nexthops->memory.nexthop_count);
	return &nexthops->memory.nexthops[id];
}

size_t nexthops_members(
	const struct nexthops *nexthops, uint32_t id, struct nexthop_member *members, size_t size) {
	const struct entry *group = &nexthops->entries[id];

	assert(id < nexthops->memory.nexthop_count);
	if (group->members)
		memcpy(members, group->members,
			(size < group->member_count ? size : group->member_count) *
				sizeof(*members));
	return group->member_count;
}

bool nexthops_take_used(struct nexthops *nexthops, uint32_t id) {
	uint8_t *used = &nexthops->memory.nexthops[id].used;

	assert(id < nexthops->memory.nexthop_count);
	if (!__atomic_load_n(used, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(used, 0, __ATOMIC_RELAXED);
	return true;
}

struct nexthops_usage nexthops_usage(const struct nexthops *nexthops) {
	uint32_t free_granules = spans_free(nexthops->free_granules);

	return (struct nexthops_usage){
		.nexthops = nexthops->count,
		.nexthops_max = nexthops->memory.nexthop_count - REASON_COUNT,
		.buckets = (size_t)(nexthops->granule_count - free_granules) * BUCKETS_MIN,
		.buckets_max = (size_t)nexthops->granule_count * BUCKETS_MIN,
	};
}
