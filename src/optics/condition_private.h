/* condition_private: what the files of condition share: condition.c damages and looks,
 * condition_restore.c carries services elsewhere, back, or in another mode. */
#pragma once

#include "optics/condition.h"

struct condition {
	struct arena arena; /* of copies, routes and slots */
	const struct plan *planned;
	struct plan_options options;
	struct network network; /* the plan's, with copies of all fibres and amplifiers */
	struct damage *damages; /* by element */
	struct plan now;        /* services as they are carried; occupancy and arena its own */
	struct carried *home;   /* and as they are when all is whole */
	bool *is_restored;      /* by service */
	struct light *lights;
	bool is_current; /* lights are of the last look, and nothing has changed since */
};

/* So many of them, in the arena. */
void *condition_copy(struct arena *arena, const void *of, size_t count, size_t size);

/* Whether something of the route, or of its way back, lets no light through. */
bool condition_is_dark(const struct condition *condition, const struct route *route);
