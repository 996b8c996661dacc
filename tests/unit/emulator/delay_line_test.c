/* delay_line_test: frames come out as they went in, and memory goes back. */
#include "capture.h"

#include "emulator/delay_line.h"

static void append(struct delay_line *line, uint64_t due_ns, uint32_t length) {
	struct held_frame *frame = delay_line_append(line, due_ns, length);

	assert_non_null(frame);
	memset(frame->bytes, (int)(due_ns & 0xff), length);
}

static uint32_t length_of(uint64_t n) {
	return (uint32_t)(1 + n * 7919 % DELAY_LINE_FRAME_BYTES_MAX);
}

static void frames_come_out_as_they_went_in(void **state) {
	struct delay_line_budget budget = {.blocks_left = 1000};
	struct delay_line *line = delay_line_create(&budget);
	struct held_frame *due[10];
	uint64_t in = 0, out = 0;

	while (out < 20000) {
		for (uint64_t n = 0; n < (in % 5 ? 12 : 8) && in < 20000; n++, in++)
			append(line, in, length_of(in));
		size_t count = delay_line_due(line, in, due, 10);

		for (size_t i = 0; i < count; i++, out++) {
			assert_int_equal(due[i]->due_ns, out);
			assert_int_equal(due[i]->length, length_of(out));
			assert_int_equal(due[i]->bytes[0], out & 0xff);
			assert_int_equal(due[i]->bytes[due[i]->length - 1], out & 0xff);
		}
		delay_line_remove(line, count);
		assert_int_equal(delay_line_count(line), in - out);
		assert_true(delay_line_next(line) == (in > out ? out : UINT64_MAX));
	}
	delay_line_destroy(line);
	assert_int_equal(budget.blocks_left, 1000);
}

static void only_what_is_due_comes_out(void **state) {
	struct delay_line_budget budget = {.blocks_left = 1};
	struct delay_line *line = delay_line_create(&budget);
	struct held_frame *due[4];

	assert_true(delay_line_next(line) == UINT64_MAX);
	append(line, 10, 60);
	append(line, 20, 60);
	assert_int_equal(delay_line_due(line, 9, due, 4), 0);
	assert_int_equal(delay_line_due(line, 10, due, 4), 1);
	assert_int_equal(delay_line_due(line, 20, due, 4), 2);
	assert_int_equal(delay_line_due(line, 20, due, 1), 1);
	assert_int_equal(delay_line_next(line), 10);
	delay_line_destroy(line);
}

static void memory_has_its_bound_and_is_given_back(void **state) {
	struct delay_line_budget budget = {.blocks_left = 4};
	struct delay_line *one = delay_line_create(&budget), *other = delay_line_create(&budget);
	size_t count = 0;

	while (delay_line_append(one, count, 1500))
		count++;
	assert_in_range(
		count, 4 * DELAY_LINE_BLOCK_BYTES / 1540, 4 * DELAY_LINE_BLOCK_BYTES / 1500);
	assert_null(delay_line_append(other, 0, 60));
	delay_line_remove(one, count);
	assert_int_equal(budget.blocks_left, 3); /* it keeps one */
	append(other, 0, 60);
	append(one, 0, 60);
	delay_line_destroy(one);
	delay_line_destroy(other);
	assert_int_equal(budget.blocks_left, 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_out_as_they_went_in),
		cmocka_unit_test(only_what_is_due_comes_out),
		cmocka_unit_test(memory_has_its_bound_and_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
