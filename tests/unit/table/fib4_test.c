/* fib4_test: the IPv4 table beside a list; the cases are fib_cases.c's. */
#include "fib_cases.h"
#include "table/fib4.h"
#include "table/lookup.h"
#include "table/reason.h"

#include <errno.h>

struct table {
	struct fib4 *fib;
	struct tables view;
};

static uint32_t host(const uint8_t *address) {
	return NET32(load32(address));
}

static void destroy(void *fib) {
	struct table *table = fib;

	fib4_destroy(table->fib);
	free(table->view.fib4.roots);
	free(table->view.fib4.nodes);
	free(table->view.fib4.leaves);
	free(table);
}

static void *create(uint32_t nodes, uint32_t leaves, struct grace *grace) {
	struct table *table = zeroed(1, sizeof(*table));

	table->view.fib4 = (struct fib4_memory){
		.roots = zeroed(FIB4_ROOTS, sizeof(uint64_t)),
		.nodes = zeroed(nodes * NODE_WORDS, sizeof(uint64_t)),
		.leaves = zeroed(leaves, sizeof(uint32_t)),
		.node_count = nodes,
		.leaf_count = leaves,
	};
	table->fib = fib4_create(&table->view.fib4, grace);
	if (!table->fib) {
		int error = errno;

		destroy(table);
		errno = error;
		return NULL;
	}
	return table;
}

static int insert(void *fib, const uint8_t *prefix, unsigned int prefix_len, uint32_t nexthop) {
	return fib4_insert(((struct table *)fib)->fib, host(prefix), prefix_len, nexthop);
}

static int remove_prefix(void *fib, const uint8_t *prefix, unsigned int prefix_len) {
	return fib4_remove(((struct table *)fib)->fib, host(prefix), prefix_len);
}

static int get(void *fib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *nexthop) {
	return fib4_get(((struct table *)fib)->fib, host(prefix), prefix_len, nexthop);
}

static void begin(void *fib) {
	fib4_begin(((struct table *)fib)->fib);
}

static int commit(void *fib) {
	return fib4_commit(((struct table *)fib)->fib);
}

static uint32_t lookup(void *fib, const uint8_t *address) {
	return fib4_lookup(((struct table *)fib)->fib, host(address));
}

static void lookup_batch(
	void *fib, const uint8_t (*addresses)[16], uint32_t *nexthops, size_t count) {
	uint32_t hosts[128];

	assert_true(count <= 128);
	for (size_t i = 0; i < count; i++)
		hosts[i] = host(addresses[i]);
	fib4_lookup_batch(((struct table *)fib)->fib, hosts, nexthops, count);
}

static int match(void *fib, const uint8_t *address, uint8_t *prefix, unsigned int *prefix_len,
	uint32_t *nexthop) {
	uint32_t found = 0;
	int error =
		fib4_match(((struct table *)fib)->fib, host(address), &found, prefix_len, nexthop);

	store32(prefix, NET32(found));
	return error;
}

static int next(void *fib, uint8_t *prefix, unsigned int *prefix_len, uint32_t *nexthop) {
	uint32_t key = host(prefix);
	int error = fib4_next(((struct table *)fib)->fib, &key, prefix_len, nexthop);

	store32(prefix, NET32(key));
	return error;
}

static size_t unwritten(void *fib) {
	return fib4_usage(((struct table *)fib)->fib).unwritten;
}

static size_t routes(void *fib) {
	return fib4_usage(((struct table *)fib)->fib).routes;
}

static size_t word_bytes(void *fib) {
	return fib4_usage(((struct table *)fib)->fib).word_bytes;
}

static uint64_t read_root(void *fib, const uint8_t *address) {
	const struct table *table = fib;

	return fetch_fib4_root(&table->view, host(address) >> 13);
}

static uint32_t finish(void *fib, uint64_t root, const uint8_t *address) {
	const struct table *table = fib;
	uint32_t leaf = fetch_fib4_leaf(&table->view, run_leaf(root, address[2] & 31));

	if (leaf & LEAF_NODE) {
		uint64_t word = fetch_fib4_node(&table->view, leaf & ~LEAF_NODE, address[3] >> 5);

		leaf = fetch_fib4_leaf(&table->view, run_leaf(word, address[3] & 31));
	}
	return leaf;
}

static const struct fib_kind kind = {
	.bits = 32,
	.create = create,
	.destroy = destroy,
	.insert = insert,
	.remove = remove_prefix,
	.get = get,
	.begin = begin,
	.commit = commit,
	.lookup = lookup,
	.lookup_batch = lookup_batch,
	.match = match,
	.next = next,
	.unwritten = unwritten,
	.routes = routes,
	.word_bytes = word_bytes,
	.read_root = read_root,
	.finish = finish,
};

static void lookups_equal_a_linear_scan_while_routes_come_change_and_go(void **state) {
	lookups_equal_a_scan(&kind);
}

static void a_bulk_load_leads_to_the_same_table(void **state) {
	bulk_equals_single(&kind);
}

static void iterates_in_order_shorter_first(void **state) {
	iterates_in_order(&kind);
}

static void refuses_bad_prefixes_ids_and_memory(void **state) {
	refuses_what_is_wrong(&kind);
}

static void full_memory_answers_table_full_and_recovers_when_routes_go(void **state) {
	says_table_full_and_recovers(&kind);
}

static void a_reader_of_old_words_finds_only_what_was_there(void **state) {
	reader_of_old_words_finds_what_was_there(&kind);
}

static void a_stable_prefix_never_wavers_while_its_neighbours_churn(void **state) {
	stable_prefix_never_wavers(&kind);
}

static void removing_every_route_frees_every_word(void **state) {
	empties_to_what_it_was(&kind);
}

static void a_default_route_needs_room_and_a_verdict_does_not(void **state) {
	struct counting_grace grace = {.grace.wait = count_wait};
	struct table *table = create(0, REASON_COUNT, &grace.grace);

	assert_int_equal(fib4_insert(table->fib, 0, 0, REASON_COUNT), -ENOSPC);
	assert_int_equal(fib4_lookup(table->fib, 0x01020304), REASON_TABLE_FULL);
	assert_int_equal(unwritten(table), FIB4_ROOTS);
	assert_int_equal(fib4_insert(table->fib, 0, 1, REASON_BLACKHOLE), 0);
	assert_int_equal(fib4_lookup(table->fib, 0x01020304), REASON_BLACKHOLE);
	assert_int_equal(fib4_lookup(table->fib, 0x81020304), REASON_TABLE_FULL);
	assert_int_equal(fib4_remove(table->fib, 0, 0), 0);
	assert_int_equal(fib4_lookup(table->fib, 0x81020304), NEXTHOP_NONE);
	assert_int_equal(unwritten(table), 0);
	destroy(table);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_equal_a_linear_scan_while_routes_come_change_and_go),
		cmocka_unit_test(a_bulk_load_leads_to_the_same_table),
		cmocka_unit_test(iterates_in_order_shorter_first),
		cmocka_unit_test(refuses_bad_prefixes_ids_and_memory),
		cmocka_unit_test(full_memory_answers_table_full_and_recovers_when_routes_go),
		cmocka_unit_test(a_reader_of_old_words_finds_only_what_was_there),
		cmocka_unit_test(a_stable_prefix_never_wavers_while_its_neighbours_churn),
		cmocka_unit_test(removing_every_route_frees_every_word),
		cmocka_unit_test(a_default_route_needs_room_and_a_verdict_does_not),
	};

	return cmocka_run_group_tests(tests, seed_random, NULL);
}
