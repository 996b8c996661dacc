/* plan: see plan.h. */
#include "optics/plan_private.h"

#include "optics/flexgrid.h"
#include "optics/lit.h"

#include <errno.h>
#include <string.h>

/* What GNPy leaves free at the edges of amplifiers' bands. */
#define GNPY_GUARD_HZ 25e9

int plan_begin(struct plan *plan, struct sections *sections, const struct plan_options *options) {
	*plan = (struct plan){.sections = sections};
	return occupancy_create(&plan->occupancy, sections, &options->equipment->loads[0],
		options->sim->compat ? GNPY_GUARD_HZ : 0);
}

void plan_free(struct plan *plan) {
	occupancy_free(&plan->occupancy);
	arena_free(&plan->arena);
}

/* ---- spectrum ---- */

static int width_of_one(const struct service *service) {
	return flexgrid_width(1, service->spacing_hz);
}

static void put_slot(struct planner *planner, struct carried *carried, const struct slot *slot) {
	struct plan *plan = planner->plan;

	occupancy_set(&plan->occupancy, &carried->routing.route, slot, true);
	*(struct slot *)arena_append(
		&plan->arena, &carried->slots, &carried->slot_count, sizeof(*slot)) = *slot;
}

static void take_back(struct planner *planner, struct carried *carried) {
	for (size_t i = 0; i < carried->slot_count; i++)
		occupancy_set(&planner->plan->occupancy, &carried->routing.route,
			&carried->slots[i], false);
	carried->slots = NULL;
	carried->slot_count = 0;
}

/* A slot for channels side by side; if it is open where, where there is room. */
static bool place(struct planner *planner, struct carried *carried, struct slot slot) {
	struct occupancy *occupancy = &planner->plan->occupancy;
	const struct route *route = &carried->routing.route;

	if (slot.n == SLOT_OPEN ? !occupancy_find(occupancy, route, planner->options->choice, &slot)
				: !occupancy_is_free(occupancy, route, &slot))
		return false;
	put_slot(planner, carried, &slot);
	return true;
}

/* So many channels in one slot; else, unless all is as GNPy does it, in as few as will do. */
static bool place_channels(struct planner *planner, struct carried *carried, int channels) {
	int width = width_of_one(carried->service), together = channels;

	while (channels > 0 && together > 0) {
		if (together > channels)
			together = channels;
		if (place(planner, carried, (struct slot){SLOT_OPEN, together * width}))
			channels -= together;
		else if (planner->options->sim->compat)
			return false;
		else
			together--;
	}
	return channels == 0;
}

/* Channels that the slots with a width of their own hold; and whether others are open. */
static size_t count_given(const struct service *service, bool *open) {
	int width = width_of_one(service);
	size_t channels = 0;

	*open = false;
	for (size_t i = 0; i < service->slot_count; i++)
		if (service->slots[i].m == SLOT_OPEN)
			*open = true;
		else
			channels += (size_t)(service->slots[i].m / width);
	return channels;
}

static enum blocking assign_slots(struct planner *planner, struct carried *carried) {
	const struct service *service = carried->service;
	int width = width_of_one(service);
	bool open;
	size_t given = count_given(service, &open), channels;

	carried->channels = flexgrid_channels(service->bit_rate, carried->judgement.mode->bit_rate);
	channels = (size_t)carried->channels;
	if (given < channels && !open)
		return BLOCKED_NOT_ENOUGH_RESERVED_SPECTRUM;
	if (carried->channels > occupancy_channels_most(&planner->plan->occupancy, width))
		return BLOCKED_NO_SPECTRUM;
	for (size_t i = 0; i < service->slot_count; i++)
		if (service->slots[i].m != SLOT_OPEN &&
			!place(planner, carried, service->slots[i])) {
			take_back(planner, carried);
			return BLOCKED_NO_SPECTRUM;
		}
	if (given >= channels || place_channels(planner, carried, (int)(channels - given)))
		return BLOCKED_NOT;
	take_back(planner, carried);
	return BLOCKED_NO_SPECTRUM;
}

/* ---- one service ---- */

static bool goes_both_ways(const struct planner *planner, const struct service *service) {
	return service->bidirectional || planner->options->both_ways;
}

/* The elements of the route; false if it is to go both ways and cannot. */
static bool lay_ways(struct planner *planner, struct carried *carried) {
	struct plan *plan = planner->plan;
	const struct service *service = carried->service;
	const struct route *route = &carried->routing.route;
	struct route back;

	carried->ways = (struct ways){0};
	carried->ways.there = route_way(&plan->arena, plan->sections, route,
		plan->sections->node_of[service->from], &carried->ways.there_count);
	if (!goes_both_ways(planner, service))
		return true;
	if (!route_reverse(&plan->arena, plan->sections, route, &back))
		return false;
	carried->ways.back = route_way(&plan->arena, plan->sections, &back,
		plan->sections->node_of[service->to], &carried->ways.back_count);
	return true;
}

/* The network that the service is judged in. */
static int choose_network(struct planner *planner, const struct service *service) {
	const struct plan_options *options = planner->options;

	if (!options->redesign)
		return 0;
	planner->judge.network =
		options->redesign(options->owner, service->power_dbm, service_channels(service));
	return planner->judge.network ? 0 : -EINVAL;
}

