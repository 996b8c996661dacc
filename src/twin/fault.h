/*
 * fault: links and nodes of a twin that are made to fail, and mended: a link loses its carrier at
 * both ends; a node loses its processes, all at once, and all of its links.
 *
 * Kept by the supervisor; what is broken in other ways is no fault of these.
 */
#pragma once

#include "twin/daemons.h"

struct faults {
	const struct daemons *daemons;
	bool *link_is_down, *node_is_down; /* by the design's ids */
};

/* None. 0 or -ENOMEM; to be closed in either case. */
int faults_open(struct faults *faults, const struct daemons *daemons);
void faults_close(struct faults *faults);

/* 0, or a negative errno. What is so already, stays so. */
int fault_set_link(struct faults *faults, int link, bool is_down);
int fault_set_node(struct faults *faults, int node, bool is_down);

/* Mends all. */
int faults_mend(struct faults *faults);
