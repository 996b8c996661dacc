/* settings_test: what is understood, what is refused, and that what is printed can be read. */
#include "capture.h"

#include "emulator/settings.h"

#include <errno.h>

static struct wire_settings settings;
static char error[WIRE_ERROR_BYTES];

static int take(const char *name, const char *text) {
	wire_settings_init(&settings);
	return wire_settings_take(&settings, name, text, error);
}

static void numbers_have_their_units(void **state) {
	assert_int_equal(take("delay", "600us"), 0);
	assert_int_equal(settings.delay_ns, 600000);
	assert_int_equal(take("delay", "0.5ms"), 0);
	assert_int_equal(settings.delay_ns, 500000);
	assert_int_equal(take("delay", "60s"), 0);
	assert_true(settings.delay_ns == 60000000000);
	assert_int_equal(take("delay", "0"), 0);
	assert_int_equal(take("rate", "10G"), 0);
	assert_true(settings.rate_bps == 10000000000);
	assert_int_equal(take("rate", "2.5M"), 0);
	assert_int_equal(settings.rate_bps, 2500000);
	assert_int_equal(take("rate", "0"), 0);
	assert_int_equal(take("limit", "256K"), 0);
	assert_int_equal(settings.limit_bytes, 256 * 1024);
	assert_int_equal(take("loss", "0.25%"), 0);
	assert_true(settings.loss_percent == 0.25);
	assert_int_equal(take("distribution", "pareto"), 0);
	assert_int_equal(settings.distribution, JITTER_PARETO);
	assert_int_equal(take("down", "yes"), 0);
	assert_int_equal(settings.down, 1);
}

static void what_is_no_value_is_refused_and_changes_nothing(void **state) {
	static const char *const bad[][2] = {{"delay", "5"}, {"delay", "61s"}, {"delay", "-1ms"},
		{"delay", ""}, {"delay", " 1ms"}, {"delay", "1 ms"}, {"delay", "0x10ms"},
		{"delay", "0X10us"}, {"delay", "nan"}, {"delay", "inf"}, {"delay", "1e999s"},
		{"rate", "999"}, {"rate", "2T"}, {"rate", "10g"}, {"overhead", "1K"},
		{"limit", "0"}, {"limit", "2G"}, {"loss", "101"}, {"loss", "100.1"},
		{"loss", "1%%"}, {"loss-burst", "0.5"}, {"corrupt", "."},
		{"distribution", "Normal"}, {"down", "true"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wire_settings before;

		wire_settings_init(&before);
		assert_int_equal(take(bad[i][0], bad[i][1]), -EINVAL);
		assert_memory_equal(&settings, &before, sizeof(before));
		assert_non_null(strstr(error, "expected"));
	}
	assert_int_equal(take("latency", "1ms"), -ENOENT);
}

static void all_that_is_printed_is_read_again(void **state) {
	static const char *const values[] = {"1.5ms", "10us", "normal", "2.5G", "0", "1000K", "0.1",
		"12.5", "3", "4", "5", "yes"};
	struct wire_settings again;
	const char *name;

	wire_settings_init(&settings);
	wire_settings_init(&again);
	for (size_t n = 0; (name = wire_setting_name(n)); n++) {
		char text[WIRE_VALUE_BYTES];

		assert_int_equal(wire_settings_take(&settings, name, values[n], error), 0);
		wire_setting_text(&settings, n, text);
		assert_string_equal(text, values[n]);
		assert_int_equal(wire_settings_take(&again, name, text, error), 0);
	}
	assert_memory_equal(&settings, &again, sizeof(again));
}

static void settings_that_contradict_each_other_are_refused(void **state) {
	assert_int_equal(take("reorder", "10"), 0);
	assert_int_equal(wire_settings_check(&settings, error), -EINVAL);
	assert_int_equal(wire_settings_take(&settings, "delay", "1ms", error), 0);
	assert_int_equal(wire_settings_check(&settings, error), 0);
	assert_int_equal(wire_settings_take(&settings, "loss", "76", error), 0);
	assert_int_equal(wire_settings_take(&settings, "loss-burst", "3", error), 0);
	assert_int_equal(wire_settings_check(&settings, error), -EINVAL);
	assert_int_equal(wire_settings_take(&settings, "loss", "75", error), 0);
	assert_int_equal(wire_settings_check(&settings, error), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_their_units),
		cmocka_unit_test(what_is_no_value_is_refused_and_changes_nothing),
		cmocka_unit_test(all_that_is_printed_is_read_again),
		cmocka_unit_test(settings_that_contradict_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
