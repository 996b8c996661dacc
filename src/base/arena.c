/* arena: see arena.h. */
#include "base/arena.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first chunk is small, for many arenas hold little and not for long, and all of it is cleared.
 */
enum { CHUNK_FIRST = 4 << 10, CHUNK_BYTES = 64 << 10, ALIGNMENT = 16, APPEND_FIRST = 8 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

static void give_up(void) {
	log_error("not enough memory");
	abort();
}

static void add_chunk(struct arena *arena, size_t least) {
	size_t usual = arena->chunks ? CHUNK_BYTES : CHUNK_FIRST;
	size_t size = least > usual ? least : usual;
	struct arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (!chunk)
		give_up();
	chunk->next = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size) {
	void *piece;

	if (size > SIZE_MAX / 2)
		give_up();
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!arena->chunks || arena->chunks->size - arena->used < size)
		add_chunk(arena, size);
	piece = arena->chunks->bytes + arena->used;
	arena->used += size;
	return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		give_up();
	return arena_alloc(arena, bytes);
}

char *arena_text_of(struct arena *arena, const char *text, size_t length) {
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *arena_text(struct arena *arena, const char *text) {
	return arena_text_of(arena, text, strlen(text));
}

char *arena_print(struct arena *arena, const char *format, ...) {
	char *printed, *text;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&printed, format, arguments);
	va_end(arguments);
	if (length < 0)
		give_up();
	text = arena_text_of(arena, printed, (size_t)length);
	free(printed);
	return text;
}

/* There is room for APPEND_FIRST times a power of two. */
static int is_full(size_t count) {
	return count == 0 || (count >= APPEND_FIRST && (count & (count - 1)) == 0);
}

void *arena_append(struct arena *arena, void *items, size_t *count, size_t size) {
	unsigned char **array = items;

	if (is_full(*count)) {
		size_t room = *count ? 2 * *count : APPEND_FIRST;
		unsigned char *more = arena_array(arena, room, size);

		if (*count)
			memcpy(more, *array, *count * size);
		*array = more;
	}
	return *array + (*count)++ * size;
}

void arena_free(struct arena *arena) {
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	*arena = (struct arena){0};
}
