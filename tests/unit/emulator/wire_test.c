/* wire_test: a wire between two interfaces in memory, by a clock that is set. Frames are there at
 * the right time, and the counters balance after every step. */
#include "capture.h"
#include "fake_ends.h"

#include "emulator/wire.h"

enum { MS = 1000 * 1000, FRAMES = 1000 };

static struct wire *open_wire(struct wire_settings from_a, size_t memory_bytes) {
	struct wire_settings settings[WIRE_ENDS];
	struct wire *wire;

	wire_settings_init(&settings[WIRE_B]);
	settings[WIRE_A] = from_a;
	assert_int_equal(wire_open("a", "b", settings, 42, memory_bytes, &wire), 0);
	return wire;
}

static struct wire_settings defaults(void) {
	struct wire_settings settings;

	wire_settings_init(&settings);
	return settings;
}

static void assert_balance(struct wire *wire) {
	for (unsigned int from = 0; from < WIRE_ENDS; from++) {
		struct wire_counters count = wire_count(wire, from);

		assert_int_equal(count.received + count.duplicated,
			count.delivered + count.down + count.lost + count.overflowed +
				count.no_memory + count.refused + count.missed + count.held);
	}
}

static void turn(struct wire *wire, uint64_t now_ns) {
	while (wire_receive(wire, now_ns))
		assert_balance(wire);
	while (wire_deliver(wire, now_ns))
		assert_balance(wire);
	assert_balance(wire);
}

static void arrive(struct wire *wire, uint64_t at_ns, size_t count) {
	for (size_t i = 0; i < count; i++)
		fake_arrive(wire_end_of(wire, WIRE_A), at_ns, 100, (uint8_t)i);
}

static size_t arrived(struct wire *wire) {
	return fake_sent(wire_end_of(wire, WIRE_B));
}

static void frames_leave_when_they_are_due_in_their_order(void **state) {
	struct wire_settings settings = defaults();
	struct wire *wire;

	settings.delay_ns = 10 * MS;
	wire = open_wire(settings, 1 << 20);
	arrive(wire, 5 * MS, FRAMES);
	turn(wire, 6 * MS);
	assert_int_equal(arrived(wire), 0);
	assert_int_equal(wire_next_due(wire), 15 * MS);
	turn(wire, 15 * MS - 1);
	assert_int_equal(arrived(wire), 0);
	turn(wire, 15 * MS);
	assert_int_equal(arrived(wire), FRAMES);
	for (size_t i = 0; i < FRAMES; i++)
		assert_int_equal(fake_sent_mark(wire_end_of(wire, WIRE_B), i), i & 0xff);
	assert_true(wire_next_due(wire) == UINT64_MAX);
	assert_int_equal(wire_count(wire, WIRE_A).delivered_bytes, 100 * FRAMES);
	wire_close(wire);
}

static void the_directions_know_nothing_of_each_other(void **state) {
	struct wire_settings settings = defaults();
	struct wire *wire;

	settings.loss_percent = 100;
	wire = open_wire(settings, 1 << 20);
	arrive(wire, 1, 10);
	fake_arrive(wire_end_of(wire, WIRE_B), 1, 100, 0);
	turn(wire, 2);
	assert_int_equal(arrived(wire), 0);
	assert_int_equal(wire_count(wire, WIRE_A).lost, 10);
	assert_int_equal(fake_sent(wire_end_of(wire, WIRE_A)), 1);
	wire_close(wire);
}

static void every_frame_is_accounted_for(void **state) {
	struct wire_settings settings = defaults();
	struct wire_counters count;
	struct wire *wire;

	settings.delay_ns = MS;
	settings.jitter_ns = MS / 2;
	settings.loss_percent = settings.duplicate_percent = settings.corrupt_percent = 10;
	settings.reorder_percent = 10;
	settings.rate_bps = 100000000;
	settings.limit_bytes = 20000;
	wire = open_wire(settings, 1 << 20);
	for (uint64_t now = MS; now < 500 * MS; now += MS / 10) {
		if (now < 100 * MS)
			arrive(wire, now, now / MS % 4);
		if (now == 50 * MS)
			fake_refuse(wire_end_of(wire, WIRE_B), true);
		if (now == 51 * MS)
			fake_refuse(wire_end_of(wire, WIRE_B), false);
		turn(wire, now);
	}
	count = wire_count(wire, WIRE_A);
	assert_int_equal(count.held, 0);
	assert_int_equal(count.delivered, arrived(wire));
	assert_true(count.lost && count.duplicated && count.corrupted && count.reordered);
	assert_true(count.refused);
	wire_close(wire);
}

