/* propagation: see propagation.h. */
#include "optics/propagation.h"

#include "optics/physics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One run. */
struct run {
	struct propagation *propagation;
	const struct network *network;
	const struct propagation_options *options;
	const int *way;
	size_t count, at;
	double reference_dbm;
};

static const struct element *element_at(const struct run *run, size_t at) {
	return run->network->elements[run->way[at]];
}

/* ---- which channels fit ---- */

static bool fits(const struct element *element, double low_hz, double high_hz) {
	for (size_t b = 0; b < element->amplifier_count; b++)
		if (element->amplifiers[b].type &&
			low_hz >= element->amplifiers[b].type->f_min_hz &&
			high_hz <= element->amplifiers[b].type->f_max_hz)
			return true;
	return element->amplifier_count == 0;
}

static double low_edge(const struct spectrum *spectrum, size_t channel) {
	return spectrum->frequency_hz[channel] - spectrum->slot_hz[channel] / 2;
}

static double high_edge(const struct spectrum *spectrum, size_t channel) {
	return spectrum->frequency_hz[channel] + spectrum->slot_hz[channel] / 2;
}

static void drop_at(const struct element *element, struct spectrum *spectrum) {
	bool kept[SPECTRUM_CHANNELS_MAX];

	for (size_t i = 0; i < spectrum->count; i++)
		kept[i] = fits(element, low_edge(spectrum, i), high_edge(spectrum, i));
	spectrum_keep(spectrum, kept);
}

/* Most elements have a band that all channels fit into. */
static void drop_misfits(const struct run *run) {
	struct spectrum *spectrum = &run->propagation->spectrum;
	size_t before = spectrum->count;

	for (size_t at = 0; at < run->count && spectrum->count; at++)
		if (!fits(element_at(run, at), low_edge(spectrum, 0),
			    high_edge(spectrum, spectrum->count - 1)))
			drop_at(element_at(run, at), spectrum);
	run->propagation->dropped = before - spectrum->count;
}

/* ---- elements ---- */

/* Interference is power that the channel loses: all of it shrinks by what is made of it. */
static void add_nli(struct spectrum *spectrum, const double *nli_w) {
	for (size_t i = 0; i < spectrum->count; i++) {
		double power = spectrum_power_w(spectrum, i);
		double rest = power > 0 ? 1 - nli_w[i] / power : 1;

		spectrum->signal_w[i] *= rest;
		spectrum->ase_w[i] *= rest;
		spectrum->nli_w[i] = spectrum->nli_w[i] * rest + nli_w[i];
	}
}

static void disperse(const struct run *run, const struct fibre *fibre) {
	struct spectrum *spectrum = &run->propagation->spectrum;

	for (size_t i = 0; i < spectrum->count; i++) {
		double f = spectrum->frequency_hz[i];

		spectrum->cd_s_m[i] += run->options->sim->compat ? fibre_dispersion_gnpy(fibre, f)
								 : fibre_dispersion(fibre, f);
		spectrum->pmd_s2[i] +=
			fibre->pmd_coefficient * fibre->pmd_coefficient * fibre->length_m;
	}
	spectrum->latency_s += fibre_latency_s(fibre);
}

static int pass_fibre(struct run *run, const struct fibre *fibre, struct passage *passage) {
	struct propagation *own = run->propagation;
	struct spectrum *spectrum = &own->spectrum;
	double before = spectrum_total_w(spectrum), out = db_to_ratio(-fibre->connector_out_db);
	const struct power_profile *profile = &own->profile;
	int error;

	spectrum_attenuate(spectrum, db_to_ratio(-fibre->connector_in_db - fibre->padding_db));
	error = raman_solve(&own->profile, &own->raman, fibre, spectrum, run->options->sim);
	if (!error)
		error = nli_compute(
			own->scratch, &own->nli, fibre, spectrum, &own->profile, run->options->sim);
	if (error)
		return error;
	add_nli(spectrum, own->scratch);
	for (size_t i = 0; i < spectrum->count; i++)
		own->scratch[i] = profile->ratio[i * profile->points + profile->points - 1] * out;
	spectrum_attenuate_each(spectrum, own->scratch);
	for (size_t i = 0; i < spectrum->count; i++)
		spectrum->ase_w[i] += profile->ase_w[i] * out;
	disperse(run, fibre);
	passage->raman_gain_db =
		fibre_loss_db(fibre) - ratio_to_db(before / spectrum_total_w(spectrum));
	run->reference_dbm -= fibre_loss_db(fibre);
	if (fibre->pump_count)
		run->reference_dbm += passage->raman_gain_db;
	return 0;
}

