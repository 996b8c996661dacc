/* applications_test: what a change has made of applications, in words, from samples. */
#include "twin/applications.h"

#include "base/clock.h"
#include "twin/samples.h"
#include "twin/twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/heddle-applications-XXXXXX";

static int make_folder(void **state) {
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
	char path[TWIN_PATH_MAX];

	applications_samples_path(folder, path);
	unlink(path);
	return rmdir(folder);
}

/* The class also stands for the number of the source. */
static struct samples *create(void) {
	static const char *const names[] = {"training", "headset", "sensors", "shop"};
	char path[TWIN_PATH_MAX];
	struct samples *samples;

	applications_samples_path(folder, path);
	unlink(path);
	assert_int_equal(samples_create(path, &samples), 0);
	for (int kind = 0; kind < APPLICATION_KINDS; kind++) {
		struct sample_source source = {.kind = (uint32_t)kind, .is_present = true};

		snprintf(source.name, sizeof(source.name), "%s", names[kind]);
		assert_int_equal(samples_add_source(samples, &source), kind);
	}
	return samples;
}

static void add(struct samples *samples, int source, enum outcome outcome, double ms, int times) {
	while (times-- > 0)
		samples_add(samples, source, outcome, ms);
}

/* A moment that lies between all samples before and all after it. */
static double moment(void) {
	double now;

	usleep(1000);
	now = clock_real();
	usleep(1000);
	return now;
}

static void append(void *owner, double at, const char *words) {
	size_t used = strlen(owner);

	assert_true(at > 0);
	snprintf((char *)owner + used, 1024 - used, "%s\n", words);
}

static void check_words(double changed_at, const char *expected) {
	char words[1024] = "";

	assert_int_equal(applications_compare(folder, changed_at, moment(), append, words), 0);
	assert_string_equal(words, expected);
}

static void a_change_is_told_by_its_worst_and_its_end(void **state) {
	struct samples *samples = create();
	double changed_at;

	add(samples, APPLICATION_AI, OUTCOME_DONE, 48, 20);
	add(samples, APPLICATION_XR, OUTCOME_DONE, 2, 100);
	add(samples, APPLICATION_IOT, OUTCOME_DONE, 2, 100);
	add(samples, APPLICATION_WEB, OUTCOME_BEGUN, 0, 163);
	add(samples, APPLICATION_WEB, OUTCOME_DONE, 4.1, 100);
	changed_at = moment();
	add(samples, APPLICATION_AI, OUTCOME_LOST, 0, 1);
	add(samples, APPLICATION_AI, OUTCOME_DONE, 61, 1);
	add(samples, APPLICATION_AI, OUTCOME_DONE, 49, 10);
	add(samples, APPLICATION_XR, OUTCOME_DONE, 2, 256);
	add(samples, APPLICATION_XR, OUTCOME_LATE, 30, 10);
	add(samples, APPLICATION_XR, OUTCOME_LOST, 0, 4);
	add(samples, APPLICATION_IOT, OUTCOME_DONE, 2, 50);
	add(samples, APPLICATION_WEB, OUTCOME_DONE, 4, 56);
	add(samples, APPLICATION_WEB, OUTCOME_DONE, 212, 2);
	add(samples, APPLICATION_WEB, OUTCOME_LOST, 0, 2);
	check_words(changed_at,
		"training: all-reduce step 48 → 61 ms at worst, 49 at the end; 1 begun again\n"
		"headset: 14 of 270 frames late or lost (none before)\n"
		"sensors: none of 50 messages lost\n"
		"shop: slowest 4.1 → 212 ms, 2 of 60 requests failed (none before); 3 still "
		"wait\n");
	samples_close(samples);
}

static void what_stands_still_is_told(void **state) {
	struct samples *samples = create();
	double changed_at;

	add(samples, APPLICATION_AI, OUTCOME_DONE, 48, 20);
	add(samples, APPLICATION_IOT, OUTCOME_LOST, 0, 3);
	add(samples, APPLICATION_IOT, OUTCOME_DONE, 2, 7);
	changed_at = moment();
	check_words(changed_at, "training: all-reduce step 48 ms before, none has ended since\n"
				"headset: no frames so far\n"
				"sensors: no messages so far\n"
				"shop: slowest - → - ms, no answers so far\n");
	samples_close(samples);
	check_words(changed_at, ""); /* nobody plays them any more */
}

static void check_requests(int done_after, int lost_after, const char *expected) {
	struct samples *samples = create();
	char words[1024] = "";
	double changed_at;

	add(samples, APPLICATION_WEB, OUTCOME_DONE, 4.1, 100);
	changed_at = moment();
	add(samples, APPLICATION_WEB, OUTCOME_DONE, 212, done_after);
	add(samples, APPLICATION_WEB, OUTCOME_LOST, 0, lost_after);
	assert_int_equal(applications_compare(folder, changed_at, moment(), append, words), 0);
	assert_non_null(strstr(words, expected));
	samples_close(samples);
}

static void a_percentile_is_of_enough_and_of_what_failed(void **state) {
	check_requests(99, 0, "shop: slowest 4.1 → 212 ms, none of 99 requests failed\n");
	check_requests(99, 1, "shop: p99 4.1 → 212 ms, 1 of 100 requests failed (none before)\n");
	check_requests(98, 2,
		"shop: p99 4.1 → - ms, as more than 1 % fail, 2 of 100 requests failed "
		"(none before)\n");
}

static void a_span_has_figures_of_its_own(void **state) {
	struct samples *samples = create();
	double from = moment(), to;
	json_t *list;

	add(samples, APPLICATION_XR, OUTCOME_DONE, 2, 90);
	add(samples, APPLICATION_XR, OUTCOME_LATE, 30, 10);
	to = moment();
	add(samples, APPLICATION_XR, OUTCOME_LATE, 30, 100);
	list = applications_read_span(folder, from, to);
	assert_int_equal(json_array_size(list), APPLICATION_KINDS);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(list, APPLICATION_XR), "name")),
		"headset");
	assert_float_equal(
		json_number_value(json_object_get(
			json_array_get(
				json_object_get(json_array_get(list, APPLICATION_XR), "figures"),
				0),
			"value")),
		10, 1e-9);
	json_decref(list);
	samples_close(samples);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_told_by_its_worst_and_its_end),
		cmocka_unit_test(what_stands_still_is_told),
		cmocka_unit_test(a_percentile_is_of_enough_and_of_what_failed),
		cmocka_unit_test(a_span_has_figures_of_its_own),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
