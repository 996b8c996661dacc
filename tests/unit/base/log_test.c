/* log_test: what a message looks like, on a terminal and for the journal. */
#include "capture.h"

#include "base/log.h"

static int on_a_terminal(void **state) {
	unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static void a_line_says_who_and_how_bad(void **state) {
	struct capture capture = capture_begin(stderr);
	char *text;

	log_error("%s: no such interface", "eth7");
	log_warning("two");
	log_info("three %d", 3);
	text = capture_end(&capture);
	assert_string_equal(text, "heddle: error: eth7: no such interface\n"
				  "heddle: warning: two\n"
				  "heddle: three 3\n");
	free(text);
}

static void the_journal_gets_priorities(void **state) {
	struct capture capture = capture_begin(stderr);
	char *text;

	setenv("JOURNAL_STREAM", "8:1", 1);
	log_set_level(LOG_LEVEL_DEBUG);
	log_error("a");
	log_warning("b");
	log_info("c");
	log_debug("d");
	text = capture_end(&capture);
	assert_string_equal(text, "<3>a\n<4>b\n<6>c\n<7>d\n");
	free(text);
}

static void what_is_above_the_level_is_left_out(void **state) {
	struct capture capture = capture_begin(stderr);
	char *text;

	log_debug("not this");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("nor this");
	log_error("this");
	text = capture_end(&capture);
	assert_string_equal(text, "heddle: error: this\n");
	free(text);
}

static void a_message_too_long_is_cut_and_still_a_line(void **state) {
	struct capture capture = capture_begin(stderr);
	char *text;

	for (int length = 980; length < 1060; length++)
		log_info("%0*d", length, 0);
	log_info("%0*d", 5000, 0);
	text = capture_end(&capture);
	for (char *line = text; *line; line = strchr(line, '\n') + 1) {
		assert_memory_equal(line, "heddle: 0", 9);
		assert_in_range(strcspn(line, "\n"), 980, 1023);
	}
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_says_who_and_how_bad, on_a_terminal),
		cmocka_unit_test_setup(the_journal_gets_priorities, on_a_terminal),
		cmocka_unit_test_setup(what_is_above_the_level_is_left_out, on_a_terminal),
		cmocka_unit_test_setup(a_message_too_long_is_cut_and_still_a_line, on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
