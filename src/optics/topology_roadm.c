/* topology_roadm: the ROADMs of a network, as GNPy's topology has them (topology_private.h). */
#include "optics/topology_private.h"

#include <math.h>
#include <string.h>

static const struct {
	const char *target, *per_degree;
	enum equalisation kind;
	double least, most;
} targets[] = {
	{"target_pch_out_db", "per_degree_pch_out_db", EQUALISE_POWER, -DB_MOST, 60},
	{"target_psd_out_mWperGHz", "per_degree_psd_out_mWperGHz", EQUALISE_PSD, 1e-12, 1e3},
	{"target_out_mWperSlotWidth", "per_degree_psd_out_mWperSlotWidth", EQUALISE_PSW, 1e-12,
		1e3},
};

static void take_targets(
	const struct topology_reading *reading, struct node *params, struct roadm *roadm) {
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct node *each =
			document_object(reading->document, params, targets[i].per_degree);

		if (document_member(params, targets[i].target))
			roadm->type.target = (struct target){targets[i].kind,
				topology_number(reading, params, targets[i].target,
					targets[i].least, targets[i].most, targets[i].least)};
		for (struct node *one = each ? each->first : NULL; one; one = one->next) {
			struct degree_target *own = arena_append(&reading->network->arena,
				&roadm->targets, &roadm->target_count, sizeof(*own));

			own->degree = topology_keep(reading, one->key);
			own->target = (struct target){targets[i].kind,
				topology_number(reading, each, one->key, targets[i].least,
					targets[i].most, targets[i].least)};
		}
	}
}

static const char *const *take_names(const struct topology_reading *reading, struct node *object,
	const char *key, const char *const *absent, size_t *count) {
	struct node *list = document_list(reading->document, object, key);
	const char **names;

	if (!list)
		return absent;
	names = arena_array(&reading->network->arena, list->count, sizeof(*names));
	*count = 0;
	for (const struct node *item = list->first; item; item = item->next)
		if (item->kind != NODE_TEXT || !topology_find_amplifier(reading, item, item->text))
			document_mistake(
				reading->document, item, "an amplifier's name is expected");
		else
			names[(*count)++] = topology_keep(reading, item->text);
	return names;
}

static const struct design_band *take_bands(
	const struct topology_reading *reading, struct node *list, size_t *count) {
	struct design_band *bands = NULL;

	*count = 0;
	if (!list || list->kind != NODE_LIST)
		return NULL;
	if (list->count > BANDS_MAX) {
		document_mistake(reading->document, list, "more than %d bands", BANDS_MAX);
		return NULL;
	}
	for (struct node *item = list->first; item; item = item->next) {
		struct design_band *band =
			arena_append(&reading->network->arena, &bands, count, sizeof(*band));

		band->f_min_hz =
			topology_number(reading, item, "f_min", HZ_LEAST, HZ_MOST, HZ_LEAST);
		band->f_max_hz =
			topology_number(reading, item, "f_max", HZ_LEAST, HZ_MOST, HZ_MOST);
		band->spacing_hz = topology_number(reading, item, "spacing", 1e8, 1e13, NAN);
		if (band->f_min_hz >= band->f_max_hz)
			document_mistake(reading->document, item, "this band is empty");
	}
	return bands;
}

static void take_degrees(
	const struct topology_reading *reading, struct node *params, struct roadm *roadm) {
	struct node *list = document_list(reading->document, params, "per_degree_impairments");
	struct node *bands = document_object(reading->document, params, "per_degree_design_bands");
	struct degree_impairment *impairments;
	struct degree_bands *own;

	roadm->bands = take_bands(reading, document_list(reading->document, params, "design_bands"),
		&roadm->band_count);
	if (list) {
		impairments =
			arena_array(&reading->network->arena, list->count, sizeof(*impairments));
		for (struct node *item = list->first; item; item = item->next)
			impairments[roadm->impairment_count++] = (struct degree_impairment){
				topology_keep(reading,
					document_text(reading->document, item, "from_degree", "")),
				topology_keep(reading,
					document_text(reading->document, item, "to_degree", "")),
				(int)topology_number(reading, item, "impairment_id", 0, 1e6, -1)};
		roadm->impairments = impairments;
	}
	if (bands) {
		own = arena_array(&reading->network->arena, bands->count, sizeof(*own));
		for (struct node *one = bands->first; one; one = one->next) {
			struct degree_bands *degree = &own[roadm->degree_band_count++];

			one->used = true;
			degree->degree = topology_keep(reading, one->key);
			degree->bands = take_bands(reading, one, &degree->count);
		}
		roadm->degree_bands = own;
	}
}

void topology_take_roadm(
	const struct topology_reading *reading, struct node *object, struct element *element) {
	struct node *params = document_object(reading->document, object, "params");
	struct node *restrictions = document_object(reading->document, params, "restrictions");
	const char *name = document_text(reading->document, object, "type_variety", "default");
	const struct roadm_type *type = equipment_roadm(reading->equipment, name);
	struct roadm *roadm = arena_alloc(&reading->network->arena, sizeof(*roadm));

	element->roadm = roadm;
	if (!type) {
		document_mistake(
			reading->document, object, "no ROADM of the library is called '%s'", name);
		return;
	}
	roadm->type = *type;
	take_targets(reading, params, roadm);
	roadm->type.add_drop_osnr_db = topology_number(
		reading, params, "add_drop_osnr", 0, DB_MOST, roadm->type.add_drop_osnr_db);
	roadm->type.pmd_s = topology_number(reading, params, "pmd", 0, 1e-9, roadm->type.pmd_s);
	roadm->type.pdl_db = topology_number(reading, params, "pdl", 0, 50, roadm->type.pdl_db);
	roadm->type.preamps = take_names(reading, restrictions, "preamp_variety_list",
		roadm->type.preamps, &roadm->type.preamp_count);
	roadm->type.boosters = take_names(reading, restrictions, "booster_variety_list",
		roadm->type.boosters, &roadm->type.booster_count);
	take_degrees(reading, params, roadm);
	document_skip(params, "loss"); /* of old files; the target makes it */
}
