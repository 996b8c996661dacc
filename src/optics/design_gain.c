/* design_gain: kinds and settings of the amplifiers of one line, from a node to the next. */
#include "optics/design_private.h"

#include "base/log.h"
#include "optics/physics.h"
#include "optics/propagation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An output attenuator that is chosen leaves so much gain unused, and goes in such steps. */
static const double voa_margin_db = 1, voa_step_db = 0.5;

/* Input that noise figures are told for: 0 dBm in 88 channels of 50 GHz. */
static const double explained_density_dbm = -19.44;

/* How far the line is set: of each band, where power stands against the reference's. */
struct line {
	struct design *design;
	const struct element *node;   /* where it begins */
	double delta_p_db[BANDS_MAX]; /* behind the last amplifier, before its attenuator */
	double voa_db[BANDS_MAX];
	double lowest_db; /* deviation of the lowest band behind the first span; NAN before */
	double deviation_db[BANDS_MAX]; /* loss of the last span in this band, on top of the
					   reference's */
};

static const struct element *after(const struct design *design, const struct element *element) {
	return element->next_count ? design->network->elements[element->next[0]] : NULL;
}

static const struct element *before(const struct design *design, const struct element *element) {
	return element->previous_count ? design->network->elements[element->previous[0]] : NULL;
}

/* GNPy rounds steps to tenths, and what has no step to hundredths. */
static double round_to(double value, double step) {
	step = rint(step * 10) / 10;
	return step >= 0.01 ? rint(rint(value / step) * step * 10) / 10 : rint(value * 100) / 100;
}

/* ---- losses ---- */

/* GNPy asks how much pumps give of every third channel only, at three times the power. */
static void thin_load(struct spectrum *load) {
	enum { OF = 3 };
	size_t count = load->count / OF;

	for (size_t i = 0; i < count; i++) {
		load->frequency_hz[i] = load->frequency_hz[OF * i + OF - 1];
		load->signal_w[i] = OF * load->signal_w[OF * i + OF - 1];
	}
	load->count = count;
}

/* What Raman pumps give the reference load in this fibre. */
static double estimate_raman_gain(const struct design *design, const struct fibre *fibre) {
	double connector = fibre->connector_in_db + fibre->padding_db, in, out = 0, gain = 0;
	struct sim_params sim = *design->options->sim;
	struct power_profile profile = {0};
	struct raman_work work = {0};
	struct spectrum load = {0};

	if (!fibre->pump_count || !sim.raman || spectrum_copy(&load, &design->load) < 0)
		return 0;
	if (sim.compat) {
		thin_load(&load);
		sim.solver_step_m = 100;
	}
	spectrum_attenuate(&load, db_to_ratio(-connector));
	in = spectrum_total_w(&load);
	if (raman_solve(&profile, &work, fibre, &load, &sim) == 0) {
		for (size_t i = 0; i < load.count; i++)
			out += load.signal_w[i] *
			       profile.ratio[i * profile.points + profile.points - 1];
		gain = fibre_loss_db(fibre) - connector - fibre->connector_out_db -
		       ratio_to_db(in / out);
	}
	spectrum_free(&load);
	power_profile_free(&profile);
	raman_free(&work);
	return gain;
}

/* The loss of the span between two amplifiers that `element` is in, less what pumps give. */
static double span_loss(const struct design *design, const struct element *element) {
	const struct element *at = element ? design_span_start(design, element) : NULL;
	double loss = element ? design_span_loss(design, element) : 0;

	while (at && (at->kind == ELEMENT_FIBRE || at->kind == ELEMENT_FUSED)) {
		if (at->fibre)
			loss -= estimate_raman_gain(design, at->fibre);
		at = after(design, at);
	}
	return loss;
}

/* ---- powers ---- */

/* What the slope rule asks for behind an amplifier, for the span ahead. */
static double wanted_delta(const struct design *design, const struct element *next) {
	const struct span_rules *rules = &design->equipment->span;
	double delta;

	if (!next || next->kind == ELEMENT_ROADM)
		return 0;
	delta = round_to((span_loss(design, next) - rules->loss_reference_db) * rules->power_slope,
		rules->delta_p_step_db);
	return fmin(fmax(delta, rules->delta_p_min_db), rules->delta_p_max_db);
}

/* All channels at the reference power, dBm; of several bands, each may be full. */
static double reference_total(const struct design *design, const struct element *element,
	const struct amplifier *amplifier) {
	size_t count = design->channels;

	if (element->is_multi_band)
		count = spectrum_count_in(amplifier->f_min_hz, amplifier->f_max_hz,
			design->equipment->loads[0].spacing_hz);
	return design->options->power_dbm + ratio_to_db((double)(count ? count : 1));
}

/* ---- kinds ---- */

