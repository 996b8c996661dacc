/* delay_line: see delay_line.h. A list of blocks; frames lie in a block one after the other, and
 * none across two. An empty line keeps its last block, so that a frame now and then costs none. */
#include "emulator/delay_line.h"

#include <assert.h>
#include <stdlib.h>

struct block {
	struct block *next;
	uint32_t first; /* offset of the first frame that is held */
	uint32_t end;   /* behind the last */
	_Alignas(8) uint8_t bytes[DELAY_LINE_BLOCK_BYTES];
};

struct delay_line {
	struct delay_line_budget *budget;
	struct block *head, *tail; /* NULL: none taken yet */
	size_t count;
};

static uint32_t space_of(uint32_t length) {
	return (uint32_t)(sizeof(struct held_frame) + length + 7) & ~7u;
}

static struct held_frame *frame_at(struct block *block, uint32_t offset) {
	return (struct held_frame *)(block->bytes + offset);
}

struct delay_line *delay_line_create(struct delay_line_budget *budget) {
	struct delay_line *line = calloc(1, sizeof(*line));

	if (line)
		line->budget = budget;
	return line;
}

static void drop_head(struct delay_line *line) {
	struct block *block = line->head;

	line->head = block->next;
	if (!line->head)
		line->tail = NULL;
	free(block);
	line->budget->blocks_left++;
}

void delay_line_destroy(struct delay_line *line) {
	if (!line)
		return;
	while (line->head)
		drop_head(line);
	free(line);
}

static struct block *add_block(struct delay_line *line) {
	struct block *block = line->budget->blocks_left ? malloc(sizeof(*block)) : NULL;

	if (!block)
		return NULL;
	line->budget->blocks_left--;
	block->next = NULL;
	block->first = block->end = 0;
	if (line->tail)
		line->tail->next = block;
	else
		line->head = block;
	line->tail = block;
	return block;
}

struct held_frame *delay_line_append(struct delay_line *line, uint64_t due_ns, uint32_t length) {
	uint32_t space = space_of(length);
	struct block *block = line->tail;
	struct held_frame *frame;

	assert(length <= DELAY_LINE_FRAME_BYTES_MAX);
	if (!block || block->end + space > DELAY_LINE_BLOCK_BYTES)
		block = add_block(line);
	if (!block)
		return NULL;
	frame = frame_at(block, block->end);
	frame->due_ns = due_ns;
	frame->length = length;
	block->end += space;
	line->count++;
	return frame;
}

size_t delay_line_count(const struct delay_line *line) {
	return line->count;
}

size_t delay_line_due(
	struct delay_line *line, uint64_t by_ns, struct held_frame **frames, size_t most) {
	size_t count = 0;

	for (struct block *block = line->head; block; block = block->next)
		for (uint32_t at = block->first; at < block->end;) {
			struct held_frame *frame = frame_at(block, at);

			if (count == most || frame->due_ns > by_ns)
				return count;
			frames[count++] = frame;
			at += space_of(frame->length);
		}
	return count;
}

uint64_t delay_line_next(const struct delay_line *line) {
	if (line->count == 0)
		return UINT64_MAX;
	return frame_at(line->head, line->head->first)->due_ns;
}

void delay_line_remove(struct delay_line *line, size_t count) {
	assert(count <= line->count);
	line->count -= count;
	for (; count > 0; count--) {
		struct block *block = line->head;

		block->first += space_of(frame_at(block, block->first)->length);
		if (block->first < block->end)
			continue;
		if (block->next)
			drop_head(line);
		else
			block->first = block->end = 0;
	}
}
