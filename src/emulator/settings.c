/* settings: see settings.h. */
#include "emulator/settings.h"

#include "base/number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double size;
};

static const struct unit time_units[] = {{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {0}};
static const struct unit rate_units[] = {
	{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}, {0}};
static const struct unit byte_units[] = {
	{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}, {0}};
static const struct unit percent_units[] = {{"%", 1}, {"", 1}, {0}};
static const struct unit plain_units[] = {{"", 1}, {0}};

static const char *const distributions[] = {"uniform", "normal", "pareto", NULL};
static const char *const no_or_yes[] = {"no", "yes", NULL};

enum kind { WHOLE, FRACTION, WORD }; /* uint64_t, double; uint64_t that is the place of a word */

static const struct setting {
	const char *name, *key;
	enum kind kind;
	size_t offset;
	double least, most;
	const struct unit *units;
	const char *const *words;
	const char *expected;
} table[] = {
#define SETTING(field) offsetof(struct wire_settings, field)
	{"delay", "delay_ns", WHOLE, SETTING(delay_ns), 0, 60e9, time_units, NULL,
		"a time up to 60s: 50us, 10ms, 1s"},
	{"jitter", "jitter_ns", WHOLE, SETTING(jitter_ns), 0, 60e9, time_units, NULL,
		"a time up to 60s: 50us, 10ms, 1s"},
	{"distribution", "distribution", WORD, SETTING(distribution), 0, 0, NULL, distributions,
		"uniform, normal or pareto"},
	{"rate", "rate_bps", WHOLE, SETTING(rate_bps), 1e3, 1e12, rate_units, NULL,
		"bits per second, 1k to 1T: 400M, 10G; or 0 for no limit"},
	{"overhead", "overhead_bytes", WHOLE, SETTING(overhead_bytes), 0, 256, plain_units, NULL,
		"bytes beside each frame, 0 to 256"},
	{"limit", "limit_bytes", WHOLE, SETTING(limit_bytes), 64, 1 << 30, byte_units, NULL,
		"bytes of the queue in front of the rate, 64 to 1G: 256K, 1M"},
	{"loss", "loss_percent", FRACTION, SETTING(loss_percent), 0, 100, percent_units, NULL,
		"a percentage, 0 to 100"},
	{"loss-burst", "loss_burst_frames", FRACTION, SETTING(loss_burst), 1, 1e6, plain_units,
		NULL,
		"frames in the mean, 1 to 1000000; or 0 for losses that know nothing of "
		"each other"},
	{"corrupt", "corrupt_percent", FRACTION, SETTING(corrupt_percent), 0, 100, percent_units,
		NULL, "a percentage, 0 to 100"},
	{"duplicate", "duplicate_percent", FRACTION, SETTING(duplicate_percent), 0, 100,
		percent_units, NULL, "a percentage, 0 to 100"},
	{"reorder", "reorder_percent", FRACTION, SETTING(reorder_percent), 0, 100, percent_units,
		NULL, "a percentage, 0 to 100"},
	{"down", "down", WORD, SETTING(down), 0, 0, NULL, no_or_yes, "yes or no"},
};

enum { SETTINGS = sizeof(table) / sizeof(table[0]) };

void wire_settings_init(struct wire_settings *settings) {
	*settings = (struct wire_settings){.overhead_bytes = 24, .limit_bytes = 1 << 20};
}

const char *wire_setting_name(size_t n) {
	return n < SETTINGS ? table[n].name : NULL;
}

/* A decimal number and one of the units. */
static int parse_quantity(const char *text, const struct unit *units, double *value) {
	const char *end = decimal_begin(text, value);

	if (!end)
		return -EINVAL;
	if (*end == '\0' && *value == 0)
		return 0;
	for (; units->name; units++)
		if (strcmp(end, units->name) == 0) {
			*value *= units->size;
			return 0;
		}
	return -EINVAL;
}

/* Zero is always allowed: it turns the setting off, unless its range says otherwise. */
static int parse_number(const struct setting *setting, const char *text, double *value) {
	bool zero_is_off =
		setting->offset == SETTING(rate_bps) || setting->offset == SETTING(loss_burst);

	if (parse_quantity(text, setting->units, value) < 0)
		return -EINVAL;
	if (*value == 0 && zero_is_off)
		return 0;
	return *value >= setting->least && *value <= setting->most ? 0 : -EINVAL;
}

static int parse_word(const struct setting *setting, const char *text, uint64_t *place) {
	for (*place = 0; setting->words[*place]; ++*place)
		if (strcmp(text, setting->words[*place]) == 0)
			return 0;
	return -EINVAL;
}

static int store(struct wire_settings *settings, const struct setting *setting, const char *text) {
	void *field = (char *)settings + setting->offset;
	uint64_t place;
	double value;

	if (setting->kind == WORD) {
		if (parse_word(setting, text, &place) < 0)
			return -EINVAL;
		*(uint64_t *)field = place;
		return 0;
	}
	if (parse_number(setting, text, &value) < 0)
		return -EINVAL;
	if (setting->kind == WHOLE)
		*(uint64_t *)field = (uint64_t)llround(value);
	else
		*(double *)field = value;
	return 0;
}

int wire_settings_take(struct wire_settings *settings, const char *name, const char *text,
	char error[WIRE_ERROR_BYTES]) {
	for (size_t n = 0; n < SETTINGS; n++)
		if (strcmp(name, table[n].name) == 0) {
			if (store(settings, &table[n], text) == 0)
				return 0;
			snprintf(error, WIRE_ERROR_BYTES, "%s '%.40s': expected %s", name, text,
				table[n].expected);
			return -EINVAL;
		}
	snprintf(error, WIRE_ERROR_BYTES, "'%.40s': a wire has no such setting", name);
	return -ENOENT;
}

int wire_settings_check(const struct wire_settings *settings, char error[WIRE_ERROR_BYTES]) {
	double burst = settings->loss_burst;

	if (settings->reorder_percent > 0 && settings->delay_ns == 0) {
		snprintf(error, WIRE_ERROR_BYTES,
			"reorder needs a delay: a frame overtakes by going without it");
		return -EINVAL;
	}
	if (burst > 0 && settings->loss_percent > 100 * burst / (burst + 1)) {
		snprintf(error, WIRE_ERROR_BYTES,
			"loss %g in bursts of %g: at least one frame passes between two bursts, "
			"which is a loss of %.4g at most; ask for longer bursts",
			settings->loss_percent, burst, 100 * burst / (burst + 1));
		return -EINVAL;
	}
	return 0;
}

static double value_of(const struct wire_settings *settings, const struct setting *setting) {
	const void *field = (const char *)settings + setting->offset;

	return setting->kind == FRACTION ? *(const double *)field
					 : (double)*(const uint64_t *)field;
}

/* In the largest unit that leaves no fraction of more than three digits. */
static void print_quantity(double value, const struct unit *units, char text[WIRE_VALUE_BYTES]) {
	const struct unit *unit = units;

	while (unit[1].name && (value < unit->size || fmod(value * 1000, unit->size) != 0))
		unit++;
	snprintf(text, WIRE_VALUE_BYTES, "%.15g%s", value / unit->size,
		value == 0 ? "" : unit->name);
}

void wire_setting_text(
	const struct wire_settings *settings, size_t n, char text[WIRE_VALUE_BYTES]) {
	const struct setting *setting = &table[n];
	double value = value_of(settings, setting);

	if (setting->kind == WORD)
		snprintf(text, WIRE_VALUE_BYTES, "%s", setting->words[(size_t)value]);
	else if (setting->kind == FRACTION)
		snprintf(text, WIRE_VALUE_BYTES, "%.15g", value);
	else
		print_quantity(value, setting->units, text);
}

static json_t *value_json(const struct wire_settings *settings, const struct setting *setting) {
	double value = value_of(settings, setting);

	if (setting->words == no_or_yes)
		return json_boolean(value != 0);
	if (setting->kind == WORD)
		return json_string(setting->words[(size_t)value]);
	return setting->kind == FRACTION ? json_real(value) : json_integer((json_int_t)value);
}

json_t *wire_settings_json(const struct wire_settings *settings) {
	json_t *object = json_object();

	for (size_t n = 0; n < SETTINGS; n++)
		json_object_set_new(object, table[n].key, value_json(settings, &table[n]));
	return object;
}

int wire_bytes_parse(const char *text, uint64_t least, uint64_t most, uint64_t *bytes) {
	double value;

	if (parse_quantity(text, byte_units, &value) < 0 || value < (double)least ||
		value > (double)most)
		return -EINVAL;
	*bytes = (uint64_t)value;
	return 0;
}
