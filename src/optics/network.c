/* network: see network.h. */
#include "optics/network.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
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

/* ---- the shortest way ---- */

/* A binary heap of elements by distance, that knows where each is. */
struct heap {
	int *items, *place;
	const double *distance;
	size_t count;
};

static void heap_put(struct heap *heap, size_t at, int item) {
	heap->items[at] = item;
	heap->place[item] = (int)at;
}

static void heap_rise(struct heap *heap, size_t at) {
	int item = heap->items[at];

	while (at > 0 && heap->distance[heap->items[(at - 1) / 2]] > heap->distance[item]) {
		heap_put(heap, at, heap->items[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(heap, at, item);
}

static int heap_pop(struct heap *heap) {
	int top = heap->items[0], item = heap->items[--heap->count];
	size_t at = 0, child;

	heap->place[top] = ELEMENT_NONE;
	while ((child = 2 * at + 1) < heap->count) {
		if (child + 1 < heap->count &&
			heap->distance[heap->items[child + 1]] < heap->distance[heap->items[child]])
			child++;
		if (heap->distance[heap->items[child]] >= heap->distance[item])
			break;
		heap_put(heap, at, heap->items[child]);
		at = child;
	}
	if (heap->count)
		heap_put(heap, at, item);
	return top;
}

/* Every element costs a centimetre, so that of equally long ways the one of fewer elements wins. */
static double length_of(const struct element *element) {
	return (element->fibre ? element->fibre->length_m : 0) + 0.01;
}

static int *trace(const int *came, int from, int to, size_t *count) {
	size_t length = 1;
	int *way;

	for (int at = to; at != from; at = came[at])
		length++;
	way = calloc(length, sizeof(*way));
	if (!way)
		return NULL;
	*count = length;
	for (int at = to; length-- > 0; at = came[at])
		way[length] = at;
	return way;
}

int *network_shortest(const struct network *network, int from, int to, size_t *count) {
	size_t size = network->count;
	double *distance = calloc(size, sizeof(*distance));
	int *memory = calloc(3 * size, sizeof(*memory)), *came = memory, *way = NULL;
	struct heap heap = {memory + size, memory + 2 * size, distance, 0};

	if (!distance || !memory)
		goto out;
	for (size_t i = 0; i < size; i++) {
		distance[i] = INFINITY;
		heap.place[i] = ELEMENT_NONE;
	}
	distance[from] = 0;
	came[from] = from;
	heap_put(&heap, heap.count++, from);
	while (heap.count) {
		int at = heap_pop(&heap);
		const struct element *element = network->elements[at];

		if (at == to)
			break;
		if (element->kind == ELEMENT_TRANSCEIVER && at != from)
			continue;
		for (size_t i = 0; i < element->next_count; i++) {
			int next = element->next[i];
			double far = distance[at] + length_of(network->elements[next]);

			if (far >= distance[next])
				continue;
			if (heap.place[next] == ELEMENT_NONE)
				heap_put(&heap, heap.count++, next);
			distance[next] = far;
			came[next] = at;
			heap_rise(&heap, (size_t)heap.place[next]);
		}
	}
	if (isfinite(distance[to]))
		way = trace(came, from, to, count);
out:
	free(distance);
	free(memory);
	return way;
}
