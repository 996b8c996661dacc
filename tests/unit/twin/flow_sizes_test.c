/* flow_sizes_test: what is drawn has the published distributions, and the same seed draws the same. */
#include "twin/flow_sizes.h"

#include "twin/application.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 200000, PACKET_BYTES = 1460 };

struct row {
	double packets, share; /* of flows that are no larger */
};

/* Of flows that are drawn, within four standard deviations of a binomial count. */
static void check_shares(enum flow_sizes sizes, const struct row *rows, size_t count) {
	const struct intent_application intent = {.name = "shop", .seed = 7};
	const struct application application = {.intent = &intent};

	for (size_t i = 0; i < count; i++) {
		double deviation = sqrt(DRAWS * rows[i].share * (1 - rows[i].share)), below = 0;

		for (uint64_t n = 0; n < DRAWS; n++)
			below += flow_size_of(sizes, application_draw(&application, 1, n)) <=
				 rows[i].packets * PACKET_BYTES * (1 + 1e-9);
		assert_true(fabs(below - DRAWS * rows[i].share) <= 4 * deviation);
	}
}

static double mean_of(enum flow_sizes sizes) {
	const int parts = 1000000;
	double sum = 0;

	for (int i = 0; i < parts; i++)
		sum += flow_size_of(sizes, (i + 0.5) / parts);
	return sum / parts;
}

static void web_search_is_as_published(void **state) {
	static const struct row rows[] = {{6, 0.15}, {13, 0.2}, {19, 0.3}, {33, 0.4}, {53, 0.53},
		{133, 0.6}, {667, 0.7}, {1333, 0.8}, {3333, 0.9}, {6667, 0.97}};

	check_shares(SIZES_WEB_SEARCH, rows, sizeof(rows) / sizeof(rows[0]));
	assert_true(fabs(mean_of(SIZES_WEB_SEARCH) / PACKET_BYTES - 1138) < 1138 * 0.005);
}

static void data_mining_is_as_published(void **state) {
	static const struct row rows[] = {{1, 0.5}, {2, 0.6}, {3, 0.7}, {7, 0.8}, {267, 0.9},
		{2107, 0.95}, {66667, 0.99}};

	check_shares(SIZES_DATA_MINING, rows, sizeof(rows) / sizeof(rows[0]));
	assert_true(fabs(mean_of(SIZES_DATA_MINING) / PACKET_BYTES - 5117) < 5117 * 0.005);
}

static void sizes_grow_with_their_share(void **state) {
	for (int sizes = SIZES_WEB_SEARCH; sizes <= SIZES_DATA_MINING; sizes++) {
		double last = 0;

		for (int i = 1; i < 100000; i++) {
			double size = flow_size_of((enum flow_sizes)sizes, i / 1e5);

			assert_true(size >= last && size >= PACKET_BYTES);
			last = size;
		}
	}
}

static void the_same_seed_draws_the_same(void **state) {
	struct intent_application intents[] = {{.name = "shop", .seed = 1},
		{.name = "shop", .seed = 1}, {.name = "shop", .seed = 2}, {.name = "pohs", .seed = 1}};
	struct application applications[4];
	int same[4] = {0};

	for (int i = 0; i < 4; i++)
		applications[i] = (struct application){.number = (unsigned int)i, .intent = &intents[i]};
	for (uint64_t n = 0; n < 1000; n++)
		for (int i = 0; i < 4; i++)
			same[i] += application_draw(&applications[i], 0, n) ==
				   application_draw(&applications[0], 0, n);
	assert_int_equal(same[1], 1000);
	assert_int_equal(same[2], 0);
	assert_int_equal(same[3], 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(web_search_is_as_published),
		cmocka_unit_test(data_mining_is_as_published),
		cmocka_unit_test(sizes_grow_with_their_share),
		cmocka_unit_test(the_same_seed_draws_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
