/* condition: see condition.h. */
#include "optics/condition_private.h"

#include "optics/lit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DECADES_PER_DB = 10 };
static const double loss_at_threshold = 1e-6;

double condition_frame_loss(double margin_db) {
	if (margin_db >= 0)
		return 0;
	return fmin(1, loss_at_threshold * pow(10, -margin_db * DECADES_PER_DB));
}

/* ---- life ---- */

void *condition_copy(struct arena *arena, const void *of, size_t count, size_t size) {
	void *made = arena_array(arena, count, size);

	if (count)
		memcpy(made, of, count * size);
	return made;
}

static void copy_network(struct condition *condition, const struct network *planned) {
	struct network *network = &condition->network;

	*network = *planned;
	network->elements = condition_copy(
		&condition->arena, planned->elements, planned->count, sizeof(*planned->elements));
	for (size_t i = 0; i < planned->count; i++) {
		struct element *element = condition_copy(
			&condition->arena, planned->elements[i], 1, sizeof(*planned->elements[i]));

		if (element->amplifier_count)
			element->amplifiers = condition_copy(&condition->arena, element->amplifiers,
				element->amplifier_count, sizeof(*element->amplifiers));
		if (element->fibre)
			element->fibre = condition_copy(
				&condition->arena, element->fibre, 1, sizeof(*element->fibre));
		network->elements[i] = element;
	}
}

int condition_create(
	const struct plan *plan, const struct plan_options *options, struct condition **out) {
	struct condition *condition = calloc(1, sizeof(*condition));
	size_t elements = plan->sections->network->count;

	if (!condition)
		return -ENOMEM;
	condition->planned = plan;
	condition->options = *options;
	condition->options.redesign = NULL;
	condition->options.progress = NULL;
	condition->now = (struct plan){.sections = plan->sections, .count = plan->count};
	if (occupancy_copy(&condition->now.occupancy, &plan->occupancy) < 0) {
		free(condition);
		return -ENOMEM;
	}
	copy_network(condition, plan->sections->network);
	condition->now.list =
		condition_copy(&condition->arena, plan->list, plan->count, sizeof(*plan->list));
	condition->home =
		condition_copy(&condition->arena, plan->list, plan->count, sizeof(*plan->list));
	condition->damages = arena_array(&condition->arena, elements, sizeof(*condition->damages));
	condition->is_restored = arena_array(&condition->arena, plan->count, sizeof(bool));
	condition->lights = arena_array(&condition->arena, plan->count, sizeof(*condition->lights));
	*out = condition;
	return 0;
}

void condition_free(struct condition *condition) {
	if (!condition)
		return;
	plan_free(&condition->now);
	arena_free(&condition->arena);
	free(condition);
}

/* ---- damage ---- */

static bool is_possible(const struct condition *condition, const struct damage *damage) {
	const struct element *element;

	if (damage->element < 0 || (size_t)damage->element >= condition->network.count)
		return false;
	element = condition->network.elements[damage->element];
	switch (damage->kind) {
	case DAMAGE_CUT:
		return !element_is_node(element);
	case DAMAGE_AGEING:
		return element->fibre && damage->loss_db >= 0 && damage->loss_db <= 100;
	case DAMAGE_FAILED:
		return element->kind == ELEMENT_AMPLIFIER;
	case DAMAGE_PUMP:
		return damage->pump >= 1 && element->fibre &&
		       damage->pump <=
			       condition->planned->sections->network->elements[damage->element]
				       ->fibre->pump_count;
	default:
		return true;
	}
}

/* Those of the plan that are not lost. */
static void keep_pumps(struct condition *condition, struct fibre *fibre,
	const struct fibre *planned, uint64_t lost) {
	struct raman_pump *pumps;

	fibre->pumps = planned->pumps;
	fibre->pump_count = planned->pump_count;
	if (!lost)
		return;
	pumps = arena_array(&condition->arena, planned->pump_count, sizeof(*pumps));
	fibre->pumps = pumps;
	fibre->pump_count = 0;
	for (size_t i = 0; i < planned->pump_count; i++)
		if (!(lost >> i & 1))
			pumps[fibre->pump_count++] = planned->pumps[i];
}

int condition_damage(struct condition *condition, const struct damage *asked) {
	const struct element *planned;
	struct element *element;
	struct damage *damage;
	uint64_t lost = 0;

	if (!is_possible(condition, asked))
		return -EINVAL;
	condition->is_current = false;
	damage = &condition->damages[asked->element];
	if (asked->kind == DAMAGE_PUMP)
		lost = damage->pumps | UINT64_C(1) << (asked->pump - 1);
	*damage = *asked;
	damage->pumps = lost;
	planned = condition->planned->sections->network->elements[asked->element];
	element = condition->network.elements[asked->element];
	if (!element->fibre)
		return 0;
	element->fibre->connector_out_db = planned->fibre->connector_out_db +
					   (asked->kind == DAMAGE_AGEING ? asked->loss_db : 0);
	keep_pumps(condition, element->fibre, planned->fibre, lost);
	return 0;
}

const struct damage *condition_damage_at(const struct condition *condition, int element) {
	return &condition->damages[element];
}

static bool is_dark_at(const struct condition *condition, int element) {
	enum damage_kind kind = condition->damages[element].kind;

	return kind == DAMAGE_CUT || kind == DAMAGE_FAILED;
}

/* A cut fibre is cut both ways: so is its line. */
static bool is_section_dark(const struct condition *condition, int number) {
	const struct section *section = &condition->now.sections->list[number];

	for (size_t i = 0; i < section->count; i++)
		if (is_dark_at(condition, section->elements[i]))
			return true;
	return false;
}

