/* blueprint: a design together with what it is made of: the intent and the state, read from files
 * and kept as long as it is. */
#pragma once

#include "fabric/fabric.h"

struct state;

struct blueprint {
	struct intent intent;
	struct state *state;
	struct fabric *fabric;
};

/* From an intent and a state (NULL: an empty one). 0, or a negative errno after messages; to be
 * closed only after 0. It is not to be moved: the design refers to its intent. */
int blueprint_open(struct blueprint *blueprint, const char *intent_path, const char *state_path);
void blueprint_close(struct blueprint *blueprint);
