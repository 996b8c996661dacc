/* equipment_amplifiers: the amplifiers of an equipment file. */
#include "optics/equipment_private.h"

#include <math.h>
#include <string.h>

static struct curve constant(const struct reading *reading, double value) {
	double *point = arena_array(reading_arena(reading), 2, sizeof(*point));

	point[1] = value;
	return (struct curve){point, point + 1, 1};
}

/* Values that are spread evenly over a band. */
static struct curve spread(const struct reading *reading, const double *values, size_t count,
	double f_min_hz, double f_max_hz) {
	double *at = arena_array(reading_arena(reading), count, sizeof(*at));

	for (size_t i = 0; i < count; i++)
		at[i] = count > 1
				? f_min_hz + (f_max_hz - f_min_hz) * (double)i / (double)(count - 1)
				: f_min_hz;
	return (struct curve){at, reading_keep_numbers(reading, values, count), count};
}

static const struct {
	const char *name;
	enum amplifier_kind kind;
} amplifier_kinds[] = {
	{"fixed_gain", AMPLIFIER_FIXED},
	{"variable_gain", AMPLIFIER_VARIABLE},
	{"advanced_model", AMPLIFIER_ADVANCED},
	{"openroadm", AMPLIFIER_OPENROADM},
	{"openroadm_preamp", AMPLIFIER_OPENROADM_PREAMP},
	{"openroadm_booster", AMPLIFIER_OPENROADM_BOOSTER},
	{"dual_stage", AMPLIFIER_DUAL_STAGE},
	{"multi_band", AMPLIFIER_MULTI_BAND},
};

static void take_kind(
	const struct reading *reading, struct node *object, struct amplifier_type *type) {
	const char *kind = document_text(reading->document, object, "type_def", "variable_gain");

	for (size_t i = 0; i < sizeof(amplifier_kinds) / sizeof(amplifier_kinds[0]); i++)
		if (strcmp(kind, amplifier_kinds[i].name) == 0) {
			type->kind = amplifier_kinds[i].kind;
			return;
		}
	document_mistake(reading->document, document_member(object, "type_def"),
		"'%s' is no kind of amplifier", kind);
}

/* The cubic of a noise figure. */
static void take_cubic(const struct reading *reading, struct document *document,
	struct node *object, const char *key, struct amplifier_type *type) {
	size_t count;
	const double *numbers = document_numbers(document, object, key, -1e6, 1e6, &count);

	if (count != NF_COEFFICIENTS)
		document_mistake(document, object, "'%s' with four numbers is expected", key);
	else
		memcpy(type->nf_fit, numbers, sizeof(type->nf_fit));
}

static struct curve take_curve(const struct reading *reading, struct document *document,
	const char *key, const struct amplifier_type *type, struct curve absent) {
	size_t count;
	const double *values = document_numbers(document, document->root, key, -1e3, 1e3, &count);

	return count ? spread(reading, values, count, type->f_min_hz, type->f_max_hz) : absent;
}

/* What another file says of the amplifier: its band and how its gain and noise go over it. */
static void take_details(const struct reading *reading, const struct node *object, const char *file,
	struct amplifier_type *type) {
	const char *path = arena_print(reading_arena(reading), "%s/%s", reading->folder, file);
	struct document document;

	if (document_read(&document, path) < 0 || document.root->kind != NODE_OBJECT) {
		document_mistake(reading->document, object, "'%s' cannot be used", file);
		document_free(&document);
		return;
	}
	type->f_min_hz = document_number(
		&document, document.root, "f_min", HZ_LEAST, HZ_MOST, type->f_min_hz);
	type->f_max_hz = document_number(
		&document, document.root, "f_max", HZ_LEAST, HZ_MOST, type->f_max_hz);
	type->gain_ripple_db =
		take_curve(reading, &document, "gain_ripple", type, type->gain_ripple_db);
	type->nf_ripple_db = take_curve(reading, &document, "nf_ripple", type, type->nf_ripple_db);
	type->gain_tilt = take_curve(reading, &document, "dgt", type, type->gain_tilt);
	if (type->kind == AMPLIFIER_ADVANCED)
		take_cubic(reading, &document, document.root, "nf_fit_coeff", type);
	document.all_used = true;
	if (document_finish(&document) < 0)
		document_mistake(reading->document, object, "'%s' is wrong", file);
	document_free(&document);
}

