/*
 * fib_set: see fib_set.h.
 *
 * Rows are refined as tables come in (Paige and Tarjan, 1987, by one splitter a node): at first all
 * prefixes share the row that has no entries; a node's table splits each row into the parts that it
 * sends to different groups. Nothing is hashed but the pairs of row and group, and those exactly,
 * so that prefixes of one row do have the same entries, whatever is put in.
 */
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

enum { ROW_EMPTY = 0, NO_PART = UINT32_MAX, NO_NODE = UINT32_MAX };

struct row {
	struct fib_entry *entries;
	size_t count, room;
	uint32_t members; /* prefixes */
	uint32_t part;    /* that a splitter found last; NO_PART: none */
};

/* What a splitter leaves of a row: those of its members that go to one group. */
struct part {
	uint32_t row, group;
	uint32_t members;
	uint32_t target; /* the row that they are in from now on */
};

/* The entries of the node that is being added. */
struct column {
	uint32_t node; /* NO_NODE: none */
	uint32_t *numbers, *groups, *parts;
	size_t count, room;
};

struct fib_set {
	struct ids prefix_ids, group_ids;
	struct prefix *prefixes;
	uint32_t *row_of, *place_of; /* by prefix; the place in the column, and one; 0: none */
	size_t prefix_count, prefix_room, row_of_room, place_room;
	struct group *groups;
	size_t group_count, group_room;
	uint32_t *ports;
	size_t port_count, port_room;
	struct row *rows;
	size_t row_count, row_room;
	struct column column;
	struct part *parts;
	size_t part_count, part_room;
	struct ids part_ids;
	uint32_t *order; /* after finishing: prefix ids, in order */
	size_t entry_count;
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

static uint64_t hash_prefix(const struct prefix *prefix) {
	uint64_t words[3] = {0, 0, (uint64_t)prefix->family << 8 | prefix->length};

	memcpy(words, prefix->address, sizeof(prefix->address));
	return hash_bytes(words, sizeof(words));
}

static uint64_t prefix_hash(const struct fib_set *set, uint32_t id) {
	return hash_prefix(&set->prefixes[id]);
}

static uint64_t group_hash(const struct fib_set *set, uint32_t id) {
	return hash_bytes(
		set->ports + set->groups[id].first, set->groups[id].count * sizeof(uint32_t));
}

static bool make_prefix_room(struct fib_set *set, size_t count) {
	return make_room(&set->prefixes, &set->prefix_room, count, sizeof(*set->prefixes)) &&
	       make_room(&set->row_of, &set->row_of_room, count, sizeof(*set->row_of)) &&
	       make_room(&set->place_of, &set->place_room, count, sizeof(*set->place_of));
}

uint32_t fib_set_number(struct fib_set *set, const struct prefix *prefix) {
	struct prefix key;
	uint64_t at;

	memset(&key, 0, sizeof(key)); /* what lies between members is compared too */
	memcpy(key.address, prefix->address, sizeof(key.address));
	key.family = prefix->family;
	key.length = prefix->length;
	if (!ids_make_room(&set->prefix_ids, set, prefix_hash))
		return UINT32_MAX;
	at = hash_prefix(&key);
	for (;; at++) {
		uint32_t id = set->prefix_ids.slots[at & (set->prefix_ids.size - 1)];

		if (!id)
			break;
		if (memcmp(&set->prefixes[id - 1], &key, sizeof(key)) == 0)
			return id - 1;
	}
	if (!make_prefix_room(set, set->prefix_count + 1))
		return UINT32_MAX;
	memcpy(&set->prefixes[set->prefix_count], &key, sizeof(key));
	set->row_of[set->prefix_count] = ROW_EMPTY;
	set->place_of[set->prefix_count] = 0;
	set->rows[ROW_EMPTY].members++;
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
		!make_room(&set->ports, &set->port_room, 1, sizeof(*set->ports)) ||
		!make_room(&set->rows, &set->row_room, 1, sizeof(*set->rows))) {
		fib_set_destroy(set);
		return NULL;
	}
	memset(set->groups, 0, FIB_VERDICTS * sizeof(*set->groups));
	set->group_count = FIB_VERDICTS;
	set->rows[ROW_EMPTY] = (struct row){.part = NO_PART};
	set->row_count = 1;
	set->column.node = NO_NODE;
	return set;
}

void fib_set_destroy(struct fib_set *set) {
	if (!set)
		return;
	for (size_t i = 0; i < set->row_count; i++)
		free(set->rows[i].entries);
	free(set->rows);
	free(set->prefix_ids.slots);
	free(set->group_ids.slots);
	free(set->part_ids.slots);
	free(set->prefixes);
	free(set->row_of);
	free(set->place_of);
	free(set->groups);
	free(set->ports);
	free(set->column.numbers);
	free(set->column.groups);
	free(set->column.parts);
	free(set->parts);
	free(set->order);
	free(set);
}

