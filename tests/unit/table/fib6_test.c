/* fib6_test: the IPv6 table beside a list; the cases are fib_cases.c's. */
#include "fib_cases.h"
#include "table/fib6.h"
#include "table/lookup.h"

#include <errno.h>

struct table {
	struct fib6 *fib;
	struct tables view;
};

static void destroy(void *fib) {
	struct table *table = fib;

	fib6_destroy(table->fib);
	free(table->view.fib6.roots);
	free(table->view.fib6.nodes);
	free(table->view.fib6.leaves);
	free(table);
}

static void *create(uint32_t nodes, uint32_t leaves, struct grace *grace) {
	struct table *table = zeroed(1, sizeof(*table));

	table->view.fib6 = (struct fib6_memory){
		.roots = zeroed(FIB6_ROOTS, sizeof(uint32_t)),
		.nodes = zeroed(nodes * NODE_WORDS, sizeof(uint64_t)),
		.leaves = zeroed(leaves, sizeof(uint32_t)),
		.node_count = nodes,
		.leaf_count = leaves,
	};
	table->fib = fib6_create(&table->view.fib6, grace);
	if (!table->fib) {
		int error = errno;

		destroy(table);
		errno = error;
		return NULL;
	}
	return table;
}

static int insert(void *fib, const uint8_t *prefix, unsigned int prefix_len, uint32_t nexthop) {
	return fib6_insert(((struct table *)fib)->fib, prefix, prefix_len, nexthop);
}

static int remove_prefix(void *fib, const uint8_t *prefix, unsigned int prefix_len) {
	return fib6_remove(((struct table *)fib)->fib, prefix, prefix_len);
}

static int get(void *fib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *nexthop) {
	return fib6_get(((struct table *)fib)->fib, prefix, prefix_len, nexthop);
}

static void begin(void *fib) {
	fib6_begin(((struct table *)fib)->fib);
}

static int commit(void *fib) {
	return fib6_commit(((struct table *)fib)->fib);
}

static uint32_t lookup(void *fib, const uint8_t *address) {
	return fib6_lookup(((struct table *)fib)->fib, address);
}

static void lookup_batch(
	void *fib, const uint8_t (*addresses)[16], uint32_t *nexthops, size_t count) {
	fib6_lookup_batch(((struct table *)fib)->fib, addresses, nexthops, count);
}

static int match(void *fib, const uint8_t *address, uint8_t *prefix, unsigned int *prefix_len,
	uint32_t *nexthop) {
	return fib6_match(((struct table *)fib)->fib, address, prefix, prefix_len, nexthop);
}

static int next(void *fib, uint8_t *prefix, unsigned int *prefix_len, uint32_t *nexthop) {
	return fib6_next(((struct table *)fib)->fib, prefix, prefix_len, nexthop);
}

static size_t unwritten(void *fib) {
	return fib6_usage(((struct table *)fib)->fib).unwritten;
}

static size_t routes(void *fib) {
	return fib6_usage(((struct table *)fib)->fib).routes;
}

static size_t word_bytes(void *fib) {
	return fib6_usage(((struct table *)fib)->fib).word_bytes;
}

static uint64_t read_root(void *fib, const uint8_t *address) {
	const struct table *table = fib;

	return fetch_fib6_root(&table->view, (uint32_t)address[0] << 8 | address[1]);
}

static uint32_t finish(void *fib, uint64_t root, const uint8_t *address) {
	const struct table *table = fib;
	uint32_t leaf = (uint32_t)root;

	for (int byte = 2; leaf & LEAF_NODE; byte++) {
		uint64_t word =
			fetch_fib6_node(&table->view, leaf & ~LEAF_NODE, address[byte] >> 5);

		leaf = fetch_fib6_leaf(&table->view, run_leaf(word, address[byte] & 31));
	}
	return leaf;
}

static const struct fib_kind kind = {
	.bits = 128,
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
	};

	return cmocka_run_group_tests(tests, seed_random, NULL);
}
