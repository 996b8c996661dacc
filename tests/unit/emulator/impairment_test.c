/* impairment_test: chance against its expectation, and time to the nanosecond. Seeds are fixed:
 * what passes once passes always. */
#include "capture.h"

#include "emulator/impairment.h"

#include <math.h>

enum { FRAMES = 200000, FRAME_BYTES = 1000, US = 1000, MS = 1000 * 1000 };

static struct impairment made(struct wire_settings settings) {
	struct wire_settings all;
	struct impairment impairment;
	char error[WIRE_ERROR_BYTES];

	wire_settings_init(&all);
	if (settings.overhead_bytes == 0)
		settings.overhead_bytes = all.overhead_bytes;
	if (settings.limit_bytes == 0)
		settings.limit_bytes = all.limit_bytes;
	assert_int_equal(wire_settings_check(&settings, error), 0);
	impairment_init(&impairment, &settings, 42);
	return impairment;
}

static uint64_t due(struct impairment *impairment, uint64_t arrival_ns) {
	struct frame_turn turn;

	assert_true(impairment_schedule(impairment, arrival_ns, FRAME_BYTES, &turn));
	return turn.due_ns;
}

/* Within four standard deviations of a binomial count. */
static void assert_share(double count, double of, double percent) {
	double share = percent / 100, deviation = sqrt(of * share * (1 - share));

	assert_true(fabs(count - of * share) <= 4 * deviation);
}

static void without_settings_all_pass_at_once(void **state) {
	struct impairment impairment = made((struct wire_settings){0});

	for (uint64_t at = 1; at < 1000; at++) {
		struct frame_decision decision = impairment_decide(&impairment, FRAME_BYTES);

		assert_int_equal(decision.fate, FRAME_CARRIED);
		assert_int_equal(decision.copies, 1);
		assert_int_equal(decision.corrupt_bit, -1);
		assert_int_equal(due(&impairment, at), at);
	}
}

static void shares_are_what_was_asked_for(void **state) {
	static const double percents[] = {0.1, 1, 10, 50, 100};

	for (size_t i = 0; i < 5; i++) {
		struct impairment impairment = made((struct wire_settings){
			.loss_percent = percents[i],
			.corrupt_percent = percents[i],
			.duplicate_percent = percents[i],
		});
		double lost = 0, corrupted = 0, duplicated = 0;

		for (unsigned int n = 0; n < FRAMES; n++) {
			struct frame_decision decision =
				impairment_decide(&impairment, FRAME_BYTES);

			lost += decision.fate == FRAME_LOST;
			corrupted += decision.corrupt_bit >= 0;
			duplicated += decision.copies == 2;
		}
		assert_share(lost, FRAMES, percents[i]);
		assert_share(corrupted, FRAMES, percents[i]);
		assert_share(duplicated, FRAMES, percents[i]);
	}
}

static void bursts_have_the_length_and_the_share_asked_for(void **state) {
	static const double bursts[] = {1, 3, 20};

	for (size_t i = 0; i < 3; i++) {
		struct impairment impairment =
			made((struct wire_settings){.loss_percent = 5, .loss_burst = bursts[i]});
		unsigned int lost = 0, begun = 0;
		bool before = false;

		for (unsigned int n = 0; n < 10 * FRAMES; n++) {
			bool now = impairment_decide(&impairment, 100).fate == FRAME_LOST;

			lost += now;
			begun += now && !before;
			before = now;
		}
		assert_true(fabs(lost / (10.0 * FRAMES) - 0.05) < 0.002);
		assert_true(fabs((double)lost / begun / bursts[i] - 1) < 0.03);
	}
}

static void corruption_spares_no_bit(void **state) {
	struct impairment impairment = made((struct wire_settings){.corrupt_percent = 100});
	unsigned int hits[64 * 8] = {0};

	for (unsigned int n = 0; n < FRAMES; n++) {
		int64_t bit = impairment_decide(&impairment, 64).corrupt_bit;

		assert_in_range(bit, 0, 64 * 8 - 1);
		hits[bit]++;
	}
	for (size_t bit = 0; bit < 64 * 8; bit++)
		assert_in_range(hits[bit], FRAMES / 512 / 2, FRAMES / 512 * 2);
}

