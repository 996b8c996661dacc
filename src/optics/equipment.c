/* equipment: see equipment.h. */
#include "optics/equipment.h"

#include "optics/defaults.h"
#include "optics/document.h"
#include "optics/physics.h"

#include <errno.h>
#include <string.h>

/* What no real device has, so that a slip of units is found. */
#define HZ_LEAST 1e12
#define HZ_MOST  1e15

enum { DB_MOST = 200 };

struct reading {
	struct equipment *equipment;
	struct document *document;
	const char *folder;
};

/* ---- small parts ---- */

static struct arena *arena_of(const struct reading *reading) {
	return &reading->equipment->arena;
}

static const char *keep_text(const struct reading *reading, const char *text) {
	return text ? arena_text(arena_of(reading), text) : NULL;
}

static double number(const struct reading *reading, struct node *object, const char *key,
	double least, double most, double absent) {
	return document_number(reading->document, object, key, least, most, absent);
}

/* One that there is no going without. */
static double needed(const struct reading *reading, struct node *object, const char *key,
	double least, double most) {
	if (!document_member(object, key)) {
		document_mistake(reading->document, object, "'%s' is missing", key);
		return least;
	}
	return number(reading, object, key, least, most, least);
}

static const char *needed_text(
	const struct reading *reading, struct node *object, const char *key) {
	const char *text = document_text(reading->document, object, key, NULL);

	if (!text && !document_member(object, key))
		document_mistake(reading->document, object, "'%s' is missing", key);
	return keep_text(reading, text ? text : "");
}

static double *keep_numbers(const struct reading *reading, const double *numbers, size_t count) {
	double *own = arena_array(arena_of(reading), count, sizeof(*own));

	if (count)
		memcpy(own, numbers, count * sizeof(*own));
	return own;
}

static struct curve constant(const struct reading *reading, double value) {
	double *point = arena_array(arena_of(reading), 2, sizeof(*point));

	point[1] = value;
	return (struct curve){point, point + 1, 1};
}

/* Values that are spread evenly over a band. */
static struct curve spread(const struct reading *reading, const double *values, size_t count,
	double f_min_hz, double f_max_hz) {
	double *at = arena_array(arena_of(reading), count, sizeof(*at));

	for (size_t i = 0; i < count; i++)
		at[i] = count > 1
				? f_min_hz + (f_max_hz - f_min_hz) * (double)i / (double)(count - 1)
				: f_min_hz;
	return (struct curve){at, keep_numbers(reading, values, count), count};
}

static bool is_taken(const struct reading *reading, const struct node *node, const char *name,
	const char *first_name, size_t stride, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const char *other = *(const char *const *)((const char *)first_name + i * stride);

		if (strcmp(other, name) == 0) {
			document_mistake(
				reading->document, node, "'%s' is already in this library", name);
			return true;
		}
	}
	return false;
}

#define IS_TAKEN(reading, node, text, array, count)                                                \
	is_taken(reading, node, text,                                                              \
		(const char *)(array) + offsetof(__typeof__(*(array)), name), sizeof(*(array)),    \
		count)

/* ---- amplifiers ---- */

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
	const char *path = arena_print(arena_of(reading), "%s/%s", reading->folder, file);
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
	double nf_min = needed(reading, object, "nf_min", -10, DB_MOST);
	double nf_max = needed(reading, object, "nf_max", -10, DB_MOST);

	if (!reading->document->mistakes && amplifier_solve_coils(type, nf_min, nf_max) < 0)
		document_mistake(reading->document, object,
			"no two coils have noise figures of %g to %g dB over gains of %g to %g dB",
			nf_min, nf_max, type->gain_max_db, type->gain_min_db);
}

