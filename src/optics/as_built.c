/* as_built: see as_built.h. */
#include "optics/as_built.h"

#include <math.h>
#include <string.h>

static const double loss_share_least = 0.1;

/* ---- copies ---- */

static void *copy(struct arena *arena, const void *of, size_t count, size_t size) {
	void *made = arena_array(arena, count, size);

	if (count)
		memcpy(made, of, count * size);
	return made;
}

static struct element *copy_element(
	struct arena *arena, const struct element *planned, size_t channels) {
	struct element *element = copy(arena, planned, 1, sizeof(*planned));

	if (element->fibre) {
		element->fibre = copy(arena, planned->fibre, 1, sizeof(*planned->fibre));
		element->fibre->loss_db_m.value =
			arena_array(arena, planned->fibre->loss_db_m.count, sizeof(double));
	}
	if (element->roadm) {
		element->roadm = copy(arena, planned->roadm, 1, sizeof(*planned->roadm));
		element->roadm->error_db = arena_array(arena, channels, sizeof(double));
	}
	if (element->amplifier_count)
		element->amplifiers = copy(arena, planned->amplifiers, planned->amplifier_count,
			sizeof(*planned->amplifiers));
	return element;
}

void as_built_create(struct as_built *as_built, const struct network *planned, const int *way,
	size_t count, const struct spectrum *load, const struct spectrum *const *along) {
	*as_built = (struct as_built){
		.network = *planned, .planned = planned, .way = way, .count = count};
	as_built->channels = arena_array(&as_built->arena, count, sizeof(*as_built->channels));
	as_built->network.elements = copy(
		&as_built->arena, planned->elements, planned->count, sizeof(*planned->elements));
	for (size_t at = 0; at < count; at++) {
		if (along && along[at])
			load = along[at];
		as_built->channels[at] = load;
		as_built->network.elements[way[at]] =
			copy_element(&as_built->arena, planned->elements[way[at]], load->count);
	}
}

void as_built_free(struct as_built *as_built) {
	arena_free(&as_built->arena);
	*as_built = (struct as_built){0};
}

/* ---- drawing ---- */

static double draw(const struct uncertainty *uncertainty, enum quantity quantity, struct lot lot,
	uint64_t part) {
	lot.part = part;
	return uncertainty_draw(uncertainty, quantity, lot);
}

static void become_type(struct fibre *fibre, const struct fibre_type *type) {
	fibre->type_name = type->name;
	fibre->dispersion = type->dispersion;
	fibre->dispersion_slope = type->dispersion_slope;
	fibre->dispersion_curve = type->dispersion_curve;
	fibre->area_m2 = type->area_m2;
	fibre->pmd_coefficient = type->pmd_coefficient;
	fibre->raman = type->raman;
}

static void draw_loss(struct fibre *fibre, double *loss_db_m, const struct curve *planned,
	const struct uncertainty *uncertainty, struct lot lot) {
	double more = draw(uncertainty, QUANTITY_FIBRE_LOSS, lot, 0) * 1e-3;
	double ratio = 1 + draw(uncertainty, QUANTITY_FIBRE_RATIO, lot, 0);

	for (size_t i = 0; i < planned->count; i++)
		loss_db_m[i] = fmax(
			planned->value[i] * ratio + more, planned->value[i] * loss_share_least);
	fibre->loss_db_m = (struct curve){planned->frequency_hz, loss_db_m, planned->count};
}

static void draw_fibre(struct fibre *fibre, const struct fibre *planned,
	const struct uncertainty *uncertainty, struct lot lot) {
	double *loss_db_m = (double *)fibre->loss_db_m.value; /* of the copy */
	const struct fibre_type *type =
		uncertainty_draw_fibre(uncertainty, planned->type_name, lot);

	*fibre = *planned;
	if (type)
		become_type(fibre, type);
	draw_loss(fibre, loss_db_m, &planned->loss_db_m, uncertainty, lot);
	fibre->connector_in_db =
		fmax(planned->connector_in_db + draw(uncertainty, QUANTITY_CONNECTOR, lot, 0), 0);
	fibre->connector_out_db =
		fmax(planned->connector_out_db + draw(uncertainty, QUANTITY_CONNECTOR, lot, 1), 0);
}

static void draw_roadm(struct roadm *roadm, const struct uncertainty *uncertainty,
	const struct spectrum *channels, struct lot lot) {
	bool each = uncertainty->deviations[QUANTITY_ROADM_POWER].sharing == SHARING_CHANNEL;
	double *error_db = (double *)roadm->error_db; /* of the copy */

	for (size_t i = 0; i < channels->count; i++)
		error_db[i] = draw(uncertainty, QUANTITY_ROADM_POWER, lot,
			each ? (uint64_t)channels->frequency_hz[i] : 0);
}

static void draw_amplifiers(struct element *element, const struct element *planned,
	const struct passage *nominal, enum amplifier_control control,
	const struct uncertainty *uncertainty, struct lot lot) {
	for (size_t b = 0; b < element->amplifier_count; b++) {
		struct amplifier *amplifier = &element->amplifiers[b];
		double error = draw(uncertainty, QUANTITY_AMPLIFIER_POWER, lot, b);

		*amplifier = planned->amplifiers[b];
		amplifier->control = control;
		amplifier->nf_error_db = draw(uncertainty, QUANTITY_NOISE_FIGURE, lot, b);
		if (control == AMPLIFIER_HOLDS_POWER)
			amplifier->power_dbm = nominal->amplifiers[b].power_dbm + error;
		else
			amplifier->gain_db += error;
	}
}

void as_built_draw(struct as_built *as_built, const struct uncertainty *uncertainty,
	const struct propagation *nominal, enum amplifier_control control, uint64_t seed,
	uint64_t sample) {
	for (size_t at = 0; at < as_built->count; at++) {
		int number = as_built->way[at];
		const struct element *planned = as_built->planned->elements[number];
		struct element *element = as_built->network.elements[number];
		struct lot lot = {.seed = seed, .sample = sample, .element = (uint64_t)number};

		if (element->fibre)
			draw_fibre(element->fibre, planned->fibre, uncertainty, lot);
		if (element->roadm)
			draw_roadm(element->roadm, uncertainty, as_built->channels[at], lot);
		if (element->amplifier_count)
			draw_amplifiers(element, planned, &nominal->passages[at], control,
				uncertainty, lot);
	}
}
