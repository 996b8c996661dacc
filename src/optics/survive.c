/* survive: see survive.h. */
#include "optics/survive.h"

#include "optics/plan_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct survivor {
	const struct plan *plan;
	struct plan_options options;
	struct planner planner; /* with a judge that knows its lines from cut to cut */
	bool *no_section;
};

struct survivor *survivor_create(const struct plan *plan, const struct plan_options *options) {
	struct survivor *survivor = calloc(1, sizeof(*survivor));
	const struct sections *sections = plan->sections;

	if (!survivor)
		return NULL;
	survivor->no_section = calloc(sections->count + 1, sizeof(bool));
	if (!survivor->no_section) {
		free(survivor);
		return NULL;
	}
	survivor->plan = plan;
	survivor->options = *options;
	survivor->options.redesign = NULL;
	survivor->planner.options = &survivor->options;
	survivor->planner.judge = (struct judge){.network = sections->network,
		.sim = options->sim,
		.margin_db = options->equipment->loads[0].margin_db};
	return survivor;
}

void survivor_free(struct survivor *survivor) {
	if (!survivor)
		return;
	judge_free(&survivor->planner.judge);
	free(survivor->no_section);
	free(survivor);
}

int *survive_lines(const struct sections *sections, size_t *count) {
	int *lines = calloc(sections->count + 1, sizeof(*lines));

	*count = 0;
	for (size_t s = 0; lines && s < sections->count; s++) {
		const struct section *section = &sections->list[s];

		if (section_is_line(section) &&
			(section->opposite == SECTION_NONE || section->opposite > (int)s))
			lines[(*count)++] = (int)s;
	}
	return lines;
}

/* ---- one cut ---- */

static void set_cut(struct survivor *survivor, const struct cut *cut, bool is_cut) {
	const struct sections *sections = survivor->plan->sections;

	for (size_t i = 0; i < cut->count; i++) {
		int opposite = sections->list[cut->sections[i]].opposite;

		survivor->no_section[cut->sections[i]] = is_cut;
		if (opposite != SECTION_NONE)
			survivor->no_section[opposite] = is_cut;
	}
}

static bool is_dead(const struct survivor *survivor, const struct carried *carried) {
	const struct route *route = &carried->routing.route;

	for (size_t i = 0; i < route->count; i++)
		if (survivor->no_section[route->sections[i]])
			return true;
	return false;
}

/* Those that die give back their spectrum. */
static void find_dead(
	const struct survivor *survivor, struct plan *after, struct survival *survival) {
	const struct plan *plan = survivor->plan;

	survival->fates = arena_array(&survival->arena, plan->count, sizeof(*survival->fates));
	for (size_t i = 0; i < plan->count; i++) {
		const struct carried *carried = &plan->list[i];

		if (carried->blocking)
			continue;
		survival->bit_rate += carried->service->bit_rate;
		if (!is_dead(survivor, carried))
			continue;
		survival->fates[survival->count++].was = carried;
		for (size_t k = 0; k < carried->slot_count; k++)
			occupancy_set(&after->occupancy, &carried->routing.route,
				&carried->slots[k], false);
	}
}

static int restore(struct survivor *survivor, struct fate *fate, struct survival *survival) {
	struct planner *planner = &survivor->planner;
	const struct service *service = fate->was->service;
	int error;

	fate->now = (struct carried){.service = service};
	routing_one(&planner->plan->arena, planner->plan->sections, service, planner->limits,
		&fate->now.routing);
	error = planner_carry(planner, &fate->now, true);
	if (error)
		return error;
	if (fate->now.blocking)
		survival->lost_bit_rate += service->bit_rate;
	else
		survival->restored++;
	return 0;
}

int survivor_cut(struct survivor *survivor, const struct cut *cut, struct survival *survival) {
	struct plan after = {.sections = survivor->plan->sections};
	const struct route_limits limits = {survivor->no_section, NULL};
	int error = occupancy_copy(&after.occupancy, &survivor->plan->occupancy);

	*survival = (struct survival){0};
	if (error)
		return error;
	set_cut(survivor, cut, true);
	survivor->planner.plan = &after;
	survivor->planner.limits = &limits;
	find_dead(survivor, &after, survival);
	for (size_t i = 0; i < survival->count && !error; i++)
		error = restore(survivor, &survival->fates[i], survival);
	set_cut(survivor, cut, false);
	occupancy_free(&after.occupancy);
	/* What was found lies in the arena that the scenario's plan had. */
	survival->found = after.arena;
	if (error)
		survival_free(survival);
	return error;
}

void survival_free(struct survival *survival) {
	arena_free(&survival->arena);
	arena_free(&survival->found);
	*survival = (struct survival){0};
}
