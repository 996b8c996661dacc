/* stale_test: the set against one of booleans. */
#include "support.h"

#include "table/stale.h"

#include <stdbool.h>

enum { ROOTS = 1024 };

static void the_set_is_that_of_booleans(void **state) {
	bool expected[ROOTS] = {0};
	struct stale stale;

	assert_int_equal(stale_create(&stale, ROOTS), 0);
	for (unsigned int round = 0; round < 4000; round++) {
		size_t first = random_below(ROOTS), count = 0, next = 0;

		if (random_below(3)) {
			count = random_below((uint32_t)(ROOTS - first) + 1);
			stale_add(&stale, first, count);
			memset(expected + first, true, count);
		} else {
			for (size_t root = first; root < ROOTS && root < first + 300; root++) {
				stale_remove(&stale, root);
				expected[root] = false;
			}
		}
		count = 0;
		for (size_t root = 0; root < ROOTS; root++) {
			if (!expected[root])
				continue;
			count++;
			assert_int_equal(stale_next(&stale, next), root);
			next = root + 1;
		}
		assert_int_equal(stale_next(&stale, next), ROOTS);
		assert_int_equal(stale.count, count);
	}
	stale_destroy(&stale);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_set_is_that_of_booleans)};

	return cmocka_run_group_tests(tests, seed_random, NULL);
}
