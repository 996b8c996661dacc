/* neighbour: see neighbour.h. */
#include "mirror/neighbour.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"
#include "table/nexthops.h"
#include "table/rib.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	NUD_SENDABLE = NUD_PERMANENT | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE,
	BACKOFF_MOST_SECONDS = 30,
	REFRESH_BYTES = 8192, /* probes asked for in one system call */
};

static const uint64_t second_ns = 1000000000;
/* Asked for as often as this while in use, an entry never ages to STALE unnoticed: the kernel
 * passes to DELAY whatever was used within delay_first_probe_time, 5 s by default. */
static const uint64_t refresh_ns = 3 * second_ns;
static const uint64_t in_use_ns = 5 * second_ns;

static struct neighbour_key make_key(uint32_t ifindex, sa_family_t family, const uint8_t *address) {
	struct neighbour_key key = {.ifindex = ifindex, .family = family};

	if (family != AF_UNSPEC)
		memcpy(key.address, address, family_bytes(family));
	return key;
}

static bool is_multicast(unsigned int family, const uint8_t *address) {
	return family == AF_INET6 ? address[0] == 0xff : address[0] >= 0xe0;
}

static bool is_link_local(unsigned int family, const uint8_t *address) {
	return family == AF_INET6 && address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

static bool may_be_host(const struct neighbour *neighbour) {
	return neighbour->key.family != AF_UNSPEC &&
	       !is_link_local(neighbour->key.family, neighbour->key.address);
}

static bool is_resolved(const struct neighbour *neighbour) {
	return neighbour->known && neighbour->has_mac && neighbour->state & NUD_SENDABLE;
}

/* One place decides what an id leads to: REASON_FORWARDED and *adjacency, or why not. */
static enum reason judge(
	const struct link *link, const struct neighbour *neighbour, struct adjacency *adjacency) {
	if (!link || !link_can_carry(link))
		return REASON_LINK_DOWN;
	if (!link->slot)
		return REASON_NOT_A_PORT;
	if (link->egress != REASON_FORWARDED)
		return link->egress;
	if (!link_is_ethernet(link) || !is_resolved(neighbour))
		return REASON_UNRESOLVED;
	adjacency->ifindex = neighbour->key.ifindex;
	adjacency->mtu = link->shown.mtu;
	if (neighbour->key.family == AF_INET6 && link->mtu6 && link->mtu6 < adjacency->mtu)
		adjacency->mtu = link->mtu6; /* for IPv4 by an IPv6 gateway too: never too large */
	adjacency->port = link->slot;
	memcpy(adjacency->destination_mac, neighbour->mac, sizeof(adjacency->destination_mac));
	memcpy(adjacency->source_mac, link->shown.mac, sizeof(adjacency->source_mac));
	return REASON_FORWARDED;
}

static void update_id(struct mirror *mirror, struct neighbour *neighbour) {
	const struct link *link = link_find(&mirror->links, neighbour->key.ifindex);
	struct adjacency adjacency;
	enum reason verdict;

	if (neighbour->id == NEIGHBOUR_NO_ID)
		return;
	verdict = judge(link, neighbour, &adjacency);
	if (verdict == REASON_FORWARDED)
		nexthops_set_adjacency(mirror->tables.nexthops, neighbour->id, &adjacency);
	else
		nexthops_set_verdict(mirror->tables.nexthops, neighbour->id, verdict,
			link ? link->slot : 0, neighbour->key.ifindex);
}

static void announce_id(struct mirror *mirror, struct neighbour *neighbour) {
	const struct link *link = link_find(&mirror->links, neighbour->key.ifindex);
	struct adjacency adjacency;

	if (neighbour->id != NEIGHBOUR_NO_ID &&
		judge(link, neighbour, &adjacency) == REASON_FORWARDED)
		nexthops_announce_adjacency(mirror->tables.nexthops, neighbour->id, &adjacency);
}

static int take_slot(struct neighbours *neighbours, struct neighbour *neighbour) {
	size_t capacity = neighbours->slot_capacity ? 2 * neighbours->slot_capacity : 256;
	struct neighbour **slots;
	uint32_t *free_slots;

	if (neighbours->free_count) {
		neighbour->slot = neighbours->free_slots[--neighbours->free_count];
		neighbours->slots[neighbour->slot] = neighbour;
		return 0;
	}
	if (neighbours->slot_count == neighbours->slot_capacity) {
		slots = realloc(neighbours->slots, capacity * sizeof(*slots));
		if (!slots)
			return -ENOMEM;
		neighbours->slots = slots;
		free_slots = realloc(neighbours->free_slots, capacity * sizeof(*free_slots));
		if (!free_slots)
			return -ENOMEM;
		neighbours->free_slots = free_slots;
		neighbours->slot_capacity = capacity;
	}
	neighbour->slot = (uint32_t)neighbours->slot_count++;
	neighbours->slots[neighbour->slot] = neighbour;
	return 0;
}

static struct neighbour *intern(struct mirror *mirror, const struct neighbour_key *key) {
	struct neighbours *neighbours = &mirror->neighbours;
	struct neighbour *neighbour;

	HASH_FIND(hh, neighbours->table, key, sizeof(*key), neighbour);
	if (neighbour)
		return neighbour;
	if (HASH_COUNT(neighbours->table) >= GATEWAYS_MAX) {
		mirror_tell_limit(mirror, LIMIT_GATEWAYS, "more than 1048576 gateways");
		return NULL;
	}
	neighbour = calloc(1, sizeof(*neighbour));
	if (!neighbour || take_slot(neighbours, neighbour)) {
		free(neighbour);
		return NULL;
	}
	neighbour->key = *key;
	neighbour->id = NEIGHBOUR_NO_ID;
	HASH_ADD(hh, neighbours->table, key, sizeof(neighbour->key), neighbour);
	return neighbour;
}

/* Frees the id when nothing leads there, and the entry when the kernel does not know it either. */
static void release_unused(struct mirror *mirror, struct neighbour *neighbour) {
	struct neighbours *neighbours = &mirror->neighbours;

	if (neighbour->references || neighbour->host_route)
		return;
	if (neighbour->id != NEIGHBOUR_NO_ID) {
		owner_set(mirror, neighbour->id, (struct owner){0});
		nexthops_free(mirror->tables.nexthops, neighbour->id);
	}
	neighbour->id = NEIGHBOUR_NO_ID;
	if (neighbour->known)
		return;
	neighbours->slots[neighbour->slot] = NULL;
	neighbours->free_slots[neighbours->free_count++] = neighbour->slot;
	HASH_DEL(neighbours->table, neighbour);
	free(neighbour);
}

static int ensure_id(struct mirror *mirror, struct neighbour *neighbour) {
	int error;

	if (neighbour->id != NEIGHBOUR_NO_ID)
		return 0;
	error = nexthops_allocate(mirror->tables.nexthops, &neighbour->id);
	if (error) {
		neighbour->id = NEIGHBOUR_NO_ID;
		mirror_tell_limit(mirror, LIMIT_TABLES, "the next-hop table is full");
		return error;
	}
	owner_set(mirror, neighbour->id, (struct owner){.neighbour = neighbour});
	update_id(mirror, neighbour);
	return 0;
}

/* The chain of known entries with one address hangs in a RIB, so that those within a prefix can be
 * found. */
static void chain_add(struct mirror *mirror, struct neighbour *neighbour) {
	struct rib *rib = mirror->neighbours.by_address[family_index(neighbour->key.family)];
	unsigned int length = (unsigned int)family_bytes(neighbour->key.family) * 8;
	uint32_t first = 0;

	if (!may_be_host(neighbour))
		return;
	rib_get(rib, neighbour->key.address, length, &first);
	neighbour->next_alike = first;
	if (rib_set(rib, neighbour->key.address, length, neighbour->slot + 1))
		mirror->lost = true;
}

static void chain_remove(struct mirror *mirror, struct neighbour *neighbour) {
	struct neighbours *neighbours = &mirror->neighbours;
	struct rib *rib = neighbours->by_address[family_index(neighbour->key.family)];
	unsigned int length = (unsigned int)family_bytes(neighbour->key.family) * 8;
	uint32_t first;

	if (!may_be_host(neighbour) || rib_get(rib, neighbour->key.address, length, &first))
		return;
	if (first != neighbour->slot + 1) {
		struct neighbour *before = neighbours->slots[first - 1];

		while (before->next_alike && before->next_alike != neighbour->slot + 1)
			before = neighbours->slots[before->next_alike - 1];
		before->next_alike = neighbour->next_alike;
	} else if (neighbour->next_alike) {
		rib_set(rib, neighbour->key.address, length, neighbour->next_alike);
	} else {
		rib_remove(rib, neighbour->key.address, length, NULL);
	}
	neighbour->next_alike = 0;
}

static struct neighbour *chain_first(
	const struct neighbours *neighbours, sa_family_t family, const uint8_t *address) {
	uint32_t first;

	if (rib_get(neighbours->by_address[family_index(family)], address,
		    (unsigned int)family_bytes(family) * 8, &first))
		return NULL;
	return neighbours->slots[first - 1];
}

static struct neighbour *chain_next(
	const struct neighbours *neighbours, const struct neighbour *neighbour) {
	return neighbour->next_alike ? neighbours->slots[neighbour->next_alike - 1] : NULL;
}

static void ask_to_probe(
	struct mirror *mirror, struct mnl_nlmsg_batch *batch, struct neighbour *neighbour) {
	struct nlmsghdr *request = mnl_nlmsg_put_header(mnl_nlmsg_batch_current(batch));
	struct ndmsg *header;

	request->nlmsg_type = RTM_NEWNEIGH;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->ndm_family = (uint8_t)neighbour->key.family;
	header->ndm_ifindex = (int)neighbour->key.ifindex;
	header->ndm_flags = NTF_USE;
	mnl_attr_put(request, NDA_DST, family_bytes((sa_family_t)neighbour->key.family),
		neighbour->key.address);
	neighbour->asked_ns = mirror->now_ns;
	if (mnl_nlmsg_batch_next(batch))
		return;
	netlink_tell(&mirror->probes, mnl_nlmsg_batch_head(batch), mnl_nlmsg_batch_size(batch));
	mnl_nlmsg_batch_reset(batch);
}

static void send_probes(struct mirror *mirror, struct mnl_nlmsg_batch *batch) {
	if (!mnl_nlmsg_batch_is_empty(batch))
		netlink_tell(
			&mirror->probes, mnl_nlmsg_batch_head(batch), mnl_nlmsg_batch_size(batch));
	netlink_forget(&mirror->probes);
}

static void probe_now(struct mirror *mirror, struct neighbour *neighbour) {
	_Alignas(NLMSG_ALIGNTO) char buffer[256];
	struct mnl_nlmsg_batch *batch;

	if (mirror->detached)
		return;
	batch = mnl_nlmsg_batch_start(buffer, sizeof(buffer) / 2);
	if (!batch)
		return;
	ask_to_probe(mirror, batch, neighbour);
	send_probes(mirror, batch);
	mnl_nlmsg_batch_stop(batch);
}

static bool wants_refresh(struct mirror *mirror, struct neighbour *neighbour) {
	if (neighbour->id == NEIGHBOUR_NO_ID || neighbour->key.family == AF_UNSPEC)
		return false;
	if (nexthops_take_used(mirror->tables.nexthops, neighbour->id))
		neighbour->used_ns = mirror->now_ns;
	else
		return false;
	return neighbour->state & (NUD_STALE | NUD_REACHABLE) &&
	       mirror->now_ns - neighbour->asked_ns >= refresh_ns;
}

/* A gateway that routes wait for is asked for at 1, 2, 4 … seconds, 30 at most. */
static bool wants_resolution(struct mirror *mirror, struct neighbour *neighbour) {
	const struct link *link = link_find(&mirror->links, neighbour->key.ifindex);
	uint64_t pause_ns = neighbour->backoff_seconds * second_ns;

	if (!neighbour->references || neighbour->key.family == AF_UNSPEC || !link ||
		!link_can_carry(link) || !link_is_ethernet(link))
		return false;
	if (is_resolved(neighbour)) {
		neighbour->backoff_seconds = 0;
		return false;
	}
	if (neighbour->asked_ns && mirror->now_ns - neighbour->asked_ns < pause_ns)
		return false;
	neighbour->backoff_seconds =
		neighbour->backoff_seconds ? 2 * neighbour->backoff_seconds : 1;
	if (neighbour->backoff_seconds > BACKOFF_MOST_SECONDS)
		neighbour->backoff_seconds = BACKOFF_MOST_SECONDS;
	return true;
}

/* What the message says of the entry; true if that matters to frames. */
static bool read_entry(
	struct neighbour *neighbour, const struct ndmsg *header, const struct nlattr *address) {
	struct neighbour before = *neighbour;

	neighbour->state = header->ndm_state;
	neighbour->has_mac = false;
	if (address && mnl_attr_get_payload_len(address) == sizeof(neighbour->mac)) {
		static const uint8_t none[6];
		const uint8_t *mac = mnl_attr_get_payload(address);

		neighbour->has_mac = !(mac[0] & 1) && memcmp(mac, none, sizeof(none));
		memcpy(neighbour->mac, mac, sizeof(neighbour->mac));
	}
	return is_resolved(&before) != is_resolved(neighbour) ||
	       (is_resolved(neighbour) && memcmp(before.mac, neighbour->mac, sizeof(before.mac)));
}

static void learn(struct mirror *mirror, const struct neighbour_key *key,
	const struct ndmsg *header, const struct nlattr *mac) {
	struct neighbour *neighbour;

	HASH_FIND(hh, mirror->neighbours.table, key, sizeof(*key), neighbour);
	if (!neighbour || !neighbour->known) {
		if (mirror->neighbours.known >= NEIGHBOURS_MAX) {
			mirror_tell_limit(mirror, LIMIT_NEIGHBOURS, "more than 65536 neighbours");
			return; /* left to the kernel as unresolved */
		}
		neighbour = intern(mirror, key);
		if (!neighbour)
			return;
		neighbour->known = true;
		mirror->neighbours.known++;
		chain_add(mirror, neighbour);
	}
	neighbour->generation = mirror->generation;
	if (read_entry(neighbour, header, mac)) {
		update_id(mirror, neighbour);
		if (may_be_host(neighbour))
			route_update_host(mirror, (sa_family_t)key->family, neighbour->key.address);
	}
	if (neighbour->state & NUD_STALE && neighbour->used_ns &&
		mirror->now_ns - neighbour->used_ns < in_use_ns)
		probe_now(mirror, neighbour);
}

/* The host route goes first: it is found by the chain. */
static void unlearn(struct mirror *mirror, struct neighbour *neighbour) {
	neighbour->has_mac = false;
	neighbour->state = 0;
	update_id(mirror, neighbour);
	if (neighbour->host_route)
		route_update_host(
			mirror, (sa_family_t)neighbour->key.family, neighbour->key.address);
	chain_remove(mirror, neighbour);
	neighbour->known = false;
	mirror->neighbours.known--;
	release_unused(mirror, neighbour);
}

void neighbour_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[NDA_LLADDR + 1];
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	struct neighbour_key key;
	struct neighbour *neighbour;

	if (!attributes_parse(message, sizeof(*header), attributes, NDA_LLADDR)) {
		mirror->statistics.malformed++;
		return;
	}
	if (!family_is_ip(header->ndm_family) || header->ndm_flags & NTF_PROXY)
		return; /* a bridge's, or what this machine answers for */
	if (!attribute_has(attributes[NDA_DST], family_bytes(header->ndm_family))) {
		mirror->statistics.malformed++;
		return;
	}
	key = make_key((uint32_t)header->ndm_ifindex, header->ndm_family,
		mnl_attr_get_payload(attributes[NDA_DST]));
	if (is_multicast(key.family, key.address))
		return;
	if (message->nlmsg_type == RTM_NEWNEIGH) {
		learn(mirror, &key, header, attributes[NDA_LLADDR]);
		return;
	}
	HASH_FIND(hh, mirror->neighbours.table, &key, sizeof(key), neighbour);
	if (neighbour && neighbour->known)
		unlearn(mirror, neighbour);
}

