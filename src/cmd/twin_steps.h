/* twin_steps: what a step of a scenario does: a verb of `heddle twin`, and its words. */
#pragma once

#include <stddef.h>

struct twin_request;

enum { STEP_WORDS_MOST = 3, STEP_WORD_BYTES = 128, STEP_ERROR_BYTES = 512 };

struct step {
	double at_s;
	int line;
	const char *verb;
	int (*act)(const struct twin_request *request);
	char words[STEP_WORDS_MOST][STEP_WORD_BYTES];
	int count;
};

/* Takes what a verb is to do. 0; or -ENOENT (there is no such verb) or -EINVAL (these are not its
 * words), and what was expected in `expected`. */
int step_take(struct step *step, const char *verb, const char *words, char *expected, size_t size);

/* Whether that could be done, by its words alone; if not, a whole sentence in `error`. */
int step_check(const char *verb, const char *words, char *error, size_t size);
