/* nexthop_object: see nexthop_object.h. */
#include "mirror/nexthop_object.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { OBJECTS_MAX = 1 << 20 };

struct group_member {
	uint32_t object;
	uint16_t weight;
};

struct nexthop_object {
	uint32_t id;
	enum object_kind kind;
	struct hop hop; /* of OBJECT_HOP and OBJECT_BLACKHOLE */
	uint8_t generation;
	size_t member_count;
	struct group_member *members; /* of OBJECT_GROUP */
	UT_hash_handle hh;
};

static struct nexthop_object *find(const struct nexthop_objects *objects, uint32_t id) {
	struct nexthop_object *object;

	HASH_FIND(hh, objects->table, &id, sizeof(id), object);
	return object;
}

static bool has_member(const struct nexthop_object *group, uint32_t id) {
	for (size_t i = 0; i < group->member_count; i++) {
		if (group->members[i].object == id)
			return true;
	}
	return false;
}

/* Tells the paths by this object, and by the groups that it is in. */
static void tell_paths(struct mirror *mirror, uint32_t id) {
	paths_update_object(mirror, id);
	for (const struct nexthop_object *group = mirror->objects.table; group;
		group = group->hh.next) {
		if (has_member(group, id))
			paths_update_object(mirror, group->id);
	}
}

/* struct nexthop_grp: id, weight - 1, and since 6.12 the weight's upper byte, which was zero. */
static int read_group(
	struct mirror *mirror, struct nexthop_object *object, const struct nlattr *attribute) {
	struct nexthop_grp_wire {
		uint32_t id;
		uint8_t weight, weight_high;
		uint16_t reserved;
	} wire;
	const uint8_t *payload = mnl_attr_get_payload(attribute);
	size_t count = mnl_attr_get_payload_len(attribute) / sizeof(wire);
	struct group_member *members;

	if (count > HOPS_MAX)
		mirror_tell_limit(mirror, LIMIT_HOPS, "a group of more than 512 next hops");
	if (!count || count > HOPS_MAX)
		return -1;
	members = calloc(count, sizeof(*members));
	if (!members)
		return -1;
	for (size_t i = 0; i < count; i++) {
		uint32_t weight;

		memcpy(&wire, payload + i * sizeof(wire), sizeof(wire));
		weight = (uint32_t)wire.weight_high << 8 | wire.weight;
		members[i].object = wire.id;
		members[i].weight = (uint16_t)(weight < UINT16_MAX ? weight + 1 : UINT16_MAX);
	}
	free(object->members);
	object->members = members;
	object->member_count = count;
	return 0;
}

static enum object_kind read_hop(
	struct hop *hop, const struct nhmsg *header, const struct nlattr *const *attributes) {
	const struct nlattr *gateway = attributes[NHA_GATEWAY];

	memset(hop, 0, sizeof(*hop));
	hop->ifindex = attribute_u32(attributes[NHA_OIF], 0);
	hop->weight = 1;
	if (attributes[NHA_ENCAP] || attributes[NHA_ENCAP_TYPE] || attributes[NHA_FDB])
		return OBJECT_FEATURE;
	if (attributes[NHA_BLACKHOLE])
		return OBJECT_BLACKHOLE;
	if (!hop->ifindex)
		return OBJECT_FEATURE;
	if (!gateway)
		return OBJECT_HOP;
	if (!family_is_ip(header->nh_family) ||
		!attribute_has(gateway, family_bytes(header->nh_family)))
		return OBJECT_FEATURE;
	hop->family = header->nh_family;
	memcpy(hop->gateway, mnl_attr_get_payload(gateway), family_bytes(hop->family));
	return OBJECT_HOP;
}

static struct nexthop_object *create(struct mirror *mirror, uint32_t id) {
	struct nexthop_object *object;

	if (mirror->objects.count == OBJECTS_MAX) {
		mirror_tell_limit(mirror, LIMIT_OBJECTS, "more than 1048576 next-hop objects");
		return NULL; /* its routes are left to the kernel: a missing object */
	}
	object = calloc(1, sizeof(*object));
	if (!object)
		return NULL;
	object->id = id;
	HASH_ADD(hh, mirror->objects.table, id, sizeof(object->id), object);
	mirror->objects.count++;
	return object;
}

static bool equal(const struct nexthop_object *one, const struct nexthop_object *other) {
	return one->kind == other->kind && one->member_count == other->member_count &&
	       !memcmp(&one->hop, &other->hop, sizeof(one->hop)) &&
	       (!one->member_count || !memcmp(one->members, other->members,
					      one->member_count * sizeof(*one->members)));
}

