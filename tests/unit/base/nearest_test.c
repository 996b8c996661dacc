/* nearest_test: the nearest word, against the distance by its definition, over random words. */
#include "capture.h"

#include "base/nearest.h"

enum { ROUNDS = 3000, LETTERS = 7, WORDS = 5 };

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t below) {
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * below >> 32);
}

static size_t least(size_t one, size_t other) {
	return one < other ? one : other;
}

/* Levenshtein's definition, in so many words. */
static size_t distance(const char *one, const char *other) {
	if (!*one || !*other)
		return strlen(one) + strlen(other);
	if (*one == *other)
		return distance(one + 1, other + 1);
	return 1 + least(distance(one + 1, other + 1),
			   least(distance(one + 1, other), distance(one, other + 1)));
}

static void make_word(char *word) {
	size_t length = random_below(LETTERS + 1);

	for (size_t i = 0; i < length; i++)
		word[i] = (char)('a' + random_below(3));
	word[length] = '\0';
}

static const char *obvious(const char *text, const char *const *words) {
	size_t most = strlen(text) / 3 < 2 ? 2 : strlen(text) / 3, best = most + 1;
	const char *nearest = NULL;

	for (; *words; words++)
		if (distance(text, *words) < best && distance(text, *words) < strlen(*words)) {
			best = distance(text, *words);
			nearest = *words;
		}
	return nearest;
}

static void it_is_the_one_of_the_least_distance(void **state) {
	for (int round = 0; round < ROUNDS; round++) {
		char text[LETTERS + 1], letters[WORDS][LETTERS + 1];
		const char *words[WORDS + 1] = {NULL};

		make_word(text);
		for (int i = 0; i < WORDS; i++) {
			make_word(letters[i]);
			words[i] = letters[i];
		}
		assert_ptr_equal(nearest_word(text, words), obvious(text, words));
	}
}

static void what_is_far_from_all_has_none(void **state) {
	static const char *const words[] = {"leaf", "spine", NULL};
	char endless[200];

	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_null(nearest_word("border", words));
	assert_null(nearest_word("", words));
	assert_null(nearest_word(endless, words));
	assert_string_equal(nearest_word("spien", words), "spine");
}

static void words_without_end_are_passed_over(void **state) {
	char endless[200];
	const char *const words[] = {endless, "leaf", NULL};

	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_string_equal(nearest_word("laef", words), "leaf");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_one_of_the_least_distance),
		cmocka_unit_test(what_is_far_from_all_has_none),
		cmocka_unit_test(words_without_end_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
