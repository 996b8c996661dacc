/* network: see network.h. */
#include "optics/network.h"

#include <stdint.h>
#include <string.h>

static size_t bucket_of(const struct network *network, const char *name) {
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
	return hash & (network->bucket_count - 1);
}

/* Open addressing; there is always an empty bucket. */
static size_t find_bucket(const struct network *network, const char *name) {
	size_t at = bucket_of(network, name);

	while (network->buckets[at] != ELEMENT_NONE &&
		strcmp(network->elements[network->buckets[at]]->name, name) != 0)
		at = (at + 1) & (network->bucket_count - 1);
	return at;
}

static void grow(struct network *network) {
	network->bucket_count = network->bucket_count ? 2 * network->bucket_count : 64;
	network->buckets =
		arena_array(&network->arena, network->bucket_count, sizeof(*network->buckets));
	for (size_t i = 0; i < network->bucket_count; i++)
		network->buckets[i] = ELEMENT_NONE;
	for (size_t i = 0; i < network->count; i++)
		network->buckets[find_bucket(network, network->elements[i]->name)] = (int)i;
}

int network_find(const struct network *network, const char *name) {
	return network->bucket_count ? network->buckets[find_bucket(network, name)] : ELEMENT_NONE;
}

struct element *network_add(struct network *network, const char *name, enum element_kind kind) {
	struct element *element = arena_alloc(&network->arena, sizeof(*element));
	struct element **place;

	element->name = name;
	element->kind = kind;
	place = arena_append(&network->arena, &network->elements, &network->count, sizeof(element));
	*place = element;
	if (2 * network->count >= network->bucket_count)
		grow(network);
	else
		network->buckets[find_bucket(network, name)] = (int)network->count - 1;
	return element;
}

void network_connect(struct network *network, int from, int to) {
	struct element *one = network->elements[from], *other = network->elements[to];

	*(int *)arena_append(&network->arena, &one->next, &one->next_count, sizeof(int)) = to;
	*(int *)arena_append(
		&network->arena, &other->previous, &other->previous_count, sizeof(int)) = from;
}

/* Empties a bucket; those behind it that would not be found across the gap move into it. */
static void empty(struct network *network, size_t gap) {
	size_t mask = network->bucket_count - 1;

	for (size_t at = (gap + 1) & mask; network->buckets[at] != ELEMENT_NONE;
		at = (at + 1) & mask) {
		size_t home = bucket_of(network, network->elements[network->buckets[at]]->name);

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		network->buckets[gap] = network->buckets[at];
		gap = at;
	}
	network->buckets[gap] = ELEMENT_NONE;
}

void network_rename(struct network *network, int number, const char *name) {
	empty(network, find_bucket(network, network->elements[number]->name));
	network->elements[number]->name = name;
	network->buckets[find_bucket(network, name)] = number;
}

static void replace(int *numbers, size_t count, int old, int new) {
	for (size_t i = 0; i < count; i++)
		if (numbers[i] == old) {
			numbers[i] = new;
			return;
		}
}

void network_insert(struct network *network, int from, int to, int inserted) {
	struct element *one = network->elements[from], *other = network->elements[to];
	struct element *between = network->elements[inserted];

	replace(one->next, one->next_count, to, inserted);
	replace(other->previous, other->previous_count, from, inserted);
	*(int *)arena_append(&network->arena, &between->next, &between->next_count, sizeof(int)) =
		to;
	*(int *)arena_append(
		&network->arena, &between->previous, &between->previous_count, sizeof(int)) = from;
}

void network_free(struct network *network) {
	arena_free(&network->arena);
	*network = (struct network){0};
}
