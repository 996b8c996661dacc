/* blueprint: a design together with what it is made of: the intent and the state, read from files
 * and kept as long as it is. */
#pragma once

#include "fabric/fabric.h"

struct state;

struct blueprint {
	struct intent intent;
	struct state *state;
	bool shares_state; /* with the design that it comes after */
	struct fabric *fabric;
};

/* Each returns 0, or a negative errno after messages; to be closed only after 0. A blueprint is not
 * to be moved: the design refers to its intent. */

/* From an intent and a state (NULL: an empty one). */
int blueprint_open(struct blueprint *blueprint, const char *intent_path, const char *state_path);

/* With the state that a plan keeps in its folder (NULL: one of the fabric's name), if it does. */
int blueprint_open_in(struct blueprint *blueprint, const char *intent_path, const char *folder);

/* With the state of another design, as that one leaves it; to be closed before that one. */
int blueprint_open_after(
	struct blueprint *blueprint, const char *intent_path, const struct blueprint *before);

void blueprint_close(struct blueprint *blueprint);
