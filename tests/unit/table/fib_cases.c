/* fib_cases: the tests that fib4 and fib6 both pass; see fib_cases.h. */
#include "fib_cases.h"

#include "table/layout.h"
#include "table/reason.h"
#include "table/rib.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

enum { ROOMY = 20000, FIRST_ID = REASON_COUNT };

static struct oracle oracle;

static uint32_t expected(const uint8_t *address) {
	const struct route *route = oracle_match(&oracle, address, 128);

	return route ? route->value : NEXTHOP_NONE;
}

static uint32_t random_id(void) {
	return FIRST_ID + random_below(random_below(2) ? 3 : 100);
}

/* Inserts, replaces or removes so that the table has about this many routes. Says where. */
static int change_at_random(const struct fib_kind *kind, void *fib, size_t routes, uint8_t *prefix,
	unsigned int *prefix_len) {
	uint32_t nexthop = random_id();

	random_prefix(prefix, prefix_len, kind->bits);
	if (oracle.count && random_below((uint32_t)(2 * routes)) < oracle.count) {
		const struct route *known = &oracle.routes[random_below((uint32_t)oracle.count)];

		memcpy(prefix, known->prefix, 16);
		*prefix_len = known->prefix_len;
		if (random_below(3)) {
			oracle_remove(&oracle, prefix, *prefix_len);
			return kind->remove(fib, prefix, *prefix_len);
		}
	}
	oracle_set(&oracle, prefix, *prefix_len, nexthop);
	return kind->insert(fib, prefix, *prefix_len, nexthop);
}

static void remove_all(const struct fib_kind *kind, void *fib) {
	for (; oracle.count; oracle.count--) {
		const struct route *last = &oracle.routes[oracle.count - 1];

		assert_int_equal(kind->remove(fib, last->prefix, last->prefix_len), 0);
	}
}

