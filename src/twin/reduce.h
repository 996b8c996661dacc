/*
 * reduce: who sends what to whom, and when, so that all of N hosts end with the sum of what each
 * has (all-reduce), in one of two ways:
 *
 * In a ring each host sends to the next: N - 1 rounds in which parts of the sum go round and grow,
 * and N - 1 in which the sums do, 1/N of the size each (Patarasuk and Yuan, "Bandwidth optimal
 * all-reduce algorithms for clusters of workstations", J. Parallel Distrib. Comput. 69, 2009). In a
 * binary tree the sums go up to the first host, and the whole comes down: fewer and larger steps.
 */
#pragma once

#include "fabric/intent.h"

/* Of one part of the whole. What `to` has of it becomes the sum of both, or what `from` has. */
struct transfer {
	int from, to; /* hosts, from 0 */
	int edge;     /* the way between the two: its transfers follow each other in their order */
	size_t needs; /* how many transfers `from` has to have got before */
	size_t part;
	bool is_sum;
};

struct reduction {
	struct transfer *transfers; /* in an order in which they may be done one by one */
	size_t count;
	int edges;
	size_t parts; /* that the size is divided into */
};

/* Of two hosts or more. 0 or -ENOMEM; to be freed after 0. */
int reduction_plan(enum reduce_algorithm algorithm, int hosts, struct reduction *reduction);
void reduction_free(struct reduction *reduction);

/* Of so many bytes in all, those of one part: they differ by one at most. */
uint64_t reduction_part_bytes(const struct reduction *reduction, uint64_t size_bytes, size_t part);
