/* whole_file: the text of a file, read whole into memory that serves one file after the other. */
#pragma once

#include <stddef.h>

struct whole_file {
	char *text; /* `size` bytes and a NUL */
	size_t size, room;
};

/* 0, or a negative errno: -EFBIG for more than `bytes_max`, -EINVAL for what is no regular file (a
 * pipe might never end). What was there before is gone in either case. */
int whole_file_read(struct whole_file *file, const char *path, size_t bytes_max);
void whole_file_free(struct whole_file *file);