static void check_batch(const struct fib_kind *kind, void *fib) {
	uint8_t addresses[77][16];
	uint32_t nexthops[77];
	size_t count = random_below(78);

	for (size_t i = 0; i < count; i++)
		clustered_address(addresses[i], kind->bits);
	kind->lookup_batch(fib, (const uint8_t(*)[16])addresses, nexthops, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(nexthops[i], kind->lookup(fib, addresses[i]));
}

static void check_match(const struct fib_kind *kind, void *fib, const uint8_t *address) {
	const struct route *route = oracle_match(&oracle, address, 128);
	uint8_t prefix[16] = {0};
	unsigned int prefix_len;
	uint32_t nexthop;

	assert_int_equal(
		kind->match(fib, address, prefix, &prefix_len, &nexthop), route ? 0 : -ENOENT);
	if (!route)
		return;
	assert_memory_equal(prefix, route->prefix, 16);
	assert_int_equal(prefix_len, route->prefix_len);
	assert_int_equal(nexthop, route->value);
}

static void check_near(const struct fib_kind *kind, void *fib, const uint8_t *prefix,
	unsigned int prefix_len, int times) {
	uint8_t address[16];

	for (int i = 0; i < times; i++) {
		if (random_below(2))
			address_near(address, prefix, prefix_len, kind->bits);
		else
			clustered_address(address, kind->bits);
		assert_int_equal(kind->lookup(fib, address), expected(address));
	}
	check_match(kind, fib, address);
}

void lookups_equal_a_scan(const struct fib_kind *kind) {
	struct counting_grace grace = {.grace.wait = count_wait};
	void *fib = kind->create(ROOMY, ROOMY, &grace.grace);
	uint8_t prefix[16];
	unsigned int prefix_len;

	oracle.count = 0;
	for (int step = 0; step < 1200; step++) {
		assert_int_equal(change_at_random(kind, fib, 250, prefix, &prefix_len), 0);
		check_near(kind, fib, prefix, prefix_len, 24);
		check_batch(kind, fib);
		assert_int_equal(kind->routes(fib), oracle.count);
	}
	kind->destroy(fib);
}

void bulk_equals_single(const struct fib_kind *kind) {
	struct counting_grace grace = {.grace.wait = count_wait};
	void *fib = kind->create(ROOMY, ROOMY, &grace.grace);
	uint8_t prefix[16] = {0};
	unsigned int prefix_len = 0;

	oracle.count = 0;
	for (int run = 0; run < 6; run++) {
		kind->begin(fib);
		for (int step = 0; step < 200; step++)
			assert_int_equal(change_at_random(kind, fib, 300, prefix, &prefix_len), 0);
		assert_int_equal(kind->commit(fib), 0);
		assert_int_equal(kind->unwritten(fib), 0);
		check_near(kind, fib, prefix, prefix_len, 2000);
	}
	kind->destroy(fib);
}

void iterates_in_order(const struct fib_kind *kind) {
	struct counting_grace grace = {.grace.wait = count_wait};
	void *fib = kind->create(ROOMY, ROOMY, &grace.grace);
	uint8_t prefix[16] = {0};
	unsigned int prefix_len;
	uint32_t nexthop;

	oracle.count = 0;
	for (int step = 0; step < 300; step++)
		assert_int_equal(change_at_random(kind, fib, 200, prefix, &prefix_len), 0);
	oracle_sort(&oracle);
	prefix_len = RIB_START;
	for (size_t i = 0; i < oracle.count; i++) {
		assert_int_equal(kind->next(fib, prefix, &prefix_len, &nexthop), 0);
		assert_memory_equal(prefix, oracle.routes[i].prefix, 16);
		assert_int_equal(prefix_len, oracle.routes[i].prefix_len);
		assert_int_equal(nexthop, oracle.routes[i].value);
		assert_int_equal(kind->get(fib, prefix, prefix_len, &nexthop), 0);
		assert_int_equal(nexthop, oracle.routes[i].value);
	}
	assert_int_equal(kind->next(fib, prefix, &prefix_len, &nexthop), -ENOENT);
	kind->destroy(fib);
}

void refuses_what_is_wrong(const struct fib_kind *kind) {
	struct counting_grace grace = {.grace.wait = count_wait};
	void *fib = kind->create(4, 200, &grace.grace);
	const uint8_t prefix[16] = {10, 1}, nothing[16] = {0};
	uint32_t nexthop;

	assert_int_equal(kind->insert(fib, prefix, kind->bits + 1, FIRST_ID), -EINVAL);
	assert_int_equal(kind->insert(fib, prefix, 15, FIRST_ID), -EINVAL);
	assert_int_equal(kind->insert(fib, prefix, 16, LEAF_NODE), -EINVAL);
	assert_int_equal(kind->remove(fib, prefix, 15), -EINVAL);
	assert_int_equal(kind->remove(fib, prefix, 16), -ENOENT);
	assert_int_equal(kind->get(fib, nothing, 0, &nexthop), -ENOENT);
	assert_int_equal(kind->lookup(fib, prefix), NEXTHOP_NONE);
	kind->destroy(fib);
	assert_null(kind->create(4, REASON_COUNT - 1, &grace.grace));
	assert_int_equal(errno, EINVAL);
}

void says_table_full_and_recovers(const struct fib_kind *kind) {
	struct counting_grace grace = {.grace.wait = count_wait};
	void *fib = kind->create(kind->bits == 32 ? 6 : 60, REASON_COUNT + 150, &grace.grace);
	uint8_t prefix[16], address[16];
	unsigned int prefix_len;
	size_t refused = 0, unanswered = 0, empty = kind->word_bytes(fib);

	oracle.count = 0;
	for (int step = 0; step < 2000; step++) {
		int error = change_at_random(
			kind, fib, step % 500 < 250 ? 200 : 20, prefix, &prefix_len);

		refused += error == -ENOSPC;
		assert_true(error == 0 || error == -ENOSPC);
		for (int i = 0; i < 16; i++) {
			uint32_t answer;

			address_near(address, prefix, prefix_len, kind->bits);
			answer = kind->lookup(fib, address);
			if (answer == REASON_TABLE_FULL && kind->unwritten(fib)) {
				unanswered++;
				check_match(kind, fib, address);
				continue;
			}
			assert_int_equal(answer, expected(address));
		}
	}
	assert_true(refused && unanswered);

	/* Three routes of any length fit. */
	while (oracle.count > 3) {
		struct route *route = &oracle.routes[oracle.count - 1];

		assert_int_equal(kind->remove(fib, route->prefix, route->prefix_len), 0);
		oracle.count--;
	}
	assert_int_equal(kind->unwritten(fib), 0);
	check_near(kind, fib, oracle.routes[0].prefix, oracle.routes[0].prefix_len, 2000);
	remove_all(kind, fib);
	assert_int_equal(kind->word_bytes(fib), empty);
	kind->destroy(fib);
}

/* Readers that have read a root and are slow: they go on when the table waits for them. */
enum { READERS = 24, ANSWERS = 64 };

struct slow_reader {
	uint8_t address[16];
	uint64_t root;
	uint32_t answers[ANSWERS]; /* that were right at some time since it read the root */
	size_t answer_count;
};

struct slow_grace {
	struct grace grace;
	const struct fib_kind *kind;
	void *fib;
	struct slow_reader readers[READERS];
	unsigned int waits;
};

static void add_answer(struct slow_reader *reader, uint32_t answer) {
	for (size_t i = 0; i < reader->answer_count; i++) {
		if (reader->answers[i] == answer)
			return;
	}
	assert_true(reader->answer_count < ANSWERS);
	reader->answers[reader->answer_count++] = answer;
}

static void start_reader(struct slow_grace *slow, struct slow_reader *reader) {
	reader->root = slow->kind->read_root(slow->fib, reader->address);
	reader->answer_count = 0;
	add_answer(reader, slow->kind->lookup(slow->fib, reader->address));
}

static void check_reader(struct slow_grace *slow, const struct slow_reader *reader) {
	uint32_t answer = slow->kind->finish(slow->fib, reader->root, reader->address);

	for (size_t i = 0; i < reader->answer_count; i++) {
		if (reader->answers[i] == answer)
			return;
	}
	fail_msg("a slow reader found next hop %u, which was never there", answer);
}

static void wait_for_slow_readers(struct grace *grace) {
	struct slow_grace *slow = (struct slow_grace *)grace;

	slow->waits++;
	for (size_t i = 0; i < READERS && slow->fib; i++) {
		uint32_t answers_now = expected(slow->readers[i].address);

		add_answer(&slow->readers[i], answers_now);
		add_answer(&slow->readers[i], REASON_TABLE_FULL);
		check_reader(slow, &slow->readers[i]);
		start_reader(slow, &slow->readers[i]);
		add_answer(&slow->readers[i], answers_now);
	}
}

void reader_of_old_words_finds_what_was_there(const struct fib_kind *kind) {
	struct slow_grace slow = {.grace.wait = wait_for_slow_readers, .kind = kind};
	void *fib = kind->create(kind->bits == 32 ? 40 : 1000, 700, &slow.grace);
	uint8_t prefix[16] = {0};
	unsigned int prefix_len = 0;

	oracle.count = 0;
	slow.fib = fib;
	for (size_t i = 0; i < READERS; i++)
		start_reader(&slow, &slow.readers[i]);

	for (int step = 0; step < 3000; step++) {
		struct slow_reader *reader = &slow.readers[random_below(READERS)];

		if (random_below(4) == 0) {
			address_near(reader->address, prefix, prefix_len, kind->bits);
			start_reader(&slow, reader);
		}
		change_at_random(kind, fib, 100, prefix, &prefix_len);
		for (size_t i = 0; i < READERS; i++) {
			add_answer(&slow.readers[i], kind->lookup(fib, slow.readers[i].address));
			check_reader(&slow, &slow.readers[i]);
			if (slow.readers[i].answer_count > ANSWERS / 2)
				start_reader(&slow, &slow.readers[i]);
		}
	}
	assert_true(slow.waits > 3);
	kind->destroy(fib);
}

/* A reader in a thread of its own, which tells by a count that it has begun another round. */
struct thread_grace {
	struct grace grace;
	uint64_t rounds;
};

struct thread_reader {
	const struct fib_kind *kind;
	void *fib;
	struct thread_grace *grace;
	bool stop;
	size_t wrong;
};

static void wait_for_thread(struct grace *grace) {
	struct thread_grace *thread = (struct thread_grace *)grace;
	uint64_t now = __atomic_load_n(&thread->rounds, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&thread->rounds, __ATOMIC_SEQ_CST) < now + 2)
		sched_yield();
}