/* --- splitting rows --- */

static uint64_t pair_hash(uint32_t row, uint32_t group) {
	const uint32_t pair[2] = {row, group};

	return hash_bytes(pair, sizeof(pair));
}

static uint64_t part_hash(const struct fib_set *set, uint32_t id) {
	return pair_hash(set->parts[id].row, set->parts[id].group);
}

/* The part of a row that goes to a group, made if it is new; NO_PART without memory. */
static uint32_t find_part(struct fib_set *set, uint32_t row, uint32_t group) {
	uint64_t at = pair_hash(row, group);
	struct ids *ids = &set->part_ids;

	if (!ids_make_room(ids, set, part_hash) ||
		!make_room(&set->parts, &set->part_room, set->part_count + 1, sizeof(*set->parts)))
		return NO_PART;
	for (uint32_t id; (id = ids->slots[at & (ids->size - 1)]); at++)
		if (set->parts[id - 1].row == row && set->parts[id - 1].group == group)
			return id - 1;
	set->parts[set->part_count] = (struct part){.row = row, .group = group};
	set->rows[row].part = (uint32_t)set->part_count;
	ids->slots[at & (ids->size - 1)] = (uint32_t)++set->part_count;
	ids->used++;
	return (uint32_t)set->part_count - 1;
}

static bool append(struct row *row, const struct fib_entry *entries, size_t count) {
	if (count == 0)
		return true;
	if (!make_room(&row->entries, &row->room, row->count + count, sizeof(*entries)))
		return false;
	memcpy(row->entries + row->count, entries, count * sizeof(*entries));
	row->count += count;
	return true;
}

/* A part that is all of its row stays in it; any other gets a row of its own, which begins with
 * what the old one has. */
static bool place_part(struct fib_set *set, struct part *part) {
	struct row *old = &set->rows[part->row];

	part->target = part->row;
	if (part->members == old->members && part->row != ROW_EMPTY)
		return true;
	if (!make_room(&set->rows, &set->row_room, set->row_count + 1, sizeof(*set->rows)))
		return false;
	old = &set->rows[part->row];
	old->members -= part->members;
	part->target = (uint32_t)set->row_count++;
	set->rows[part->target] = (struct row){.members = part->members, .part = NO_PART};
	return append(&set->rows[part->target], old->entries, old->count);
}

static void forget_parts(struct fib_set *set) {
	struct ids *ids = &set->part_ids;

	for (size_t i = 0; i < set->part_count; i++)
		set->rows[set->parts[i].row].part = NO_PART;
	if (ids->size)
		memset(ids->slots, 0, ids->size * sizeof(*ids->slots));
	ids->used = 0;
	set->part_count = 0;
}

/* Splits rows by the groups that a column's prefixes go to. */
static int split(struct fib_set *set, struct column *column) {
	for (size_t i = 0; i < column->count; i++) {
		uint32_t row = set->row_of[column->numbers[i]], part = set->rows[row].part;

		if (part == NO_PART || set->parts[part].group != column->groups[i])
			part = find_part(set, row, column->groups[i]);
		if (part == NO_PART)
			return -ENOMEM;
		set->parts[part].members++;
		column->parts[i] = part;
	}
	for (size_t i = 0; i < set->part_count; i++)
		if (!place_part(set, &set->parts[i]))
			return -ENOMEM;
	for (size_t i = 0; i < column->count; i++)
		set->row_of[column->numbers[i]] = set->parts[column->parts[i]].target;
	return 0;
}

static bool make_column_room(struct column *column, size_t count) {
	size_t numbers = column->room, groups = column->room;

	return make_room(&column->numbers, &numbers, count, sizeof(uint32_t)) &&
	       make_room(&column->groups, &groups, count, sizeof(uint32_t)) &&
	       make_room(&column->parts, &column->room, count, sizeof(uint32_t));
}

/* --- what comes in --- */

/* Gives the entries of the node that was being added to their rows. */
static int close_column(struct fib_set *set) {
	struct column *column = &set->column;
	int error = split(set, column);

	for (size_t i = 0; i < set->part_count && !error; i++) {
		const struct part *part = &set->parts[i];
		const struct fib_entry entry = {.node = column->node, .group = part->group};

		if (!append(&set->rows[part->target], &entry, 1))
			error = -ENOMEM;
	}
	for (size_t i = 0; i < column->count; i++)
		set->place_of[column->numbers[i]] = 0;
	forget_parts(set);
	column->node = NO_NODE;
	column->count = 0;
	return error;
}

int fib_set_add_number(struct fib_set *set, uint32_t node, uint32_t number, uint32_t group) {
	struct column *column = &set->column;
	int error = 0;

	if (column->node != node && column->count)
		error = close_column(set);
	column->node = node;
	if (error)
		return error;
	if (set->place_of[number]) {
		column->groups[set->place_of[number] - 1] = group;
		return -EEXIST;
	}
	if (column->count == column->room && !make_column_room(column, column->count + 1))
		return -ENOMEM;
	column->numbers[column->count] = number;
	column->groups[column->count] = group;
	set->place_of[number] = (uint32_t)++column->count;
	return 0;
}

