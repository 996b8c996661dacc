/*
 * fault: links and nodes of a twin that are made to fail, and mended: a link loses its carrier at
 * both ends, or, if it runs through a wire, silently what it carries; a node loses all of its
 * links, and then its processes. A link may also be drained: both its ends ask the other to send
 * elsewhere (fabric/drain.h) while it still carries what comes.
 *
 * Kept by the supervisor; what is broken in other ways is no fault of these.
 */
#pragma once

#include "twin/daemons.h"

struct faults {
	const struct daemons *daemons;
	bool *link_is_down, *node_is_down; /* by the design's ids */
	bool *link_is_silent;              /* of those down: carries nothing, but has its carrier */
	bool *link_is_drained;             /* down or not */
};

/* None. 0 or -ENOMEM; to be closed in either case. */
int faults_open(struct faults *faults, const struct daemons *daemons);
void faults_close(struct faults *faults);

enum fault_kind { FAULT_NONE, FAULT_CARRIER, FAULT_SILENT };

/* 0, or a negative errno: -EOPNOTSUPP for a silent fault of a link without a wire. What is so
 * already, stays so. */
int fault_set_link(struct faults *faults, int link, enum fault_kind kind);
int fault_set_node(struct faults *faults, int node, bool is_down);

/* A link's two ends like it less than any other, or as before. 0; -EOPNOTSUPP for a link that has
 * no session of FRR at both ends; or a negative errno, its reason in `error`, of `size` bytes, and
 * all as it was. Daemons that start again find it so. */
int fault_drain_link(struct faults *faults, int link, bool is_drained, char *error, size_t size);

bool faults_are_there(const struct faults *faults);

/* Mends all, and drains nothing any more. */
int faults_mend(struct faults *faults);
