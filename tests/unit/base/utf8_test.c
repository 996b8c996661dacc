/* utf8_test: characters, against what jansson takes for some, over random bytes. */
#include "capture.h"

#include "base/utf8.h"

#include <jansson.h>
#include <stdbool.h>

enum { ROUNDS = 200000, BYTES = 6 };

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t below) {
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * below >> 32);
}

/* Of those that are at the edges of what is allowed. */
static void make_text(char text[BYTES + 1]) {
	static const unsigned char edges[] = {0x01, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
		0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4,
		0xf5, 0xff};
	size_t length = random_below(BYTES + 1);

	for (size_t i = 0; i < length; i++)
		text[i] = (char)(random_below(2) ? edges[random_below(sizeof(edges))]
						 : 0x80 + random_below(0x40));
	text[length] = '\0';
}

static bool is_one(const char *text, size_t size) {
	json_t *string = json_stringn(text, size);
	bool is_text = string;

	json_decref(string);
	return is_text;
}

/* The fewest bytes that are a text are a character. */
static size_t obvious(const char *text) {
	for (size_t size = 1; size <= strlen(text); size++)
		if (is_one(text, size))
			return size;
	return 0;
}

static void a_character_is_as_long_as_it_is(void **state) {
	for (int round = 0; round < ROUNDS; round++) {
		char text[BYTES + 1];

		make_text(text);
		assert_int_equal(utf8_length(text), obvious(text));
	}
}

static void what_is_mended_is_some_and_else_stays(void **state) {
	for (int round = 0; round < ROUNDS; round++) {
		char text[BYTES + 1], mended[BYTES + 1];

		make_text(text);
		strcpy(mended, text);
		utf8_mend(mended);
		assert_int_equal(strlen(mended), strlen(text));
		assert_true(is_one(mended, strlen(mended)));
		if (is_one(text, strlen(text)))
			assert_string_equal(mended, text);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_is_as_long_as_it_is),
		cmocka_unit_test(what_is_mended_is_some_and_else_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
