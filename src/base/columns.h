/*
 * columns: an aligned table on stdout. Widths come from the header and the first rows, which are
 * held back until there are COLUMNS_MEASURED of them; a table of any length takes bounded memory.
 */
#pragma once

#include <stddef.h>

enum { COLUMNS_MAX = 16, COLUMNS_MEASURED = 256 };

struct column {
	const char *title;
	enum { COLUMN_LEFT, COLUMN_RIGHT } align;
};

struct columns;

/* `columns` stays the caller's. NULL and errno ENOMEM. */
struct columns *columns_create(const struct column *columns, size_t count);

/* Cells are copied; there are as many as columns. */
void columns_add(struct columns *columns, const char *const *cells);

/* Prints what is held back, and frees. */
void columns_finish(struct columns *columns);
