/* build: the namespaces of a twin, its cables, and the addresses of those who run no FRR. */
#pragma once

#include "twin/nodes.h"

/* Makes the namespaces of the twin of this name, opens them, and wires them. 0, or a negative errno
 * after a message; `nodes` is to be closed in either case. */
int build_nodes(struct nodes *nodes, const struct fabric *fabric, const char *name);
