/* twin_timeline: what happened to a twin, in order and from one clock: what was done, who noticed,
 * what BGP and the tables made of it, and what was lost. */
#pragma once

#include "fabric/fabric.h"
#include "twin/drill.h"

#include <stdbool.h>

struct timeline;

struct timeline *timeline_create(void); /* NULL without memory */
void timeline_destroy(struct timeline *timeline);

/* What is noted from here on is written to the journal of a twin's folder, too (twin/journal.h),
 * but for what was `done`, which is written when it is. */
void timeline_keep(struct timeline *timeline, const char *folder);

/* One thing of some layer, at a time of CLOCK_REALTIME. */
void timeline_note(struct timeline *timeline, double at, const char *layer, const char *words);

/* All that a drill's report says. */
void timeline_add(struct timeline *timeline, const struct fabric *fabric, const char *title,
	const struct drill_report *report);

/* Whether all drills came to what the model says. */
bool timeline_is_proven(const struct timeline *timeline);

void timeline_print(const struct timeline *timeline);
void timeline_print_json(const struct timeline *timeline);
