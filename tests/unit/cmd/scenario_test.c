/* scenario_test: scenarios as people write them; what is wrong with one is told by its line. */
#include "capture.h"

#include "cmd/scenario.h"

#include <sys/mman.h>
#include <unistd.h>

static struct scenario scenario;

static int read_text(const char *text) {
	char path[64];
	int file = memfd_create("scenario", 0), error;

	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	error = scenario_read(&scenario, path);
	close(file);
	return error;
}

static void refuse(const char *text, const char *said) {
	struct capture capture = capture_begin(stderr);
	int error = read_text(text);
	char *told = capture_end(&capture);

	if (error >= 0 || !strstr(told, said))
		fail_msg("'%s' does not say '%s'", told, said);
	free(told);
}

static void steps_are_read_in_their_order(void **state) {
	assert_int_equal(read_text("- {at: 0s, cut: south East-West 1}\n"
				   "- at: 1.5s\n  age: 3 south 2\n"
				   "- {kill: leaf1 bgpd, at: 1.5s}\n"),
		0);
	assert_int_equal(scenario.count, 3);
	assert_string_equal(scenario.steps[0].words[1], "south East-West 1");
	assert_int_equal(scenario.steps[1].line, 2);
	assert_float_equal(scenario.steps[1].at_s, 1.5, 0);
	assert_string_equal(scenario.steps[1].words[2], "3");
	assert_string_equal(scenario.steps[2].verb, "kill");
	scenario_free(&scenario);
}

static void json_is_taken_too(void **state) {
	assert_int_equal(read_text("[{\"at\": \"0s\", \"cut\": \"south \\u00e9\"}]"), 0);
	assert_string_equal(scenario.steps[0].words[1], "south é");
	scenario_free(&scenario);
	assert_int_equal(read_text("[]"), 0);
	assert_int_equal(scenario.count, 0);
	scenario_free(&scenario);
}

static void what_is_wrong_is_told_by_its_line(void **state) {
	refuse("cut: x", ":1: ");
	refuse("- {at: 0s, cut: x}\n- {at: 1s, cutt: x}\n", ":2: 'cutt': expected 'cut'?");
	refuse("- {at: 0s, cut: x}\n\n- {cut: x}\n", ":3: ");
	refuse("- {at: 0s}\n", ":1: ");
	refuse("- {at: 0s, cut: x, mend: x}\n", "one thing to do");
	refuse("- {at: soon, cut: x}\n", "seconds since the beginning");
	refuse("- {at: -1s, cut: x}\n", "seconds since the beginning");
	refuse("- {at: 86401s, cut: x}\n", "seconds since the beginning");
	refuse("- {at: 2s, cut: x}\n- {at: 1s, cut: x}\n", "a time that is not before the last");
	refuse("- {at: 0s, fail: link}\n", "'link A:B' or 'node N'");
	refuse("- [at, 0s]\n", ":1: ");
	refuse("- {at: 0s, cut: [x]}\n", ":1: ");
}

static void there_are_at_most_1000(void **state) {
	static char text[1002 * 24];
	size_t used = 0;

	for (int i = 0; i < 1001; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "- {at: 0s, cut: x}\n");
	refuse(text, ":1001: ");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_read_in_their_order),
		cmocka_unit_test(json_is_taken_too),
		cmocka_unit_test(what_is_wrong_is_told_by_its_line),
		cmocka_unit_test(there_are_at_most_1000),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