/* On the route that it has. */
static int carry_on_route(struct planner *planner, struct carried *carried) {
	const struct service *service = carried->service;
	int error;

	if (!lay_ways(planner, carried)) {
		carried->blocking = BLOCKED_NO_PATH;
		return 0;
	}
	error = choose_network(planner, service);
	if (error)
		return error;
	error = judge_service(&planner->judge, service, &carried->ways, &carried->judgement);
	carried->blocking = carried->judgement.blocking;
	if (error == -ENODATA) {
		carried->blocking = BLOCKED_NO_SPECTRUM;
		return 0;
	}
	if (!error && !carried->blocking)
		carried->blocking = assign_slots(planner, carried);
	carried->holds = !carried->blocking;
	return error;
}

/* Other routes, by length, as far as they pass what they should; the first outcome stays if none
 * does better. */
static int try_others(struct planner *planner, struct carried *carried) {
	struct plan *plan = planner->plan;
	struct route_choice choice;
	struct carried other = *carried;
	struct route route;
	int error = 0;

	routing_choice_begin(&choice, plan->sections, carried->service, planner->limits,
		carried->routing.loose_left_out);
	for (size_t k = 1; k < planner->options->alternatives && !error; k++) {
		if (!routing_choice_next(&choice, &carried->routing.route, &route))
			break;
		other.routing.route = route_copy(&plan->arena, &route);
		other.route_number = k;
		error = carry_on_route(planner, &other);
		if (!error && !other.blocking) {
			*carried = other;
			break;
		}
	}
	routing_choice_end(&choice);
	return error;
}

int planner_carry(struct planner *planner, struct carried *carried, bool may_move) {
	int error;

	if (carried->routing.blocking) {
		carried->blocking = carried->routing.blocking;
		return 0;
	}
	error = carry_on_route(planner, carried);
	if (!error && carried->blocking && may_move)
		error = try_others(planner, carried);
	return error;
}

/* ---- all ---- */

/* Whether other routes may be tried: services that are kept apart have theirs together. */
static bool is_free_to_move(const struct services *services, size_t number) {
	for (size_t i = 0; i < services->disjunction_count; i++)
		for (size_t k = 0; k < services->disjunctions[i].count; k++)
			if (services->disjunctions[i].services[k] == number)
				return false;
	return true;
}

static bool has_place(const struct service *service) {
	for (size_t i = 0; i < service->slot_count; i++)
		if (service->slots[i].n != SLOT_OPEN)
			return true;
	return false;
}

/* Those whose slots are given, or the others; GNPy does not ask. */
static int carry_those(
	struct planner *planner, const struct services *services, bool placed, size_t *done) {
	const struct plan_options *options = planner->options;
	int error = 0;

	for (size_t i = 0; i < services->count && !error; i++) {
		if (!options->sim->compat && has_place(&services->list[i]) != placed)
			continue;
		error = planner_carry(
			planner, &planner->plan->list[i], is_free_to_move(services, i));
		planner->plan->blocked += planner->plan->list[i].blocking != BLOCKED_NOT;
		if (options->progress)
			options->progress(options->owner, ++*done, services->count);
	}
	return error;
}

static void route_all(struct plan *plan, const struct services *services, bool compat) {
	struct arena scratch = {0};
	struct routing *routings = arena_array(&scratch, services->count, sizeof(*routings));

	routing_all(&plan->arena, plan->sections, services, compat, routings);
	plan->list = arena_array(&plan->arena, services->count, sizeof(*plan->list));
	plan->count = services->count;
	for (size_t i = 0; i < services->count; i++)
		plan->list[i] =
			(struct carried){.service = &services->list[i], .routing = routings[i]};
	arena_free(&scratch);
}

/* ---- by what is lit in the end ---- */

static int judge_lit(
	struct planner *planner, const struct lit_channels *lit, struct carried *carried) {
	const struct ways *ways = &carried->ways;
	struct arena scratch = {0};
	const struct spectrum **there =
		arena_array(&scratch, ways->there_count, sizeof(struct spectrum *));
	const struct spectrum **back =
		arena_array(&scratch, ways->back_count, sizeof(struct spectrum *));
	struct spectrum own;
	int error = lit_channels_own(carried, &own);

	if (!error)
		error = choose_network(planner, carried->service);
	if (!error) {
		lit_channels_along(lit, ways->there, ways->there_count, &own, there);
		lit_channels_along(lit, ways->back, ways->back_count, &own, back);
		error = judge_among(&planner->judge, carried->service, ways, &own, there, back,
			&carried->judgement);
		carried->holds = !carried->judgement.blocking;
	}
	spectrum_free(&own);
	arena_free(&scratch);
	return error;
}

static int judge_all_lit(struct planner *planner) {
	struct plan *plan = planner->plan;
	struct lit_channels lit;
	int error = lit_channels_create(&lit, plan);

	if (error)
		return error;
	for (size_t i = 0; i < plan->count && !error; i++)
		if (plan->list[i].channels && !plan->list[i].blocking)
			error = judge_lit(planner, &lit, &plan->list[i]);
	lit_channels_free(&lit);
	return error;
}

int plan_make(
	struct plan *plan, const struct services *services, const struct plan_options *options) {
	struct planner planner = {.plan = plan,
		.options = options,
		.judge = {.network = plan->sections->network,
			.sim = options->sim,
			.margin_db = options->equipment->loads[0].margin_db}};
	size_t done = 0;
	int error;

	route_all(plan, services, options->sim->compat);
	plan->blocked = 0;
	error = carry_those(&planner, services, true, &done);
	if (!error && !options->sim->compat)
		error = carry_those(&planner, services, false, &done);
	if (!error && options->real_load)
		error = judge_all_lit(&planner);
	judge_free(&planner.judge);
	return error;
}
