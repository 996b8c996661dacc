/* columns: see columns.h. */
#include "base/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct columns {
	const struct column *columns;
	size_t count;
	int widths[COLUMNS_MAX];
	char **held[COLUMNS_MEASURED];
	size_t held_count;
	int header_printed;
};

struct columns *columns_create(const struct column *columns, size_t count) {
	struct columns *table = count <= COLUMNS_MAX ? calloc(1, sizeof(*table)) : NULL;

	if (!table)
		return NULL;
	table->columns = columns;
	table->count = count;
	for (size_t i = 0; i < count; i++)
		table->widths[i] = (int)strlen(columns[i].title);
	return table;
}

/* The last column is not padded, so that lines have no blanks at their ends. */
static void print_cell(const struct columns *table, size_t i, const char *text) {
	int width = table->widths[i];

	if (table->columns[i].align == COLUMN_RIGHT)
		printf("%*s", width, text);
	else if (i + 1 < table->count)
		printf("%-*s", width, text);
	else
		printf("%s", text);
	fputs(i + 1 < table->count ? "  " : "\n", stdout);
}

static void print_row(const struct columns *table, const char *const *cells) {
	for (size_t i = 0; i < table->count; i++)
		print_cell(table, i, cells[i]);
}

static void print_held(struct columns *table) {
	for (size_t i = 0; i < table->count; i++)
		print_cell(table, i, table->columns[i].title);
	for (size_t row = 0; row < table->held_count; row++) {
		print_row(table, (const char *const *)table->held[row]);
		for (size_t i = 0; i < table->count; i++)
			free(table->held[row][i]);
		free(table->held[row]);
	}
	table->held_count = 0;
	table->header_printed = 1;
}

static void hold(struct columns *table, const char *const *cells) {
	char **row = calloc(table->count, sizeof(*row));

	if (!row)
		abort();
	for (size_t i = 0; i < table->count; i++) {
		int width = (int)strlen(cells[i]);

		row[i] = strdup(cells[i]);
		if (!row[i])
			abort();
		if (width > table->widths[i])
			table->widths[i] = width;
	}
	table->held[table->held_count++] = row;
}

void columns_add(struct columns *table, const char *const *cells) {
	if (table->header_printed) {
		print_row(table, cells);
		return;
	}
	hold(table, cells);
	if (table->held_count == COLUMNS_MEASURED)
		print_held(table);
}

void columns_finish(struct columns *table) {
	if (!table->header_printed)
		print_held(table);
	free(table);
}