void neighbours_sweep(struct mirror *mirror) {
	for (size_t i = 0; i < mirror->neighbours.slot_count; i++) {
		struct neighbour *neighbour = mirror->neighbours.slots[i];

		if (neighbour && neighbour->known && neighbour->generation != mirror->generation)
			unlearn(mirror, neighbour);
	}
}

struct neighbour *neighbour_take(
	struct mirror *mirror, uint32_t ifindex, sa_family_t family, const uint8_t *address) {
	struct neighbour_key key = make_key(ifindex, family, address);
	struct neighbour *neighbour = intern(mirror, &key);

	if (!neighbour)
		return NULL;
	if (ensure_id(mirror, neighbour)) {
		release_unused(mirror, neighbour);
		return NULL;
	}
	neighbour->references++;
	return neighbour;
}

void neighbour_drop(struct mirror *mirror, struct neighbour *neighbour) {
	neighbour->references--;
	release_unused(mirror, neighbour);
}

int neighbour_take_host_route(struct mirror *mirror, struct neighbour *neighbour) {
	int error = ensure_id(mirror, neighbour);

	if (!error)
		neighbour->host_route = true;
	return error;
}

void neighbour_drop_host_route(struct mirror *mirror, struct neighbour *neighbour) {
	neighbour->host_route = false;
	release_unused(mirror, neighbour);
}

