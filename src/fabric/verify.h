/*
 * verify: proves that running tables do what the design says, over all destinations.
 *
 * Several tables of every switch lie side by side, a layer each: what the model says (layer 0),
 * what the kernels have, what the Heddles have. Destinations are gone through by classes
 * (classes.h); in each, every node's group must be the model's, and no packet may come to where it
 * was. Where that is not so, the packets that go wrong are found: a witness, with its way node by
 * node to where it ends.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/fib_set.h"

enum { VERIFY_LAYERS_MAX = 4, VERIFY_TEXT_MAX = 1024 };

struct verify_layer {
	const char *name;         /* "kernel", "Heddle" */
	const bool *port_is_dead; /* by port of the design; NULL: none is */
};

struct verify;

/* `layers[0]` is the model. NULL without memory. All stay the caller's. */
struct verify *verify_create(
	const struct fabric *fabric, const struct verify_layer *layers, size_t count);
void verify_destroy(struct verify *verify);

/* Where a layer's tables go: `set`, as node `node`, with ports from `first_port` on and
 * `strange_port` for interfaces that are none of the design's. */
struct verify_place {
	struct fib_set *set;
	uint32_t node, first_port, strange_port;
};
struct verify_place verify_place(struct verify *verify, size_t layer, int node);

/* A port of the design that is down in this layer: as in verify_layer, for who learns it later. */
void verify_mark_dead(struct verify *verify, size_t layer, int port);

enum violation_kind {
	VIOLATION_ENTRY, /* a table says otherwise than the model; nothing worse comes of it */
	VIOLATION_LOOP,
	VIOLATION_BLACKHOLE, /* what is to arrive does not */
	VIOLATION_LEAK,      /* what is not to arrive does */
	VIOLATION_DEAD,      /* packets go to where nobody takes them */
	VIOLATION_PATHS,     /* other ways, or fewer or more, than planned */
	VIOLATION_VALLEY,    /* down and up again */
	/* What tables of ports do not show; told by who looks at a twin. */
	VIOLATION_SHARES,    /* equal ways that do not get equal shares */
	VIOLATION_NEIGHBOUR, /* a way by the right port to who is not there */
	VIOLATION_RULE,      /* something comes before the tables */
	VIOLATION_UNREAD,    /* a table that cannot be read: who has it does not answer */
	VIOLATION_KINDS,
};

struct violation {
	enum violation_kind kind;
	const char *layer;
	char destination[PREFIX_TEXT_MAX];
	size_t more;      /* destinations of which the same is to be said; only if told merged */
	const char *node; /* with the wrong entry */
	char found[256], wanted[256]; /* its ways, and those of the model */
	char packet[160];             /* the witness: "" if no packet goes wrong */
	char way[VERIFY_TEXT_MAX];    /* node by node */
};

struct verify_summary {
	size_t entries, prefixes, classes; /* classes: graphs that differ */
	size_t violations;                 /* one for each destination and layer */
	size_t merged;                     /* those that differ by more than the destination */
};

/* Violations are told one by one, as they are found; or those that have the same wrong entry once,
 * at the end. */
enum verify_manner { VERIFY_EACH, VERIFY_MERGED };

struct verify_telling {
	enum verify_manner manner;
	size_t most; /* are told; all are counted */
	void (*told)(void *owner, const struct violation *violation);
	void *owner;
};

const char *violation_name(enum violation_kind kind);

/* Counts one more, and tells it if it is among the most. */
void verify_tell(
	const struct verify_telling *telling, size_t *count, const struct violation *violation);

/* Once, after all tables are there. 0, or -ENOMEM. */
int verify_run(struct verify *verify, const struct verify_telling *telling,
	struct verify_summary *summary);