static void the_same_seed_decides_the_same(void **state) {
	const struct wire_settings settings = {.loss_percent = 10,
		.corrupt_percent = 10,
		.duplicate_percent = 10,
		.delay_ns = MS,
		.reorder_percent = 10,
		.jitter_ns = 100 * US};
	struct impairment one = made(settings), other = made(settings), third = made(settings);
	unsigned int different = 0;

	impairment_seed(&third, 43);
	for (uint64_t at = 1; at < 1000; at++) {
		struct frame_decision a = impairment_decide(&one, 100);
		struct frame_decision b = impairment_decide(&other, 100);

		assert_int_equal(a.fate, b.fate);
		assert_int_equal(a.copies, b.copies);
		assert_int_equal(a.corrupt_bit, b.corrupt_bit);
		assert_int_equal(due(&one, at), due(&other, at));
		different += a.fate != impairment_decide(&third, 100).fate;
	}
	assert_in_range(different, 1, 999);
}

/* Not even when they come at other times, and some overflow. */
static void one_chance_does_not_change_another(void **state) {
	struct impairment alone = made((struct wire_settings){.loss_percent = 10});
	struct impairment all = made((struct wire_settings){.loss_percent = 10,
		.corrupt_percent = 20,
		.duplicate_percent = 30,
		.delay_ns = MS,
		.jitter_ns = MS,
		.rate_bps = 1000 * 1000,
		.limit_bytes = 5000});

	for (uint64_t at = 1; at < 10000; at++) {
		struct frame_turn turn;

		assert_int_equal(impairment_decide(&alone, FRAME_BYTES).fate,
			impairment_decide(&all, FRAME_BYTES).fate);
		impairment_schedule(&all, at * 100 * US, FRAME_BYTES, &turn);
	}
}

static void a_delay_is_added_to_the_nanosecond(void **state) {
	struct impairment impairment = made((struct wire_settings){.delay_ns = 50 * US});

	for (uint64_t at = 1; at < 1000000; at += 777)
		assert_int_equal(due(&impairment, at), at + 50 * US);
}

/* The mean and the spread of what is added, of frames so far apart that none waits for another. */
static void measure_jitter(
	enum jitter_distribution distribution, double *mean_us, double *deviation_us) {
	struct impairment impairment = made((struct wire_settings){
		.delay_ns = 10 * MS, .jitter_ns = MS, .distribution = distribution});
	double sum = 0, squares = 0;

	for (uint64_t n = 1; n <= FRAMES; n++) {
		uint64_t at = n * 1000 * MS;
		double added = (double)(due(&impairment, at) - at) / US;

		sum += added;
		squares += added * added;
	}
	*mean_us = sum / FRAMES;
	*deviation_us = sqrt(squares / FRAMES - *mean_us * *mean_us);
}

static void jitter_has_the_distribution_asked_for(void **state) {
	double mean_us, deviation_us;

	measure_jitter(JITTER_UNIFORM, &mean_us, &deviation_us);
	assert_true(fabs(mean_us - 10000) < 10);
	assert_true(fabs(deviation_us - 1000 / sqrt(3)) < 10);
	measure_jitter(JITTER_NORMAL, &mean_us, &deviation_us);
	assert_true(fabs(mean_us - 10000) < 10);
	assert_true(fabs(deviation_us - 1000) < 10);
	measure_jitter(JITTER_PARETO, &mean_us, &deviation_us);
	assert_true(fabs(mean_us - 11000) < 20);
	assert_true(
		deviation_us > 1200); /* of the whole distribution it is sqrt(3) times the mean */
}

static void jitter_beyond_the_delay_never_sends_before_arrival(void **state) {
	struct impairment impairment =
		made((struct wire_settings){.jitter_ns = MS, .distribution = JITTER_NORMAL});

	for (uint64_t at = 10 * MS; at < 1000 * MS; at += MS)
		assert_true(due(&impairment, at) >= at);
}

static void jitter_does_not_reorder(void **state) {
	for (unsigned int kind = JITTER_UNIFORM; kind <= JITTER_PARETO; kind++) {
		struct impairment impairment = made((struct wire_settings){
			.delay_ns = MS, .jitter_ns = MS, .distribution = kind});
		uint64_t before = 0;

		for (uint64_t at = 1; at < FRAMES; at++) {
			uint64_t next = due(&impairment, at * US);

			assert_true(next >= before);
			before = next;
		}
	}
}

static void nor_does_a_shorter_delay(void **state) {
	struct impairment impairment = made((struct wire_settings){.delay_ns = 100 * MS});
	struct wire_settings shorter = impairment.settings;
	uint64_t before = due(&impairment, 1);

	shorter.delay_ns = MS;
	impairment_set(&impairment, &shorter);
	assert_int_equal(due(&impairment, 2), before);
	assert_int_equal(due(&impairment, 100 * MS), 101 * MS);
}

