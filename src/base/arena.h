/*
 * arena: memory that is given out piece by piece and freed all at once, for models that are built,
 * read and dropped as a whole. Nothing moves once it is given out. One thread at a time.
 *
 * A model that does not fit in memory can only be given up: what allocates here says so and aborts,
 * so that no caller need carry a failure that nothing could be done about. How much a file can ask
 * for is bounded by its reader.
 */
#pragma once

#include <stddef.h>

struct arena {
	struct arena_chunk *chunks;
	size_t used; /* of the first chunk */
};

/* `size` bytes of zeros, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same for an array, which may be empty; sizes whose product overflows abort, too. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of a text, or of its first `length` bytes. */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_of(struct arena *arena, const char *text, size_t length);
char *arena_print(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A growing array's next item, zeroed. `*items` moves when it grows; what it was stays until the
 * arena is freed, so pointers into it must not be kept while it grows. */
void *arena_append(struct arena *arena, void *items, size_t *count, size_t size);

void arena_free(struct arena *arena);
