/* topology_write: see topology_write.h. */
#include "optics/topology_write.h"

#include "optics/physics.h"

#include "base/json_put.h"

#include <math.h>

/* A curve of one point is a number. */
static void put_curve(json_t *object, const char *key, const struct curve *curve, double scale) {
	json_t *frequency, *value, *both;

	if (curve->count == 1) {
		json_put_number(object, key, curve->value[0] * scale);
		return;
	}
	frequency = json_array();
	value = json_array();
	for (size_t i = 0; i < curve->count; i++) {
		json_array_append_new(frequency, json_real(curve->frequency_hz[i]));
		json_array_append_new(value, json_real(curve->value[i] * scale));
	}
	both = json_object();
	json_object_set_new(both, "value", value);
	json_object_set_new(both, "frequency", frequency);
	json_object_set_new(object, key, both);
}

static json_t *lumped_json(const struct fibre *fibre) {
	json_t *list = json_array();

	for (size_t i = 0; i < fibre->lumped_count; i++)
		json_array_append_new(
			list, json_pack("{s:f, s:f}", "position", fibre->lumped[i].position_m / 1e3,
				      "loss", fibre->lumped[i].loss_db));
	return list;
}

static json_t *pumps_json(const struct fibre *fibre) {
	json_t *list = json_array();

	for (size_t i = 0; i < fibre->pump_count; i++)
		json_array_append_new(list,
			json_pack("{s:f, s:f, s:s}", "power", fibre->pumps[i].power_w, "frequency",
				fibre->pumps[i].frequency_hz, "propagation_direction",
				fibre->pumps[i].is_counter ? "counterprop" : "coprop"));
	return json_pack("{s:f, s:o}", "temperature", fibre->temperature_k, "raman_pumps", list);
}

static void put_fibre(json_t *object, const struct element *element) {
	const struct fibre *fibre = element->fibre;
	json_t *params = json_object();

	json_put_text(object, "type", element->has_pumps ? "RamanFiber" : "Fiber");
	json_put_text(object, "type_variety", fibre->type_name);
	json_put_number(params, "length", fibre->length_m / 1e3);
	json_put_text(params, "length_units", "km");
	put_curve(params, "loss_coef", &fibre->loss_db_m, 1e3);
	json_put_number(params, "att_in", fibre->padding_db);
	json_put_number(params, "con_in", fibre->connector_in_db);
	json_put_number(params, "con_out", fibre->connector_out_db);
	json_put_number(params, "dispersion", fibre->dispersion);
	if (!isnan(fibre->dispersion_slope))
		json_put_number(params, "dispersion_slope", fibre->dispersion_slope);
	if (fibre->dispersion_curve.count)
		put_curve(params, "dispersion_per_frequency", &fibre->dispersion_curve, 1);
	json_put_number(params, "effective_area", fibre->area_m2);
	json_put_number(params, "pmd_coef", fibre->pmd_coefficient);
	if (fibre->lumped_count)
		json_object_set_new(params, "lumped_losses", lumped_json(fibre));
	json_object_set_new(object, "params", params);
	if (element->has_pumps)
		json_object_set_new(object, "operational", pumps_json(fibre));
}

static void put_amplifier(json_t *object, const struct amplifier *amplifier) {
	json_t *operational = json_object();

	json_put_text(object, "type_variety", amplifier->type ? amplifier->type->name : "");
	json_put_number(operational, "gain_target", amplifier->gain_db);
	json_put_number(operational, "delta_p", amplifier->delta_p_db);
	json_put_number(operational, "tilt_target", amplifier->tilt_db);
	json_put_number(operational, "out_voa", amplifier->out_voa_db);
	json_put_number(operational, "in_voa", amplifier->in_voa_db);
	json_object_set_new(object, "operational", operational);
}

static void put_amplifiers(json_t *object, const struct element *element) {
	json_t *list;

	if (!element->is_multi_band) {
		json_put_text(object, "type", "Edfa");
		put_amplifier(object, element->amplifiers);
		return;
	}
	list = json_array();
	for (size_t b = 0; b < element->amplifier_count; b++) {
		json_t *one = json_object();

		put_amplifier(one, &element->amplifiers[b]);
		json_array_append_new(list, one);
	}
	json_put_text(object, "type", "Multiband_amplifier");
	json_put_text(object, "type_variety", element->multi ? element->multi->name : "");
	json_object_set_new(object, "amplifiers", list);
}