static void who_overtakes_goes_without_delay(void **state) {
	struct impairment impairment = made((struct wire_settings){
		.delay_ns = 10 * MS, .jitter_ns = MS, .reorder_percent = 25});
	double overtaking = 0;

	for (uint64_t at = 1; at <= FRAMES; at++) {
		struct frame_turn turn;

		assert_true(impairment_schedule(&impairment, at, 100, &turn));
		overtaking += turn.overtakes;
		if (turn.overtakes)
			assert_int_equal(turn.due_ns, at);
	}
	assert_share(overtaking, FRAMES, 25);
}

/* 14,880,952 of the smallest frames a second on 10 Gbit/s (RFC 2544 and what all quote), which is
 * no whole number of nanoseconds a frame. */
static void a_rate_is_exact_in_the_long_run(void **state) {
	struct impairment impairment =
		made((struct wire_settings){.rate_bps = 10000000000, .limit_bytes = 1 << 30});
	struct frame_turn turn;

	for (unsigned int n = 0; n < 10000000; n++)
		assert_true(impairment_schedule(&impairment, 1000, n % 2 ? 60 : 42, &turn));
	assert_int_equal(turn.due_ns - 1000, 10000000ull * 84 * 8 / 10);
}

static void a_rate_delays_a_frame_alone_by_its_length(void **state) {
	struct impairment impairment =
		made((struct wire_settings){.rate_bps = 8000000, .delay_ns = 5 * MS});

	assert_int_equal(due(&impairment, 1000), 1000 + 1024 * US + 5 * MS);
	assert_int_equal(due(&impairment, 1001), 1000 + 2 * 1024 * US + 5 * MS);
	assert_int_equal(due(&impairment, 100 * MS), 100 * MS + 1024 * US + 5 * MS);
}

static void the_queue_before_the_rate_has_its_limit(void **state) {
	struct impairment impairment =
		made((struct wire_settings){.rate_bps = 8000000, .limit_bytes = 10240});
	struct frame_turn turn;
	unsigned int taken = 0;

	while (impairment_schedule(&impairment, 1000, FRAME_BYTES, &turn))
		taken++;
	assert_int_equal(taken, 10);
	/* When one has passed, there is room for one. */
	assert_false(impairment_schedule(&impairment, 1000 + 1023 * US, FRAME_BYTES, &turn));
	assert_true(impairment_schedule(&impairment, 1000 + 1024 * US, FRAME_BYTES, &turn));
	assert_false(impairment_schedule(&impairment, 1000 + 1024 * US, FRAME_BYTES, &turn));
}

static void a_frame_above_the_limit_passes_a_free_rate(void **state) {
	struct impairment impairment =
		made((struct wire_settings){.rate_bps = 8000000, .limit_bytes = 100});
	struct frame_turn turn;

	assert_true(impairment_schedule(&impairment, 1000, FRAME_BYTES, &turn));
	assert_false(impairment_schedule(&impairment, 1000, FRAME_BYTES, &turn));
}

static void a_wire_that_is_down_carries_nothing(void **state) {
	struct impairment impairment =
		made((struct wire_settings){.down = 1, .duplicate_percent = 100});

	for (unsigned int n = 0; n < 100; n++)
		assert_int_equal(impairment_decide(&impairment, 100).fate, FRAME_DOWN);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_settings_all_pass_at_once),
		cmocka_unit_test(shares_are_what_was_asked_for),
		cmocka_unit_test(bursts_have_the_length_and_the_share_asked_for),
		cmocka_unit_test(corruption_spares_no_bit),
		cmocka_unit_test(the_same_seed_decides_the_same),
		cmocka_unit_test(one_chance_does_not_change_another),
		cmocka_unit_test(a_delay_is_added_to_the_nanosecond),
		cmocka_unit_test(jitter_has_the_distribution_asked_for),
		cmocka_unit_test(jitter_beyond_the_delay_never_sends_before_arrival),
		cmocka_unit_test(jitter_does_not_reorder),
		cmocka_unit_test(nor_does_a_shorter_delay),
		cmocka_unit_test(who_overtakes_goes_without_delay),
		cmocka_unit_test(a_rate_is_exact_in_the_long_run),
		cmocka_unit_test(a_rate_delays_a_frame_alone_by_its_length),
		cmocka_unit_test(the_queue_before_the_rate_has_its_limit),
		cmocka_unit_test(a_frame_above_the_limit_passes_a_free_rate),
		cmocka_unit_test(a_wire_that_is_down_carries_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
