/* ways: how the model's tables lead from host to host: at every node, the ports by which packets to
 * a host go on. */
#pragma once

#include "fabric/model.h"

struct ways;

/* By the model's tables with those failures (NULL: none). 0 or -ENOMEM. */
int ways_create(
	const struct fabric *fabric, const struct model_failures *failures, struct ways **ways);
void ways_destroy(struct ways *ways);

/* The ports by which a switch sends on what is for a host, of that family; none if it does not. */
const uint32_t *ways_ports(
	const struct ways *ways, int host, sa_family_t family, int node, size_t *count);

/* How many different ways, as rows of nodes, lead from one host to another: parallel cables are one
 * way. */
size_t ways_between(const struct ways *ways, int from, int to, sa_family_t family);
