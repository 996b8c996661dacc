/* tables_test: what a cable is made of, and the lists as CSV (RFC 4180). */
#include "fixture.h"

#include "fabric/tables.h"

#include <stdio.h>

static void a_cables_medium_follows_from_speed_and_length(void **state) {
	static const struct {
		uint64_t mbps;
		uint32_t length_m;
		const char *medium;
	} rows[] = {
		{25000, 3, "DAC"},
		{25000, 5, "DAC"},
		{25000, 6, "AOC"},
		{100000, 3, "DAC"},
		{100000, 4, "AOC"},
		{100000, 30, "AOC"},
		{100000, 31, "100GBASE-SR4"},
		{100000, 100, "100GBASE-SR4"},
		{100000, 101, "100GBASE-DR"},
		{100000, 501, "100GBASE-LR4"},
		{400000, 400, "400GBASE-DR4"},
		{800000, 60, "800GBASE-SR8"},
		{400000, 10001, "coherent"},
		{1000, 200, "fibre"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(cable_medium(rows[i].mbps, rows[i].length_m), rows[i].medium);
}

static char *write_table(const struct fabric *fabric,
	void (*write)(const struct fabric *fabric, int node, FILE *to)) {
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	write(fabric, 0, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* Lines end with CR LF, and all have as many fields as the header; no name needs quotes. */
static void check_csv(char *text, size_t rows_wanted) {
	char *rest = text, *line;
	size_t commas = 0, rows = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		size_t count = 0, size = strlen(line);

		assert_int_equal(line[size - 1], '\r');
		for (size_t i = 0; i < size; i++)
			count += line[i] == ',';
		commas = rows ? commas : count;
		assert_int_equal(count, commas);
		assert_null(strchr(line, '"'));
		rows++;
	}
	assert_int_equal(rows, rows_wanted + 1);
	free(text);
}

static void check_lists(const struct fabric *fabric, struct random *random) {
	check_csv(write_table(fabric, tables_write_cabling), fabric->link_count);
	check_csv(write_table(fabric, tables_write_addresses),
		fabric->node_count + fabric->port_count);
}

static void lists_are_csv(void **state) {
	fixture_each_shape(31, 30, check_lists);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cables_medium_follows_from_speed_and_length),
		cmocka_unit_test(lists_are_csv),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