static void learn(struct mirror *mirror, uint32_t id, const struct nhmsg *header,
	const struct nlattr *const *attributes) {
	struct nexthop_object next = {.id = id};
	struct nexthop_object *object = find(&mirror->objects, id);

	if (!attributes[NHA_GROUP])
		next.kind = read_hop(&next.hop, header, attributes);
	else if (attributes[NHA_FDB] || read_group(mirror, &next, attributes[NHA_GROUP]))
		next.kind = OBJECT_FEATURE;
	else
		next.kind = OBJECT_GROUP;

	if (!object)
		object = create(mirror, id);
	if (!object) {
		free(next.members);
		paths_update_object(mirror, id);
		return;
	}
	object->generation = mirror->generation;
	if (equal(object, &next)) {
		free(next.members);
		return;
	}
	free(object->members);
	object->kind = next.kind;
	object->hop = next.hop;
	object->members = next.members;
	object->member_count = next.member_count;
	tell_paths(mirror, id);
}

static void remove_object(struct mirror *mirror, struct nexthop_object *object);

/* A group that has lost its last member goes too. */
static void leave_groups(struct mirror *mirror, uint32_t id) {
	struct nexthop_object *group, *next;

	HASH_ITER(hh, mirror->objects.table, group, next) {
		size_t kept = 0;

		if (!has_member(group, id))
			continue;
		for (size_t i = 0; i < group->member_count; i++) {
			if (group->members[i].object != id)
				group->members[kept++] = group->members[i];
		}
		group->member_count = kept;
		if (kept)
			paths_update_object(mirror, group->id);
		else
			remove_object(mirror, group);
	}
}

/* Groups have no groups as members, so that this goes two deep at most. */
static void remove_object(struct mirror *mirror, struct nexthop_object *object) {
	uint32_t id = object->id;
	bool is_group = object->kind == OBJECT_GROUP;

	paths_condemn_object(mirror, id);
	HASH_DEL(mirror->objects.table, object);
	mirror->objects.count--;
	free(object->members);
	free(object);
	if (!is_group)
		leave_groups(mirror, id);
}

void nexthop_object_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[NHA_FDB + 1];
	const struct nhmsg *header = mnl_nlmsg_get_payload(message);
	struct nexthop_object *object;
	uint32_t id;

	if (!attributes_parse(message, sizeof(*header), attributes, NHA_FDB) ||
		!attribute_has(attributes[NHA_ID], sizeof(id))) {
		mirror->statistics.malformed++;
		return;
	}
	id = mnl_attr_get_u32(attributes[NHA_ID]);
	if (!id)
		return;
	if (message->nlmsg_type == RTM_NEWNEXTHOP) {
		learn(mirror, id, header, attributes);
		return;
	}
	object = find(&mirror->objects, id);
	if (object)
		remove_object(mirror, object);
}

static bool is_stale(const struct nexthop_object *object, uint32_t generation) {
	return object->generation != generation;
}

static bool is_hop_on(const struct nexthop_object *object, uint32_t ifindex) {
	return object->kind == OBJECT_HOP && object->hop.ifindex == ifindex;
}

/* Removes those for which `applies`; found first, since removing one may remove a group. */
static size_t remove_all(struct mirror *mirror,
	bool (*applies)(const struct nexthop_object *, uint32_t), uint32_t argument) {
	struct nexthop_object *object, *next;
	uint32_t *ids = calloc(mirror->objects.count + 1, sizeof(*ids));
	size_t count = 0;

	if (!ids) {
		mirror->lost = true;
		return 0;
	}
	HASH_ITER(hh, mirror->objects.table, object, next) {
		if (applies(object, argument))
			ids[count++] = object->id;
	}
	for (size_t i = 0; i < count; i++) {
		object = find(&mirror->objects, ids[i]);
		if (object)
			remove_object(mirror, object);
	}
	free(ids);
	return count;
}

void nexthop_objects_sweep(struct mirror *mirror) {
	remove_all(mirror, is_stale, mirror->generation);
}

size_t nexthop_objects_link_down(struct mirror *mirror, uint32_t ifindex) {
	return remove_all(mirror, is_hop_on, ifindex);
}

void nexthop_objects_free(struct nexthop_objects *objects) {
	struct nexthop_object *object, *next;

	HASH_ITER(hh, objects->table, object, next) {
		HASH_DEL(objects->table, object);
		free(object->members);
		free(object);
	}
}

enum object_kind nexthop_object_hops(
	const struct mirror *mirror, uint32_t id, struct hop *hops, size_t *count) {
	const struct nexthop_object *object = find(&mirror->objects, id);

	*count = 0;
	if (!object)
		return OBJECT_MISSING;
	if (object->kind == OBJECT_HOP)
		hops[(*count)++] = object->hop;
	if (object->kind != OBJECT_GROUP)
		return object->kind;
	for (size_t i = 0; i < object->member_count; i++) {
		const struct nexthop_object *member =
			find(&mirror->objects, object->members[i].object);

		if (!member)
			continue; /* told soon, or on its way out */
		if (member->kind != OBJECT_HOP) {
			*count = 0; /* a blackhole as a member, or what is not understood */
			return object->member_count == 1 ? member->kind : OBJECT_FEATURE;
		}
		hops[*count] = member->hop;
		hops[(*count)++].weight = object->members[i].weight;
	}
	return *count ? OBJECT_GROUP : OBJECT_MISSING;
}
