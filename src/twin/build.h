/* build: the namespaces of a twin, its cables, and the addresses of those who run no FRR. */
#pragma once

#include "twin/nodes.h"

/* Makes the namespaces of the twin of this name, opens them, and wires them; links of the intent's
 * emulations, or all between switches and routers if so asked, through wires (wires.h). 0, or a
 * negative errno after a message; `nodes` is to be closed in either case. */
int build_nodes(
	struct nodes *nodes, const struct fabric *fabric, const char *name, bool emulate_all);

/* Whether a link is to run through a wire. */
bool build_is_emulated(const struct fabric *fabric, int link, bool emulate_all);

/* The parts of it, each 0 or a negative errno after a message: a namespace; that of a link's wire,
 * if it has one; what a node needs before its cables; a cable; and the addresses and default routes
 * of hosts, and of who runs BIRD (others: nothing to do), which may be set again when their ports
 * have changed. */
int build_namespace(const char *twin, const struct fabric_node *node);
int build_wire(const char *twin, const struct fabric *fabric, int link, bool emulate_all);
int build_node(const struct nodes *nodes, int id);
int build_cable(const struct nodes *nodes, int link);
int build_addresses(const struct nodes *nodes, int id);
