/* prefix_test: prefixes and their parts, against what is obvious bit by bit. */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>

enum { ROUNDS = 20000 };

static bool bit_of(const struct prefix *prefix, unsigned int bit) {
	return prefix->address[bit / 8] >> (7 - bit % 8) & 1;
}

/* Few bits differ, so that prefixes often hold each other. */
static struct prefix random_prefix(struct random *random) {
	struct prefix prefix = {.family = random_below(random, 2) ? AF_INET : AF_INET6};

	prefix.length = (uint8_t)random_below(random, prefix_bits(prefix.family) + 1);
	for (unsigned int bit = 0; bit < prefix.length; bit++)
		if (random_below(random, 16) == 0)
			prefix.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return prefix;
}

static bool obviously_contains(const struct prefix *outer, const struct prefix *inner) {
	if (outer->family != inner->family || outer->length > inner->length)
		return false;
	for (unsigned int bit = 0; bit < outer->length; bit++)
		if (bit_of(outer, bit) != bit_of(inner, bit))
			return false;
	return true;
}

static void what_holds_what_is_seen_bit_by_bit(void **state) {
	struct random random = {1};

	for (int i = 0; i < ROUNDS; i++) {
		struct prefix one = random_prefix(&random), other = random_prefix(&random);

		if (random_below(&random, 2)) {
			other = one;
			other.length = (uint8_t)random_below(&random, one.length + 1u);
			for (unsigned int bit = other.length; bit < one.length; bit++)
				other.address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		}
		assert_int_equal(prefix_contains(&one, &other), obviously_contains(&one, &other));
		assert_int_equal(prefix_overlaps(&one, &other),
			obviously_contains(&one, &other) || obviously_contains(&other, &one));
		assert_int_equal(
			prefix_compare(&one, &other) < 0, prefix_compare(&other, &one) > 0);
	}
}

static void what_is_written_is_read_again(void **state) {
	struct random random = {2};

	for (int i = 0; i < ROUNDS; i++) {
		struct prefix prefix = random_prefix(&random), again;
		char text[PREFIX_TEXT_MAX];

		assert_int_equal(prefix_parse(prefix_text(&prefix, text), &again), 0);
		assert_int_equal(prefix_compare(&prefix, &again), 0);
	}
}

/* The n-th part is the first address with n counted up just above the part's own bits. */
static void parts_follow_each_other(void **state) {
	struct random random = {3};

	for (int i = 0; i < ROUNDS; i++) {
		struct prefix whole = random_prefix(&random), part;
		unsigned int length =
			random_below(&random, prefix_bits(whole.family) + 1 - whole.length) +
			whole.length;
		uint64_t n = random_below(&random, 300);
		unsigned int wide = length - whole.length;

		if (wide < 63 && n >= UINT64_C(1) << wide) {
			assert_int_equal(prefix_part(&whole, length, n, &part), -ERANGE);
			continue;
		}
		assert_int_equal(prefix_part(&whole, length, n, &part), 0);
		assert_int_equal(part.length, length);
		assert_true(prefix_contains(&whole, &part));
		for (unsigned int bit = whole.length; bit < prefix_bits(whole.family); bit++)
			assert_int_equal(bit_of(&part, bit), bit < length && length - 1 - bit < 64
								     ? n >> (length - 1 - bit) & 1
								     : 0);
	}
}

static void parts_are_counted(void **state) {
	struct prefix prefix;

	assert_int_equal(prefix_parse("10.0.0.0/12", &prefix), 0);
	assert_int_equal(prefix_parts(&prefix, 24), 4096);
	assert_int_equal(prefix_parts(&prefix, 12), 1);
	assert_int_equal(prefix_parts(&prefix, 11), 0);
	assert_int_equal(prefix_parts(&prefix, 33), 0);
	assert_int_equal(prefix_parse("::/0", &prefix), 0);
	assert_int_equal(prefix_parts(&prefix, 63), UINT64_C(1) << 63);
	assert_true(prefix_parts(&prefix, 64) == UINT64_MAX);
	assert_true(prefix_parts(&prefix, 128) == UINT64_MAX);
}

/* Texts of digits, dots and what else may come, one in three an address. */
static void addresses_are_read_as_inet_pton_reads_them(void **state) {
	static const char letters[] = "0123456789....::abf/";
	struct random random = {4};
	unsigned int good = 0;

	for (int i = 0; i < 10 * ROUNDS; i++) {
		char text[32] = "";
		uint32_t size = random_below(&random, 18);
		uint8_t address[16] = {0};
		struct prefix prefix;
		int family;

		if (random_below(&random, 3) == 0)
			snprintf(text, sizeof(text), "%u.%u.%u.%u", random_below(&random, 300),
				random_below(&random, 20), random_below(&random, 260),
				random_below(&random, 256));
		for (uint32_t n = (uint32_t)strlen(text); n < size; n++)
			text[n] = letters[random_below(&random, sizeof(letters) - 2)];
		family = strchr(text, ':') ? AF_INET6 : AF_INET;
		if (inet_pton(family, text, address) != 1) {
			assert_int_equal(prefix_parse(text, &prefix), -EINVAL);
			continue;
		}
		good++;
		assert_int_equal(prefix_parse(text, &prefix), 0);
		assert_memory_equal(prefix.address, address, sizeof(address));
	}
	assert_true(good > ROUNDS);
}

static void what_is_nobodys_to_forward_is_apart(void **state) {
	static const struct {
		const char *text;
		bool is_apart;
	} cases[] = {{"127.0.0.0/8", true}, {"169.254.1.0/24", true}, {"224.0.0.0/4", true},
		{"255.255.255.255", true}, {"169.253.0.0/16", false}, {"0.0.0.0/0", false},
		{"fe80::/64", true}, {"ff00::/8", true}, {"::1", true}, {"::/0", false},
		{"fec0::/64", false}, {"fd00::1", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix prefix;

		assert_int_equal(prefix_parse(cases[i].text, &prefix), 0);
		assert_int_equal(prefix_is_apart(&prefix), cases[i].is_apart);
	}
}

static void what_is_no_prefix_is_refused(void **state) {
	static const char *const texts[] = {"", "/", "10", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8/8",
		"10.0.0.1/8", "10.0.0.256", "::/129", "fd00::1/64", "fd00:::/64", "a", "10.0.0/8",
		"10.0.0.0/99999999999999999999", "1.2.3.4.5",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1"};
	struct prefix prefix;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(prefix_parse(texts[i], &prefix), -EINVAL);
	assert_int_equal(prefix_parse("10.1.2.3", &prefix), 0);
	assert_int_equal(prefix.length, 32);
	assert_int_equal(prefix_parse("fd00::1", &prefix), 0);
	assert_int_equal(prefix.length, 128);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_what_is_seen_bit_by_bit),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(parts_follow_each_other),
		cmocka_unit_test(parts_are_counted),
		cmocka_unit_test(addresses_are_read_as_inet_pton_reads_them),
		cmocka_unit_test(what_is_nobodys_to_forward_is_apart),
		cmocka_unit_test(what_is_no_prefix_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
