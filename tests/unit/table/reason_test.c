/* reason_test: the words of the ledger. */
#include "support.h"
#include "table/reason.h"

static void every_reason_has_a_name_of_its_own_and_a_sentence(void **state) {
	for (int reason = 0; reason < REASON_COUNT; reason++) {
		assert_true(strlen(reason_name(reason)) > 0);
		assert_true(strlen(reason_text(reason)) > strlen("a"));
		for (int other = 0; other < reason; other++)
			assert_string_not_equal(reason_name(reason), reason_name(other));
	}
}

static void only_forwarded_is_sent(void **state) {
	assert_int_equal(REASON_FORWARDED, 0);
	for (int reason = 0; reason < REASON_COUNT; reason++)
		assert_int_equal(reason_fate(reason) == FATE_SENT, reason == REASON_FORWARDED);
}

static void what_cannot_be_looked_up_is_left_to_the_kernel(void **state) {
	assert_int_equal(reason_fate(REASON_TABLE_FULL), FATE_KERNEL);
	assert_int_equal(reason_fate(REASON_NO_ROUTE), FATE_KERNEL);
	assert_int_equal(reason_fate(REASON_UNRESOLVED), FATE_KERNEL);
	assert_int_equal(reason_fate(REASON_BLACKHOLE), FATE_DROPPED);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(only_forwarded_is_sent),
		cmocka_unit_test(what_cannot_be_looked_up_is_left_to_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
