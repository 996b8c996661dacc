/* topology_fibre: the fibres of a network, as GNPy's topology has them (topology_private.h). */
#include "optics/topology_private.h"

#include "optics/names.h"
#include "optics/physics.h"

#include <stdlib.h>
#include <string.h>

static struct curve take_points(const struct topology_reading *reading, struct node *list,
	const char *value_key, double scale, double least, double most) {
	double *points = arena_array(&reading->network->arena, 2 * list->count, sizeof(*points));
	size_t count = 0;

	for (struct node *item = list->first; item; item = item->next, count++) {
		points[count] = topology_number(reading, item, "frequency", HZ_LEAST, HZ_MOST, 0);
		points[list->count + count] =
			topology_number(reading, item, value_key, least, most, least) * scale;
		if (count && points[count] <= points[count - 1])
			document_mistake(reading->document, item, "frequencies are to ascend");
	}
	return (struct curve){points, points + list->count, count};
}

/* {"value": [...], "frequency": [...]} */
static struct curve take_curve(const struct topology_reading *reading, struct node *object,
	double scale, double least, double most) {
	size_t values, count;
	const double *value =
		document_numbers(reading->document, object, "value", least, most, &values);
	const double *at =
		document_numbers(reading->document, object, "frequency", HZ_LEAST, HZ_MOST, &count);
	double *points;

	if (!count || values != count) {
		document_mistake(reading->document, object,
			"as many numbers in 'value' as in 'frequency' are expected");
		return (struct curve){0};
	}
	points = arena_array(&reading->network->arena, 2 * count, sizeof(*points));
	for (size_t i = 0; i < count; i++) {
		points[i] = at[i];
		points[count + i] = value[i] * scale;
		if (i && at[i] <= at[i - 1])
			document_mistake(reading->document, object, "frequencies are to ascend");
	}
	return (struct curve){points, points + count, count};
}

static void take_loss(
	const struct topology_reading *reading, struct node *params, struct fibre *fibre) {
	struct node *loss = document_member(params, "loss_coef");
	struct node *list = document_list(reading->document, params, "loss_coef_per_frequency");
	double *point;

	if (loss && loss->kind == NODE_OBJECT) {
		fibre->loss_db_m = take_curve(reading, loss, 1e-3, 0, 100);
		return;
	}
	if (!loss && list && list->count) {
		fibre->loss_db_m = take_points(reading, list, "loss_coef_value", 1e-3, 0, 100);
		return;
	}
	if (!loss)
		document_mistake(reading->document, params, "'loss_coef' is missing");
	point = arena_array(&reading->network->arena, 2, sizeof(*point));
	point[0] = FIBRE_REFERENCE_HZ;
	point[1] = topology_number(reading, params, "loss_coef", 0, 100, 0) * 1e-3;
	fibre->loss_db_m = (struct curve){point, point + 1, 1};
}

static void take_lumped(const struct topology_reading *reading, struct node *params, double unit,
	struct fibre *fibre) {
	struct node *list = document_list(reading->document, params, "lumped_losses");
	struct lumped_loss *lumped;

	if (!list)
		return;
	lumped = arena_array(&reading->network->arena, list->count, sizeof(*lumped));
	for (struct node *item = list->first; item; item = item->next) {
		struct lumped_loss one = {
			topology_number(reading, item, "position", 0, 1e7, 0) * unit,
			topology_number(reading, item, "loss", 0, DB_MOST, 0)};
		size_t at = fibre->lumped_count++;

		if (one.position_m > fibre->length_m)
			document_mistake(reading->document, item,
				"a loss at %g km lies behind the end of the fibre",
				one.position_m / 1e3);
		for (; at > 0 && lumped[at - 1].position_m > one.position_m; at--)
			lumped[at] = lumped[at - 1];
		lumped[at] = one;
	}
	fibre->lumped = lumped;
}

