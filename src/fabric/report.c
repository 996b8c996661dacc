/* report: see report.h; here the figures, in report_text.c and report_json.c how they are told. */
#include "fabric/report.h"

#include "fabric/capacity.h"
#include "fabric/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

double report_oversubscription(const struct report_switch *figures) {
	return figures->up_mbps ? (double)figures->down_mbps / (double)figures->up_mbps : -1;
}

static void measure_bandwidth(struct report *report) {
	const struct fabric *fabric = report->fabric;

	for (size_t id = 0; id < fabric->node_count; id++)
		if (fabric_is_switch(&fabric->nodes[id])) {
			report->switches[id].down_mbps = capacity_down_mbps(fabric, (int)id);
			report->switches[id].up_mbps = capacity_up_mbps(fabric, (int)id);
		}
	for (size_t i = 0; i < fabric->link_count; i++)
		if (fabric->links[i].tier == TIER_HOST)
			report->host_mbps += fabric->links[i].speed_mbps;
}

/* --- bisection --- */

static uint64_t host_mbps_of(const struct fabric *fabric, int leaf) {
	const struct fabric_node *node = &fabric->nodes[leaf];
	uint64_t sum = 0;

	for (size_t n = 0; n < node->port_count; n++)
		if (fabric_neighbour(fabric, node->ports[n])->role == ROLE_HOST)
			sum += fabric->links[fabric->ports[node->ports[n]].link].speed_mbps;
	return sum;
}

static uint64_t sum_hosts(const struct fabric *fabric, const int *leaves, size_t count) {
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += host_mbps_of(fabric, leaves[i]);
	return sum;
}

/* Between some leaves and some others, if that is the least so far. */
static int measure_between(struct report *report, struct capacity *capacity, const int *one,
	size_t one_count, const int *other, size_t other_count) {
	uint64_t hosts = sum_hosts(report->fabric, one, one_count);
	uint64_t more = sum_hosts(report->fabric, other, other_count), mbps;

	if (one_count == 0 || other_count == 0)
		return 0;
	mbps = capacity_between(capacity, one, one_count, other, other_count);
	if (mbps == UINT64_MAX)
		return -ENOMEM;
	if (mbps < report->bisection.mbps)
		report->bisection = (struct report_bisection){
			.mbps = mbps, .host_mbps = hosts < more ? hosts : more};
	return 0;
}

/* The leaves that have hosts: of a site, or all (0). */
static size_t list_leaves(const struct fabric *fabric, uint32_t site, int *leaves) {
	size_t count = 0;

	for (size_t id = 0; id < fabric->node_count; id++)
		if (is_leaf(&fabric->nodes[id]) && (!site || fabric->nodes[id].pod == site) &&
			host_mbps_of(fabric, (int)id))
			leaves[count++] = (int)id;
	return count;
}

static int measure_halves(struct report *report, struct capacity *capacity, int *leaves) {
	size_t count = list_leaves(report->fabric, 0, leaves), half = count / 2;

	return measure_between(report, capacity, leaves, half, leaves + half, count - half);
}

static int measure_sites(struct report *report, struct capacity *capacity, int *leaves) {
	const struct fabric *fabric = report->fabric;
	int error = 0;

	for (uint32_t one = 1; one <= fabric->intent->sites.count; one++)
		for (uint32_t other = 1; other < one && !error; other++) {
			size_t first = list_leaves(fabric, one, leaves);
			size_t second = list_leaves(fabric, other, leaves + first);

			error = measure_between(
				report, capacity, leaves, first, leaves + first, second);
		}
	return error;
}

static int measure_bisection(struct report *report) {
	const struct fabric *fabric = report->fabric;
	struct capacity *capacity = capacity_create(fabric);
	int *leaves = calloc(fabric->node_count + 1, sizeof(*leaves)), error = -ENOMEM;

	report->bisection.mbps = UINT64_MAX;
	if (capacity && leaves)
		error = fabric->intent->shape == SHAPE_SITES
				? measure_sites(report, capacity, leaves)
				: measure_halves(report, capacity, leaves);
	capacity_destroy(capacity);
	free(leaves);
	return error;
}

