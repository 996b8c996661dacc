/* steps_test: what a step's words become, and what is said of those that are none. */
#include "capture.h"

#include "cmd/twin.h"
#include "cmd/twin_steps.h"

#include <errno.h>

static void expect(const char *verb, const char *words, int (*act)(const struct twin_request *),
	const char *one, const char *two, const char *three) {
	const char *const wanted[] = {one, two, three};
	char expected[STEP_ERROR_BYTES];
	struct step step = {0};
	int count = 0;

	assert_int_equal(step_take(&step, verb, words, expected, sizeof(expected)), 0);
	assert_ptr_equal(step.act, act);
	assert_string_equal(step.verb, verb);
	for (; count < 3 && wanted[count]; count++)
		assert_string_equal(step.words[count], wanted[count]);
	assert_int_equal(step.count, count);
	assert_int_equal(step_check(verb, words, expected, sizeof(expected)), 0);
}

static void refuse(const char *verb, const char *words, int error, const char *said) {
	char expected[STEP_ERROR_BYTES], whole[STEP_ERROR_BYTES];
	struct step step = {0};

	assert_int_equal(step_take(&step, verb, words, expected, sizeof(expected)), error);
	assert_int_equal(step_check(verb, words, whole, sizeof(whole)), error);
	if (!strstr(whole, said))
		fail_msg("'%s' does not say '%s'", whole, said);
	assert_non_null(strstr(whole, "expected "));
}

static void words_become_those_of_the_command(void **state) {
	expect("fail", "link a:b", twin_fail, "link", "a:b", NULL);
	expect("restore", "node spine1", twin_restore, "node", "spine1", NULL);
	expect("drain", "link a:b", twin_drain, "link", "a:b", NULL);
	expect("undrain", "link a:b", twin_undrain, "link", "a:b", NULL);
	expect("kill", "leaf1 bgpd", twin_kill, "leaf1", "bgpd", NULL);
	expect("restart", "leaf1", twin_restart, "leaf1", NULL, NULL);
	expect("fail-amplifier", "booster", twin_light, "fail", "booster", NULL);
}

static void the_last_may_have_blanks(void **state) {
	expect("cut", "south East-West 1", twin_light, "cut", "south East-West 1", NULL);
	expect("mend", "line amplifier 1", twin_light, "mend", "line amplifier 1", NULL);
	expect("upgrade", "a:b 300G 8QAM", twin_light, "upgrade", "a:b", "300G 8QAM");
}

static void a_number_that_stands_first_goes_last(void **state) {
	expect("age", "3 south East-West 1", twin_light, "age", "south East-West 1", "3");
	expect("lose-pump", "1 south 2", twin_light, "lose-pump", "south 2", "1");
}

static void words_that_are_missing_or_too_long_are_refused(void **state) {
	char endless[STEP_WORD_BYTES + 1];

	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	refuse("cut", "", -EINVAL, "cut: '': expected an element of a line");
	refuse("fail", "link", -EINVAL, "fail: 'link': expected 'link A:B' or 'node N'");
	refuse("fail", "link ", -EINVAL, "expected 'link A:B'");
	refuse("fail", " link", -EINVAL, "expected 'link A:B'");
	refuse("age", "3", -EINVAL, "dB and a fibre");
	refuse("cut", endless, -EINVAL, "an element of a line");
	endless[STEP_WORD_BYTES - 1] = '\0';
	expect("cut", endless, twin_light, "cut", endless, NULL);
}

static void a_verb_that_is_none_is_answered_by_the_nearest(void **state) {
	char endless[2000];

	refuse("cutt", "x", -ENOENT, "'cutt': expected 'cut'? One of fail, ");
	refuse("Fail", "x", -ENOENT, "expected 'fail'?");
	refuse("undrian", "x", -ENOENT, "expected 'undrain'?");
	refuse("destroy-all", "x", -ENOENT, "expected one of fail, ");
	refuse("", "", -ENOENT, " or mend");
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	refuse(endless, endless, -ENOENT, "expected one of fail");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_those_of_the_command),
		cmocka_unit_test(the_last_may_have_blanks),
		cmocka_unit_test(a_number_that_stands_first_goes_last),
		cmocka_unit_test(words_that_are_missing_or_too_long_are_refused),
		cmocka_unit_test(a_verb_that_is_none_is_answered_by_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
