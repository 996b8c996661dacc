/* equipment_roadms: the ROADMs of an equipment file. */
#include "optics/equipment_private.h"

#include <math.h>

static void take_names(const struct reading *reading, struct node *object, const char *key,
	const char *const **names, size_t *count) {
	struct node *list = document_list(reading->document, object, key);
	const char **own;

	*count = 0;
	if (!list)
		return;
	own = arena_array(reading_arena(reading), list->count, sizeof(*own));
	for (const struct node *item = list->first; item; item = item->next)
		if (item->kind != NODE_TEXT)
			document_mistake(reading->document, item, "a name is expected");
		else
			own[(*count)++] = reading_keep_text(reading, item->text);
	*names = own;
}

static void take_impairment_set(const struct reading *reading, struct node *object,
	struct node *ways, enum roadm_way way, struct impairment_set *set) {
	struct impairment *bands = arena_array(reading_arena(reading), ways->count, sizeof(*bands));

	*set = (struct impairment_set){
		(int)reading_needed(reading, object, "roadm-path-impairments-id", 0, 1e6), way,
		bands, ways->count};
	for (struct node *item = ways->first; item; item = item->next, bands++) {
		struct node *range = document_object(reading->document, item, "frequency-range");

		bands->f_min_hz =
			reading_number(reading, range, "lower-frequency", HZ_LEAST, HZ_MOST, 0);
		bands->f_max_hz = reading_number(
			reading, range, "upper-frequency", HZ_LEAST, HZ_MOST, INFINITY);
		bands->pmd_s = reading_number(reading, item, "roadm-pmd", 0, 1e-9, NAN);
		bands->pdl_db = reading_number(reading, item, "roadm-pdl", 0, 50, NAN);
		bands->max_loss_db =
			reading_number(reading, item, "roadm-maxloss", 0, DB_MOST, NAN);
		bands->osnr_db = reading_number(reading, item, "roadm-osnr", 0, DB_MOST, NAN);
		for (struct node *rest = item->kind == NODE_OBJECT ? item->first : NULL; rest;
			rest = rest->next)
			rest->used = true; /* powers, crosstalk: nothing is computed from them */
	}
}

static void take_impairments(
	const struct reading *reading, struct node *object, struct roadm_type *type) {
	static const char *const ways[] = {
		"roadm-express-path", "roadm-add-path", "roadm-drop-path"};
	struct node *list = document_list(reading->document, object, "roadm-path-impairments");
	struct impairment_set *sets;

	if (!list)
		return;
	sets = arena_array(reading_arena(reading), list->count, sizeof(*sets));
	for (struct node *item = list->first; item; item = item->next)
		for (int way = ROADM_EXPRESS; way <= ROADM_DROP; way++) {
			struct node *found = document_list(reading->document, item, ways[way]);

			if (found) {
				take_impairment_set(reading, item, found, (enum roadm_way)way,
					&sets[type->impairment_count++]);
				break;
			}
		}
	type->impairments = sets;
}

static void take_target(
	const struct reading *reading, struct node *object, struct roadm_type *type) {
	static const struct {
		const char *key;
		enum equalisation kind;
		double least, most;
	} targets[] = {{"target_pch_out_db", EQUALISE_POWER, -DB_MOST, 60},
		{"target_psd_out_mWperGHz", EQUALISE_PSD, 1e-12, 1e3},
		{"target_out_mWperSlotWidth", EQUALISE_PSW, 1e-12, 1e3}};

	for (size_t i = 0; i < 3; i++)
		if (document_member(object, targets[i].key)) {
			if (type->target.kind)
				document_mistake(reading->document, object,
					"one target is enough: power, PSD or per slot width");
			type->target = (struct target){targets[i].kind,
				reading_number(reading, object, targets[i].key, targets[i].least,
					targets[i].most, targets[i].least)};
		}
	if (!type->target.kind)
		document_mistake(
			reading->document, object, "a target (target_pch_out_db, say) is missing");
}

static void take_roadm(
	const struct reading *reading, struct node *object, struct roadm_type *type) {
	struct node *restrictions = document_object(reading->document, object, "restrictions");

	take_target(reading, object, type);
	type->add_drop_osnr_db =
		reading_number(reading, object, "add_drop_osnr", 0, DB_MOST, INFINITY);
	type->pmd_s = reading_number(reading, object, "pmd", 0, 1e-9, 0);
	type->pdl_db = reading_number(reading, object, "pdl", 0, 50, 0);
	take_names(
		reading, restrictions, "preamp_variety_list", &type->preamps, &type->preamp_count);
	take_names(reading, restrictions, "booster_variety_list", &type->boosters,
		&type->booster_count);
	take_impairments(reading, object, type);
}

void equipment_take_roadms(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct node *list = document_list(reading->document, reading->document->root, "Roadm");

	equipment->roadms = reading_grow(reading, equipment->roadms, equipment->roadm_count, list,
		sizeof(*equipment->roadms));
	for (struct node *item = list ? list->first : NULL; item; item = item->next) {
		struct roadm_type read = {0}, *place;

		read.name = reading_keep_text(
			reading, document_text(reading->document, item, "type_variety", "default"));
		take_roadm(reading, item, &read);
		place = reading_place(reading, item, read.name, equipment->roadms, sizeof(read),
			&equipment->roadm_count);
		if (place)
			*place = read;
	}
}
