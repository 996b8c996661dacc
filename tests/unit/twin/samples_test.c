/* samples_test: what is written is summarized, by who writes and by who only reads; the ring goes
 * round, one writes at a time, and the file outlives its writer. */
#include "twin/samples.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/heddle-samples-XXXXXX";

static int make_path(void **state) {
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state) {
	return unlink(path);
}

static struct samples *create(void) {
	struct samples *samples;

	assert_int_equal(samples_create(path, &samples), 0);
	return samples;
}

static int add_source(struct samples *samples, const char *name) {
	struct sample_source source = {.kind = APPLICATION_WEB, .is_present = true};
	int number;

	snprintf(source.name, sizeof(source.name), "%s", name);
	number = samples_add_source(samples, &source);
	assert_true(number >= 0);
	return number;
}

static struct summary summarize(struct samples *samples, int source, double from, double to) {
	struct summary summary;

	assert_int_equal(samples_summarize(samples, source, from, to, 0, &summary), 0);
	return summary;
}

static void a_summary_is_of_its_source_and_span(void **state) {
	struct samples *samples = create();
	int one = add_source(samples, "one"), other = add_source(samples, "other");
	double began = clock_real(), middle;
	struct summary summary;

	samples_add(samples, other, OUTCOME_DONE, 7);
	for (int ms = 1; ms <= 1000; ms++)
		samples_add(samples, one, ms <= 900 ? OUTCOME_DONE : OUTCOME_LATE, ms);
	samples_add(samples, one, OUTCOME_LOST, 0);
	middle = clock_real();
	usleep(2000);
	samples_add(samples, one, OUTCOME_DONE, 5000);

	summary = summarize(samples, one, began - 1, middle);
	assert_int_equal(summary.done, 900);
	assert_int_equal(summary.late, 100);
	assert_int_equal(summary.lost, 1);
	assert_float_equal(summary.p50_ms, 501, 0);
	assert_float_equal(summary.p99_ms, 991, 0);
	assert_float_equal(summary.p999_ms, 1000, 0);
	assert_float_equal(summary.worst_ms, 1000, 0);
	assert_true(summary.last_lost_at >= began - 1e-3 && summary.last_lost_at <= middle + 1e-3);
	assert_float_equal(summarize(samples, one, middle, clock_real() + 1).p50_ms, 5000, 0);
	assert_int_equal(summarize(samples, other, began - 1, clock_real() + 1).done, 1);
	assert_true(isnan(summarize(samples, other, middle, clock_real() + 1).p50_ms));
	samples_close(samples);
}

static void a_summary_reaches_back_for_the_least(void **state) {
	struct samples *samples = create();
	int source = add_source(samples, "few");
	struct summary summary;

	for (int i = 0; i < 8; i++)
		samples_add(samples, source, OUTCOME_DONE, i);
	assert_int_equal(
		samples_summarize(samples, source, clock_real() + 1, clock_real() + 2, 5, &summary),
		0);
	assert_int_equal(summary.done, 5);
	assert_float_equal(summary.worst_ms, 7, 0);
	assert_true(summary.seconds > 1);
	samples_close(samples);
}

/* A second after them, each 20 ms or more after the one before. */
static void what_is_slow_has_its_rate(void **state) {
	struct samples *samples = create();
	int source = add_source(samples, "slow"), other = add_source(samples, "between");
	double began = clock_real(), now;
	struct summary summary;

	for (int i = 0; i < 5; i++) {
		samples_add(samples, source, OUTCOME_DONE, 0);
		samples_add(samples, other, OUTCOME_DONE, 0);
		usleep(20000);
	}
	now = clock_real();
	assert_int_equal(samples_summarize(samples, source, now, now, 3, &summary), 0);
	assert_int_equal(summary.done, 3);
	assert_true(summary.seconds >= 4 * 0.02 && summary.seconds < now - began - 0.02);
	assert_int_equal(samples_summarize(samples, source, now, now, 9, &summary), 0);
	assert_int_equal(summary.done, 5);
	assert_true(summary.seconds >= 5 * 0.02 && summary.seconds <= now - began + 1e-3);
	samples_close(samples);
}

