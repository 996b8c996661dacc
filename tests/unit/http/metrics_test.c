/* metrics_test: Prometheus' text format 0.0.4, letter by letter. */
#include "capture.h"

#include "http/metrics.h"

#include <math.h>

static struct metrics metrics;

static int begin(void **state) {
	return metrics_open(&metrics);
}

static void expect(const char *text) {
	char *written = metrics_finish(&metrics);

	assert_non_null(written);
	assert_string_equal(written, text);
	free(written);
}

static void a_metric_has_help_and_type_and_samples(void **state) {
	metrics_begin(&metrics, "heddle_one", "gauge", "What is.");
	metrics_sample(&metrics, 1, NULL);
	metrics_begin(&metrics, "heddle_two_total", "counter", "What was.");
	metrics_sample(&metrics, 2, "port", "eth1", NULL);
	metrics_sample(&metrics, 3, "port", "eth2", "fate", "dropped", NULL);
	expect("# HELP heddle_one What is.\n# TYPE heddle_one gauge\nheddle_one 1\n"
	       "# HELP heddle_two_total What was.\n# TYPE heddle_two_total counter\n"
	       "heddle_two_total{port=\"eth1\"} 2\n"
	       "heddle_two_total{port=\"eth2\",fate=\"dropped\"} 3\n");
}

static void labels_are_escaped(void **state) {
	metrics_begin(&metrics, "m", "gauge", "h");
	metrics_sample(&metrics, 0, "a", "\"\\\n", "b", "", "c", "{},= é", NULL);
	expect("# HELP m h\n# TYPE m gauge\nm{a=\"\\\"\\\\\\n\",b=\"\",c=\"{},= é\"} 0\n");
}

static void a_label_that_is_no_utf8_becomes_some(void **state) {
	metrics_begin(&metrics, "m", "gauge", "h");
	metrics_sample(&metrics, 0, "a", "x\xffy\xc3", NULL);
	expect("# HELP m h\n# TYPE m gauge\nm{a=\"x?y?\"} 0\n");
}

static void numbers_of_every_kind_are_written(void **state) {
	static const double values[] = {-1.5, 1e15, 123456789012345, 1e300, 5e-324, 0.1};

	metrics_begin(&metrics, "m", "gauge", "h");
	metrics_sample(&metrics, INFINITY, NULL);
	metrics_sample(&metrics, -INFINITY, NULL);
	metrics_sample(&metrics, NAN, NULL);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		metrics_sample(&metrics, values[i], NULL);
	expect("# HELP m h\n# TYPE m gauge\nm +Inf\nm -Inf\nm NaN\nm -1.5\nm 1e+15\n"
	       "m 123456789012345\nm 1e+300\nm 4.94065645841247e-324\nm 0.1\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_metric_has_help_and_type_and_samples, begin),
		cmocka_unit_test_setup(labels_are_escaped, begin),
		cmocka_unit_test_setup(a_label_that_is_no_utf8_becomes_some, begin),
		cmocka_unit_test_setup(numbers_of_every_kind_are_written, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
