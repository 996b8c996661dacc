/* columns_test: how a table looks, of a few rows and of many. */
#include "capture.h"

#include "base/columns.h"

static const struct column columns[] = {
	{"port", COLUMN_LEFT}, {"packets", COLUMN_RIGHT}, {"why", COLUMN_LEFT}};

static void cells_are_aligned_under_their_titles(void **state) {
	struct capture capture = capture_begin(stdout);
	struct columns *table = columns_create(columns, 3);
	char *text;

	columns_add(table, (const char *const[]){"eth1", "7", "a word"});
	columns_add(table, (const char *const[]){"e", "123456789", ""});
	columns_finish(table);
	text = capture_end(&capture);
	assert_string_equal(text, "port    packets  why\n"
				  "eth1          7  a word\n"
				  "e     123456789  \n");
	free(text);
}

static void a_table_without_rows_has_its_header(void **state) {
	struct capture capture = capture_begin(stdout);
	char *text;

	columns_finish(columns_create(columns, 3));
	text = capture_end(&capture);
	assert_string_equal(text, "port  packets  why\n");
	free(text);
}

/* The first rows give the widths, those after come as they are, none is lost. */
static void a_long_table_is_printed_as_it_comes(void **state) {
	struct capture capture = capture_begin(stdout);
	struct columns *table = columns_create(columns, 3);
	char *text, *line, *rest;
	int rows = 0;

	for (int i = 0; i < 3 * COLUMNS_MEASURED; i++) {
		char cell[16];

		snprintf(cell, sizeof(cell), "%d", i);
		columns_add(table, (const char *const[]){"p", cell, i > 700 ? "late" : "x"});
		memset(cell, '#', sizeof(cell) - 1); /* cells are copied */
	}
	columns_finish(table);
	text = capture_end(&capture);
	line = strtok_r(text, "\n", &rest);
	assert_string_equal(line, "port  packets  why");
	while ((line = strtok_r(NULL, "\n", &rest))) {
		char expected[64];

		snprintf(expected, sizeof(expected), "p     %7d  %s", rows,
			rows > 700 ? "late" : "x");
		assert_string_equal(line, expected);
		rows++;
	}
	assert_int_equal(rows, 3 * COLUMNS_MEASURED);
	free(text);
}

static void the_last_column_on_the_right_ends_the_line(void **state) {
	static const struct column two[] = {{"a", COLUMN_LEFT}, {"b", COLUMN_RIGHT}};
	struct capture capture = capture_begin(stdout);
	struct columns *table = columns_create(two, 2);
	char *text;

	columns_add(table, (const char *const[]){"x", "100"});
	columns_finish(table);
	text = capture_end(&capture);
	assert_string_equal(text, "a    b\nx  100\n");
	free(text);
}

static void more_columns_than_there_can_be_are_refused(void **state) {
	assert_null(columns_create(columns, COLUMNS_MAX + 1));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_aligned_under_their_titles),
		cmocka_unit_test(a_table_without_rows_has_its_header),
		cmocka_unit_test(a_long_table_is_printed_as_it_comes),
		cmocka_unit_test(the_last_column_on_the_right_ends_the_line),
		cmocka_unit_test(more_columns_than_there_can_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
