/* fib_set: see fib_set.h. Entries are appended as they come, 12 bytes each, and dealt out to their
 * prefixes by counting when all are there. */
#include "fabric/fib_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An open hash table of ids, whose keys lie elsewhere. */
struct ids {
	uint32_t *slots; /* id + 1; 0: free */
	uint32_t size;   /* a power of two */
	uint32_t used;
};

struct group {
	uint32_t first, count; /* in `ports` */
};

struct raw_entry {
	uint32_t prefix, node, group;
};

struct fib_set {
	struct ids prefix_ids, group_ids;
	struct prefix *prefixes;
	size_t prefix_count, prefix_room;
	struct group *groups;
	size_t group_count, group_room;
	uint32_t *ports;
	size_t port_count, port_room;
	struct raw_entry *raw;
	size_t raw_count, raw_room;
	/* after finishing */
	uint32_t *order; /* prefix ids, in order */
	size_t *first;   /* entry of each place in the order, and one beyond */
	struct fib_entry *entries;
};

static uint64_t hash_bytes(const void *bytes, size_t size) {
	const uint8_t *at = bytes;
	uint64_t hash = 0xcbf29ce484222325 ^ size;

	for (; size >= 8; at += 8, size -= 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	for (; size; at++, size--)
		hash = (hash ^ *at) * 0x100000001b3;
	return hash ^ hash >> 32;
}

static bool make_room(void *array, size_t *room, size_t count, size_t size) {
	void **elements = array;
	size_t more = *room ? 2 * *room : 64;
	void *moved;

	if (count <= *room)
		return true;
	while (more < count)
		more *= 2;
	moved = realloc(*elements, more * size);
	if (!moved)
		return false;
	*elements = moved;
	*room = more;
	return true;
}

/* Grows the table by a half of free slots; `hash_of` tells where each id belongs. */
static bool ids_make_room(struct ids *ids, const struct fib_set *set,
	uint64_t (*hash_of)(const struct fib_set *set, uint32_t id)) {
	uint32_t size = ids->size ? 2 * ids->size : 1024;
	uint32_t *slots;

	if (2 * (ids->used + 1) <= ids->size)
		return true;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	for (uint32_t i = 0; i < ids->size; i++) {
		uint64_t at;

		if (!ids->slots[i])
			continue;
		at = hash_of(set, ids->slots[i] - 1);
		while (slots[at & (size - 1)])
			at++;
		slots[at & (size - 1)] = ids->slots[i];
	}
	free(ids->slots);
	ids->slots = slots;
	ids->size = size;
	return true;
}

static uint64_t prefix_hash(const struct fib_set *set, uint32_t id) {
	return hash_bytes(&set->prefixes[id], sizeof(struct prefix));
}

static uint64_t group_hash(const struct fib_set *set, uint32_t id) {
	return hash_bytes(
		set->ports + set->groups[id].first, set->groups[id].count * sizeof(uint32_t));
}

/* The id of a prefix; UINT32_MAX without memory. */
static uint32_t intern_prefix(struct fib_set *set, const struct prefix *prefix) {
	struct prefix key = {.family = prefix->family, .length = prefix->length};
	uint64_t at;

	memcpy(key.address, prefix->address, sizeof(key.address));
	if (!ids_make_room(&set->prefix_ids, set, prefix_hash))
		return UINT32_MAX;
	at = hash_bytes(&key, sizeof(key));
	for (;; at++) {
		uint32_t id = set->prefix_ids.slots[at & (set->prefix_ids.size - 1)];

		if (!id)
			break;
		if (memcmp(&set->prefixes[id - 1], &key, sizeof(key)) == 0)
			return id - 1;
	}
	if (!make_room(&set->prefixes, &set->prefix_room, set->prefix_count + 1, sizeof(key)))
		return UINT32_MAX;
	memset(&set->prefixes[set->prefix_count], 0, sizeof(key));
	memcpy(&set->prefixes[set->prefix_count], &key, sizeof(key));
	set->prefix_ids.slots[at & (set->prefix_ids.size - 1)] = (uint32_t)++set->prefix_count;
	set->prefix_ids.used++;
	return (uint32_t)set->prefix_count - 1;
}

static int compare_ports(const void *one, const void *other) {
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return a < b ? -1 : a > b;
}

static size_t sort_ports(uint32_t *ports, size_t count) {
	size_t kept = 0;

	qsort(ports, count, sizeof(*ports), compare_ports);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || ports[kept - 1] != ports[i])
			ports[kept++] = ports[i];
	return kept;
}

uint32_t fib_set_group(struct fib_set *set, uint32_t *ports, size_t count) {
	uint64_t at;

	count = sort_ports(ports, count);
	if (count == 0)
		return FIB_NO_ROUTE;
	if (!ids_make_room(&set->group_ids, set, group_hash))
		return UINT32_MAX;
	at = hash_bytes(ports, count * sizeof(*ports));
	for (;; at++) {
		uint32_t id = set->group_ids.slots[at & (set->group_ids.size - 1)];

		if (!id)
			break;
		if (set->groups[id - 1].count == count &&
			memcmp(set->ports + set->groups[id - 1].first, ports,
				count * sizeof(*ports)) == 0)
			return id - 1;
	}
	if (!make_room(
		    &set->groups, &set->group_room, set->group_count + 1, sizeof(*set->groups)) ||
		!make_room(&set->ports, &set->port_room, set->port_count + count, sizeof(*ports)))
		return UINT32_MAX;
	memcpy(set->ports + set->port_count, ports, count * sizeof(*ports));
	set->groups[set->group_count] =
		(struct group){.first = (uint32_t)set->port_count, .count = (uint32_t)count};
	set->port_count += count;
	set->group_ids.slots[at & (set->group_ids.size - 1)] = (uint32_t)++set->group_count;
	set->group_ids.used++;
	return (uint32_t)set->group_count - 1;
}

