/*
 * capacity: the bandwidth that a design's switches have between them, by ways that go up and then
 * down, as its BGP takes (never down and up again), all of them at once; if there is none, by those
 * that do so twice, on either side of what joins two borders. Links and nodes can be taken away and
 * put back.
 *
 * Other cables between two switches of one tier carry nothing here.
 */
#pragma once

#include "fabric/fabric.h"

struct capacity;

struct capacity *capacity_create(const struct fabric *fabric); /* NULL without memory */
void capacity_destroy(struct capacity *capacity);

void capacity_set_link(struct capacity *capacity, int link, bool is_up);
void capacity_set_node(struct capacity *capacity, int node, bool is_up);

/* The switches right above one that are up and that it has a link to. `above` has room for all of
 * its ports; returns how many there are. */
size_t capacity_above(const struct capacity *capacity, int node, int *above);

/* Pairs of borders that are joined, by numbers from 0 on; whether one is, by what is up. */
size_t capacity_crossings(const struct capacity *capacity);
bool capacity_crosses(const struct capacity *capacity, size_t crossing, int ends[2]);

/* From all of some leaves to all of some others, in Mb/s; UINT64_MAX without memory. */
uint64_t capacity_between(struct capacity *capacity, const int *from, size_t from_count,
	const int *to, size_t to_count);

/* The same number for switches that have the same bandwidth to the same switches: what is true of
 * one of them is true of all. */
uint32_t capacity_class(const struct capacity *capacity, int node);

/* Of a node's ports towards what is above or below it, in Mb/s; another site is below. */
uint64_t capacity_up_mbps(const struct fabric *fabric, int node);
uint64_t capacity_down_mbps(const struct fabric *fabric, int node);
