/*
 * nodes: the namespaces of a twin's nodes, open: an fd and a wiring each, by the design's ids; and
 * the tables of its switches.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

struct model_failures;
struct wiring;

struct nodes {
	const struct fabric *fabric;
	const char *twin; /* its name; the caller's */
	int *namespaces;  /* -1: not open */
	struct wiring **wirings;
	int *wires; /* namespaces of links' wires (wires.h), by link; -1: the link has none */
};

/* Opens what is there: the namespaces of the twin of this name. 0, or a negative errno after a
 * message; to be closed in either case. */
int nodes_open(struct nodes *nodes, const struct fabric *fabric, const char *name);
void nodes_close(struct nodes *nodes);

/* Of a Heddle that does not run, or ends while it is read, the table has nothing (IF_THERE: one
 * that starts is waited for); or it is told as a violation, and its kernel's table, by which the
 * node forwards then, stands for it (ALL). */
enum nodes_heddles { HEDDLES_NONE, HEDDLES_IF_THERE, HEDDLES_ALL };

struct nodes_verdict {
	struct verify_summary summary;
	unsigned int layers; /* 2: kernels; 3: Heddles besides */
	double read_seconds, proof_seconds;
};

/*
 * Reads the kernels' tables, and the Heddles' if they are asked, and proves them against the model
 * with those failures (NULL: none); nodes that have failed are asked nothing. Ports that are dead,
 * by id, may be NULL: none is. Violations as verify_run tells them. 0 or a negative errno.
 */
int nodes_verify(const struct nodes *nodes, const struct model_failures *failures,
	const bool *port_is_dead, enum nodes_heddles heddles, const struct verify_telling *telling,
	struct nodes_verdict *verdict);