const uint32_t *fib_set_ports(const struct fib_set *set, uint32_t group, size_t *count) {
	*count = group < FIB_VERDICTS ? 0 : set->groups[group].count;
	return set->ports + set->groups[group].first;
}

size_t fib_set_group_count(const struct fib_set *set) {
	return set->group_count;
}

struct fib_set *fib_set_create(void) {
	struct fib_set *set = calloc(1, sizeof(*set));

	/* The verdicts take the first ids; they are in no hash table. */
	if (!set ||
		!make_room(&set->groups, &set->group_room, FIB_VERDICTS, sizeof(*set->groups)) ||
		!make_room(&set->ports, &set->port_room, 1, sizeof(*set->ports))) {
		fib_set_destroy(set);
		return NULL;
	}
	memset(set->groups, 0, FIB_VERDICTS * sizeof(*set->groups));
	set->group_count = FIB_VERDICTS;
	return set;
}

void fib_set_destroy(struct fib_set *set) {
	if (!set)
		return;
	free(set->prefix_ids.slots);
	free(set->group_ids.slots);
	free(set->prefixes);
	free(set->groups);
	free(set->ports);
	free(set->raw);
	free(set->order);
	free(set->first);
	free(set->entries);
	free(set);
}

int fib_set_add(struct fib_set *set, uint32_t node, const struct prefix *prefix, uint32_t group) {
	uint32_t id = intern_prefix(set, prefix);

	if (id == UINT32_MAX ||
		!make_room(&set->raw, &set->raw_room, set->raw_count + 1, sizeof(*set->raw)))
		return -ENOMEM;
	set->raw[set->raw_count++] = (struct raw_entry){.prefix = id, .node = node, .group = group};
	return 0;
}

static int compare_ids(const void *one, const void *other, void *set) {
	const struct prefix *prefixes = ((const struct fib_set *)set)->prefixes;

	return prefix_compare(
		&prefixes[*(const uint32_t *)one], &prefixes[*(const uint32_t *)other]);
}

/* Of two entries of one node the later holds: they lie side by side after dealing, since a node's
 * table is read at one time. */
static size_t drop_doubles(struct fib_entry *entries, size_t count) {
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && entries[kept - 1].node == entries[i].node)
			kept--;
		entries[kept++] = entries[i];
	}
	return kept;
}

int fib_set_finish(struct fib_set *set) {
	size_t count = set->prefix_count;
	uint32_t *place = malloc((count + 1) * sizeof(*place));
	size_t *next = calloc(count + 1, sizeof(*next));
	size_t kept = 0;

	set->order = malloc((count + 1) * sizeof(*set->order));
	set->first = calloc(count + 1, sizeof(*set->first));
	set->entries = malloc((set->raw_count + 1) * sizeof(*set->entries));
	if (!place || !next || !set->order || !set->first || !set->entries) {
		free(place);
		free(next);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++)
		set->order[i] = i;
	qsort_r(set->order, count, sizeof(*set->order), compare_ids, set);
	for (uint32_t i = 0; i < count; i++)
		place[set->order[i]] = i;
	for (size_t i = 0; i < set->raw_count; i++)
		next[place[set->raw[i].prefix] + 1]++;
	for (size_t i = 0; i < count; i++)
		next[i + 1] += next[i];
	memcpy(set->first, next, (count + 1) * sizeof(*next));
	for (size_t i = 0; i < set->raw_count; i++)
		set->entries[next[place[set->raw[i].prefix]]++] =
			(struct fib_entry){.node = set->raw[i].node, .group = set->raw[i].group};
	for (size_t i = 0; i < count; i++) {
		size_t begin = set->first[i], size = set->first[i + 1] - begin;

		size = drop_doubles(set->entries + begin, size);
		memmove(set->entries + kept, set->entries + begin, size * sizeof(*set->entries));
		set->first[i] = kept;
		kept += size;
	}
	set->first[count] = kept;
	free(place);
	free(next);
	free(set->raw);
	set->raw = NULL;
	set->raw_count = set->raw_room = 0;
	return 0;
}

size_t fib_set_prefix_count(const struct fib_set *set) {
	return set->prefix_count;
}

const struct prefix *fib_set_prefix(const struct fib_set *set, size_t n) {
	return &set->prefixes[set->order[n]];
}

const struct fib_entry *fib_set_entries(const struct fib_set *set, size_t n, size_t *count) {
	*count = set->first[n + 1] - set->first[n];
	return set->entries + set->first[n];
}

size_t fib_set_entry_count(const struct fib_set *set) {
	return set->first ? set->first[set->prefix_count] : set->raw_count;
}

size_t fib_set_memory(const struct fib_set *set) {
	return set->prefix_room * sizeof(struct prefix) + set->group_room * sizeof(struct group) +
	       set->port_room * sizeof(uint32_t) + set->raw_room * sizeof(struct raw_entry) +
	       (set->prefix_ids.size + set->group_ids.size) * sizeof(uint32_t) +
	       (set->first ? set->prefix_count * (sizeof(uint32_t) + sizeof(size_t)) +
				       set->first[set->prefix_count] * sizeof(struct fib_entry)
			   : 0);
}
