/* optics_planning: services carried over a network, as a request's files and options say. */
#pragma once

#include "cmd/optics_actions.h"
#include "optics/plan.h"

struct redesigned;

struct optics_planning {
	struct optics_world world;
	struct sections sections;
	struct services services;
	struct redesigned *redesigned; /* networks designed for a service */
	const struct optics_request *request;
	struct plan_options options;
	struct plan plan;
};

/* Reads all files and carries the services. 0, or a negative errno after messages; closed after 0
 * only. It must stay where it is. */
int optics_planning_open(struct optics_planning *planning, const struct optics_request *request);
void optics_planning_close(struct optics_planning *planning);