struct neighbour *neighbour_resolved(
	struct mirror *mirror, sa_family_t family, const uint8_t *address, uint32_t ifindex) {
	struct neighbour_key key = make_key(ifindex, family, address);
	struct neighbour *neighbour;

	HASH_FIND(hh, mirror->neighbours.table, &key, sizeof(key), neighbour);
	return neighbour && may_be_host(neighbour) && is_resolved(neighbour) ? neighbour : NULL;
}

static void for_each_on(struct mirror *mirror, uint32_t ifindex,
	void (*act)(struct mirror *mirror, struct neighbour *neighbour)) {
	for (size_t i = 0; i < mirror->neighbours.slot_count; i++) {
		struct neighbour *neighbour = mirror->neighbours.slots[i];

		if (neighbour && neighbour->key.ifindex == ifindex)
			act(mirror, neighbour);
	}
}

void neighbours_update_link(struct mirror *mirror, uint32_t ifindex) {
	for_each_on(mirror, ifindex, announce_id);
	for_each_on(mirror, ifindex, update_id);
}

void neighbours_refresh(struct mirror *mirror) {
	static _Alignas(NLMSG_ALIGNTO) char
		buffer[2 * REFRESH_BYTES]; /* libmnl wants room for one message beyond */
	struct mnl_nlmsg_batch *batch;

	if (mirror->detached)
		return;
	batch = mnl_nlmsg_batch_start(buffer, REFRESH_BYTES);
	if (!batch)
		return;
	for (size_t i = 0; i < mirror->neighbours.slot_count; i++) {
		struct neighbour *neighbour = mirror->neighbours.slots[i];

		if (neighbour &&
			(wants_refresh(mirror, neighbour) || wants_resolution(mirror, neighbour)))
			ask_to_probe(mirror, batch, neighbour);
	}
	send_probes(mirror, batch);
	mnl_nlmsg_batch_stop(batch);
}