static void take_variable(
	const struct reading *reading, struct node *object, struct amplifier_type *type) {
	double nf_min = reading_needed(reading, object, "nf_min", -10, DB_MOST);
	double nf_max = reading_needed(reading, object, "nf_max", -10, DB_MOST);

	if (!reading->document->mistakes && amplifier_solve_coils(type, nf_min, nf_max) < 0)
		document_mistake(reading->document, object,
			"no two coils have noise figures of %g to %g dB over gains of %g to %g dB",
			nf_min, nf_max, type->gain_max_db, type->gain_min_db);
}

static const struct amplifier_type *take_stage(
	const struct reading *reading, struct node *object, const char *key) {
	const char *name = reading_needed_text(reading, object, key);
	const struct amplifier_type *stage = equipment_amplifier(reading->equipment, name);

	if (*name && (!stage || stage->kind >= AMPLIFIER_DUAL_STAGE)) {
		document_mistake(reading->document, document_member(object, key),
			"no single amplifier of this library is called '%s'", name);
		return NULL;
	}
	return stage;
}

static void take_stages(
	const struct reading *reading, struct node *object, struct amplifier_type *type) {
	type->stages[0] = take_stage(reading, object, "preamp_variety");
	type->stages[1] = take_stage(reading, object, "booster_variety");
	if (!type->stages[0] || !type->stages[1])
		return;
	type->gain_max_db = type->stages[0]->gain_max_db + type->stages[1]->gain_max_db;
	type->p_max_dbm = type->stages[1]->p_max_dbm;
	type->f_min_hz = fmax(type->stages[0]->f_min_hz, type->stages[1]->f_min_hz);
	type->f_max_hz = fmin(type->stages[0]->f_max_hz, type->stages[1]->f_max_hz);
}

static void take_member_types(
	const struct reading *reading, struct node *object, struct amplifier_type *type) {
	struct node *list = document_list(reading->document, object, "amplifiers");
	const struct amplifier_type **members;

	if (!list || !list->count) {
		document_mistake(reading->document, object,
			"'amplifiers', of which one is in each band, is missing");
		return;
	}
	if (list->count > BANDS_MAX) {
		document_mistake(reading->document, list, "more than %d bands", BANDS_MAX);
		return;
	}
	members = arena_array(reading_arena(reading), list->count, sizeof(*members));
	for (struct node *item = list->first; item; item = item->next) {
		const char *name = item->kind == NODE_TEXT ? item->text : "";
		const struct amplifier_type *member = equipment_amplifier(reading->equipment, name);

		if (!member || member->kind == AMPLIFIER_MULTI_BAND)
			document_mistake(reading->document, item,
				"no amplifier of this library is called '%s'", name);
		else
			members[type->member_count++] = member;
	}
	type->members = members;
}

/* The parts that depend on its kind. */
static void take_by_kind(
	const struct reading *reading, struct node *object, struct amplifier_type *type) {
	switch (type->kind) {
	case AMPLIFIER_FIXED:
		type->nf0_db = reading_needed(reading, object, "nf0", -20, DB_MOST);
		break;
	case AMPLIFIER_VARIABLE:
		take_variable(reading, object, type);
		break;
	case AMPLIFIER_OPENROADM:
		take_cubic(reading, reading->document, object, "nf_coef", type);
		break;
	case AMPLIFIER_DUAL_STAGE:
		take_stages(reading, object, type);
		break;
	case AMPLIFIER_MULTI_BAND:
		take_member_types(reading, object, type);
		break;
	default:
		break;
	}
}