static void a_cut_takes_what_is_under_way(void **state) {
	struct wire_settings settings = defaults();
	struct wire *wire;

	settings.delay_ns = 10 * MS;
	wire = open_wire(settings, 1 << 20);
	arrive(wire, MS, 10);
	turn(wire, 2 * MS);
	settings.down = 1;
	wire_set(wire, WIRE_A, &settings);
	assert_balance(wire);
	arrive(wire, 3 * MS, 5);
	turn(wire, 20 * MS);
	assert_int_equal(wire_count(wire, WIRE_A).down, 15);
	settings.down = 0;
	wire_set(wire, WIRE_A, &settings);
	arrive(wire, 30 * MS, 1);
	turn(wire, 40 * MS);
	assert_int_equal(arrived(wire), 1);
	wire_close(wire);
}

static void a_change_loses_nothing(void **state) {
	struct wire_settings settings = defaults();
	struct wire *wire = open_wire(settings, 4 << 20);

	for (uint64_t now = MS; now <= 300 * MS; now += MS) {
		settings.delay_ns = now * 7919 % 100 * MS;
		settings.rate_bps = now % 2 ? 0 : 1000000000;
		wire_set(wire, WIRE_A, &settings);
		arrive(wire, now, 10);
		turn(wire, now);
	}
	turn(wire, 1000 * MS);
	assert_int_equal(arrived(wire), 3000);
	for (size_t i = 0; i < 3000; i++)
		assert_int_equal(fake_sent_mark(wire_end_of(wire, WIRE_B), i), i % 10);
	wire_close(wire);
}

static void who_overtakes_arrives_first(void **state) {
	struct wire_settings settings = defaults();
	struct wire *wire;

	settings.delay_ns = 10 * MS;
	wire = open_wire(settings, 1 << 20);
	fake_arrive(wire_end_of(wire, WIRE_A), MS, 100, 1);
	turn(wire, MS);
	settings.reorder_percent = 100;
	wire_set(wire, WIRE_A, &settings);
	fake_arrive(wire_end_of(wire, WIRE_A), 2 * MS, 100, 2);
	turn(wire, 2 * MS);
	assert_int_equal(arrived(wire), 1);
	turn(wire, 11 * MS);
	assert_int_equal(fake_sent_mark(wire_end_of(wire, WIRE_B), 0), 2);
	assert_int_equal(fake_sent_mark(wire_end_of(wire, WIRE_B), 1), 1);
	wire_close(wire);
}

static void more_than_memory_allows_is_counted(void **state) {
	struct wire_settings settings = defaults();
	struct wire *wire;

	settings.delay_ns = 10 * MS;
	wire = open_wire(settings, 128 * 1024);
	for (size_t i = 0; i < FRAMES; i++)
		fake_arrive(wire_end_of(wire, WIRE_A), MS, 200, (uint8_t)i);
	turn(wire, MS);
	assert_in_range(
		wire_count(wire, WIRE_A).no_memory, FRAMES - 128 * 1024 / 200, FRAMES - 500);
	turn(wire, 20 * MS);
	assert_int_equal(arrived(wire) + wire_count(wire, WIRE_A).no_memory, FRAMES);
	wire_close(wire);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_leave_when_they_are_due_in_their_order),
		cmocka_unit_test(the_directions_know_nothing_of_each_other),
		cmocka_unit_test(every_frame_is_accounted_for),
		cmocka_unit_test(a_cut_takes_what_is_under_way),
		cmocka_unit_test(a_change_loses_nothing),
		cmocka_unit_test(who_overtakes_arrives_first),
		cmocka_unit_test(more_than_memory_allows_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
