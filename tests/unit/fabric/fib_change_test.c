/* fib_change_test: what differs between two sets of tables, against tables that are simply written
 * down. */
#include "fabric/fib_change.h"

#include "fixture.h"

enum { NODES = 6, PREFIXES = 24, PORTS = 5, ROUNDS = 2000, ABSENT = 0 };

/* By node and prefix: ABSENT, a verdict + 1, or a set of ports above that, a bit each. */
struct plain {
	uint32_t ways[NODES][PREFIXES];
};

static struct prefix prefix_at(uint32_t n) {
	return (struct prefix){.family = AF_INET, .length = 24, .address = {10, 0, (uint8_t)n, 0}};
}

static uint32_t random_way(struct random *random) {
	if (random_below(random, 3) == 0)
		return ABSENT;
	if (random_below(random, 4) == 0)
		return 1 + random_below(random, FIB_VERDICTS);
	return 1 + FIB_VERDICTS + 1 + random_below(random, (1 << PORTS) - 1);
}

static uint32_t group_of(struct fib_set *set, uint32_t way) {
	uint32_t ports[PORTS], bits, count = 0;

	if (way <= FIB_VERDICTS)
		return way - 1;
	bits = way - 1 - FIB_VERDICTS;
	for (uint32_t port = 0; port < PORTS; port++)
		if (bits & 1U << port)
			ports[count++] = 100 + port;
	return fib_set_group(set, ports, count);
}

/* Prefixes and groups are asked for in another order in each set, so that they have other numbers.
 */
static struct fib_set *make_set(const struct plain *plain, struct random *random) {
	uint32_t first = random_below(random, PREFIXES), step = random_below(random, 2) ? 5 : 7;
	struct fib_set *set = fib_set_create();

	assert_non_null(set);
	for (uint32_t node = 0; node < NODES; node++)
		for (uint32_t i = 0; i < PREFIXES; i++) {
			uint32_t n = (first + i * step) % PREFIXES, way = plain->ways[node][n];
			struct prefix prefix = prefix_at(n);

			if (way != ABSENT)
				assert_int_equal(
					fib_set_add(set, node, &prefix, group_of(set, way)), 0);
		}
	assert_int_equal(fib_set_finish(set), 0);
	return set;
}

static struct fib_change obvious(const struct plain *before, const struct plain *after) {
	struct fib_change change = {0};

	for (int node = 0; node < NODES; node++) {
		size_t entries = 0;

		for (int n = 0; n < PREFIXES; n++)
			entries += before->ways[node][n] != after->ways[node][n];
		change.entries += entries;
		change.nodes += entries > 0;
	}
	return change;
}

static void expect(const struct plain *before, const struct plain *after, struct random *random) {
	struct fib_set *one = make_set(before, random), *other = make_set(after, random);
	struct fib_change wanted = obvious(before, after), change;

	assert_int_equal(fib_change_count(one, other, NODES, &change), 0);
	assert_int_equal(change.entries, wanted.entries);
	assert_int_equal(change.nodes, wanted.nodes);
	fib_set_destroy(one);
	fib_set_destroy(other);
}

static void it_is_what_differs(void **state) {
	struct random random = {3};

	for (int round = 0; round < ROUNDS; round++) {
		struct plain before, after;
		uint32_t changes =
			random_below(&random, 2) ? random_below(&random, 4) : NODES * PREFIXES;

		for (int node = 0; node < NODES; node++)
			for (int n = 0; n < PREFIXES; n++)
				before.ways[node][n] = random_way(&random);
		after = before;
		for (uint32_t i = 0; i < changes; i++)
			after.ways[random_below(&random, NODES)][random_below(&random, PREFIXES)] =
				random_way(&random);
		expect(&before, &after, &random);
	}
}

static void of_nothing_all_is_new(void **state) {
	struct random random = {4};
	struct plain nothing = {0}, all;

	for (int node = 0; node < NODES; node++)
		for (int n = 0; n < PREFIXES; n++)
			all.ways[node][n] = 1 + FIB_VERDICTS + 3;
	expect(&nothing, &all, &random);
	expect(&all, &nothing, &random);
	expect(&nothing, &nothing, &random);
	expect(&all, &all, &random);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_differs),
		cmocka_unit_test(of_nothing_all_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