struct neighbour *neighbour_with_host_route(
	const struct mirror *mirror, sa_family_t family, const uint8_t *address) {
	const struct neighbours *neighbours = &mirror->neighbours;
	struct neighbour *neighbour = chain_first(neighbours, family, address);

	while (neighbour && !neighbour->host_route)
		neighbour = chain_next(neighbours, neighbour);
	return neighbour;
}

void neighbour_text(
	const struct mirror *mirror, const struct neighbour *neighbour, char *text, size_t size) {
	const struct link *link = link_find(&mirror->links, neighbour->key.ifindex);
	char address[INET6_ADDRSTRLEN] = "on link";

	if (neighbour->key.family != AF_UNSPEC)
		inet_ntop((int)neighbour->key.family, neighbour->key.address, address,
			sizeof(address));
	if (link)
		snprintf(text, size, "%s dev %s", address, link->shown.name);
	else
		snprintf(text, size, "%s dev #%u", address, neighbour->key.ifindex);
}

bool mirror_next_neighbour(
	const struct mirror *mirror, size_t *cursor, struct mirror_neighbour *shown) {
	for (; *cursor < mirror->neighbours.slot_count; (*cursor)++) {
		const struct neighbour *neighbour = mirror->neighbours.slots[*cursor];

		if (!neighbour || !neighbour->known)
			continue;
		*shown = (struct mirror_neighbour){
			.family = (sa_family_t)neighbour->key.family,
			.ifindex = neighbour->key.ifindex,
			.state = neighbour->state,
			.nexthop = neighbour->id == NEIGHBOUR_NO_ID ? 0 : neighbour->id,
			.in_use = neighbour->used_ns &&
				  mirror->now_ns - neighbour->used_ns < in_use_ns,
		};
		memcpy(shown->address, neighbour->key.address, sizeof(shown->address));
		memcpy(shown->mac, neighbour->mac, sizeof(shown->mac));
		(*cursor)++;
		return true;
	}
	return false;
}

int neighbours_create(struct neighbours *neighbours) {
	neighbours->by_address[0] = rib_create(4);
	neighbours->by_address[1] = rib_create(16);
	return neighbours->by_address[0] && neighbours->by_address[1] ? 0 : -ENOMEM;
}

void neighbours_destroy(struct mirror *mirror) {
	struct neighbours *neighbours = &mirror->neighbours;

	HASH_CLEAR(hh, neighbours->table);
	for (size_t i = 0; i < neighbours->slot_count; i++) {
		struct neighbour *neighbour = neighbours->slots[i];

		if (neighbour && neighbour->id != NEIGHBOUR_NO_ID)
			nexthops_free(mirror->tables.nexthops, neighbour->id);
		free(neighbour);
	}
	free(neighbours->slots);
	free(neighbours->free_slots);
	rib_destroy(neighbours->by_address[0]);
	rib_destroy(neighbours->by_address[1]);
}