static void *read_stable_prefix(void *argument) {
	struct thread_reader *reader = argument;
	uint8_t address[16] = {10, 37, 75, 0};

	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED)) {
		for (unsigned int last = 0; last < 64; last++) {
			address[3] = (uint8_t)(128 + last);
			reader->wrong += reader->kind->lookup(reader->fib, address) != FIRST_ID;
		}
		__atomic_add_fetch(&reader->grace->rounds, 1, __ATOMIC_SEQ_CST);
	}
	/* Nobody may wait for it any more. */
	__atomic_store_n(&reader->grace->rounds, UINT64_MAX / 2, __ATOMIC_SEQ_CST);
	return NULL;
}

/* 10.37.75.128/26 (a25:4b80::/26) stays; all around it, above and below, comes and goes. */
void stable_prefix_never_wavers(const struct fib_kind *kind) {
	struct thread_grace grace = {.grace.wait = wait_for_thread};
	void *fib = kind->create(kind->bits == 32 ? 40 : 1000, 1000, &grace.grace);
	struct thread_reader reader = {.kind = kind, .fib = fib, .grace = &grace};
	const uint8_t stable[16] = {10, 37, 75, 128};
	struct timespec start, now;
	pthread_t thread;

	assert_int_equal(kind->insert(fib, stable, 26, FIRST_ID), 0);
	assert_int_equal(pthread_create(&thread, NULL, read_stable_prefix, &reader), 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		uint8_t prefix[16] = {10, 37, 75, 0};
		unsigned int prefix_len = 8 + random_below(kind->bits - 7);

		prefix[random_below(2) ? 3 : 2] ^= (uint8_t)(1 << random_below(7));
		clear_below(prefix, prefix_len);
		if (prefix_len < 26 || memcmp(prefix, stable, 3) || (prefix[3] & 0xc0) != 0x80) {
			if (random_below(2))
				kind->insert(fib, prefix, prefix_len, FIRST_ID + 1);
			else
				kind->remove(fib, prefix, prefix_len);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < start.tv_sec + 2);
	__atomic_store_n(&reader.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(reader.wrong, 0);
	kind->destroy(fib);
}

void empties_to_what_it_was(const struct fib_kind *kind) {
	struct counting_grace grace = {.grace.wait = count_wait};
	void *fib = kind->create(ROOMY, ROOMY, &grace.grace);
	size_t empty = kind->word_bytes(fib);
	uint8_t prefix[16];
	unsigned int prefix_len;

	oracle.count = 0;
	for (int step = 0; step < 1500; step++)
		assert_int_equal(change_at_random(kind, fib, 400, prefix, &prefix_len), 0);
	assert_true(kind->word_bytes(fib) > empty);
	remove_all(kind, fib);
	assert_int_equal(kind->word_bytes(fib), empty);
	assert_int_equal(kind->routes(fib), 0);
	kind->destroy(fib);
}
