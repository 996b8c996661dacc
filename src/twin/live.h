/*
 * live: a running twin as its proofs need it: the design made again from the intent and the state
 * that are kept with it, and the tables of its switches, read now.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

struct live;

/* 0, or a negative errno after a message (-ENOENT: no such twin). Single-threaded. */
int live_open(const char *name, struct live **live);
void live_close(struct live *live);

const struct fabric *live_fabric(const struct live *live);

/* What is wrong with the links of the twin themselves, each told in words: another MTU than the
 * intent's, or down. Returns how many; `port_is_dead` (by port) may be NULL. */
size_t live_check_links(struct live *live, bool *port_is_dead,
	void (*told)(void *owner, const char *text), void *owner);

struct live_verdict {
	struct verify_summary summary;
	unsigned int layers; /* 2: kernels; 3: Heddles besides */
	double read_seconds, proof_seconds;
};

/* Reads all tables and proves them against the model of the whole fabric. 0 or a negative errno
 * after a message; violations as verify_run tells them. */
int live_verify(struct live *live, size_t most,
	void (*told)(void *owner, const struct violation *violation), void *owner,
	struct live_verdict *verdict);