/* --- tables --- */

static int by_number(const void *one, const void *other) {
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

struct row {
	const struct fib_entry *entries;
	size_t count;
	uint32_t ipv4, ipv6; /* prefixes */
};

static void gather_rows(const struct fib_set *set, struct row *rows) {
	for (size_t n = 0; n < fib_set_prefix_count(set); n++) {
		struct row *row = &rows[fib_set_row(set, n)];

		row->entries = fib_set_entries(set, n, &row->count);
		row->ipv4 += fib_set_prefix(set, n)->family == AF_INET;
		row->ipv6 += fib_set_prefix(set, n)->family == AF_INET6;
	}
}

/* `pairs` gets each row's nodes with their groups; sorted, those that are alike lie together. */
static void count_entries(
	struct report *report, const struct row *rows, size_t row_count, uint64_t *pairs) {
	size_t pair_count = 0;

	for (size_t n = 0; n < row_count; n++)
		for (size_t i = 0; i < rows[n].count; i++) {
			const struct fib_entry *entry = &rows[n].entries[i];

			report->switches[entry->node].ipv4_entries += rows[n].ipv4;
			report->switches[entry->node].ipv6_entries += rows[n].ipv6;
			if (entry->group >= FIB_VERDICTS)
				pairs[pair_count++] = (uint64_t)entry->node << 32 | entry->group;
		}
	qsort(pairs, pair_count, sizeof(*pairs), by_number);
	for (size_t i = 0; i < pair_count; i++)
		if (i == 0 || pairs[i] != pairs[i - 1])
			report->switches[pairs[i] >> 32].groups++;
}

static int measure_set(struct report *report, const struct fib_set *set) {
	size_t row_count = fib_set_row_count(set), entries = 0;
	struct row *rows = calloc(row_count, sizeof(*rows));
	uint64_t *pairs = NULL;

	if (rows) {
		gather_rows(set, rows);
		for (size_t n = 0; n < row_count; n++)
			entries += rows[n].count;
		pairs = calloc(entries + 1, sizeof(*pairs));
	}
	if (pairs)
		count_entries(report, rows, row_count, pairs);
	free(pairs);
	free(rows);
	return pairs ? 0 : -ENOMEM;
}

static int measure_tables(struct report *report) {
	struct fib_set *set = fib_set_create();
	int error = set ? model_tables(report->fabric, NULL, set) : -ENOMEM;

	if (!error)
		error = fib_set_finish(set);
	if (!error)
		error = measure_set(report, set);
	fib_set_destroy(set);
	return error;
}

static void measure_power(struct report *report) {
	const struct fabric *fabric = report->fabric;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		if (!fabric_is_switch(node))
			continue;
		report->watts += fabric->intent->devices[node->role].watts;
		report->watts_unknown += fabric->intent->devices[node->role].watts == 0;
	}
}

int report_create(const struct fabric *fabric, struct report *report) {
	int error = -ENOMEM;

	*report = (struct report){.fabric = fabric};
	report->switches = calloc(fabric->node_count + 1, sizeof(*report->switches));
	report->nodes = calloc(fabric->node_count + 1, sizeof(*report->nodes));
	report->links = calloc(fabric->link_count + 1, sizeof(*report->links));
	if (report->switches && report->nodes && report->links) {
		measure_bandwidth(report);
		measure_power(report);
		growth_measure(fabric, &report->growth);
		error = measure_bisection(report);
	}
	if (!error)
		error = measure_tables(report);
	if (!error)
		error = blast_radii(fabric, report->nodes, report->links);
	if (error)
		report_free(report);
	return error;
}

void report_free(struct report *report) {
	free(report->switches);
	free(report->nodes);
	free(report->links);
	*report = (struct report){0};
}

const char *report_warning(const struct fabric *fabric) {
	const struct intent_timers *timers = &fabric->intent->timers;

	return timers->bfd == 0 && timers->restart
		       ? "timers: 'restart' without 'bfd': the routes of a neighbour that dies in "
			 "silence are kept for the restart that never comes, 'hold' and 'restart' "
			 "together; 'restart: 0', or 'bfd', prevents that"
		       : NULL;
}
