/* scenario: what befalls a twin, step by step, as a YAML file says it (heddle-twin(1)). */
#pragma once

#include "cmd/twin_steps.h"

struct scenario {
	struct step *steps; /* by time */
	size_t count;
};

/* 0, or a negative errno after messages, all mistakes with file:line. To be freed after 0. */
int scenario_read(struct scenario *scenario, const char *path);
void scenario_free(struct scenario *scenario);
