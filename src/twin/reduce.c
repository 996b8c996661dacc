/* reduce: see reduce.h. */
#include "twin/reduce.h"

#include <errno.h>
#include <stdlib.h>

/* `got` counts what each host has got of the transfers so far. */
static void add(struct reduction *reduction, size_t *got, struct transfer transfer) {
	transfer.needs = got[transfer.from];
	got[transfer.to]++;
	reduction->transfers[reduction->count++] = transfer;
}

/* A host passes on what it has just got; the part that it begins with is the one of its own
 * number. The sum of a part is whole at the host before that. */
static void plan_ring(struct reduction *reduction, int hosts, size_t *got) {
	for (int round = 0; round < 2 * (hosts - 1); round++)
		for (int host = 0; host < hosts; host++)
			add(reduction, got,
				(struct transfer){.from = host,
					.to = (host + 1) % hosts,
					.edge = host,
					.part = (size_t)(((host - round) % hosts + hosts) % hosts),
					.is_sum = round < hosts - 1});
	reduction->edges = hosts;
	reduction->parts = (size_t)hosts;
}

/* Above host n is (n - 1) / 2: the last are the lowest. */
static void plan_tree(struct reduction *reduction, int hosts, size_t *got) {
	for (int host = hosts - 1; host > 0; host--)
		add(reduction, got,
			(struct transfer){.from = host,
				.to = (host - 1) / 2,
				.edge = host - 1,
				.is_sum = true});
	for (int host = 1; host < hosts; host++)
		add(reduction, got,
			(struct transfer){
				.from = (host - 1) / 2, .to = host, .edge = hosts - 1 + host - 1});
	reduction->edges = 2 * (hosts - 1);
	reduction->parts = 1;
}

int reduction_plan(enum reduce_algorithm algorithm, int hosts, struct reduction *reduction) {
	size_t rounds = 2 * (size_t)(hosts - 1);
	size_t *got = calloc((size_t)hosts, sizeof(*got));

	*reduction = (struct reduction){
		.transfers = calloc(rounds * (size_t)hosts, sizeof(*reduction->transfers))};
	if (!got || !reduction->transfers) {
		free(got);
		reduction_free(reduction);
		return -ENOMEM;
	}
	(algorithm == REDUCE_TREE ? plan_tree : plan_ring)(reduction, hosts, got);
	free(got);
	return 0;
}

void reduction_free(struct reduction *reduction) {
	free(reduction->transfers);
	reduction->transfers = NULL;
}

uint64_t reduction_part_bytes(const struct reduction *reduction, uint64_t size_bytes, size_t part) {
	return size_bytes * (part + 1) / reduction->parts - size_bytes * part / reduction->parts;
}