static bool is_line_dark(const struct condition *condition, int number) {
	int opposite = condition->now.sections->list[number].opposite;

	return is_section_dark(condition, number) ||
	       (opposite != SECTION_NONE && is_section_dark(condition, opposite));
}

bool condition_is_dark(const struct condition *condition, const struct route *route) {
	for (size_t i = 0; i < route->count; i++)
		if (is_line_dark(condition, route->sections[i]))
			return true;
	return false;
}

/* ---- what is left ---- */

/* Propagations of one look. */
struct look {
	struct condition *condition;
	struct judge judge; /* for margins to what modes need, without the library's */
	struct lit_channels lit;
	struct propagation planned, real;
};

static void hold_powers(struct look *look, const int *way, size_t count) {
	for (size_t at = 0; at < count; at++) {
		struct element *element = look->condition->network.elements[way[at]];

		for (size_t b = 0; b < element->amplifier_count; b++) {
			element->amplifiers[b].control = AMPLIFIER_HOLDS_POWER;
			element->amplifiers[b].power_dbm =
				look->planned.passages[at].amplifiers[b].power_dbm;
		}
	}
}

/* The least margin of a service's channels, one way. */
static int look_along(struct look *look, const struct carried *carried, const int *way,
	size_t count, const struct spectrum *own, struct light *light) {
	struct arena scratch = {0};
	const struct spectrum **along = arena_array(&scratch, count, sizeof(*along));
	const struct propagation_options options = {.sim = look->condition->options.sim,
		.power_dbm = carried->service->power_dbm,
		.along = along};
	int error;

	lit_channels_along(&look->lit, way, count, own, along);
	error = propagation_run(&look->planned, look->condition->planned->sections->network, way,
		count, own, &options);
	if (!error) {
		hold_powers(look, way, count);
		error = propagation_run(
			&look->real, &look->condition->network, way, count, own, &options);
	}
	for (size_t i = 0; !error && i < look->real.spectrum.count; i++) {
		struct reception one;

		propagation_receive(&look->real, i, &one);
		light->margin_db = fmin(light->margin_db,
			judge_channel(&look->judge, carried->judgement.mode, &one));
		light->gsnr_db = fmin(light->gsnr_db, one.gsnr_01nm_db);
	}
	light->latency_s = fmax(light->latency_s, look->real.spectrum.latency_s);
	arena_free(&scratch);
	return error;
}

static int look_at(struct look *look, const struct carried *carried, struct light *light) {
	const struct ways *ways = &carried->ways;
	struct spectrum own;
	int error = lit_channels_own(carried, &own);

	light->margin_db = light->gsnr_db = INFINITY;
	if (!error)
		error = look_along(look, carried, ways->there, ways->there_count, &own, light);
	if (!error && ways->back)
		error = look_along(look, carried, ways->back, ways->back_count, &own, light);
	spectrum_free(&own);
	light->frame_loss = condition_frame_loss(light->margin_db);
	light->bit_rate = carried->channels * carried->judgement.mode->bit_rate;
	return error;
}

static void be_dark(struct light *light) {
	light->is_lit = false;
	light->margin_db = light->gsnr_db = -INFINITY;
	light->frame_loss = 1;
	light->bit_rate = 0;
}

/* The plan as it is lit: what is dark is blocked in it. */
static struct plan lit_plan(struct condition *condition, struct arena *scratch) {
	struct plan lit = condition->now;

	lit.list = condition_copy(scratch, condition->now.list, lit.count, sizeof(*lit.list));
	for (size_t i = 0; i < lit.count; i++)
		if (!lit.list[i].blocking &&
			condition_is_dark(condition, &lit.list[i].routing.route))
			lit.list[i].blocking = BLOCKED_NO_PATH;
	return lit;
}

static int look_at_all(struct look *look, const struct plan *lit) {
	struct condition *condition = look->condition;
	int error = lit_channels_create(&look->lit, lit);

	if (error)
		return error;
	for (size_t i = 0; i < lit->count && !error; i++) {
		struct light *light = &condition->lights[i];

		*light = (struct light){.carried = &condition->now.list[i],
			.is_lit = true,
			.is_restored = condition->is_restored[i]};
		if (lit->list[i].blocking || !lit->list[i].channels)
			be_dark(light);
		else
			error = look_at(look, light->carried, light);
	}
	lit_channels_free(&look->lit);
	return error;
}

static int look_anew(struct condition *condition) {
	struct look look = {.condition = condition,
		.judge = {.network = &condition->network, .sim = condition->options.sim}};
	struct arena scratch = {0};
	const struct plan lit = lit_plan(condition, &scratch);
	int error = look_at_all(&look, &lit);

	propagation_free(&look.planned);
	propagation_free(&look.real);
	judge_free(&look.judge);
	arena_free(&scratch);
	return error;
}

int condition_look(struct condition *condition, const struct light **lights) {
	int error = condition->is_current ? 0 : look_anew(condition);

	condition->is_current = !error;
	*lights = condition->lights;
	return error;
}

/* ---- what is shared ---- */

/* A line and its way back lie in one duct. */
static bool is_in_duct(const struct sections *sections, int one, int other) {
	return one == other || sections->list[one].opposite == other;
}

int condition_shared(const struct condition *condition, size_t one, size_t other) {
	const struct sections *sections = condition->now.sections;
	const struct route *a = &condition->now.list[one].routing.route;
	const struct route *b = &condition->now.list[other].routing.route;

	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++) {
			const struct section *section = &sections->list[a->sections[i]];

			if (section_is_line(section) &&
				is_in_duct(sections, a->sections[i], b->sections[k]))
				return section->elements[0];
		}
	return ELEMENT_NONE;
}
