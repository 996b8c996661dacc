/* daemons: what runs on the nodes of a twin: FRR or BIRD, and Heddle. */
#pragma once

#include "twin/nodes.h"

struct supervisor;

struct daemons {
	const struct nodes *nodes;
	struct supervisor *supervisor; /* that looks after them */
	const char *folder;            /* the twin's: plans in it, logs and sockets below it */
	const char *heddle_path;       /* NULL: the kernels alone forward */
};

/* Each starts one kind on all nodes that run it: routing first. 0, or a negative errno. */
int daemons_start_routing(const struct daemons *daemons);
int daemons_start_bfd(const struct daemons *daemons);
int daemons_start_heddles(const struct daemons *daemons);

/* All that runs on one node: ended hard, as by loss of power; started, as at its return. */
void daemons_stop_node(const struct daemons *daemons, int node);
int daemons_start_node(const struct daemons *daemons, int node);
