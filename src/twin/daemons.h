/* daemons: what runs on the nodes of a twin: FRR or BIRD, and Heddle. */
#pragma once

#include "twin/nodes.h"

struct supervisor;

struct daemons {
	const struct nodes *nodes;
	struct supervisor *supervisor; /* that looks after them */
	const char *folder;            /* the twin's: plans in it, logs and sockets below it */
	const char *heddle_path;       /* this program */
	bool without_heddle;           /* the kernels alone forward */
};

/* The emulators of all links that have one; returns when they carry frames. One, likewise; and its
 * end. 0, or a negative errno. */
int daemons_start_wires(const struct daemons *daemons);
int daemons_start_wire(const struct daemons *daemons, int link);
void daemons_stop_wire(const struct daemons *daemons, int link);

/* An emulator that ends is started again as what carries nothing, or as what the intent says. */
void daemons_cut_wire(const struct daemons *daemons, int link, bool is_cut);

/* Processes that run are started, next time, in the namespaces as they are open now. */
void daemons_adopt(const struct daemons *daemons);

/* Each starts one kind on all nodes that run it: routing first. 0, or a negative errno. */
int daemons_start_routing(const struct daemons *daemons);
int daemons_start_bfd(const struct daemons *daemons);
int daemons_start_heddles(const struct daemons *daemons);

/* The page (heddle twin serve), at an address of the machine's own. */
int daemons_start_page(const struct daemons *daemons, const char *address);

/* The process that plays the intent's applications, if it has some: started, or, as it is to be
 * when the intent has changed, anew; and ended. 0, or a negative errno: -ENOENT if there are none.
 */
int daemons_start_applications(const struct daemons *daemons);
void daemons_stop_applications(const struct daemons *daemons);
bool daemons_want_applications(const struct daemons *daemons);

/* All that runs on one node: ended hard, as by loss of power; started, as at its return. */
void daemons_stop_node(const struct daemons *daemons, int node);
int daemons_start_node(const struct daemons *daemons, int node);
