/* plan_write: a plan as JSON: as results, a service each; and as GNPy's path response. */
#pragma once

#include "optics/plan.h"

#include <jansson.h>

/* Both to be given back by json_decref. */
json_t *plan_results_json(const struct plan *plan);
json_t *plan_response_json(const struct plan *plan);

/* The slots of a service into its object, as "N" and "M"; null for one that has none. */
void plan_put_slots(json_t *object, const struct carried *carried);

/* Why a service is blocked, in words with figures; NULL if it is not. In the arena. */
const char *plan_why(const struct plan *plan, const struct carried *carried, double margin_db,
	struct arena *arena);
