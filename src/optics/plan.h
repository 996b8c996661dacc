/*
 * plan: carries services over a network: a route for each, the mode that holds on it, and slots of
 * spectrum that are free along it; or the reason why not.
 *
 * Services are carried in their order, those whose slots are given first; what is lit stays lit.
 * Neither network nor services are changed.
 */
#pragma once

#include "optics/judgement.h"
#include "optics/occupancy.h"
#include "optics/routing.h"

enum { ALTERNATIVES_DEFAULT = 4 };

struct plan_options {
	const struct equipment *equipment;
	const struct sim_params *sim; /* with compat: all as GNPy does it */
	enum slot_choice choice;
	size_t alternatives; /* routes tried where the first does not do; 0 counts as 1 */
	bool both_ways;      /* all services are bidirectional */
	bool real_load;      /* those carried are judged once more, by what is lit in the end */
	/* NULL; or the network designed for a service's power and number of channels, with the
	 * same elements, which lives as long as the plan. NULL from it ends the plan. */
	const struct network *(*redesign)(void *owner, double power_dbm, size_t channels);
	void (*progress)(void *owner, size_t done, size_t of); /* or NULL */
	void *owner;
};

/* A service as it is carried. Ways are of elements, ends included. */
struct carried {
	const struct service *service;
	enum blocking blocking;
	struct routing routing;
	struct judgement judgement;
	struct ways ways;
	struct slot *slots;
	size_t slot_count;
	int channels;
	size_t route_number; /* of the alternatives, from 0 */
	bool holds;          /* with the load that it was judged by last */
};

struct plan {
	struct arena arena;
	struct sections *sections;
	struct occupancy occupancy;
	struct carried *list; /* one a service, in their order */
	size_t count, blocked;
};

/* Begins a plan on sections, which must outlive it; nothing is lit. 0, or as occupancy_create. */
int plan_begin(struct plan *plan, struct sections *sections, const struct plan_options *options);

/* Lights what an earlier plan carried, by the results that it wrote. What is lit twice, or is no
 * slot that the lines have, is a mistake. 0, or a negative errno after messages. */
int plan_read_lit(struct plan *plan, const char *path);

/* Carries services, which must outlive the plan. 0, or a negative errno. */
int plan_make(
	struct plan *plan, const struct services *services, const struct plan_options *options);
void plan_free(struct plan *plan);