/* The reference channel is in the upper band; power that was designed goes before gain. */
static void refer(struct run *run, const struct element *element) {
	const struct amplifier *amplifier = &element->amplifiers[element->amplifier_count - 1];

	run->reference_dbm =
		isnan(amplifier->delta_p_db)
			? run->reference_dbm + amplifier->gain_db - amplifier->in_voa_db
			: run->options->power_dbm + amplifier->delta_p_db;
	run->reference_dbm -= amplifier->out_voa_db;
}

static void pass_amplifier(
	struct run *run, const struct element *element, struct passage *passage) {
	struct spectrum *spectrum = &run->propagation->spectrum;
	size_t from = 0;

	for (size_t b = 0; b < element->amplifier_count && b < BANDS_MAX; b++) {
		struct amplifier amplifier = element->amplifiers[b];
		double *limit =
			run->options->gain_limits_db
				? &run->options
					   ->gain_limits_db[(size_t)run->way[run->at] * BANDS_MAX +
							    b]
				: NULL;
		size_t to = from;

		while (to < spectrum->count &&
			spectrum->frequency_hz[to] < amplifier.type->f_max_hz)
			to++;
		if (limit)
			amplifier.gain_db = fmin(amplifier.gain_db, *limit);
		amplifier_amplify(&amplifier, spectrum, from, to, run->options->sim->compat,
			&passage->amplifiers[b]);
		if (limit && to > from)
			*limit = passage->amplifiers[b].gain_db;
		run->propagation->limited |= passage->amplifiers[b].saturated;
		passage->amplifier_count++;
		from = to;
	}
	refer(run, element);
}

static void pass_roadm(struct run *run, const struct element *element, struct passage *passage) {
	struct propagation *own = run->propagation;
	const struct element *from = run->at ? element_at(run, run->at - 1) : element;
	const struct element *to =
		run->at + 1 < run->count ? element_at(run, run->at + 1) : element;
	enum roadm_way way = from->kind == ELEMENT_TRANSCEIVER ? ROADM_ADD
			     : to->kind == ELEMENT_TRANSCEIVER ? ROADM_DROP
							       : ROADM_EXPRESS;
	struct target target = roadm_target(element->roadm, to->name);
	double wanted = target.kind == EQUALISE_POWER ? target.value
						      : target_dbm(target, own->spectrum.baud_hz[0],
								own->spectrum.slot_hz[0]);

	roadm_pass(element->roadm, from->name, to->name, way, &own->spectrum, own->scratch);
	for (size_t i = 0; i < own->spectrum.count; i++)
		own->added[i] += db_to_ratio(-own->scratch[i]);
	passage->reference_loss_db = fmax(run->reference_dbm - wanted, 0);
	run->reference_dbm = fmin(run->reference_dbm, wanted);
}

/* ---- channels that join and leave ---- */

/* More than any ROADM lets on, so that it brings those that join to its target. */
static const double joining_w = 1;

/* What has become of a channel. */
static void take_state(struct spectrum *to, size_t i, const struct spectrum *from, size_t k) {
	to->signal_w[i] = from->signal_w[k];
	to->ase_w[i] = from->ase_w[k];
	to->nli_w[i] = from->nli_w[k];
	to->cd_s_m[i] = from->cd_s_m[k];
	to->pmd_s2[i] = from->pmd_s2[k];
	to->pdl_db2[i] = from->pdl_db2[k];
}

