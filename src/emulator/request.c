/* request: see request.h. */
#include "emulator/request.h"

#include "emulator/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct answer {
	char *text;
	size_t used;
};

/* All answers are bounded: two rows of some 900 bytes, or one error of some 300. */
static void append(struct answer *answer, json_t *row) {
	size_t room = ANSWER_BYTES_MAX - 1 - answer->used;
	size_t size = json_dumpb(row, answer->text + answer->used, room, JSON_COMPACT);

	assert(row && size <= room);
	json_decref(row);
	answer->used += size;
	answer->text[answer->used++] = '\n';
}

static json_t *counters_json(const struct wire_counters *counters) {
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"received", counters->received},
		{"duplicated", counters->duplicated},
		{"delivered", counters->delivered},
		{"delivered_bytes", counters->delivered_bytes},
		{"corrupted", counters->corrupted},
		{"reordered", counters->reordered},
		{"down", counters->down},
		{"lost", counters->lost},
		{"overflowed", counters->overflowed},
		{"no_memory", counters->no_memory},
		{"refused", counters->refused},
		{"missed", counters->missed},
		{"held", counters->held},
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_set_new(object, rows[i].name, json_integer((json_int_t)rows[i].value));
	return object;
}

static void show(struct wire *wire, struct answer *answer) {
	for (unsigned int from = 0; from < WIRE_ENDS; from++) {
		struct wire_counters counters = wire_count(wire, from);

		append(answer, json_pack("{s:s, s:s, s:I, s:o, s:o}", "from",
				       wire_end_name(wire_end_of(wire, from)), "to",
				       wire_end_name(wire_end_of(wire, !from)), "seed",
				       (json_int_t)wire_seed(wire), "settings",
				       wire_settings_json(wire_settings_of(wire, from)), "frames",
				       counters_json(&counters)));
	}
}

/* An object of settings on top of *settings, which is as it was if that fails. */
static int take_settings(
	struct wire_settings *settings, const json_t *object, char error[WIRE_ERROR_BYTES]) {
	struct wire_settings changed = *settings;
	const char *name;
	json_t *value;

	if (!json_is_object(object)) {
		snprintf(error, WIRE_ERROR_BYTES, "expected an object of settings");
		return -EINVAL;
	}
	json_object_foreach((json_t *)object, name, value) {
		if (!json_is_string(value)) {
			snprintf(error, WIRE_ERROR_BYTES,
				"%.40s: expected a text, as on the command line: \"10ms\"", name);
			return -EINVAL;
		}
		if (wire_settings_take(&changed, name, json_string_value(value), error) < 0)
			return -EINVAL;
	}
	if (wire_settings_check(&changed, error) < 0)
		return -EINVAL;
	*settings = changed;
	return 0;
}

static int end_named(struct wire *wire, const char *name) {
	for (int end = 0; end < WIRE_ENDS; end++)
		if (strcmp(wire_end_name(wire_end_of(wire, (unsigned int)end)), name) == 0)
			return end;
	return -ENODEV;
}

static int set(struct wire *wire, const json_t *request, char error[WIRE_ERROR_BYTES]) {
	const json_t *directions = json_object_get(request, "set");
	const json_t *seed = json_object_get(request, "seed");
	struct wire_settings settings[WIRE_ENDS] = {
		*wire_settings_of(wire, WIRE_A), *wire_settings_of(wire, WIRE_B)};
	const char *name;
	json_t *object;

	if (!json_is_object(directions) ||
		(seed && (!json_is_integer(seed) || json_integer_value(seed) < 0))) {
		snprintf(error, WIRE_ERROR_BYTES,
			"expected {\"set\": {INTERFACE: {NAME: VALUE}}, \"seed\": NUMBER}");
		return -EINVAL;
	}
	json_object_foreach((json_t *)directions, name, object) {
		int from = end_named(wire, name);

		if (from < 0) {
			snprintf(error, WIRE_ERROR_BYTES, "'%.40s' is no end of this wire", name);
			return -EINVAL;
		}
		if (take_settings(&settings[from], object, error) < 0)
			return -EINVAL;
	}
	for (unsigned int from = 0; from < WIRE_ENDS; from++)
		if (json_object_get(directions, wire_end_name(wire_end_of(wire, from))))
			wire_set(wire, from, &settings[from]);
	if (seed)
		wire_reseed(wire, (uint64_t)json_integer_value(seed));
	return 0;
}

static int carry_out(struct wire *wire, const json_t *request, struct answer *answer,
	char error[WIRE_ERROR_BYTES]) {
	const char *shown = json_string_value(json_object_get(request, "show"));

	if (json_object_get(request, "set"))
		return set(wire, request, error);
	if (!shown || strcmp(shown, "wire") != 0) {
		snprintf(error, WIRE_ERROR_BYTES,
			"expected {\"show\": \"wire\"} or {\"set\": {...}} on one line");
		return -EINVAL;
	}
	show(wire, answer);
	return 0;
}

/* What was asked may be cut within a character when it is cited; JSON takes whole ones only. */
static json_t *error_row(char error[WIRE_ERROR_BYTES]) {
	json_t *text = json_string(error);

	for (char *at = error; !text && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return json_pack("{s:o}", "error", text ? text : json_string(error));
}

size_t request_answer(struct wire *wire, const char *line, char text[ANSWER_BYTES_MAX]) {
	struct answer answer = {.text = text};
	char error[WIRE_ERROR_BYTES];
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

	if (carry_out(wire, request, &answer, error) < 0)
		append(&answer, error_row(error));
	else
		append(&answer, json_pack("{s:b}", "end", 1));
	json_decref(request);
	return answer.used;
}