int fib_set_add(struct fib_set *set, uint32_t node, const struct prefix *prefix, uint32_t group) {
	uint32_t number = fib_set_number(set, prefix);
	int error = number == UINT32_MAX ? -ENOMEM : fib_set_add_number(set, node, number, group);

	return error == -EEXIST ? 0 : error;
}

int fib_set_add_alike(struct fib_set *set, const uint32_t *numbers, size_t number_count,
	const struct fib_entry *entries, size_t entry_count) {
	struct column *column = &set->column;
	int error = column->count ? close_column(set) : 0;

	if (error || entry_count == 0)
		return error;
	if (!make_column_room(column, number_count))
		return -ENOMEM;
	for (size_t i = 0; i < number_count; i++) {
		column->numbers[i] = numbers[i];
		column->groups[i] =
			FIB_NO_ROUTE; /* any: it splits those that are here from others */
	}
	column->count = number_count;
	error = split(set, column);
	for (size_t i = 0; i < set->part_count && !error; i++)
		if (!append(&set->rows[set->parts[i].target], entries, entry_count))
			error = -ENOMEM;
	forget_parts(set);
	column->count = 0;
	return error;
}

/* --- when all is there --- */

static int compare_ids(const void *one, const void *other, void *set) {
	const struct prefix *prefixes = ((const struct fib_set *)set)->prefixes;

	return prefix_compare(
		&prefixes[*(const uint32_t *)one], &prefixes[*(const uint32_t *)other]);
}

/* Of two entries of one node the later holds; `last` (by node, all 0) is left so. */
static void drop_doubles(struct row *row, size_t *last) {
	size_t kept = 0;

	for (size_t i = 0; i < row->count; i++)
		last[row->entries[i].node] = i + 1;
	for (size_t i = 0; i < row->count; i++)
		if (last[row->entries[i].node] == i + 1) {
			last[row->entries[i].node] = 0;
			row->entries[kept++] = row->entries[i];
		}
	row->count = kept;
}

static int drop_all_doubles(struct fib_set *set) {
	uint32_t nodes = 0;
	size_t *last;

	for (size_t i = 0; i < set->row_count; i++)
		for (size_t n = 0; n < set->rows[i].count; n++)
			if (set->rows[i].entries[n].node >= nodes)
				nodes = set->rows[i].entries[n].node + 1;
	last = calloc((size_t)nodes + 1, sizeof(*last));
	if (!last)
		return -ENOMEM;
	set->entry_count = 0;
	for (size_t i = 0; i < set->row_count; i++) {
		drop_doubles(&set->rows[i], last);
		set->entry_count += set->rows[i].count * set->rows[i].members;
	}
	free(last);
	return 0;
}

int fib_set_finish(struct fib_set *set) {
	int error = set->column.count ? close_column(set) : 0;

	if (error)
		return error;
	free(set->order);
	set->order = malloc((set->prefix_count + 1) * sizeof(*set->order));
	if (!set->order)
		return -ENOMEM;
	for (uint32_t i = 0; i < set->prefix_count; i++)
		set->order[i] = i;
	qsort_r(set->order, set->prefix_count, sizeof(*set->order), compare_ids, set);
	return drop_all_doubles(set);
}

size_t fib_set_prefix_count(const struct fib_set *set) {
	return set->prefix_count;
}

const struct prefix *fib_set_prefix(const struct fib_set *set, size_t n) {
	return &set->prefixes[set->order[n]];
}

uint32_t fib_set_row(const struct fib_set *set, size_t n) {
	return set->row_of[set->order[n]];
}

size_t fib_set_row_count(const struct fib_set *set) {
	return set->row_count;
}

const struct fib_entry *fib_set_entries(const struct fib_set *set, size_t n, size_t *count) {
	const struct row *row = &set->rows[fib_set_row(set, n)];

	*count = row->count;
	return row->entries;
}

int fib_set_column(const struct fib_set *set, uint32_t node, uint32_t *groups) {
	uint32_t *of_row = malloc(set->row_count * sizeof(*of_row));

	if (!of_row)
		return -ENOMEM;
	for (size_t i = 0; i < set->row_count; i++) {
		const struct row *row = &set->rows[i];
		size_t n = 0;

		while (n < row->count && row->entries[n].node != node)
			n++;
		of_row[i] = n < row->count ? row->entries[n].group : FIB_ABSENT;
	}
	for (size_t i = 0; i < set->prefix_count; i++)
		groups[i] = of_row[fib_set_row(set, i)];
	free(of_row);
	return 0;
}

size_t fib_set_entry_count(const struct fib_set *set) {
	return set->entry_count;
}
