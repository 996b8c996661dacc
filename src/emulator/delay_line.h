/*
 * delay_line: frames on their way, first in, first out, with the bytes that they consist of. It
 * takes memory a block at a time as frames come and gives it back as they go; what it may take at
 * most is a budget that several lines share. One thread uses lines of one budget.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DELAY_LINE_BLOCK_BYTES = 128 * 1024,
	DELAY_LINE_FRAME_BYTES_MAX = 66 * 1024, /* Linux's largest MTU, and headers */
};

struct delay_line_budget {
	size_t blocks_left;
};

struct held_frame {
	uint64_t due_ns;
	uint32_t length;
	uint8_t bytes[];
};

struct delay_line;

/* NULL without memory. The budget stays the caller's and outlives the line. */
struct delay_line *delay_line_create(struct delay_line_budget *budget);
void delay_line_destroy(struct delay_line *line);

/* A place at the end, whose bytes the caller writes; NULL if there is no memory for it left. It
 * stays where it is until it is removed. `length` is at most DELAY_LINE_FRAME_BYTES_MAX. */
struct held_frame *delay_line_append(struct delay_line *line, uint64_t due_ns, uint32_t length);

/* How many frames it holds. */
size_t delay_line_count(const struct delay_line *line);

/* Makes the array point to the first frames, as many as there are and as are due by then; returns
 * how many, at most `most`. */
size_t delay_line_due(
	struct delay_line *line, uint64_t by_ns, struct held_frame **frames, size_t most);

/* When the first one is due; UINT64_MAX if there is none. */
uint64_t delay_line_next(const struct delay_line *line);

/* Takes away the first `count` frames; there are as many. */
void delay_line_remove(struct delay_line *line, size_t count);
