/*
 * spans: which parts of an array are free; see spans.h.
 *
 * The first and the last element of a free span are tagged with its size, so that a span that comes
 * back finds its neighbours at once. No other element ever has a tag.
 */
#include "table/spans.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
	SPAN_EXACT = 32,
	SPAN_CLASSES = 64,
};

#define NOWHERE UINT32_MAX

struct span {
	uint32_t size; /* the tag: 0 unless a free span begins or ends here */
	uint32_t next; /* in the list of its class, if it begins here */
	uint32_t previous;
};

struct spans {
	uint32_t count;
	uint32_t free;
	uint64_t filled; /* bit c: class c has a span */
	uint32_t lists[SPAN_CLASSES];
	struct span spans[];
};

static unsigned int class_of(uint32_t size) {
	if (size <= SPAN_EXACT)
		return size - 1;
	return SPAN_EXACT + (31 - (unsigned int)__builtin_clz(size)) - 5;
}

static void enlist(struct spans *spans, uint32_t first, uint32_t size) {
	unsigned int class = class_of(size);
	uint32_t next = spans->lists[class];

	spans->spans[first] = (struct span){.size = size, .next = next, .previous = NOWHERE};
	spans->spans[first + size - 1].size = size;
	if (next != NOWHERE)
		spans->spans[next].previous = first;
	spans->lists[class] = first;
	spans->filled |= 1ull << class;
}

static void delist(struct spans *spans, uint32_t first) {
	struct span *span = &spans->spans[first];
	unsigned int class = class_of(span->size);

	if (span->next != NOWHERE)
		spans->spans[span->next].previous = span->previous;
	if (span->previous != NOWHERE)
		spans->spans[span->previous].next = span->next;
	else
		spans->lists[class] = span->next;
	if (spans->lists[class] == NOWHERE)
		spans->filled &= ~(1ull << class);

	spans->spans[first + span->size - 1].size = 0;
	span->size = 0;
}

/* A free span of at least this size, or NOWHERE. */
static uint32_t best_fit(const struct spans *spans, uint32_t size) {
	unsigned int class = class_of(size);
	uint64_t larger = spans->filled & ~((2ull << class) - 1);
	uint32_t first;

	/* Above SPAN_EXACT, the class of its own size holds smaller ones too. */
	for (first = spans->lists[class]; first != NOWHERE; first = spans->spans[first].next) {
		if (spans->spans[first].size >= size)
			return first;
	}
	return larger ? spans->lists[__builtin_ctzll(larger)] : NOWHERE;
}

struct spans *spans_create(uint32_t count) {
	struct spans *spans = calloc(1, sizeof(*spans) + (size_t)count * sizeof(struct span));

	if (!spans)
		return NULL;
	spans->count = count;
	spans->free = count;
	for (size_t class = 0; class < SPAN_CLASSES; class ++)
		spans->lists[class] = NOWHERE;
	if (count)
		enlist(spans, 0, count);
	return spans;
}

void spans_destroy(struct spans *spans) {
	free(spans);
}

int spans_take(struct spans *spans, uint32_t size, uint32_t *first) {
	uint32_t found = best_fit(spans, size);
	uint32_t whole;

	if (found == NOWHERE)
		return -ENOSPC;
	whole = spans->spans[found].size;
	delist(spans, found);
	if (whole > size)
		enlist(spans, found + size, whole - size);
	spans->free -= size;
	*first = found;
	return 0;
}

void spans_give(struct spans *spans, uint32_t first, uint32_t size) {
	uint32_t end = first + size;

	assert(size && end <= spans->count);
	spans->free += size;
	if (first && spans->spans[first - 1].size) {
		first -= spans->spans[first - 1].size;
		delist(spans, first);
	}
	if (end < spans->count && spans->spans[end].size) {
		uint32_t after = end;

		end += spans->spans[after].size;
		delist(spans, after);
	}
	enlist(spans, first, end - first);
}

uint32_t spans_free(const struct spans *spans) {
	return spans->free;
}
