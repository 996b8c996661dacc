/* whatif_cases: every failure of one link, of one node, and of two links, evaluated (whatif.h). */
#pragma once

#include "fabric/whatif.h"

enum whatif_kind { WHATIF_NOTHING, WHATIF_LINK, WHATIF_NODE, WHATIF_PAIR, WHATIF_KINDS };

struct whatif_case {
	enum whatif_kind kind;
	int one, other; /* links, or a node; else FABRIC_NONE */
	struct whatif_result result;
};

/* Nothing failing, each link, each switch and external router, and, if asked, each pair of links
 * but those of hosts with one link, which take away that host and nothing else. */
size_t whatif_case_count(const struct fabric *fabric, bool with_pairs);

/* Evaluates each in turn and tells of it, until what is told is not answered with 0. 0, -ENOMEM, or
 * that answer. */
int whatif_each_case(struct whatif *whatif, const struct fabric *fabric, bool with_pairs,
	int (*told)(void *owner, const struct whatif_case *one), void *owner);
