/* scenario_fuzz: bytes as a scenario, and as a step of one: a verb, a NUL or the end, and its
 * words. It is taken whole, and then within its bounds, or refused with a word on what was
 * expected. */
#include "cmd/scenario.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { BYTES_MAX = 8192, STEPS_MAX = 1000 };

static void check_words(const struct step *step) {
	assert(step->verb && step->act);
	assert(step->count > 0 && step->count <= STEP_WORDS_MOST);
	for (int i = 0; i < step->count; i++)
		assert(step->words[i][0] && memchr(step->words[i], 0, STEP_WORD_BYTES));
}

static void check_scenario(const struct scenario *scenario) {
	assert(scenario->count <= STEPS_MAX);
	for (size_t i = 0; i < scenario->count; i++) {
		const struct step *step = &scenario->steps[i];

		assert(step->at_s >= 0 && step->at_s <= 86400 && step->line > 0);
		assert(i == 0 || step->at_s >= step[-1].at_s);
		check_words(step);
	}
}

static void try_file(const uint8_t *bytes, size_t size) {
	static int fd = -1;
	struct scenario scenario;
	static char path[64];

	if (fd < 0) {
		fd = memfd_create("scenario", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		return;
	if (scenario_read(&scenario, path) < 0)
		return;
	check_scenario(&scenario);
	scenario_free(&scenario);
}

static void try_step(const uint8_t *bytes, size_t size) {
	static char text[BYTES_MAX + 2];
	char expected[STEP_ERROR_BYTES], error[STEP_ERROR_BYTES];
	struct step step = {0};
	const char *words;
	int failed;

	memcpy(text, bytes, size);
	text[size] = text[size + 1] = '\0';
	words = text + strlen(text) + 1;
	failed = step_take(&step, text, words, expected, sizeof(expected));
	assert(step_check(text, words, error, sizeof(error)) == failed);
	if (failed)
		assert(strstr(error, ": expected ") && strlen(error) < sizeof(error));
	else
		check_words(&step);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	if (size > BYTES_MAX)
		return 0;
	try_file(bytes, size);
	try_step(bytes, size);
	return 0;
}
