/*
 * survive: what becomes of a plan's services when lines are cut: which die, and which are restored
 * on another route, in another mode or spectrum.
 *
 * Services that live stay as they are. Those that died give back their spectrum, and are carried
 * anew in their order. A survivor is one thread's; the plan is only read.
 */
#pragma once

#include "optics/plan.h"

enum { CUT_LINES_MOST = 2 };

/* Lines cut at once; either of a line's sections names it. */
struct cut {
	int sections[CUT_LINES_MOST];
	size_t count;
};

/* A service that died. */
struct fate {
	const struct carried *was;
	struct carried now; /* blocked: it is not restored */
};

struct survival {
	struct arena arena;
	struct arena found; /* routes, ways and slots of those that are restored */
	struct fate *fates;
	size_t count, restored;
	double bit_rate, lost_bit_rate; /* that was carried in all; that is no more */
};

struct survivor;

/* The plan and its options outlive it; `redesign` of the options is not used. NULL if there is no
 * memory. */
struct survivor *survivor_create(const struct plan *plan, const struct plan_options *options);
void survivor_free(struct survivor *survivor);

/* 0, or a negative errno. */
int survivor_cut(struct survivor *survivor, const struct cut *cut, struct survival *survival);
void survival_free(struct survival *survival);

/* One section of each line; to be freed. NULL if there is no memory. */
int *survive_lines(const struct sections *sections, size_t *count);
