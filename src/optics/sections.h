/*
 * sections: a network as planning sees it: nodes (ROADMs and transceivers), and between them the
 * optical multiplex sections (ITU-T G.872), each in one direction.
 *
 * Nodes and sections are numbered from 0. Nothing changes once it is built, so that any number of
 * threads may read it. The network must outlive it, and be neither designed nor changed meanwhile.
 */
#pragma once

#include "base/arena.h"
#include "optics/network.h"

#include <stdbool.h>
#include <stddef.h>

enum { SECTION_NONE = -1, NODE_NONE = -1 };

struct section {
	int from, to;        /* nodes */
	const int *elements; /* between them, in order; none of them a node */
	size_t count;
	double length_m; /* of fibre, and a centimetre an element: what routes are compared by */
	int opposite;    /* of the same line, the other way; SECTION_NONE */
	int *risks;      /* groups of sections that one mishap takes, ascending */
	size_t risk_count;
};

struct sections {
	struct arena arena;
	const struct network *network;
	struct section *list;
	size_t count;
	int *nodes; /* elements */
	size_t node_count;
	int *node_of, *section_of; /* by element: NODE_NONE, SECTION_NONE for the others */
	int **out;                 /* by node: the sections that leave it */
	size_t *out_count;
	const char **risk_names;
	size_t risk_count;
};

void sections_build(struct sections *sections, const struct network *network);
void sections_free(struct sections *sections);

/* Reads groups of elements that share a risk: {"shared-risk-groups": [{"name": ..., "elements":
 * [...]}]}. Sections of such elements, both ways, are in the group. 0, or a negative errno after
 * messages. */
int sections_read_risks(struct sections *sections, const char *path);

/* Whether wavelengths share it: it has elements; it is no patch within a site. */
static inline bool section_is_line(const struct section *section) {
	return section->count > 0;
}

/* "A - B", in the arena. */
const char *section_name(const struct sections *sections, int section, struct arena *arena);

/* Whether node may be passed, and not only be an end. */
bool sections_passable(const struct sections *sections, int node);