static const struct {
	const char *target, *per_degree;
} keys_of_targets[] = {
	[EQUALISE_POWER] = {"target_pch_out_db", "per_degree_pch_out_db"},
	[EQUALISE_PSD] = {"target_psd_out_mWperGHz", "per_degree_psd_out_mWperGHz"},
	[EQUALISE_PSW] = {"target_out_mWperSlotWidth", "per_degree_psd_out_mWperSlotWidth"},
};

static json_t *names_json(const char *const *names, size_t count) {
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *bands_json(const struct design_band *bands, size_t count) {
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *band = json_object();

		json_put_number(band, "f_min", bands[i].f_min_hz);
		json_put_number(band, "f_max", bands[i].f_max_hz);
		if (!isnan(bands[i].spacing_hz))
			json_put_number(band, "spacing", bands[i].spacing_hz);
		json_array_append_new(list, band);
	}
	return list;
}

static void put_degrees(json_t *params, const struct roadm *roadm) {
	json_t *list, *bands;

	for (size_t i = 0; i < roadm->target_count; i++) {
		const char *key = keys_of_targets[roadm->targets[i].target.kind].per_degree;
		json_t *targets = json_object_get(params, key);

		if (!targets) {
			targets = json_object();
			json_object_set_new(params, key, targets);
		}
		json_put_number(targets, roadm->targets[i].degree, roadm->targets[i].target.value);
	}
	if (roadm->band_count)
		json_object_set_new(
			params, "design_bands", bands_json(roadm->bands, roadm->band_count));
	if (roadm->degree_band_count) {
		bands = json_object();
		for (size_t i = 0; i < roadm->degree_band_count; i++)
			json_object_set_new(bands, roadm->degree_bands[i].degree,
				bands_json(roadm->degree_bands[i].bands,
					roadm->degree_bands[i].count));
		json_object_set_new(params, "per_degree_design_bands", bands);
	}
	if (!roadm->impairment_count)
		return;
	list = json_array();
	for (size_t i = 0; i < roadm->impairment_count; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:i}", "from_degree", roadm->impairments[i].from,
				"to_degree", roadm->impairments[i].to, "impairment_id",
				roadm->impairments[i].id));
	json_object_set_new(params, "per_degree_impairments", list);
}

static void put_roadm(json_t *object, const struct roadm *roadm) {
	json_t *params = json_object();

	json_put_text(object, "type", "Roadm");
	json_put_text(object, "type_variety", roadm->type.name);
	json_put_number(
		params, keys_of_targets[roadm->type.target.kind].target, roadm->type.target.value);
	json_object_set_new(params, "restrictions",
		json_pack("{s:o, s:o}", "preamp_variety_list",
			names_json(roadm->type.preamps, roadm->type.preamp_count),
			"booster_variety_list",
			names_json(roadm->type.boosters, roadm->type.booster_count)));
	put_degrees(params, roadm);
	json_object_set_new(object, "params", params);
}

static json_t *element_json(const struct element *element) {
	json_t *object = json_object(), *where = json_object();

	json_put_text(object, "uid", element->name);
	switch (element->kind) {
	case ELEMENT_TRANSCEIVER:
		json_put_text(object, "type", "Transceiver");
		break;
	case ELEMENT_ROADM:
		put_roadm(object, element->roadm);
		break;
	case ELEMENT_FIBRE:
		put_fibre(object, element);
		break;
	case ELEMENT_AMPLIFIER:
		put_amplifiers(object, element);
		break;
	case ELEMENT_FUSED:
		json_put_text(object, "type", "Fused");
		json_object_set_new(object, "params", json_pack("{s:f}", "loss", element->loss_db));
		break;
	}
	json_put_number(where, "latitude", element->location.latitude);
	json_put_number(where, "longitude", element->location.longitude);
	json_put_text(where, "city", element->location.city);
	json_put_text(where, "region", element->location.region);
	json_object_set_new(object, "metadata", json_pack("{s:o}", "location", where));
	return object;
}

json_t *network_json(const struct network *network) {
	json_t *elements = json_array(), *links = json_array();

	for (size_t i = 0; i < network->count; i++) {
		const struct element *element = network->elements[i];

		json_array_append_new(elements, element_json(element));
		for (size_t k = 0; k < element->next_count; k++)
			json_array_append_new(links,
				json_pack("{s:s, s:s}", "from_node", element->name, "to_node",
					network->elements[element->next[k]]->name));
	}
	return json_pack("{s:o, s:o}", "elements", elements, "connections", links);
}
