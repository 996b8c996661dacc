/*
 * change: what turns one design into another, as steps in the order in which they do no harm to
 * traffic, as far as another way is left: what is new is set up first, from the top down; what goes
 * is drained, and only then taken away, from the bottom up.
 *
 * Both designs have to come from one state, so that what is in both is the same in both.
 */
#pragma once

#include "fabric/fabric.h"

#include <stdio.h>

/*
 * Stages follow each other: nodes, cables and lines that are new; cables that are swapped, one
 * after the other, and nodes that are replaced, likewise, each drained before; then all that goes.
 */
enum change_action {
	CHANGE_ADD_NODE,     /* to be set up, with its whole configuration */
	CHANGE_ADD_CABLE,    /* to be plugged */
	CHANGE_ADD_LINES,    /* of a node's configuration */
	CHANGE_DRAIN,        /* by lines: others send elsewhere (RFC 8326) */
	CHANGE_SWAP_CABLE,   /* for one of another speed or length */
	CHANGE_REPLACE_NODE, /* its role or AS number is another: its whole configuration */
	CHANGE_UNDRAIN,      /* by lines */
	CHANGE_REMOVE_LINES, /* by lines that begin with "no" */
	CHANGE_REMOVE_CABLE, /* to be unplugged */
	CHANGE_REMOVE_NODE,  /* to be switched off */
	CHANGE_ACTIONS,
};

struct change_step {
	enum change_action action;
	const struct fabric *fabric; /* that `node` and `link` are of */
	int node;                    /* or FABRIC_NONE */
	int link;                    /* or FABRIC_NONE */
	char *lines;                 /* one after the other; "" if there are none */
};

/* An address that comes or goes. */
struct change_address {
	const struct fabric *fabric;
	int node, port; /* port FABRIC_NONE: the loopback */
	struct prefix address;
	bool is_added;
};

struct change {
	const struct fabric *before, *after;
	struct change_step *steps;
	size_t step_count;
	struct change_address *addresses;
	size_t address_count;
};

/* 0 or -ENOMEM. The designs must outlive it. */
int change_create(const struct fabric *before, const struct fabric *after, struct change *change);
void change_free(struct change *change);

/* "add node" and so on. */
const char *change_action_name(enum change_action action);

void change_write_text(const struct change *change, FILE *to);
void change_write_json(const struct change *change, FILE *to);
