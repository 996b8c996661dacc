/* twin_steps: see twin_steps.h. */
#include "cmd/twin_steps.h"

#include "base/nearest.h"
#include "cmd/twin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What stands before the words, and how many there are: the last ones may have blanks in them. */
static const struct verb {
	const char *name;
	int (*act)(const struct twin_request *request);
	const char *first; /* the first word; NULL: none */
	int words;
	bool number_first; /* which the command wants last: "3 south East-West 1" */
	const char *expected;
} verbs[] = {
	{"fail", twin_fail, NULL, 2, false, "'link A:B' or 'node N'"},
	{"restore", twin_restore, NULL, 2, false, "'link A:B' or 'node N'"},
	{"drain", twin_drain, NULL, 2, false, "'link A:B'"},
	{"undrain", twin_undrain, NULL, 2, false, "'link A:B'"},
	{"kill", twin_kill, NULL, 2, false, "a switch and heddle, zebra, bgpd or bfdd"},
	{"restart", twin_restart, NULL, 1, false, "a switch"},
	{"cut", twin_light, "cut", 1, false, "an element of a line"},
	{"age", twin_light, "age", 2, true, "dB and a fibre, as in '3 south East-West 1'"},
	{"fail-amplifier", twin_light, "fail", 1, false, "an amplifier"},
	{"lose-pump", twin_light, "lose-pump", 2, true,
		"a number and a fibre, as in '1 south East-West 1'"},
	{"upgrade", twin_light, "upgrade", 2, false,
		"a service and a mode, as in 'east-border1:west-border1 300G 8QAM'"},
	{"mend", twin_light, "mend", 1, false, "an element of a line"},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static bool put_word(struct step *step, const char *text, size_t length) {
	if (length == 0 || length >= STEP_WORD_BYTES || step->count == STEP_WORDS_MOST)
		return false;
	memcpy(step->words[step->count], text, length);
	step->words[step->count++][length] = '\0';
	return true;
}

static bool take_words(struct step *step, const struct verb *verb, const char *text) {
	bool fits = !verb->first || put_word(step, verb->first, strlen(verb->first));

	for (int i = 0; i < verb->words && fits; i++) {
		size_t length = i + 1 < verb->words ? strcspn(text, " ") : strlen(text);

		fits = put_word(step, text, length);
		text += length + (text[length] == ' ');
	}
	return fits;
}

/* "age: 3 south East-West 1" is `light age "south East-West 1" 3`. */
static void put_number_last(struct step *step) {
	char number[STEP_WORD_BYTES];

	memcpy(number, step->words[1], sizeof(number));
	memcpy(step->words[1], step->words[2], sizeof(number));
	memcpy(step->words[2], number, sizeof(number));
}

static void write_verbs(const char *name, char *expected, size_t size) {
	const char *names[VERBS + 1] = {NULL}, *nearest;
	size_t used;

	for (int i = 0; i < VERBS; i++)
		names[i] = verbs[i].name;
	nearest = nearest_word(name, names);
	used = (size_t)snprintf(expected, size, "%s%s%s", nearest ? "'" : "",
		nearest ? nearest : "", nearest ? "'? One of" : "one of");
	for (int i = 0; i < VERBS && used < size; i++)
		used += (size_t)snprintf(expected + used, size - used, "%s %s",
			i == 0          ? ""
			: i + 1 < VERBS ? ","
					: " or",
			verbs[i].name);
}

int step_take(struct step *step, const char *name, const char *words, char *expected, size_t size) {
	for (int i = 0; i < VERBS; i++) {
		const struct verb *verb = &verbs[i];

		if (strcmp(verb->name, name) != 0)
			continue;
		if (!take_words(step, verb, words)) {
			snprintf(expected, size, "%s", verb->expected);
			return -EINVAL;
		}
		step->verb = verb->name;
		step->act = verb->act;
		if (verb->number_first)
			put_number_last(step);
		return 0;
	}
	write_verbs(name, expected, size);
	return -ENOENT;
}

int step_check(const char *verb, const char *words, char *error, size_t size) {
	char expected[STEP_ERROR_BYTES];
	struct step step = {0};
	int failed = step_take(&step, verb, words, expected, sizeof(expected));

	if (failed == -ENOENT)
		snprintf(error, size, "'%.60s': expected %s", verb, expected);
	else if (failed)
		snprintf(error, size, "%.60s: '%.120s': expected %s", verb, words, expected);
	return failed;
}