static int make_channel_room(struct propagation *own, size_t room) {
	double *more;

	if (room <= own->channel_room)
		return 0;
	more = calloc(2 * room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	if (own->channel_room)
		memcpy(more + room, own->added, own->channel_room * sizeof(*more));
	free(own->scratch);
	own->scratch = more;
	own->channel_room = room;
	own->added = more + room;
	return 0;
}

/* From here on these channels travel; those that were there before go on as they are. */
static int meet(struct run *run, const struct spectrum *channels) {
	struct propagation *own = run->propagation;
	struct spectrum *now = &own->met, before;
	bool launches = element_at(run, run->at)->kind == ELEMENT_TRANSCEIVER;
	int error = spectrum_copy(now, channels);

	if (!error)
		error = make_channel_room(own, channels->room);
	if (error)
		return error;
	spectrum_launch(now);
	now->latency_s = own->spectrum.latency_s;
	memcpy(own->scratch, own->added, own->channel_room * sizeof(*own->scratch));
	for (size_t i = 0, k = 0; i < now->count; i++) {
		while (k < own->spectrum.count &&
			own->spectrum.frequency_hz[k] < now->frequency_hz[i])
			k++;
		own->added[i] = 0;
		if (k < own->spectrum.count &&
			own->spectrum.frequency_hz[k] == now->frequency_hz[i]) {
			take_state(now, i, &own->spectrum, k);
			own->added[i] = own->scratch[k];
		} else if (!launches) {
			now->signal_w[i] = joining_w;
		}
	}
	before = own->spectrum;
	own->spectrum = *now;
	*now = before;
	return 0;
}

static int pass(struct run *run, struct passage *passage) {
	const struct element *element = element_at(run, run->at);
	const struct spectrum *const *along = run->options->along;

	if (along && along[run->at]) {
		int error = meet(run, along[run->at]);

		if (error)
			return error;
	}
	switch (element->kind) {
	case ELEMENT_FIBRE:
		return pass_fibre(run, element->fibre, passage);
	case ELEMENT_AMPLIFIER:
		pass_amplifier(run, element, passage);
		return 0;
	case ELEMENT_ROADM:
		pass_roadm(run, element, passage);
		return 0;
	case ELEMENT_FUSED:
		spectrum_attenuate(&run->propagation->spectrum, db_to_ratio(-element->loss_db));
		run->reference_dbm -= element->loss_db;
		return 0;
	default:
		return 0;
	}
}

static void note(const struct run *run, struct passage *passage) {
	const struct spectrum *spectrum = &run->propagation->spectrum;
	double ase = 0, nli = 0, n = (double)spectrum->count;

	passage->element = run->way[run->at];
	passage->channels = spectrum->count;
	passage->min_dbm = INFINITY;
	passage->max_dbm = -INFINITY;
	for (size_t i = 0; i < spectrum->count; i++) {
		double power = watt_to_dbm(spectrum_power_w(spectrum, i));
		double noise = spectrum->ase_w[i] + spectrum->nli_w[i];

		passage->mean_dbm += power / n;
		passage->min_dbm = fmin(passage->min_dbm, power);
		passage->max_dbm = fmax(passage->max_dbm, power);
		passage->gsnr_db += ratio_to_db(spectrum->signal_w[i] / noise) / n;
		ase += spectrum->ase_w[i];
		nli += spectrum->nli_w[i];
	}
	passage->total_dbm = watt_to_dbm(spectrum_total_w(spectrum));
	passage->ase_dbm = watt_to_dbm(ase);
	passage->nli_dbm = watt_to_dbm(nli);
	passage->reference_dbm = run->reference_dbm;
}

/* ---- lines that are known ---- */

/* The place of the next node, or of the end of the way. */
static size_t end_of_line(const struct run *run) {
	size_t end = run->at;

	while (end < run->count && !element_is_node(element_at(run, end)))
		end++;
	return end;
}

/* From node to node; lines as they are known, or become so. */
static int run_known(struct run *run) {
	struct propagation *own = run->propagation;
	struct transfer_cache *transfers = run->options->transfers;
	struct passage unused;
	int error = 0;

	while (run->at < run->count && !error) {
		size_t end = end_of_line(run);
		int first = run->way[run->at];
		bool limited = own->limited;

		if (end == run->at) {
			error = pass(run, &unused);
			run->at++;
		} else if (transfer_apply(transfers, first, &own->spectrum, &own->limited)) {
			run->at = end;
		} else {
			own->limited = false;
			transfer_begin(transfers, &own->spectrum);
			for (; run->at < end && !error; run->at++)
				error = pass(run, &unused);
			if (!error)
				transfer_keep(transfers, first, &own->spectrum, own->limited);
			own->limited |= limited;
		}
	}
	return error;
}

/* ---- runs ---- */

static int make_room(struct propagation *own, const struct spectrum *load, size_t count) {
	if (count > own->room) {
		struct passage *more = realloc(own->passages, count * sizeof(*more));

		if (!more)
			return -ENOMEM;
		own->passages = more;
		own->room = count;
	}
	if (make_channel_room(own, load->room) < 0)
		return -ENOMEM;
	own->count = count;
	return spectrum_copy(&own->spectrum, load);
}

int propagation_run(struct propagation *propagation, const struct network *network, const int *way,
	size_t count, const struct spectrum *load, const struct propagation_options *options) {
	struct run run = {propagation, network, options, way, count, 0, options->power_dbm};
	int error = make_room(propagation, load, count);

	if (error)
		return error;
	drop_misfits(&run);
	if (!propagation->spectrum.count)
		return -ENODATA;
	spectrum_launch(&propagation->spectrum);
	for (size_t i = 0; i < propagation->spectrum.count; i++)
		propagation->added[i] = db_to_ratio(-propagation->spectrum.tx_osnr_db[i]);
	propagation->limited = false;
	propagation->ends_at_roadm =
		count > 1 && element_at(&run, count - 2)->kind == ELEMENT_ROADM;
	if (options->transfers)
		return run_known(&run);
	for (; run.at < count && !error; run.at++) {
		struct passage *passage = &propagation->passages[run.at];

		*passage = (struct passage){0};
		error = pass(&run, passage);
		note(&run, passage);
		if (!error && propagation->look)
			propagation->look(propagation->looker, propagation, run.at);
	}
	return error;
}

void propagation_free(struct propagation *propagation) {
	spectrum_free(&propagation->spectrum);
	spectrum_free(&propagation->met);
	power_profile_free(&propagation->profile);
	raman_free(&propagation->raman);
	nli_free(&propagation->nli);
	free(propagation->passages);
	free(propagation->scratch);
	*propagation = (struct propagation){0};
}

/* ---- reception ---- */

void propagation_receive(
	const struct propagation *propagation, size_t i, struct reception *reception) {
	const struct spectrum *s = &propagation->spectrum;
	double bandwidths = s->baud_hz[i] / OSNR_BANDWIDTH_HZ, by_01nm = ratio_to_db(bandwidths);
	double ase = s->ase_w[i] / s->signal_w[i], nli = s->nli_w[i] / s->signal_w[i];
	double added = propagation->added[i];

	*reception = (struct reception){
		.gsnr_01nm_db = -ratio_to_db((ase + nli) / bandwidths + added),
		.osnr_01nm_db = -ratio_to_db(ase / bandwidths + added),
		.nli_bw_db = -ratio_to_db(nli),
		.raw_gsnr_bw_db = -ratio_to_db(ase + nli),
		.raw_osnr_bw_db = -ratio_to_db(ase),
		.power_dbm = watt_to_dbm(spectrum_power_w(s, i)),
		.cd_ps_nm = s->cd_s_m[i] * 1e3,
		.pmd_ps = sqrt(s->pmd_s2[i]) * 1e12,
		.pdl_db = sqrt(s->pdl_db2[i]),
		.heard_dbm = propagation->ends_at_roadm ? NAN : watt_to_dbm(spectrum_power_w(s, i)),
	};
	reception->gsnr_bw_db = reception->gsnr_01nm_db - by_01nm;
	reception->osnr_bw_db = reception->osnr_01nm_db - by_01nm;
}

void propagation_mean(const struct propagation *propagation, struct reception *mean) {
	double *sums = (double *)mean;
	size_t fields = sizeof(*mean) / sizeof(*sums);

	*mean = (struct reception){0};
	for (size_t i = 0; i < propagation->spectrum.count; i++) {
		struct reception one;

		propagation_receive(propagation, i, &one);
		for (size_t k = 0; k < fields; k++)
			sums[k] += ((const double *)&one)[k] / (double)propagation->spectrum.count;
	}
}
