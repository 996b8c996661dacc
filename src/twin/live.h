/*
 * live: a running twin as its proofs need it: the design made again from the intent and the state
 * that are kept with it, and the tables of its switches, read now.
 */
#pragma once

#include "fabric/model.h"
#include "fabric/verify.h"
#include "twin/nodes.h"

struct live;

/* 0, or a negative errno after a message (-ENOENT: no such twin; or, for NULL, none or several).
 * Single-threaded. */
int live_open(const char *name, struct live **live);
void live_close(struct live *live);

const char *live_name(const struct live *live);
const struct fabric *live_fabric(const struct live *live);
const struct nodes *live_nodes(const struct live *live);

/* The failures that the twin's supervisor was asked for, read by live_read_failures (0, or a
 * negative errno after a message); none before. */
int live_read_failures(struct live *live);
const struct model_failures *live_failures(const struct live *live);

/* Whether a link was made to fail, be it drained or not, as live_read_failures found it. */
bool live_has_failed(const struct live *live, int link);

/* Whether a link is drained, as live_read_failures found it. The failures have it as one that is
 * silent: it has its carrier, and nothing goes by it. */
bool live_is_drained(const struct live *live, int link);

/* What is wrong with the links of the twin themselves, each told in words after its port: another
 * MTU than the intent's, or down that should not be. Returns how many; `port_is_dead` (by port) may
 * be NULL. */
size_t live_check_links(struct live *live, bool *port_is_dead,
	void (*told)(void *owner, int port, const char *what), void *owner);

/* Reads all tables and proves them against the model of the fabric with live_failures. 0 or a
 * negative errno after a message; violations as verify_run tells them. HEDDLES_ALL is HEDDLES_NONE
 * if none runs at all. */
int live_verify(struct live *live, enum nodes_heddles heddles, const struct verify_telling *telling,
	struct nodes_verdict *verdict);

/* Writes the tables of all switches, the kernels' or the Heddles', into a folder (fib_folder.h),
 * with the ports that are down. 0 or a negative errno after a message. */
int live_collect(struct live *live, bool of_heddle, const char *folder);
