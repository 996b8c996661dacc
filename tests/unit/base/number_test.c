/* number_test: what is a number, and what only looks like one. */
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void whole_numbers_are_digits_within_bounds(void **state) {
	static const char *const bad[] = {"", "abc", "5x", "x5", " 5", "5 ", "+5", "-5", "0x10",
		"1e3", "5.0", "nan", "101", "18446744073709551616", "99999999999999999999"};
	uint64_t number = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(number_parse(bad[i], 0, 100, &number));
	assert_false(number_parse("0", 1, 100, &number));
	assert_true(number == 7);
	assert_true(number_parse("100", 1, 100, &number) && number == 100);
	assert_true(number_parse("010", 1, 100, &number) && number == 10);
	assert_true(number_parse("18446744073709551615", 0, UINT64_MAX, &number) &&
		    number == UINT64_MAX);
}

static void decimals_end_where_their_digits_do(void **state) {
	static const char *const bad[] = {"", "abc", "x5", " 5", "+5", "-5", ".5", "nan", "inf",
		"0x10", "0X10", "1e", "1e+3", "5.", "5.5.5", "5 "};
	double value = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(decimal_parse(bad[i], &value));
	assert_true(value == 7);
	assert_true(decimal_parse("12", &value) && value == 12);
	assert_true(decimal_parse("1e-05", &value) && value == 1e-05);
	assert_true(decimal_parse("2.5e3", &value) && value == 2500);
	assert_true(decimal_parse("0.25", &value) && value == 0.25);
	assert_string_equal(decimal_begin("0X10us", &value), "X10us");
	assert_true(value == 0);
	assert_string_equal(decimal_begin("2.5G", &value), "G");
	assert_true(value == 2.5);
	assert_null(decimal_begin("G", &value));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_are_digits_within_bounds),
		cmocka_unit_test(decimals_end_where_their_digits_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
