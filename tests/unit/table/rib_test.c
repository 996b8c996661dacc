/* rib_test: the trie beside a list. */
#include "oracle.h"
#include "table/rib.h"

#include <errno.h>

enum { STEPS = 20000, ROUTES = 400 };

static struct oracle oracle;

static void change_at_random(struct rib *rib, unsigned int bits) {
	uint8_t prefix[16];
	unsigned int prefix_len;
	uint32_t value = random_below(UINT32_MAX), removed = 0;
	struct route *known;

	random_prefix(prefix, &prefix_len, bits);
	if (oracle.count && random_below(ROUTES) < oracle.count) {
		known = &oracle.routes[random_below((uint32_t)oracle.count)];
		memcpy(prefix, known->prefix, 16);
		prefix_len = known->prefix_len;
		value = known->value;
		assert_int_equal(rib_remove(rib, prefix, prefix_len, &removed), 0);
		assert_int_equal(removed, value);
		oracle_remove(&oracle, prefix, prefix_len);
		assert_int_equal(rib_remove(rib, prefix, prefix_len, NULL), -ENOENT);
	} else {
		assert_int_equal(rib_set(rib, prefix, prefix_len, value), 0);
		oracle_set(&oracle, prefix, prefix_len, value);
	}
	assert_int_equal(rib_count(rib), oracle.count);
}

static void check_match(const struct rib *rib, unsigned int bits) {
	uint8_t address[16], prefix[16] = {0};
	unsigned int longest = random_below(bits + 1), prefix_len;
	const struct route *expected;
	uint32_t value;

	clustered_address(address, bits);
	expected = oracle_match(&oracle, address, longest);
	if (!expected) {
		assert_int_equal(
			rib_match(rib, address, longest, prefix, &prefix_len, &value), -ENOENT);
		return;
	}
	assert_int_equal(rib_match(rib, address, longest, prefix, &prefix_len, &value), 0);
	assert_int_equal(value, expected->value);
	assert_int_equal(prefix_len, expected->prefix_len);
	assert_memory_equal(prefix, expected->prefix, bits / 8);
}

static void check_get(const struct rib *rib, unsigned int bits) {
	uint8_t prefix[16];
	unsigned int prefix_len;
	uint32_t value;
	struct route *expected;

	random_prefix(prefix, &prefix_len, bits);
	expected = oracle_find(&oracle, prefix, prefix_len);
	assert_int_equal(rib_get(rib, prefix, prefix_len, &value), expected ? 0 : -ENOENT);
	if (expected)
		assert_int_equal(value, expected->value);
}

static void check_against_list(unsigned int bits) {
	struct rib *rib = rib_create(bits / 8);

	oracle.count = 0;
	for (int step = 0; step < STEPS; step++) {
		change_at_random(rib, bits);
		check_match(rib, bits);
		check_get(rib, bits);
	}
	rib_destroy(rib);
}

static void matches_and_gets_what_a_list_does_for_ipv4(void **state) {
	check_against_list(32);
}

static void matches_and_gets_what_a_list_does_for_ipv6(void **state) {
	check_against_list(128);
}

static void check_order(unsigned int bits) {
	struct rib *rib = rib_create(bits / 8);
	uint8_t within[16], prefix[16] = {0};
	unsigned int within_len, prefix_len;
	uint32_t value;

	oracle.count = 0;
	for (int step = 0; step < 1000; step++)
		change_at_random(rib, bits);
	oracle_sort(&oracle);

	for (int run = 0; run < 300; run++) {
		struct route range = {0};
		struct rib_walk walk;
		bool longer = false;

		random_prefix(within, &within_len, bits);
		if (run == 0)
			within_len = 0, memset(within, 0, 16);
		memcpy(range.prefix, within, 16);
		range.prefix_len = within_len;
		prefix_len = RIB_START;
		rib_walk_start(&walk, rib, within, within_len);
		for (size_t i = 0; i < oracle.count; i++) {
			const struct route *route = &oracle.routes[i];

			if (route->prefix_len < within_len || !oracle_covers(&range, route->prefix))
				continue;
			longer |= route->prefix_len > within_len;
			assert_int_equal(rib_next_within(rib, within, within_len, prefix,
						 &prefix_len, &value),
				0);
			assert_int_equal(prefix_len, route->prefix_len);
			assert_memory_equal(prefix, route->prefix, bits / 8);
			assert_int_equal(value, route->value);
			assert_true(rib_walk_next(&walk));
			assert_int_equal(walk.prefix_len, route->prefix_len);
			assert_memory_equal(walk.prefix, route->prefix, bits / 8);
			assert_int_equal(walk.value, route->value);
		}
		assert_int_equal(
			rib_next_within(rib, within, within_len, prefix, &prefix_len, &value),
			-ENOENT);
		assert_false(rib_walk_next(&walk));
		assert_int_equal(rib_has_longer(rib, within, within_len), longer);
	}
	rib_destroy(rib);
}

static void iterates_in_order_within_any_prefix(void **state) {
	check_order(32);
	check_order(128);
}

static void goes_on_from_a_prefix_that_was_removed(void **state) {
	struct rib *rib = rib_create(4);
	uint8_t prefix[4] = {0};
	unsigned int prefix_len = RIB_START;
	uint32_t value, seen = 0;

	for (uint8_t i = 0; i < 200; i++)
		assert_int_equal(rib_set(rib, (uint8_t[4]){10, i}, 16, i), 0);
	while (!rib_next(rib, prefix, &prefix_len, &value)) {
		assert_int_equal(value, seen++);
		assert_int_equal(rib_remove(rib, prefix, prefix_len, NULL), 0);
	}
	assert_int_equal(seen, 200);
	assert_int_equal(rib_count(rib), 0);
	rib_destroy(rib);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_and_gets_what_a_list_does_for_ipv4),
		cmocka_unit_test(matches_and_gets_what_a_list_does_for_ipv6),
		cmocka_unit_test(iterates_in_order_within_any_prefix),
		cmocka_unit_test(goes_on_from_a_prefix_that_was_removed),
	};

	return cmocka_run_group_tests(tests, seed_random, NULL);
}