static void a_percentile_takes_as_many_as_it_needs(void **state) {
	struct samples *samples = create();
	int source = add_source(samples, "percentiles");
	struct summary summary;
	double now;

	for (int i = 0; i < 99; i++)
		samples_add(samples, source, OUTCOME_DONE, i);
	now = clock_real() + 1;
	assert_int_equal(samples_summarize(samples, source, now, now, 5, &summary), 0);
	assert_float_equal(summary.p50_ms, 96, 0);
	assert_true(isnan(summary.p99_ms));
	samples_add(samples, source, OUTCOME_LOST, 0);
	assert_int_equal(samples_summarize(samples, source, now, now, 5, &summary), 0);
	assert_int_equal(summary.done + summary.lost, 5);
	assert_float_equal(summary.p99_ms, 98, 0);
	assert_true(isnan(summary.p999_ms));
	samples_add(samples, source, OUTCOME_LOST, 0);
	assert_int_equal(samples_summarize(samples, source, now, now, 5, &summary), 0);
	assert_true(isnan(summary.p99_ms));
	assert_int_equal(samples_summarize(samples, source, now + 10, now + 10, 5, &summary), 0);
	assert_true(isnan(summary.p99_ms));
	samples_close(samples);
}

static void a_ring_keeps_the_last(void **state) {
	struct samples *samples = create();
	int source = add_source(samples, "many");
	double began = clock_real() - 1;
	struct summary summary;

	for (int i = 0; i < 1 << 20; i++)
		samples_add(samples, source, OUTCOME_DONE, i);
	summary = summarize(samples, source, began, clock_real() + 1);
	assert_true(summary.done > 500000 && summary.done <= 1 << 19);
	assert_float_equal(summary.worst_ms, (1 << 20) - 1, 0);
	/* A longer span has no more of them, and is not longer for it. */
	assert_float_equal(summarize(samples, source, 0, clock_real() + 1).seconds, 1, 60);
	samples_close(samples);
}

static void one_writes_and_others_read(void **state) {
	struct samples *writer = create(), *second, *reader;
	int source = add_source(writer, "kept");

	samples_add(writer, source, OUTCOME_DONE, 3);
	assert_int_equal(samples_create(path, &second), -EBUSY);
	assert_int_equal(samples_open(path, &reader), 0);
	assert_true(samples_are_written(reader));
	assert_string_equal(samples_source(reader, source)->name, "kept");
	samples_close(writer);
	assert_false(samples_are_written(reader));
	assert_int_equal(summarize(reader, source, clock_real() - 10, clock_real()).done, 1);

	writer = create();
	assert_false(samples_source(writer, source)->is_present);
	assert_int_equal(add_source(writer, "kept"), source);
	assert_int_equal(summarize(writer, source, clock_real() - 10, clock_real()).done, 1);
	samples_close(writer);
	samples_close(reader);
}

static void what_is_no_ring_is_begun_anew(void **state) {
	struct samples *samples;
	FILE *file = fopen(path, "we");

	fputs("something else", file);
	fclose(file);
	assert_int_equal(samples_open(path, &samples), -ENOENT);
	samples = create();
	assert_null(samples_source(samples, 0));
	samples_close(samples);
	assert_int_equal(samples_open("/tmp/heddle-no-such-file", &samples), -ENOENT);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_summary_is_of_its_source_and_span),
		cmocka_unit_test(a_summary_reaches_back_for_the_least),
		cmocka_unit_test(what_is_slow_has_its_rate),
		cmocka_unit_test(a_percentile_takes_as_many_as_it_needs),
		cmocka_unit_test(a_ring_keeps_the_last),
		cmocka_unit_test(one_writes_and_others_read),
		cmocka_unit_test(what_is_no_ring_is_begun_anew),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
