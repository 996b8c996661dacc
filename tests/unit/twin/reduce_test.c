/* reduce_test: a reduction is done with numbers, in the order of the plan and in others that it
 * allows: all hosts end with the sum of all. */
#include "twin/reduce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { HOSTS_MAX = 17, TURNS = 5 };

struct play {
	struct reduction reduction;
	int hosts;
	int64_t sums[HOSTS_MAX][HOSTS_MAX]; /* of each host, by part */
	size_t got[HOSTS_MAX], begun[2 * HOSTS_MAX]; /* transfers, by host and by edge */
	bool is_done[2 * HOSTS_MAX * HOSTS_MAX];
};

static int64_t own(int host, size_t part) {
	return (host + 1) * 1000 + (int64_t)part;
}

static void begin(struct play *play, enum reduce_algorithm algorithm, int hosts) {
	*play = (struct play){.hosts = hosts};
	assert_int_equal(reduction_plan(algorithm, hosts, &play->reduction), 0);
	for (int host = 0; host < hosts; host++)
		for (size_t part = 0; part < play->reduction.parts; part++)
			play->sums[host][part] = own(host, part);
}

static void take(struct play *play, size_t n) {
	const struct transfer *transfer = &play->reduction.transfers[n];
	int64_t *to = &play->sums[transfer->to][transfer->part];
	int64_t from = play->sums[transfer->from][transfer->part];

	assert_true(play->got[transfer->from] >= transfer->needs);
	*to = transfer->is_sum ? *to + from : from;
	play->got[transfer->to]++;
	play->is_done[n] = true;
}

static void end(struct play *play) {
	for (int host = 0; host < play->hosts; host++)
		for (size_t part = 0; part < play->reduction.parts; part++) {
			int64_t sum = 0;

			for (int each = 0; each < play->hosts; each++)
				sum += own(each, part);
			assert_int_equal(play->sums[host][part], sum);
		}
	reduction_free(&play->reduction);
}

/* Whether it may be done next: its host has what it needs, and its way's last has been. */
static bool may_be_done(const struct play *play, size_t n) {
	const struct transfer *transfer = &play->reduction.transfers[n];

	for (size_t i = 0; i < n; i++)
		if (play->reduction.transfers[i].edge == transfer->edge && !play->is_done[i])
			return false;
	return !play->is_done[n] && play->got[transfer->from] >= transfer->needs;
}

/* One of those that may be, by chance; false after the last. */
static bool take_any(struct play *play, unsigned int *seed) {
	size_t count = play->reduction.count, first = (size_t)rand_r(seed) % count;

	for (size_t i = 0; i < count; i++)
		if (may_be_done(play, (first + i) % count)) {
			take(play, (first + i) % count);
			return true;
		}
	return false;
}

static void check_all(enum reduce_algorithm algorithm) {
	unsigned int seed = 1;
	struct play play;

	for (int hosts = 2; hosts <= HOSTS_MAX; hosts++) {
		begin(&play, algorithm, hosts);
		for (size_t n = 0; n < play.reduction.count; n++)
			take(&play, n);
		end(&play);
		for (int turn = 0; turn < TURNS; turn++) {
			size_t taken = 0;

			begin(&play, algorithm, hosts);
			while (take_any(&play, &seed))
				taken++;
			assert_int_equal(taken, play.reduction.count);
			end(&play);
		}
	}
}

static void all_hosts_of_a_ring_end_with_the_sum(void **state) {
	check_all(REDUCE_RING);
}

static void all_hosts_of_a_tree_end_with_the_sum(void **state) {
	check_all(REDUCE_TREE);
}

/* 2 (N - 1) / N of the size by each way of a ring, all of it by each way of a tree. */
static void no_more_is_sent_than_has_to_be(void **state) {
	const uint64_t size = 1000003;

	for (int hosts = 2; hosts <= HOSTS_MAX; hosts++) {
		struct reduction ring, tree;
		uint64_t whole = 0, sent = 0;

		assert_int_equal(reduction_plan(REDUCE_RING, hosts, &ring), 0);
		assert_int_equal(reduction_plan(REDUCE_TREE, hosts, &tree), 0);
		for (size_t part = 0; part < ring.parts; part++)
			whole += reduction_part_bytes(&ring, size, part);
		assert_int_equal(whole, size);
		for (size_t n = 0; n < ring.count; n++)
			sent += reduction_part_bytes(&ring, size, ring.transfers[n].part);
		assert_int_equal(sent, 2 * (uint64_t)(hosts - 1) * size);
		assert_int_equal(ring.count, 2 * hosts * (hosts - 1));
		assert_int_equal(tree.count, 2 * (hosts - 1));
		assert_int_equal(reduction_part_bytes(&tree, size, 0), size);
		reduction_free(&ring);
		reduction_free(&tree);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_hosts_of_a_ring_end_with_the_sum),
		cmocka_unit_test(all_hosts_of_a_tree_end_with_the_sum),
		cmocka_unit_test(no_more_is_sent_than_has_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