static void take_pumps(
	const struct topology_reading *reading, struct node *object, struct fibre *fibre) {
	struct node *operational = document_object(reading->document, object, "operational");
	struct node *list = document_list(reading->document, operational, "raman_pumps");
	struct raman_pump *pumps;

	fibre->temperature_k = topology_number(reading, operational, "temperature", 1, 1000, 283);
	if (!list)
		return;
	if (list->count > FIBRE_PUMPS_MAX) {
		document_mistake(reading->document, list, "more than %d pumps", FIBRE_PUMPS_MAX);
		return;
	}
	pumps = arena_array(&reading->network->arena, list->count, sizeof(*pumps));
	fibre->pumps = pumps;
	for (struct node *item = list->first; item; item = item->next, pumps++) {
		const char *way = document_text(
			reading->document, item, "propagation_direction", "counterprop");

		pumps->power_w = topology_number(reading, item, "power", 0, 100, 0);
		pumps->frequency_hz =
			topology_number(reading, item, "frequency", HZ_LEAST, HZ_MOST, 205e12);
		pumps->is_counter = strcmp(way, "counterprop") == 0;
		if (!pumps->is_counter && strcmp(way, "coprop") != 0)
			document_mistake(reading->document, item,
				"coprop or counterprop is expected, not '%s'", way);
		fibre->pump_count++;
	}
}

/* What the element says itself goes before what the library says of its type. */
void topology_take_fibre(
	const struct topology_reading *reading, struct node *object, struct element *element) {
	struct node *params = document_object(reading->document, object, "params");
	const struct fibre_type *type = names_fibre(reading->document, object, reading->equipment,
		document_text(reading->document, object, "type_variety", "SSMF"));
	const char *units = document_text(reading->document, params, "length_units", "km");
	double unit = strcmp(units, "m") == 0 ? 1 : 1e3, gamma;
	struct fibre *fibre = arena_alloc(&reading->network->arena, sizeof(*fibre));
	struct node *curve = document_object(reading->document, params, "dispersion_per_frequency");

	element->fibre = fibre;
	element->has_pumps =
		strcmp(document_text(reading->document, object, "type", ""), "RamanFiber") == 0;
	if (strcmp(units, "m") != 0 && strcmp(units, "km") != 0)
		document_mistake(reading->document, document_member(params, "length_units"),
			"m or km is expected");
	if (!params || !document_member(params, "length"))
		document_mistake(reading->document, object, "'length' is missing");
	fibre->length_m = topology_number(reading, params, "length", 0, 2e7 / unit, 0) * unit;
	take_loss(reading, params, fibre);
	fibre->connector_in_db = topology_number(reading, params, "con_in", 0, DB_MOST, NAN);
	fibre->connector_out_db = topology_number(reading, params, "con_out", 0, DB_MOST, NAN);
	fibre->padding_db = topology_number(reading, params, "att_in", 0, DB_MOST, 0);
	take_lumped(reading, params, 1e3, fibre);
	if (!type)
		return;
	fibre->type_name = type->name;
	fibre->dispersion =
		topology_number(reading, params, "dispersion", -1e-3, 1e-3, type->dispersion);
	fibre->dispersion_slope = topology_number(
		reading, params, "dispersion_slope", -1e6, 1e6, type->dispersion_slope);
	fibre->dispersion_curve =
		curve ? take_curve(reading, curve, 1, -1e-3, 1e-3) : type->dispersion_curve;
	gamma = topology_number(reading, params, "gamma", 1e-6, 1, NAN);
	fibre->area_m2 = topology_number(reading, params, "effective_area", 1e-12, 1e-8,
		isnan(gamma) ? type->area_m2 : fibre_area_of_gamma(gamma));
	fibre->pmd_coefficient =
		topology_number(reading, params, "pmd_coef", 0, 1e-9, type->pmd_coefficient);
	fibre->raman = type->raman;
	fibre->temperature_k = 283;
	if (element->has_pumps)
		take_pumps(reading, object, fibre);
}
