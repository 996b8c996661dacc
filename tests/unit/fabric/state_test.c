/* state_test: numbers that were given out stay; files that are no states are refused. */
#include "fixture.h"

#include "../base/capture.h"

#include <errno.h>
#include <unistd.h>

static struct state *open_state(const char *path) {
	struct state *state;

	assert_int_equal(state_open(path, &state), 0);
	return state;
}

static void numbers_are_the_least_that_are_free(void **unused) {
	struct state *state = open_state(NULL);

	assert_int_equal(state_take(state, "pool", "a"), 0);
	assert_int_equal(state_take(state, "pool", "b"), 1);
	assert_int_equal(state_take(state, "other", "b"), 0);
	assert_int_equal(state_take(state, "pool", "a"), 0);
	state_close(state);

	fixture_write("state.json", "{\"pool\": {\"x\": 0, \"y\": 2}}");
	state = open_state("state.json");
	assert_int_equal(state_take(state, "pool", "a"), 1);
	assert_int_equal(state_take(state, "pool", "b"), 3);
	assert_int_equal(state_take(state, "pool", "y"), 2);
	state_close(state);
}

/* Many keys, in random order, over several files: each keeps the number that it first got. */
static void numbers_stay(void **unused) {
	enum { KEYS = 300, ROUNDS = 8 };
	struct random random = {5};
	int numbers[KEYS];

	unlink("state.json");
	memset(numbers, -1, sizeof(numbers));
	for (int round = 0; round < ROUNDS; round++) {
		struct state *state = open_state("state.json");

		for (int i = 0; i < KEYS; i++) {
			uint32_t key = random_below(&random, KEYS);
			char name[16];
			int number;

			snprintf(name, sizeof(name), "key%u", key);
			number = (int)state_take(state, "pool", name);
			if (numbers[key] < 0)
				for (int other = 0; other < KEYS; other++)
					assert_int_not_equal(number, numbers[other]);
			else
				assert_int_equal(number, numbers[key]);
			numbers[key] = number;
		}
		assert_int_equal(state_write(state, "state.json"), 0);
		state_close(state);
	}
}

static void what_is_written_is_the_same_again(void **unused) {
	struct state *state = open_state(NULL);
	char *one, *other;

	state_take(state, "b", "z");
	state_take(state, "b", "a");
	state_take(state, "a", "q");
	assert_int_equal(state_write(state, "one.json"), 0);
	state_close(state);
	state = open_state("one.json");
	assert_int_equal(state_write(state, "other.json"), 0);
	state_close(state);
	one = fixture_read("one.json");
	other = fixture_read("other.json");
	assert_string_equal(one, other);
	free(one);
	free(other);
}

static void bad_files_are_refused_with_a_message(void **unused) {
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "state.json:1: not a state of a fabric: '[' or '{' expected near end of file"},
		{"{\"a\": {\n",
			"state.json:2: not a state of a fabric: string or '}' expected near "
			"end of file"},
		{"[]", "state.json: not a state of a fabric: expected an object of pools"},
		{"{\"pool\": 7}", "state.json: 'pool': expected keys with numbers"},
		{"{\"pool\": [1]}", "state.json: 'pool': expected keys with numbers"},
		{"{\"pool\": {\"a\": -1}}", "state.json: 'pool', 'a': expected a number of its own "
					    "below 16777216"},
		{"{\"pool\": {\"a\": 16777216}}", "state.json: 'pool', 'a': expected a number of "
						  "its own below 16777216"},
		{"{\"pool\": {\"a\": \"1\"}}", "state.json: 'pool', 'a': expected a number of its "
					       "own below 16777216"},
		{"{\"pool\": {\"a\": 3, \"b\": 3}}", "state.json: 'pool', 'b': expected a number "
						     "of its own below 16777216"},
		{"{\"pool\": {\"a\": 3, \"a\": 4}}", "state.json:1: not a state of a fabric: "
						     "duplicate object key near '\"a\"'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capture capture;
		struct state *state;
		char expected[256], *told;

		fixture_write("state.json", rows[i].text);
		capture = capture_begin(stderr);
		assert_int_equal(state_open("state.json", &state), -EINVAL);
		told = capture_end(&capture);
		snprintf(expected, sizeof(expected), "heddle: error: %s\n", rows[i].message);
		assert_string_equal(told, expected);
		free(told);
	}
}

static void a_folder_is_no_state(void **unused) {
	struct capture capture = capture_begin(stderr);
	struct state *state;
	int error = state_open(".", &state);
	char *told = capture_end(&capture);

	assert_true(error < 0);
	assert_non_null(strstr(told, "heddle: error: ."));
	free(told);
}

static void a_state_that_cannot_be_written_is_told(void **unused) {
	struct state *state = open_state(NULL);
	struct capture capture = capture_begin(stderr);
	int error = state_write(state, "no/such/folder/state.json");
	char *told = capture_end(&capture);

	assert_int_equal(error, -ENOENT);
	assert_string_equal(
		told, "heddle: error: no/such/folder/state.json: No such file or directory\n");
	free(told);
	state_close(state);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_least_that_are_free),
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(what_is_written_is_the_same_again),
		cmocka_unit_test(bad_files_are_refused_with_a_message),
		cmocka_unit_test(a_folder_is_no_state),
		cmocka_unit_test(a_state_that_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
