/* flow_test: the most that flows, against one path at a time over a matrix of what is left. */
#include "fixture.h"

#include "fabric/flow.h"

enum { ROUNDS = 2000, NODES = 8, EDGES = 24 };

struct matrix {
	uint64_t left[NODES][NODES];
	bool seen[NODES];
};

static uint64_t push_path(struct matrix *matrix, int at, int sink, uint64_t most) {
	if (at == sink)
		return most;
	matrix->seen[at] = true;
	for (int to = 0; to < NODES; to++) {
		uint64_t sent = matrix->left[at][to] < most ? matrix->left[at][to] : most;

		if (sent == 0 || matrix->seen[to])
			continue;
		sent = push_path(matrix, to, sink, sent);
		if (sent == 0)
			continue;
		matrix->left[at][to] -= sent;
		matrix->left[to][at] += sent;
		return sent;
	}
	return 0;
}

static uint64_t obvious(struct matrix *matrix, int source, int sink) {
	uint64_t total = 0, sent;

	do {
		memset(matrix->seen, 0, sizeof(matrix->seen));
		sent = push_path(matrix, source, sink, UINT64_MAX);
		total += sent;
	} while (sent);
	return total;
}

static void it_is_what_single_paths_add_up_to(void **state) {
	struct random random = {1};
	struct flow *flow = flow_create();

	assert_non_null(flow);
	for (int round = 0; round < ROUNDS; round++) {
		struct matrix matrix = {0};
		uint32_t edges = random_below(&random, EDGES);

		assert_int_equal(flow_reset(flow, NODES), 0);
		for (uint32_t i = 0; i < edges; i++) {
			uint32_t from = random_below(&random, NODES),
				 to = random_below(&random, NODES),
				 capacity = random_below(&random, 10);

			if (from == to)
				continue;
			matrix.left[from][to] += capacity;
			assert_int_equal(flow_add(flow, from, to, capacity), 0);
		}
		assert_int_equal(flow_most(flow, 0, NODES - 1), obvious(&matrix, 0, NODES - 1));
	}
	flow_destroy(flow);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_single_paths_add_up_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
