/* condition_restore: services that are carried elsewhere, back, or in another mode; see
 * condition.h. */
#include "optics/condition_private.h"

#include "optics/plan_private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* ---- restoration ---- */

static void set_slots(struct condition *condition, const struct carried *carried, bool lit) {
	for (size_t i = 0; i < carried->slot_count; i++)
		occupancy_set(&condition->now.occupancy, &carried->routing.route,
			&carried->slots[i], lit);
}

static bool are_free(const struct condition *condition, const struct carried *carried) {
	for (size_t i = 0; i < carried->slot_count; i++)
		if (!occupancy_is_free(
			    &condition->now.occupancy, &carried->routing.route, &carried->slots[i]))
			return false;
	return true;
}

static void go_back(struct condition *condition, size_t number) {
	const struct carried *home = &condition->home[number];
	struct carried *now = &condition->now.list[number];

	if (!condition->is_restored[number] || condition_is_dark(condition, &home->routing.route))
		return;
	set_slots(condition, now, false);
	if (are_free(condition, home)) {
		*now = *home;
		condition->is_current = false;
		condition->is_restored[number] = false;
	}
	set_slots(condition, now, true);
}

/* Lines that have any damage are avoided. */
static bool *avoid(struct condition *condition, struct arena *scratch) {
	const struct sections *sections = condition->now.sections;
	bool *no_section = arena_array(scratch, sections->count, sizeof(bool));

	for (size_t i = 0; i < condition->network.count; i++) {
		int section = sections->section_of[i];

		if (section == SECTION_NONE || condition->damages[i].kind == DAMAGE_NONE)
			continue;
		no_section[section] = true;
		if (sections->list[section].opposite != SECTION_NONE)
			no_section[sections->list[section].opposite] = true;
	}
	return no_section;
}

static int restore(struct condition *condition, struct planner *planner, size_t number) {
	struct carried *now = &condition->now.list[number];
	struct carried other = {.service = now->service};
	int error;

	set_slots(condition, now, false);
	routing_one(&condition->now.arena, condition->now.sections, now->service, planner->limits,
		&other.routing);
	error = planner_carry(planner, &other, true);
	if (error || other.blocking) {
		set_slots(condition, now, true);
		return error;
	}
	*now = other;
	condition->is_restored[number] = true;
	condition->is_current = false;
	return 0;
}

/* Plans with what is whole. */
static struct planner planner_of(struct condition *condition, const struct route_limits *limits) {
	return (struct planner){.plan = &condition->now,
		.options = &condition->options,
		.judge = {.network = condition->planned->sections->network,
			.sim = condition->options.sim,
			.margin_db = condition->options.equipment->loads[0].margin_db},
		.limits = limits};
}

int condition_restore(struct condition *condition, bool back) {
	struct arena scratch = {0};
	const struct route_limits limits = {avoid(condition, &scratch), NULL};
	struct planner planner = planner_of(condition, &limits);
	const struct light *lights;
	int error;

	for (size_t i = 0; back && i < condition->now.count; i++)
		go_back(condition, i);
	error = condition_look(condition, &lights);
	for (size_t i = 0; !error && i < condition->now.count; i++)
		if (!condition->now.list[i].blocking && lights[i].frame_loss >= 1)
			error = restore(condition, &planner, i);
	judge_free(&planner.judge);
	arena_free(&scratch);
	return error;
}

/* ---- upgrades ---- */

static const struct transceiver_mode *mode_named(
	const struct transceiver_type *type, const char *name) {
	for (size_t i = 0; i < type->mode_count; i++)
		if (strcmp(type->modes[i].format, name) == 0)
			return &type->modes[i];
	return NULL;
}

/* The service as it is asked for in another mode; lives as long as the condition. */
static struct service *ask_for(struct condition *condition, const struct carried *carried,
	const struct transceiver_mode *mode) {
	static const struct slot open_slot = {SLOT_OPEN, SLOT_OPEN};
	struct service *service =
		condition_copy(&condition->arena, carried->service, 1, sizeof(*carried->service));

	service->mode = mode;
	service->bit_rate = carried->channels * mode->bit_rate;
	service->spacing_hz = fmax(service->spacing_hz, mode->min_spacing_hz);
	service->slots = condition_copy(&condition->arena, &open_slot, 1, sizeof(open_slot));
	service->slot_count = 1;
	return service;
}

int condition_upgrade(
	struct condition *condition, size_t number, const char *name, enum blocking *blocking) {
	struct carried *now = &condition->now.list[number];
	const struct transceiver_mode *mode = mode_named(now->service->type, name);
	struct carried other = {.routing = now->routing};
	struct arena scratch = {0};
	const struct route_limits limits = {avoid(condition, &scratch), NULL};
	struct planner planner = planner_of(condition, &limits);
	int error = !mode ? -ENOENT : condition->is_restored[number] ? -EBUSY : 0;

	if (!error) {
		other.service = ask_for(condition, now, mode);
		set_slots(condition, now, false);
		error = planner_carry(&planner, &other, true);
		*blocking = other.blocking;
		if (error || other.blocking)
			set_slots(condition, now, true);
		else
			*now = condition->home[number] = other;
		condition->is_current = false;
	}
	judge_free(&planner.judge);
	arena_free(&scratch);
	return error;
}
