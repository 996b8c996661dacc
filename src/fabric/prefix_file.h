/* prefix_file: a list of prefixes in a file of its own, one a line; "#" begins a comment. */
#pragma once

#include "fabric/prefix.h"

#include <stddef.h>

enum { PREFIX_FILE_BYTES_MAX = 64 << 20 };

/* Adds them to an array (of malloc, or NULL and 0). 0, or a negative errno after messages with
 * file:line, at most ten; the array may have grown all the same. */
int prefix_file_read(const char *path, struct prefix **prefixes, size_t *count);
