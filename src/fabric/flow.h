/* flow: the most that can go from one node of a network to another (Dinic, 1970). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct flow;

struct flow *flow_create(void); /* NULL without memory */
void flow_destroy(struct flow *flow);

/* Empties it, and makes room for nodes 0 to node_count - 1. 0 or -ENOMEM. */
int flow_reset(struct flow *flow, size_t node_count);

/* One more edge, of one direction. 0 or -ENOMEM. */
int flow_add(struct flow *flow, uint32_t from, uint32_t to, uint64_t capacity);

/* To be called once after a reset: it uses up the capacities. */
uint64_t flow_most(struct flow *flow, uint32_t source, uint32_t sink);
