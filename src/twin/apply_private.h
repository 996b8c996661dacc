/* apply_private: what the files of apply share: apply.c brings a twin from one design to the other,
 * apply_steps.c takes the steps on the way. */
#pragma once

#include "fabric/blueprint.h"
#include "fabric/change.h"
#include "twin/apply.h"
#include "twin/running.h"

/* While it goes on, the twin is both designs at once: nodes and cables of the old one are reached
 * by running->nodes, those of the new one by `after`. */
struct apply {
	struct running *running;
	const char *intent_path;
	struct blueprint *blueprint; /* the new one */
	struct change change;
	bool had_none; /* no applications, before */
	struct nodes after;
	void (*told)(void *owner, const char *kind, const char *text);
	void *owner;
	char *error;
};

/* Says why, in `error`; returns that number. */
int apply_fail(struct apply *apply, int error, const char *what, const char *which);

/* All of apply->change. 0, or a negative errno after apply_fail. */
int apply_take_steps(struct apply *apply);

/* Of a step's link: both ends out, with its emulator stopped; and in, with it started. */
int apply_remove_cable(struct apply *apply, const struct change_step *step);
int apply_add_cable(struct apply *apply, const struct change_step *step);
