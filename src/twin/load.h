/*
 * load: traffic played in a running twin: between hosts, at the rates of a traffic matrix
 * (fabric/traffic.h) times a scale, as UDP packets of the links' MTU, each demand by several source
 * ports, so that equal ways share it. Single-threaded; the caller calls load_step every millisecond
 * or so.
 */
#pragma once

#include "fabric/traffic.h"
#include "twin/nodes.h"

struct load;

/* What became of one demand. */
struct load_result {
	const struct demand *demand;
	double asked_mbps; /* scaled */
	double sent_mbps;  /* what this machine came to send of it */
	double arrived_mbps;
	uint64_t sent, arrived; /* packets */
};

/* 0, or a negative errno after a message. Demands from or to routers of others are left out. */
int load_open(
	const struct nodes *nodes, const struct traffic *traffic, double scale, struct load **load);
void load_close(struct load *load);

/* From now on. */
void load_start(struct load *load);
/* Sends what is due, and takes in what has come. */
void load_step(struct load *load);
/* Sends no more, and takes in what is under way. */
void load_stop(struct load *load);

size_t load_count(const struct load *load);
void load_result(const struct load *load, size_t n, struct load_result *result);
