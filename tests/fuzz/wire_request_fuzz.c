/*
 * wire_request_fuzz: lines of bytes as what a wire is asked. Each is answered by rows of JSON, the
 * last of which is an end or an error; after an error all is as it was; what is set goes together.
 */
#include "fake_ends.h"

#include "emulator/request.h"
#include "emulator/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct wire *wire;

static void open_wire(void) {
	struct wire_settings settings[WIRE_ENDS];

	wire_settings_init(&settings[WIRE_A]);
	wire_settings_init(&settings[WIRE_B]);
	assert(wire_open("a", "b", settings, 42, 1 << 20, &wire) == 0);
}

/* Whether the last row is an error. */
static bool check_answer(const char *answer, size_t size) {
	bool is_last = false, is_error = false;

	while (size > 0) {
		const char *newline = memchr(answer, '\n', size);
		json_t *row;

		assert(newline && !is_last);
		row = json_loadb(answer, (size_t)(newline - answer), JSON_REJECT_DUPLICATES, NULL);
		assert(json_is_object(row));
		is_error = json_object_get(row, "error") != NULL;
		is_last = is_error || json_object_get(row, "end");
		json_decref(row);
		size -= (size_t)(newline + 1 - answer);
		answer = newline + 1;
	}
	assert(is_last);
	return is_error;
}

static void ask(const char *line) {
	struct wire_settings before[WIRE_ENDS] = {
		*wire_settings_of(wire, WIRE_A), *wire_settings_of(wire, WIRE_B)};
	char answer[ANSWER_BYTES_MAX], error[WIRE_ERROR_BYTES];
	bool failed = check_answer(answer, request_answer(wire, line, answer));

	for (unsigned int from = 0; from < WIRE_ENDS; from++) {
		const struct wire_settings *now = wire_settings_of(wire, from);

		assert(!failed || memcmp(now, &before[from], sizeof(*now)) == 0);
		assert(wire_settings_check(now, error) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char text[REQUEST_BYTES_MAX], *rest, *line;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	open_wire();
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		ask(line);
	wire_close(wire);
	return 0;
}
