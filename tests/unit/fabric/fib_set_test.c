/* fib_set_test: rows that are split and shared, against tables that are simply written down. */
#include "fabric/fib_set.h"

#include "fixture.h"

#include <errno.h>

enum { NODES = 7, PREFIXES = 40, ROUNDS = 300, STEPS = 40 };

struct plain {
	uint32_t groups[NODES][PREFIXES]; /* FIB_ABSENT: none */
};

static struct prefix prefix_at(uint32_t n) {
	return (struct prefix){.family = AF_INET, .length = 24, .address = {10, 0, (uint8_t)n, 0}};
}

static uint32_t number_of(struct fib_set *set, uint32_t n) {
	struct prefix prefix = prefix_at(n);

	return fib_set_number(set, &prefix);
}

/* Some prefixes of one node, once or more often. */
static void add_column(struct fib_set *set, struct plain *plain, struct random *random) {
	uint32_t node = random_below(random, NODES), count = random_below(random, PREFIXES);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t n = random_below(random, PREFIXES), group = random_below(random, 3);
		int error = fib_set_add_number(set, node, number_of(set, n), group);

		assert_true(error == 0 || error == -EEXIST);
		plain->groups[node][n] = group;
	}
}

/* Several prefixes that some nodes treat alike. */
static void add_alike(struct fib_set *set, struct plain *plain, struct random *random) {
	uint32_t first = random_below(random, PREFIXES), numbers[PREFIXES], count = 0;
	struct fib_entry entries[NODES];
	size_t entry_count = 0;

	for (uint32_t n = first; n < PREFIXES; n += 1 + random_below(random, 4))
		numbers[count++] = n;
	for (uint32_t node = 0; node < NODES; node++)
		if (random_below(random, 2))
			entries[entry_count++] = (struct fib_entry){node, random_below(random, 3)};
	for (uint32_t i = 0; i < count; i++) {
		for (size_t e = 0; e < entry_count; e++)
			plain->groups[entries[e].node][numbers[i]] = entries[e].group;
		numbers[i] = number_of(set, numbers[i]);
	}
	assert_int_equal(fib_set_add_alike(set, numbers, count, entries, entry_count), 0);
}

/* Prefixes were asked for in any order; their addresses say which they are. */
static void compare(const struct fib_set *set, const struct plain *plain) {
	uint32_t column[PREFIXES];
	size_t entries = 0;

	for (uint32_t node = 0; node < NODES; node++) {
		assert_int_equal(fib_set_column(set, node, column), 0);
		for (size_t n = 0; n < fib_set_prefix_count(set); n++) {
			uint32_t group = plain->groups[node][fib_set_prefix(set, n)->address[2]];

			assert_int_equal(column[n], group);
			entries += group != FIB_ABSENT;
		}
	}
	assert_int_equal(fib_set_entry_count(set), entries);
	for (size_t n = 0; n < fib_set_prefix_count(set); n++) {
		size_t count;

		fib_set_entries(set, n, &count);
		assert_true(count <= NODES);
		assert_true(fib_set_row(set, n) < fib_set_row_count(set));
	}
}

static void rows_say_what_was_added(void **state) {
	struct random random = {5};

	for (int round = 0; round < ROUNDS; round++) {
		struct fib_set *set = fib_set_create();
		struct plain plain;
		uint32_t steps = random_below(&random, STEPS);

		assert_non_null(set);
		memset(&plain, 0xff, sizeof(plain));
		for (uint32_t step = 0; step < steps; step++)
			(random_below(&random, 2) ? add_column : add_alike)(set, &plain, &random);
		assert_int_equal(fib_set_finish(set), 0);
		compare(set, &plain);
		fib_set_destroy(set);
	}
}

static void prefixes_that_all_treat_alike_share_a_row(void **state) {
	struct fib_set *set = fib_set_create();

	assert_non_null(set);
	for (uint32_t node = 0; node < NODES; node++)
		for (uint32_t n = 0; n < PREFIXES; n++)
			fib_set_add_number(set, node, number_of(set, n), 1 + (n == 3 && node == 5));
	assert_int_equal(fib_set_finish(set), 0);
	assert_int_equal(fib_set_row_count(set), 3); /* with that of no entries */
	assert_int_equal(fib_set_row(set, 0), fib_set_row(set, PREFIXES - 1));
	assert_int_not_equal(fib_set_row(set, 0), fib_set_row(set, 3));
	fib_set_destroy(set);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_say_what_was_added),
		cmocka_unit_test(prefixes_that_all_treat_alike_share_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