static bool covers(const struct amplifier_type *type, double f_min_hz, double f_max_hz) {
	return type->f_min_hz <= f_min_hz && type->f_max_hz >= f_max_hz;
}

static bool is_named(const char *const *names, size_t count, const char *name) {
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Whether an element, its ROADMs and the library let a type be chosen there. */
static bool is_open_to(
	const struct line *line, const struct element *element, const struct amplifier_type *type) {
	const struct element *from = before(line->design, element),
			     *to = after(line->design, element);

	if (element->choice_count) {
		for (size_t i = 0; i < element->choice_count; i++)
			if (element->choice[i] == type)
				return true;
		return false;
	}
	if (from && from->roadm && from->roadm->type.booster_count)
		return is_named(
			from->roadm->type.boosters, from->roadm->type.booster_count, type->name);
	if (to && to->roadm && to->roadm->type.preamp_count)
		return is_named(to->roadm->type.preamps, to->roadm->type.preamp_count, type->name);
	return type->allowed_for_design;
}

/* Hybrid amplifiers pump the fibre before them, which must not lose too much of that. */
static bool is_raman_allowed(const struct line *line, const struct element *element) {
	const struct element *from = before(line->design, element);

	return from && from->fibre &&
	       curve_at(&from->fibre->loss_db_m, FIBRE_REFERENCE_HZ) <
		       line->design->equipment->span.raman_loss_max_db_m;
}

/* The types that may be chosen for a band; those that cover it, if any does. */
static size_t list_types(const struct line *line, const struct element *element,
	const struct amplifier *amplifier, const struct amplifier_type **types) {
	const struct equipment *equipment = line->design->equipment;
	double f_min = amplifier->f_min_hz > 0 ? amplifier->f_min_hz : equipment->loads[0].f_min_hz;
	double f_max = amplifier->f_max_hz > 0 ? amplifier->f_max_hz : equipment->loads[0].f_max_hz;
	size_t count = 0;

	for (int pass = 0; pass < 2 && !count; pass++)
		for (size_t i = 0; i < equipment->amplifier_count; i++) {
			const struct amplifier_type *type = &equipment->amplifiers[i];

			if (type->kind != AMPLIFIER_MULTI_BAND && is_open_to(line, element, type) &&
				(pass || covers(type, f_min, f_max)))
				types[count++] = type;
		}
	return count;
}

/* Whether a type of several bands has all that are chosen for the element so far. */
static bool has_chosen(const struct amplifier_type *multi, const struct element *element) {
	for (size_t b = 0; b < element->amplifier_count; b++) {
		bool found = !element->amplifiers[b].type;

		for (size_t m = 0; m < multi->member_count && !found; m++)
			found = multi->members[m] == element->amplifiers[b].type;
		if (!found)
			return false;
	}
	return true;
}

/* The members for a band of all types of several bands that may be chosen. */
static size_t list_members(const struct line *line, const struct element *element,
	const struct amplifier *amplifier, const struct amplifier_type **types) {
	const struct equipment *equipment = line->design->equipment;
	size_t count = 0;

	for (size_t i = 0; i < equipment->amplifier_count; i++) {
		const struct amplifier_type *multi = &equipment->amplifiers[i];

		if (multi->kind != AMPLIFIER_MULTI_BAND || !has_chosen(multi, element) ||
			(element->multi ? element->multi != multi
					: !is_open_to(line, element, multi)))
			continue;
		for (size_t m = 0; m < multi->member_count; m++)
			if (covers(multi->members[m], amplifier->f_min_hz, amplifier->f_max_hz))
				types[count++] = multi->members[m];
	}
	return count;
}

/* The type that has all members that were chosen. */
static const struct amplifier_type *find_multi(
	const struct equipment *equipment, const struct element *element) {
	for (size_t i = 0; i < equipment->amplifier_count; i++)
		if (equipment->amplifiers[i].kind == AMPLIFIER_MULTI_BAND &&
			has_chosen(&equipment->amplifiers[i], element))
			return &equipment->amplifiers[i];
	return NULL;
}

static struct chosen choose(const struct line *line, const struct element *element,
	const struct amplifier *amplifier, double gain_db, double power_dbm) {
	const struct equipment *equipment = line->design->equipment;
	size_t room = equipment->amplifier_count * BANDS_MAX + 1, count;
	const struct amplifier_type **types = calloc(room, sizeof(*types));
	struct choice wanted = {gain_db, power_dbm, is_raman_allowed(line, element),
		equipment->span.extended_gain_db};
	struct chosen chosen = {0};

	if (!types)
		return chosen;
	count = element->is_multi_band ? list_members(line, element, amplifier, types)
				       : list_types(line, element, amplifier, types);
	chosen = design_choose(types, count, &wanted);
	free(types);
	return chosen;
}

/* ---- setting ---- */

static void set_voa(struct amplifier *amplifier, double power_dbm, bool power_mode) {
	double voa = 0;

	if (!isnan(amplifier->out_voa_db))
		return;
	if (power_mode && amplifier->type->out_voa_auto) {
		voa = fmin(amplifier->type->p_max_dbm - power_dbm,
			amplifier->type->gain_max_db - amplifier->gain_db);
		voa = fmax(round_to(voa, voa_step_db) - voa_margin_db, 0);
		amplifier->delta_p_db += voa;
		amplifier->gain_db += voa;
	}
	amplifier->out_voa_db = voa;
}

/* Whether only its power is told: a gain is kept in gain mode. */
static bool keeps_gain(const struct design *design, const struct amplifier *amplifier) {
	return !design->equipment->span.power_mode && !isnan(amplifier->gain_db);
}

/* Where power stands at the amplifier's coils, against the reference's. */
static double delta_before(
	const struct line *line, const struct amplifier *amplifier, size_t band, double loss_db) {
	return line->delta_p_db[band] - line->voa_db[band] - loss_db - line->deviation_db[band] -
	       (isnan(amplifier->in_voa_db) ? 0 : amplifier->in_voa_db);
}

/* Where it is to stand behind them: what the file says, or the slope rule and what the attenuator
 * takes. */
static double delta_behind(
	const struct line *line, const struct element *element, const struct amplifier *amplifier) {
	if (!isnan(amplifier->delta_p_db))
		return amplifier->delta_p_db;
	return wanted_delta(line->design, after(line->design, element)) +
	       (isnan(amplifier->out_voa_db) ? 0 : amplifier->out_voa_db);
}

static void explain(const struct line *line, const struct element *element,
	const struct amplifier *amplifier, const struct chosen *chosen, double loss_db) {
	char how[64] = "given";

	if (chosen->fitting)
		snprintf(how, sizeof(how), "least noise of %zu that fit", chosen->fitting);
	design_tell(line->design, element,
		"%s (%s): gain %.2f dB for %.2f dB of loss, power %+.2f dB against the "
		"reference%s, "
		"NF %.2f dB, attenuator %.1f dB",
		amplifier->type->name, how, amplifier->gain_db, loss_db, amplifier->delta_p_db,
		chosen->short_db < 0 ? " (all that it can)" : "",
		amplifier_nf_db(amplifier->type, amplifier->gain_db, explained_density_dbm),
		amplifier->out_voa_db);
}

static int set_band(struct line *line, const struct element *element, struct amplifier *amplifier,
	size_t band, double loss_db) {
	const struct design *design = line->design;
	bool power_mode = design->equipment->span.power_mode;
	double from = delta_before(line, amplifier, band, loss_db), delta, power;
	struct chosen chosen = {.type = amplifier->type};

	delta = keeps_gain(design, amplifier) ? from + amplifier->gain_db
					      : delta_behind(line, element, amplifier);
	power = reference_total(design, element, amplifier) + delta;
	if (!amplifier->type)
		chosen = choose(line, element, amplifier, delta - from, power);
	else if (power_mode)
		chosen.short_db = fmin(amplifier->type->p_max_dbm - power, 0);
	if (!chosen.type) {
		log_error("%s: the library has no amplifier for '%s'", design->network->path,
			element->name);
		return -EINVAL;
	}
	amplifier->type = chosen.type;
	amplifier->f_min_hz = chosen.type->f_min_hz;
	amplifier->f_max_hz = chosen.type->f_max_hz;
	amplifier->delta_p_db = delta + chosen.short_db;
	amplifier->gain_db = delta - from + chosen.short_db;
	set_voa(amplifier, power, power_mode);
	if (isnan(amplifier->in_voa_db))
		amplifier->in_voa_db = 0;
	if (isnan(amplifier->tilt_db))
		amplifier->tilt_db = 0;
	line->delta_p_db[band] = amplifier->delta_p_db;
	line->voa_db[band] = amplifier->out_voa_db;
	explain(line, element, amplifier, &chosen, loss_db);
	return 0;
}

/* What GNPy's results say that it does: the lowest band keeps the deviation of the first span, and
 * the others keep their distance to it. */
static void deviate_gnpy(struct line *line) {
	double shift = line->lowest_db - line->deviation_db[0];

	if (isnan(line->lowest_db))
		line->lowest_db = line->deviation_db[0];
	else
		for (size_t b = 0; b < BANDS_MAX; b++)
			line->deviation_db[b] += shift;
}

/* A band's number in the line: bands ascend in every amplifier of it. */
static int set_amplifier(struct line *line, struct element *element) {
	double loss = span_loss(line->design, before(line->design, element));
	int error = 0;

	if (line->design->options->sim->compat && line->deviation_db[0] != 0)
		deviate_gnpy(line);
	for (size_t b = 0; b < element->amplifier_count && b < BANDS_MAX && !error; b++)
		error = set_band(line, element, &element->amplifiers[b], b, loss);
	if (!error && element->is_multi_band && !element->multi)
		element->multi = find_multi(line->design->equipment, element);
	return error;
}

/* ---- Raman scattering between bands ---- */

/* All bands full, at the powers that they are set to behind an amplifier. */
static int fill_bands(
	const struct line *line, const struct element *element, struct spectrum *load) {
	const struct load_rules *rules = &line->design->equipment->loads[0];
	size_t counts[BANDS_MAX], total = 0;
	int error;

	for (size_t b = 0; b < element->amplifier_count; b++)
		total += counts[b] = spectrum_count_in(element->amplifiers[b].f_min_hz,
			element->amplifiers[b].f_max_hz, rules->spacing_hz);
	error = spectrum_create(load, total);
	for (size_t b = 0; b < element->amplifier_count && !error; b++)
		for (size_t k = 1; k <= counts[b]; k++)
			spectrum_add(load,
				&(struct channel){element->amplifiers[b].f_min_hz +
							  (double)k * rules->spacing_hz,
					rules->baud_hz, rules->spacing_hz, rules->roll_off, 0, 0,
					line->design->options->power_dbm + line->delta_p_db[b] -
						line->voa_db[b]});
	if (!error)
		spectrum_launch(load);
	return error;
}

/* The channel nearest to a band's middle. */
static size_t middle_of(const struct amplifier *amplifier, const struct spectrum *load) {
	double middle = (amplifier->f_min_hz + amplifier->f_max_hz) / 2;
	size_t nearest = 0;

	for (size_t i = 1; i < load->count; i++)
		if (fabs(load->frequency_hz[i] - middle) <
			fabs(load->frequency_hz[nearest] - middle))
			nearest = i;
	return nearest;
}

/* With several bands, the upper ones lose to the lower ones what the next amplifier makes up for:
 * in the middle of each band, what the fibre takes on top of its loss. */
static void estimate_deviation(
	struct line *line, const struct element *amplifier, const struct fibre *fibre) {
	struct power_profile profile = {0};
	struct raman_work work = {0};
	struct spectrum load = {0};

	if (!amplifier || !amplifier->is_multi_band || !line->design->options->sim->raman ||
		fibre->pump_count || fill_bands(line, amplifier, &load) < 0)
		return;
	spectrum_attenuate(&load, db_to_ratio(-fibre->connector_in_db - fibre->padding_db));
	if (raman_solve(&profile, &work, fibre, &load, line->design->options->sim) == 0)
		for (size_t b = 0; b < amplifier->amplifier_count && b < BANDS_MAX; b++) {
			size_t i = middle_of(&amplifier->amplifiers[b], &load);
			double alone = fibre_alpha(fibre, load.frequency_hz[i]) * fibre->length_m *
					       DB_PER_NEPER +
				       fibre_lumped_db(fibre);

			line->deviation_db[b] -=
				ratio_to_db(
					profile.ratio[i * profile.points + profile.points - 1]) +
				alone;
		}
	spectrum_free(&load);
	power_profile_free(&profile);
	raman_free(&work);
}

/* ---- a line ---- */

/* Power that a transmitter sends; in GNPy the reference power itself. */
static double delta_of_transmitter(const struct design *design) {
	const struct load_rules *rules = &design->equipment->loads[0];

	return isnan(rules->tx_power_dbm) || design->options->sim->compat
		       ? 0
		       : rules->tx_power_dbm - design->options->power_dbm;
}

/* Power that the node sends towards a degree, against the reference's. */
static double delta_from(
	const struct design *design, const struct element *node, const struct element *first) {
	const struct load_rules *rules = &design->equipment->loads[0];

	if (!node->roadm)
		return delta_of_transmitter(design);
	return target_dbm(
		       roadm_target(node->roadm, first->name), rules->baud_hz, rules->spacing_hz) -
	       design->options->power_dbm;
}

int design_line(struct design *design, int number, int first) {
	struct network *network = design->network;
	struct line line = {.design = design, .node = network->elements[number], .lowest_db = NAN};
	struct element *at = network->elements[first];
	const struct element *last = NULL;
	int error = 0;

	for (size_t b = 0; b < BANDS_MAX; b++)
		line.delta_p_db[b] = delta_from(design, line.node, at);
	while (!element_is_node(at) && !error) {
		if (at->kind == ELEMENT_AMPLIFIER) {
			error = set_amplifier(&line, at);
			memset(line.deviation_db, 0, sizeof(line.deviation_db));
			last = at;
		} else if (at->kind == ELEMENT_FIBRE) {
			estimate_deviation(&line, last, at->fibre);
		}
		if (!at->next_count)
			break;
		at = network->elements[at->next[0]];
	}
	return error;
}
