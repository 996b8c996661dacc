/* journal_test: entries are whole, whoever writes beside, and so is what is read of them; the file
 * does not grow for ever. */
#include "twin/journal.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WRITERS = 8, ENTRIES_EACH = 200, FILE_BYTES_MOST = (16 << 20) + 8192 };

static char folder[64], path[128];

static int begin(void **state) {
	strcpy(folder, "/tmp/heddle-journal-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/timeline.jsonl", folder);
	return 0;
}

static int end(void **state) {
	unlink(path);
	return rmdir(folder);
}

static void append(const char *text) {
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

struct heard {
	int count;
	uint64_t last_id;
	struct journal_entry last;
	int of_writer[WRITERS];
};

static void hear(void *owner, const struct journal_entry *entry) {
	struct heard *heard = owner;

	assert_int_equal(entry->id, heard->last_id + 1);
	heard->last_id = entry->id;
	heard->last = *entry;
	heard->count++;
}

static struct heard read_all(void) {
	struct journal_place place = {0};
	struct heard heard = {0};
	int count = journal_read(folder, &place, hear, &heard);

	assert_int_equal(count, heard.count);
	return heard;
}

static void what_is_written_is_read_once(void **state) {
	struct journal_place place = {0};
	struct heard heard = {0};

	assert_int_equal(journal_read(folder, &place, hear, &heard), 0);
	assert_int_equal(journal_write(folder, 1795981970.9621, "light", "\"dark\"\n"), 0);
	assert_int_equal(journal_read(folder, &place, hear, &heard), 1);
	assert_int_equal(heard.last.id, 1);
	assert_float_equal(heard.last.at, 1795981970.9621, 1e-6);
	assert_string_equal(heard.last.layer, "light");
	assert_string_equal(heard.last.words, "\"dark\"\n");
	assert_int_equal(journal_read(folder, &place, hear, &heard), 0);
	journal_write(folder, 2, "port", "down");
	assert_int_equal(journal_read(folder, &place, hear, &heard), 1);
	assert_string_equal(heard.last.words, "down");
}

static void a_line_that_is_not_whole_is_waited_for(void **state) {
	struct journal_place place = {0};
	struct heard heard = {0};

	append("{\"at\": 1, \"layer\": \"a\", \"words\": \"b\"}\n{\"at\": 2, \"layer\"");
	assert_int_equal(journal_read(folder, &place, hear, &heard), 1);
	assert_int_equal(journal_read(folder, &place, hear, &heard), 0);
	append(": \"c\", \"words\": \"d\"}\n");
	assert_int_equal(journal_read(folder, &place, hear, &heard), 1);
	assert_string_equal(heard.last.words, "d");
	assert_int_equal(heard.last.id, 2);
}

static void a_line_that_is_none_is_passed_over(void **state) {
	append("\n{}\n[1]\nx\n{\"layer\": 1, \"words\": \"b\"}\n{\"layer\": \"a\"}\n\xff\n"
	       "{\"at\": \"x\", \"layer\": \"a\", \"words\": \"b\"}\n");
	assert_int_equal(read_all().count, 1);
}

static void words_that_are_too_long_are_cut_between_letters(void **state) {
	char words[3 * JOURNAL_WORDS_MAX + 2];

	/* A letter of two bytes lies across the cut. */
	for (size_t i = 0; i + 1 < sizeof(words); i += 2)
		memcpy(words + i, "é", 2);
	words[sizeof(words) - 2] = words[sizeof(words) - 1] = '\0';
	assert_int_equal(journal_write(folder, 1, "done", words), 0);
	assert_int_equal(journal_write(folder, 1, "done", "and \xff"), 0);
	assert_string_equal(read_all().last.words, "and ?");
	assert_int_equal(read_all().count, 2);
}

static void what_others_have_written_too_long_is_cut_as_well(void **state) {
	char line[3 * JOURNAL_WORDS_MAX], words[2 * JOURNAL_WORDS_MAX + 1];
	struct journal_entry last;
	json_t *string;

	for (size_t i = 0; i + 1 < sizeof(words); i += 2)
		memcpy(words + i, "é", 2);
	words[sizeof(words) - 1] = '\0';
	snprintf(line, sizeof(line), "{\"at\": 1, \"layer\": \"%.40s\", \"words\": \"%s\"}\n",
		words, words);
	append(line);
	last = read_all().last;
	assert_int_equal(strlen(last.words), JOURNAL_WORDS_MAX - 1);
	string = json_string(last.words);
	assert_non_null(string);
	json_decref(string);
	string = json_string(last.layer);
	assert_non_null(string);
	json_decref(string);
}

static void write_many(int writer) {
	char words[JOURNAL_WORDS_MAX];

	for (int i = 0; i < ENTRIES_EACH; i++) {
		memset(words, 'a' + writer, sizeof(words));
		words[1 + (size_t)(i * 37) % (sizeof(words) - 1)] = '\0';
		if (journal_write(folder, i, "done", words) < 0)
			_exit(1);
	}
	_exit(0);
}

static void hear_writers(void *owner, const struct journal_entry *entry) {
	struct heard *heard = owner;
	int writer = entry->words[0] - 'a';

	assert_in_range(writer, 0, WRITERS - 1);
	assert_int_equal(
		strspn(entry->words, (char[]){entry->words[0], '\0'}), strlen(entry->words));
	assert_float_equal(entry->at, heard->of_writer[writer], 0);
	heard->of_writer[writer]++;
	heard->count++;
}

static void writers_do_not_disturb_each_other(void **state) {
	struct journal_place place = {0};
	struct heard heard = {0};
	int running = WRITERS, status;

	for (int writer = 0; writer < WRITERS; writer++)
		if (fork() == 0)
			write_many(writer);
	while (running) { /* and is read meanwhile */
		journal_read(folder, &place, hear_writers, &heard);
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			running--;
		}
	}
	journal_read(folder, &place, hear_writers, &heard);
	assert_int_equal(heard.count, WRITERS * ENTRIES_EACH);
}

static void it_does_not_grow_for_ever(void **state) {
	char words[JOURNAL_WORDS_MAX];
	struct stat status;
	int error = 0;

	memset(words, '"', sizeof(words) - 1); /* two bytes each */
	words[sizeof(words) - 1] = '\0';
	for (int i = 0; i < 10000 && !error; i++)
		error = journal_write(folder, i, "done", words);
	assert_true(error < 0);
	assert_int_equal(stat(path, &status), 0);
	assert_true(status.st_size <= FILE_BYTES_MOST);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read_once, begin, end),
		cmocka_unit_test_setup_teardown(a_line_that_is_not_whole_is_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(a_line_that_is_none_is_passed_over, begin, end),
		cmocka_unit_test_setup_teardown(
			words_that_are_too_long_are_cut_between_letters, begin, end),
		cmocka_unit_test_setup_teardown(
			what_others_have_written_too_long_is_cut_as_well, begin, end),
		cmocka_unit_test_setup_teardown(writers_do_not_disturb_each_other, begin, end),
		cmocka_unit_test_setup_teardown(it_does_not_grow_for_ever, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
