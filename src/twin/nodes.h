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

enum nodes_heddles { HEDDLES_NONE, HEDDLES_IF_THERE, HEDDLES_ALL };

/* Reads into the layers of `verify`: 0 what the model says, with those failures (NULL: none), 1 the
 * kernels' tables, 2 the Heddles' if they are asked; nodes that have failed are asked nothing. 0 or
 * a negative errno. */
int nodes_read_tables(const struct nodes *nodes, const struct model_failures *failures,
	enum nodes_heddles heddles, struct verify *verify);