static void take_amplifier(
	const struct reading *reading, struct node *object, struct amplifier_type *type) {
	static const char *const details[] = {
		"default_config_from_json", "advanced_config_from_json"};
	bool is_made_of_others, has_details = false;

	take_kind(reading, object, type);
	is_made_of_others = type->kind >= AMPLIFIER_DUAL_STAGE;
	type->f_min_hz = 191.275e12;
	type->f_max_hz = 196.125e12;
	type->gain_ripple_db = type->nf_ripple_db = constant(reading, 0);
	type->gain_min_db =
		type->kind == AMPLIFIER_MULTI_BAND
			? 0
			: reading_needed(reading, object, "gain_min", -DB_MOST, DB_MOST);
	if (!is_made_of_others) {
		type->gain_max_db =
			reading_needed(reading, object, "gain_flatmax", type->gain_min_db, DB_MOST);
		type->p_max_dbm = reading_needed(reading, object, "p_max", -DB_MOST, 60);
	}
	for (size_t i = 0; i < 2; i++) {
		const char *file = document_text(reading->document, object, details[i], NULL);

		if (file) {
			take_details(reading, object, file, type);
			has_details |= i == 1;
		}
	}
	if (type->kind == AMPLIFIER_ADVANCED && !has_details)
		document_mistake(reading->document, object, "'%s' is missing", details[1]);
	type->f_min_hz =
		reading_number(reading, object, "f_min", HZ_LEAST, HZ_MOST, type->f_min_hz);
	type->f_max_hz =
		reading_number(reading, object, "f_max", HZ_LEAST, HZ_MOST, type->f_max_hz);
	take_by_kind(reading, object, type);
	if (type->f_min_hz >= type->f_max_hz && type->kind != AMPLIFIER_MULTI_BAND)
		document_mistake(reading->document, object, "its band is empty");
	if (!type->gain_tilt.count)
		type->gain_tilt = spread(reading, reading->equipment->gain_tilt.value,
			reading->equipment->gain_tilt.count, type->f_min_hz, type->f_max_hz);
	type->pmd_s = reading_number(reading, object, "pmd", 0, 1e-9, 0);
	type->pdl_db = reading_number(reading, object, "pdl", 0, 50, 0);
	type->power_w = reading_number(reading, object, "power_w", 0, 1e5, NAN);
	type->out_voa_auto = document_bool(reading->document, object, "out_voa_auto", false);
	type->allowed_for_design =
		document_bool(reading->document, object, "allowed_for_design", true);
	type->is_raman = document_bool(reading->document, object, "raman", false);
	document_skip(object, "tilt_ripple");
	document_skip(object, "f_ripple_ref");
}

/* Those that are made of others come after them, whatever the order of the file. */
void equipment_take_amplifiers(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct node *list = document_list(reading->document, reading->document->root, "Edfa");

	equipment->amplifiers = reading_grow(reading, equipment->amplifiers,
		equipment->amplifier_count, list, sizeof(*equipment->amplifiers));

	for (int pass = 0; pass < 3; pass++)
		for (struct node *item = list ? list->first : NULL; item; item = item->next) {
			const char *kind =
				document_text(reading->document, item, "type_def", "variable_gain");
			int wanted = strcmp(kind, "dual_stage") == 0   ? 1
				     : strcmp(kind, "multi_band") == 0 ? 2
								       : 0;
			struct amplifier_type read = {0}, *place;

			if (wanted != pass)
				continue;
			read.name = reading_needed_text(reading, item, "type_variety");
			take_amplifier(reading, item, &read);
			place = reading_place(reading, item, read.name, equipment->amplifiers,
				sizeof(read), &equipment->amplifier_count);
			if (place)
				*place = read;
		}
}