static const struct amplifier_type *take_stage(
	const struct reading *reading, struct node *object, const char *key) {
	const char *name = needed_text(reading, object, key);
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
	members = arena_array(arena_of(reading), list->count, sizeof(*members));
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
		type->nf0_db = needed(reading, object, "nf0", -20, DB_MOST);
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
	type->gain_min_db = type->kind == AMPLIFIER_MULTI_BAND
				    ? 0
				    : needed(reading, object, "gain_min", -DB_MOST, DB_MOST);
	if (!is_made_of_others) {
		type->gain_max_db =
			needed(reading, object, "gain_flatmax", type->gain_min_db, DB_MOST);
		type->p_max_dbm = needed(reading, object, "p_max", -DB_MOST, 60);
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
	type->f_min_hz = number(reading, object, "f_min", HZ_LEAST, HZ_MOST, type->f_min_hz);
	type->f_max_hz = number(reading, object, "f_max", HZ_LEAST, HZ_MOST, type->f_max_hz);
	take_by_kind(reading, object, type);
	if (type->f_min_hz >= type->f_max_hz && type->kind != AMPLIFIER_MULTI_BAND)
		document_mistake(reading->document, object, "its band is empty");
	if (!type->gain_tilt.count)
		type->gain_tilt = spread(reading, reading->equipment->gain_tilt.value,
			reading->equipment->gain_tilt.count, type->f_min_hz, type->f_max_hz);
	type->pmd_s = number(reading, object, "pmd", 0, 1e-9, 0);
	type->pdl_db = number(reading, object, "pdl", 0, 50, 0);
	type->out_voa_auto = document_bool(reading->document, object, "out_voa_auto", false);
	type->allowed_for_design =
		document_bool(reading->document, object, "allowed_for_design", true);
	type->is_raman = document_bool(reading->document, object, "raman", false);
	document_skip(object, "tilt_ripple");
	document_skip(object, "f_ripple_ref");
}

/* ---- fibres ---- */

static struct curve take_frequency_curve(
	const struct reading *reading, struct node *object, double least, double most) {
	size_t values, points;
	const double *value =
		document_numbers(reading->document, object, "value", least, most, &values);
	const double *at = document_numbers(
		reading->document, object, "frequency", HZ_LEAST, HZ_MOST, &points);

	if (values != points || !values) {
		document_mistake(reading->document, object,
			"as many numbers in 'value' as in 'frequency' are expected");
		return (struct curve){0};
	}
	for (size_t i = 1; i < points; i++)
		if (at[i] <= at[i - 1]) {
			document_mistake(reading->document, object, "frequencies are to ascend");
			return (struct curve){0};
		}
	return (struct curve){
		keep_numbers(reading, at, points), keep_numbers(reading, value, points), points};
}

/* Measured gain (1/(W m)) of this fibre for a pump at reference_frequency; kept normalised by the
 * areas that it was measured in. */
static const struct raman_gain *take_raman(
	const struct reading *reading, struct node *object, double area_m2) {
	struct node *given = document_object(reading->document, object, "raman_coefficient");
	struct fibre fibre = {.area_m2 = area_m2};
	size_t gains, offsets;
	const double *gain, *offset;
	double *own, reference;

	if (!given)
		return reading->equipment->raman;
	gain = document_numbers(reading->document, given, "g0", -1, 1, &gains);
	offset = document_numbers(
		reading->document, given, "frequency_offset", 0, HZ_MOST, &offsets);
	reference = needed(reading, given, "reference_frequency", HZ_LEAST, HZ_MOST);
	if (!gains || gains != offsets) {
		document_mistake(reading->document, given,
			"as many numbers in 'g0' as in 'frequency_offset' are expected");
		return reading->equipment->raman;
	}
	own = keep_numbers(reading, gain, gains);
	for (size_t i = 0; i < gains; i++) {
		if (i && offset[i] <= offset[i - 1])
			document_mistake(reading->document, given, "offsets are to ascend");
		own[i] *= (fibre_area(&fibre, reference) +
				  fibre_area(&fibre, fmax(reference - offset[i], 1e14))) /
			  2;
	}
	return raman_gain_create(arena_of(reading), offset, own, gains, reference);
}

static void take_fibre(
	const struct reading *reading, struct node *object, struct fibre_type *type) {
	struct node *curve = document_object(reading->document, object, "dispersion_per_frequency");
	double gamma = number(reading, object, "gamma", 1e-6, 1, NAN);

	type->dispersion = number(reading, object, "dispersion", -1e-3, 1e-3, 1.67e-5);
	type->dispersion_slope = number(reading, object, "dispersion_slope", -1e6, 1e6, NAN);
	if (curve)
		type->dispersion_curve = take_frequency_curve(reading, curve, -1e-3, 1e-3);
	type->area_m2 = number(reading, object, "effective_area", 1e-12, 1e-8,
		isnan(gamma) ? 83e-12 : fibre_area_of_gamma(gamma));
	type->pmd_coefficient = number(reading, object, "pmd_coef", 0, 1e-9, 1.265e-15);
	type->raman = take_raman(reading, object, type->area_m2);
}

/* ---- ROADMs ---- */

static void take_names(const struct reading *reading, struct node *object, const char *key,
	const char *const **names, size_t *count) {
	struct node *list = document_list(reading->document, object, key);
	const char **own;

	*count = 0;
	if (!list)
		return;
	own = arena_array(arena_of(reading), list->count, sizeof(*own));
	for (const struct node *item = list->first; item; item = item->next)
		if (item->kind != NODE_TEXT)
			document_mistake(reading->document, item, "a name is expected");
		else
			own[(*count)++] = keep_text(reading, item->text);
	*names = own;
}

static void take_impairment_set(const struct reading *reading, struct node *object,
	struct node *ways, enum roadm_way way, struct impairment_set *set) {
	struct impairment *bands = arena_array(arena_of(reading), ways->count, sizeof(*bands));

	*set = (struct impairment_set){
		(int)needed(reading, object, "roadm-path-impairments-id", 0, 1e6), way, bands,
		ways->count};
	for (struct node *item = ways->first; item; item = item->next, bands++) {
		struct node *range = document_object(reading->document, item, "frequency-range");

		bands->f_min_hz = number(reading, range, "lower-frequency", HZ_LEAST, HZ_MOST, 0);
		bands->f_max_hz =
			number(reading, range, "upper-frequency", HZ_LEAST, HZ_MOST, INFINITY);
		bands->pmd_s = number(reading, item, "roadm-pmd", 0, 1e-9, NAN);
		bands->pdl_db = number(reading, item, "roadm-pdl", 0, 50, NAN);
		bands->max_loss_db = number(reading, item, "roadm-maxloss", 0, DB_MOST, NAN);
		bands->osnr_db = number(reading, item, "roadm-osnr", 0, DB_MOST, NAN);
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
	sets = arena_array(arena_of(reading), list->count, sizeof(*sets));
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
				number(reading, object, targets[i].key, targets[i].least,
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
	type->add_drop_osnr_db = number(reading, object, "add_drop_osnr", 0, DB_MOST, INFINITY);
	type->pmd_s = number(reading, object, "pmd", 0, 1e-9, 0);
	type->pdl_db = number(reading, object, "pdl", 0, 50, 0);
	take_names(
		reading, restrictions, "preamp_variety_list", &type->preamps, &type->preamp_count);
	take_names(reading, restrictions, "booster_variety_list", &type->boosters,
		&type->booster_count);
	take_impairments(reading, object, type);
}

/* ---- transceivers ---- */

static void take_penalties(
	const struct reading *reading, struct node *object, struct transceiver_mode *mode) {
	static const char *const kinds[PENALTY_KINDS] = {"chromatic_dispersion", "pmd", "pdl"};
	struct node *list = document_list(reading->document, object, "penalties");

	for (int kind = 0; list && kind < PENALTY_KINDS; kind++) {
		struct penalty_point *points =
			arena_array(arena_of(reading), list->count + 1, sizeof(*points));
		size_t count = 0;

		for (struct node *item = list->first; item; item = item->next) {
			if (!document_member(item, kinds[kind]))
				continue;
			points[count++] = (struct penalty_point){
				number(reading, item, kinds[kind], -1e7, 1e7, 0),
				needed(reading, item, "penalty_value", 0, DB_MOST)};
			if (count > 1 &&
				points[count - 1].impairment <= points[count - 2].impairment)
				document_mistake(reading->document, item,
					"penalties of one kind are to ascend");
		}
		/* Nothing costs nothing. */
		if (count && points[0].impairment > 0) {
			memmove(points + 1, points, count * sizeof(*points));
			points[0] = (struct penalty_point){0, 0};
			count++;
		}
		mode->penalties[kind] = points;
		mode->penalty_count[kind] = count;
	}
}

static void take_mode(
	const struct reading *reading, struct node *object, struct transceiver_mode *mode) {
	mode->format = needed_text(reading, object, "format");
	mode->baud_hz = needed(reading, object, "baud_rate", 1e8, 1e12);
	mode->bit_rate = needed(reading, object, "bit_rate", 1e8, 1e14);
	mode->osnr_db = needed(reading, object, "OSNR", -50, DB_MOST);
	mode->roll_off = number(reading, object, "roll_off", 0, 1, 0.15);
	mode->tx_osnr_db = number(reading, object, "tx_osnr", 0, DB_MOST, INFINITY);
	mode->min_spacing_hz = number(reading, object, "min_spacing", 1e8, 1e13, mode->baud_hz);
	mode->cost = number(reading, object, "cost", 0, 1e12, 1);
	mode->offset_db = number(reading, object, "equalization_offset_db", -50, 50, 0);
	take_penalties(reading, object, mode);
}

static void take_transceiver(
	const struct reading *reading, struct node *object, struct transceiver_type *type) {
	struct node *range = document_object(reading->document, object, "frequency");
	struct node *list = document_list(reading->document, object, "mode");
	struct transceiver_mode *modes;

	type->f_min_hz = number(reading, range, "min", HZ_LEAST, HZ_MOST, 191.3e12);
	type->f_max_hz = number(reading, range, "max", HZ_LEAST, HZ_MOST, 196.1e12);
	if (!list) {
		document_mistake(reading->document, object, "'mode' is missing");
		return;
	}
	modes = arena_array(arena_of(reading), list->count, sizeof(*modes));
	for (struct node *item = list->first; item; item = item->next)
		take_mode(reading, item, &modes[type->mode_count++]);
	type->modes = modes;
}

/* ---- rules ---- */

static void take_span(const struct reading *reading, struct node *object, struct span_rules *span) {
	const char *units = document_text(reading->document, object, "length_units", "km");
	double unit = strcmp(units, "m") == 0 ? 1 : 1e3;
	size_t count;
	const double *range = document_numbers(
		reading->document, object, "delta_power_range_db", -DB_MOST, DB_MOST, &count);

	if (strcmp(units, "m") != 0 && strcmp(units, "km") != 0)
		document_mistake(reading->document, document_member(object, "length_units"),
			"m or km is expected");
	if (count == 3) {
		span->delta_p_min_db = range[0];
		span->delta_p_max_db = range[1];
		span->delta_p_step_db = range[2];
	} else if (document_member(object, "delta_power_range_db")) {
		document_mistake(reading->document, document_member(object, "delta_power_range_db"),
			"least, most and step are expected");
	}
	span->power_mode = document_bool(reading->document, object, "power_mode", true);
	span->raman_loss_max_db_m =
		number(reading, object, "max_fiber_lineic_loss_for_raman", 0, 10, 0.25) * 1e-3;
	span->extended_gain_db = number(reading, object, "target_extended_gain", 0, 50, 2.5);
	span->max_length_m = number(reading, object, "max_length", 1e-3, 1e7, 150) * unit;
	span->max_loss_db = number(reading, object, "max_loss", 0, DB_MOST, INFINITY);
	span->padding_db = number(reading, object, "padding", 0, DB_MOST, 10);
	span->end_of_life_db = number(reading, object, "EOL", 0, 50, 0);
	span->connector_in_db = number(reading, object, "con_in", 0, 50, 0);
	span->connector_out_db = number(reading, object, "con_out", 0, 50, 0);
	span->loss_reference_db = number(reading, object, "span_loss_ref", 0, DB_MOST, 20);
	span->power_slope = number(reading, object, "power_slope", -10, 10, 0.3);
	document_skip(object, "voa_margin");
	document_skip(object, "voa_step");
}

static void take_load(const struct reading *reading, struct node *object, struct load_rules *load) {
	load->f_min_hz = needed(reading, object, "f_min", HZ_LEAST, HZ_MOST);
	load->f_max_hz = needed(reading, object, "f_max", HZ_LEAST, HZ_MOST);
	load->spacing_hz = needed(reading, object, "spacing", 1e8, 1e13);
	load->baud_hz = needed(reading, object, "baud_rate", 1e8, 1e12);
	load->roll_off = number(reading, object, "roll_off", 0, 1, 0.15);
	load->tx_osnr_db = number(reading, object, "tx_osnr", 0, DB_MOST, INFINITY);
	load->power_dbm = number(reading, object, "power_dbm", -DB_MOST, 60, 0);
	load->tx_power_dbm = number(reading, object, "tx_power_dbm", -DB_MOST, 60, NAN);
	load->margin_db = number(reading, object, "sys_margins", -50, 50, 0);
	load->counts_for_design =
		document_bool(reading->document, object, "use_si_channel_count_for_design", false);
	document_skip(object, "power_range_db");
	if (load->f_min_hz >= load->f_max_hz)
		document_mistake(reading->document, object, "its band is empty");
	else if ((load->f_max_hz - load->f_min_hz) / load->spacing_hz > SPECTRUM_CHANNELS_MAX)
		document_mistake(
			reading->document, object, "more than %d channels", SPECTRUM_CHANNELS_MAX);
}

/* ---- the file ---- */

/* Those that are made of others come after them, whatever the order of the file. */
static void take_amplifiers(struct reading *reading, struct node *list) {
	struct equipment *equipment = reading->equipment;

	for (int pass = 0; pass < 3; pass++)
		for (struct node *item = list ? list->first : NULL; item; item = item->next) {
			const char *kind =
				document_text(reading->document, item, "type_def", "variable_gain");
			int wanted = strcmp(kind, "dual_stage") == 0   ? 1
				     : strcmp(kind, "multi_band") == 0 ? 2
								       : 0;
			struct amplifier_type type = {0}, *own;

			if (wanted != pass)
				continue;
			type.name = needed_text(reading, item, "type_variety");
			if (IS_TAKEN(reading, item, type.name, equipment->amplifiers,
				    equipment->amplifier_count))
				continue;
			take_amplifier(reading, item, &type);
			own = &equipment->amplifiers[equipment->amplifier_count++];
			*own = type;
		}
}

/* A RamanFiber is a Fiber whose element has pumps: one library for both, those of one name once. */
static void take_fibres(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct document *document = reading->document;
	struct node *plain = document_list(document, document->root, "Fiber");
	struct node *pumped = document_list(document, document->root, "RamanFiber");
	struct node *item;

	equipment->fibres = arena_array(&equipment->arena,
		(plain ? plain->count : 0) + (pumped ? pumped->count : 0),
		sizeof(*equipment->fibres));
	for (item = plain ? plain->first : NULL; item; item = item->next) {
		struct fibre_type *type = &equipment->fibres[equipment->fibre_count];

		type->name = needed_text(reading, item, "type_variety");
		if (IS_TAKEN(reading, item, type->name, equipment->fibres, equipment->fibre_count))
			continue;
		take_fibre(reading, item, type);
		equipment->fibre_count++;
	}
	for (item = pumped ? pumped->first : NULL; item; item = item->next) {
		struct fibre_type *type = &equipment->fibres[equipment->fibre_count], read = {0};

		read.name = needed_text(reading, item, "type_variety");
		take_fibre(reading, item, &read);
		if (equipment_fibre(equipment, read.name))
			continue;
		*type = read;
		equipment->fibre_count++;
	}
}

static void take_all(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct document *document = reading->document;
	struct node *root = document->root, *list, *item;

	list = document_list(document, root, "Edfa");
	equipment->amplifiers = arena_array(
		&equipment->arena, list ? list->count : 0, sizeof(*equipment->amplifiers));
	take_amplifiers(reading, list);
	take_fibres(reading);
	list = document_list(document, root, "Roadm");
	equipment->roadms =
		arena_array(&equipment->arena, list ? list->count : 0, sizeof(*equipment->roadms));
	for (item = list ? list->first : NULL; item; item = item->next) {
		struct roadm_type *type = &equipment->roadms[equipment->roadm_count];

		type->name = keep_text(
			reading, document_text(document, item, "type_variety", "default"));
		if (IS_TAKEN(reading, item, type->name, equipment->roadms, equipment->roadm_count))
			continue;
		take_roadm(reading, item, type);
		equipment->roadm_count++;
	}
	list = document_list(document, root, "Transceiver");
	equipment->transceivers = arena_array(
		&equipment->arena, list ? list->count : 0, sizeof(*equipment->transceivers));
	for (item = list ? list->first : NULL; item; item = item->next) {
		struct transceiver_type *type =
			&equipment->transceivers[equipment->transceiver_count];

		type->name = needed_text(reading, item, "type_variety");
		if (IS_TAKEN(reading, item, type->name, equipment->transceivers,
			    equipment->transceiver_count))
			continue;
		take_transceiver(reading, item, type);
		equipment->transceiver_count++;
	}
	list = document_list(document, root, "Span");
	if (list && list->first)
		take_span(reading, list->first, &equipment->span);
	else
		document_mistake(document, root, "'Span', the rules of design, is missing");
	list = document_list(document, root, "SI");
	equipment->loads =
		arena_array(&equipment->arena, list ? list->count : 0, sizeof(*equipment->loads));
	for (item = list ? list->first : NULL; item; item = item->next) {
		struct load_rules *load = &equipment->loads[equipment->load_count++];

		load->name = keep_text(
			reading, document_text(document, item, "type_variety", "default"));
		take_load(reading, item, load);
	}
	if (!equipment->load_count)
		document_mistake(document, root, "'SI', the load that is designed for, is missing");
}

static const char *folder_of(struct arena *arena, const char *path) {
	const char *slash = strrchr(path, '/');

	return slash ? arena_text_of(arena, path, (size_t)(slash - path) + !(slash - path)) : ".";
}

int equipment_read(struct equipment *equipment, const char *path) {
	struct reading reading = {.equipment = equipment};
	struct document document;
	int error = document_read(&document, path);

	*equipment = (struct equipment){0};
	if (!error && document.root->kind != NODE_OBJECT) {
		document_mistake(&document, document.root, "an object is expected");
		error = -EINVAL;
	}
	if (!error) {
		reading.document = &document;
		reading.folder = folder_of(&equipment->arena, path);
		equipment->gain_tilt = defaults_gain_tilt(&equipment->arena);
		error = defaults_read(&equipment->arena, reading.folder, &equipment->raman,
			&equipment->gain_tilt);
		if (!equipment->raman)
			equipment->raman = defaults_raman(&equipment->arena);
	}
	if (!error) {
		take_all(&reading);
		error = document_finish(&document);
	}
	document_free(&document);
	if (error)
		equipment_free(equipment);
	return error;
}

void equipment_free(struct equipment *equipment) {
	arena_free(&equipment->arena);
	*equipment = (struct equipment){0};
}

const struct amplifier_type *equipment_amplifier(
	const struct equipment *equipment, const char *name) {
	for (size_t i = 0; i < equipment->amplifier_count; i++)
		if (strcmp(equipment->amplifiers[i].name, name) == 0)
			return &equipment->amplifiers[i];
	return NULL;
}

const struct fibre_type *equipment_fibre(const struct equipment *equipment, const char *name) {
	for (size_t i = 0; i < equipment->fibre_count; i++)
		if (strcmp(equipment->fibres[i].name, name) == 0)
			return &equipment->fibres[i];
	return NULL;
}

const struct roadm_type *equipment_roadm(const struct equipment *equipment, const char *name) {
	if (!name || !*name)
		name = "default";
	for (size_t i = 0; i < equipment->roadm_count; i++)
		if (strcmp(equipment->roadms[i].name, name) == 0)
			return &equipment->roadms[i];
	return NULL;
}

const struct transceiver_type *equipment_transceiver(
	const struct equipment *equipment, const char *name) {
	for (size_t i = 0; i < equipment->transceiver_count; i++)
		if (strcmp(equipment->transceivers[i].name, name) == 0)
			return &equipment->transceivers[i];
	return NULL;
}
