/* naive: see naive.h. */
#include "naive.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTHS = 129, FAMILIES = 2 };

struct slot {
	uint32_t place; /* of the prefix in the set, and one; 0: free */
	uint32_t group;
};

struct table {
	struct slot *slots;
	uint32_t mask;
	uint8_t lengths[FAMILIES][LENGTHS]; /* that it has, the longest first */
	uint8_t length_count[FAMILIES];
};

struct naive {
	const struct fib_set *set;
	const struct topology *topology;
	struct table *tables;
	/* of the walk: nodes that are met, by when they are; whether they are on the way here */
	uint32_t *met;
	uint8_t *on_way;
	uint32_t now;
};

static uint64_t hash_of(const struct prefix *prefix) {
	uint64_t words[2], hash = (uint64_t)prefix->family << 8 | prefix->length;

	memcpy(words, prefix->address, sizeof(words));
	for (int i = 0; i < 2; i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

static bool is_same(const struct prefix *one, const struct prefix *other) {
	return one->length == other->length && one->family == other->family &&
	       memcmp(one->address, other->address, sizeof(one->address)) == 0;
}

static void insert(struct naive *naive, struct table *table, size_t place, uint32_t group) {
	const struct prefix *prefix = fib_set_prefix(naive->set, place);
	uint64_t at = hash_of(prefix);

	while (table->slots[at & table->mask].place)
		at++;
	table->slots[at & table->mask] = (struct slot){(uint32_t)place + 1, group};
	table->lengths[prefix->family == AF_INET6][prefix->length] = 1;
}

/* From marks by length to a list, the longest first. */
static void list_lengths(struct table *table, int family) {
	uint8_t marks[LENGTHS], count = 0;

	memcpy(marks, table->lengths[family], sizeof(marks));
	for (int length = LENGTHS - 1; length >= 0; length--)
		if (marks[length])
			table->lengths[family][count++] = (uint8_t)length;
	table->length_count[family] = count;
}

static bool fill(struct naive *naive, uint32_t node, uint32_t *column) {
	struct table *table = &naive->tables[node];
	size_t count = fib_set_prefix_count(naive->set), used = 0, size = 16;

	if (fib_set_column(naive->set, node, column))
		return false;
	for (size_t n = 0; n < count; n++)
		used += column[n] != FIB_ABSENT;
	while (size < 2 * used)
		size *= 2;
	table->mask = (uint32_t)size - 1;
	table->slots = calloc(size, sizeof(*table->slots));
	if (!table->slots)
		return false;
	for (size_t n = 0; n < count; n++)
		if (column[n] != FIB_ABSENT)
			insert(naive, table, n, column[n]);
	for (int family = 0; family < FAMILIES; family++)
		list_lengths(table, family);
	return true;
}

struct naive *naive_create(const struct fib_set *set, const struct topology *topology) {
	struct naive *naive = calloc(1, sizeof(*naive));
	uint32_t *column = calloc(fib_set_prefix_count(set) + 1, sizeof(*column));
	size_t nodes = topology->node_count + 1;
	bool good = naive && column;

	if (naive) {
		naive->set = set;
		naive->topology = topology;
		naive->tables = calloc(nodes, sizeof(*naive->tables));
		naive->met = calloc(nodes, sizeof(*naive->met));
		naive->on_way = calloc(nodes, sizeof(*naive->on_way));
		good = good && naive->tables && naive->met && naive->on_way;
	}
	for (uint32_t node = 0; node < topology->node_count && good; node++)
		good = fill(naive, node, column);
	free(column);
	if (good)
		return naive;
	naive_destroy(naive);
	return NULL;
}

void naive_destroy(struct naive *naive) {
	if (!naive)
		return;
	for (uint32_t node = 0; naive->tables && node < naive->topology->node_count; node++)
		free(naive->tables[node].slots);
	free(naive->tables);
	free(naive->met);
	free(naive->on_way);
	free(naive);
}

static struct prefix cut(const struct prefix *address, uint8_t length) {
	struct prefix part = *address;

	part.length = length;
	if (length % 8)
		part.address[length / 8] &= (uint8_t) ~(0xff >> length % 8);
	memset(part.address + (length + 7) / 8, 0, sizeof(part.address) - (length + 7u) / 8);
	return part;
}

uint32_t naive_look_up(const struct naive *naive, uint32_t node, const struct prefix *address) {
	const struct table *table = &naive->tables[node];
	int family = address->family == AF_INET6;

	for (uint8_t i = 0; i < table->length_count[family]; i++) {
		struct prefix part = cut(address, table->lengths[family][i]);
		uint64_t at = hash_of(&part);

		for (; table->slots[at & table->mask].place; at++) {
			const struct slot *slot = &table->slots[at & table->mask];

			if (is_same(fib_set_prefix(naive->set, slot->place - 1), &part))
				return slot->group;
		}
	}
	return FIB_NO_ROUTE;
}

static uint8_t verdict_of(uint32_t group) {
	return group == FIB_LOCAL  ? OUTCOME_DELIVERED
	       : group == FIB_DROP ? OUTCOME_DROPPED
				   : OUTCOME_NO_ROUTE;
}

static uint8_t follow(struct naive *naive, uint32_t node, const struct prefix *address) {
	const struct topology *topology = naive->topology;
	uint32_t group = naive_look_up(naive, node, address);
	size_t count;
	const uint32_t *ports = fib_set_ports(naive->set, group, &count);
	uint8_t outcome = group < FIB_VERDICTS ? verdict_of(group) : 0;

	naive->met[node] = naive->now;
	naive->on_way[node] = true;
	for (size_t i = 0; i < count; i++) {
		uint32_t far = topology->far_node[ports[i]];

		if (topology->port_is_dead && topology->port_is_dead[ports[i]])
			outcome |= OUTCOME_DEAD;
		else if (far == TOPOLOGY_OUTSIDE)
			outcome |= OUTCOME_LEFT;
		else if (naive->met[far] != naive->now)
			outcome |= follow(naive, far, address);
		else if (naive->on_way[far])
			outcome |= OUTCOME_LOOP;
	}
	naive->on_way[node] = false;
	return outcome;
}

/* What a node leads to that was met before is in the outcome already: all ways begin here. */
uint8_t naive_follow(struct naive *naive, uint32_t node, const struct prefix *address) {
	naive->now++;
	return follow(naive, node, address);
}
