/* capacity: see capacity.h. */
#include "optics/capacity.h"

#include "optics/flexgrid.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So often a mix is tried again with less trust; and what is added to what was missing, in dB. */
enum { MIXES_MOST = 12 };
static const double mistrust_db = 0.02;

/* One computation. */
struct filler {
	struct capacity *capacity;
	const struct occupancy *occupancy;
	const struct route *route;
	const struct ways *ways;
	const struct capacity_options *options;
	struct judge judge;
	struct spectrum load;
	double *mistrust; /* by filling: margin that it must have when alone */
};

/* ---- what a mode may use ---- */

static int width_of(const struct transceiver_mode *mode) {
	return flexgrid_width(1, mode->min_spacing_hz);
}

static bool is_usable(
	const struct filler *filler, const struct transceiver_type *type, const struct slot *slot) {
	return flexgrid_low(slot->n, slot->m) >= type->f_min_hz - 1 &&
	       flexgrid_high(slot->n, slot->m) <= type->f_max_hz + 1 &&
	       occupancy_is_free(filler->occupancy, filler->route, slot);
}

/* ---- one load ---- */

static double tx_dbm(const struct filler *filler, const struct transceiver_mode *mode) {
	const struct load_rules *rules = &filler->options->equipment->loads[0];

	if (!isnan(mode->tx_power_dbm))
		return mode->tx_power_dbm;
	return isnan(rules->tx_power_dbm) ? filler->options->power_dbm : rules->tx_power_dbm;
}

static int launch(struct filler *filler, const struct capacity_channel *channels, size_t count) {
	int error;

	spectrum_free(&filler->load);
	error = spectrum_create(&filler->load, count);
	for (size_t i = 0; i < count && !error; i++) {
		const struct transceiver_mode *mode = channels[i].filling->mode;
		const struct slot *slot = &channels[i].slot;

		spectrum_add(&filler->load,
			&(struct channel){flexgrid_frequency(slot->n), mode->baud_hz,
				slot->m * FLEXGRID_WIDTH_HZ, mode->roll_off, mode->tx_osnr_db,
				mode->offset_db, tx_dbm(filler, mode)});
	}
	return error;
}

static int judge_way(struct filler *filler, const int *way, size_t length,
	struct capacity_channel *channels, size_t count) {
	const struct propagation_options options = {
		.sim = filler->options->sim, .power_dbm = filler->options->power_dbm};
	struct propagation *propagation = &filler->judge.propagation;
	int error = propagation_run(
		propagation, filler->judge.network, way, length, &filler->load, &options);

	if (!error && propagation->spectrum.count != count)
		error = -EINVAL; /* slots are free only where amplifiers have a band */
	for (size_t i = 0; i < count && !error; i++) {
		struct reception one;

		propagation_receive(propagation, i, &one);
		channels[i].margin_db = fmin(channels[i].margin_db,
			judge_channel(&filler->judge, channels[i].filling->mode, &one));
	}
	return error;
}

/* Margins of channels, both ways. */
static int judge_channels(struct filler *filler, struct capacity_channel *channels, size_t count) {
	const struct ways *ways = filler->ways;
	int error = count ? launch(filler, channels, count) : 0;

	for (size_t i = 0; i < count; i++)
		channels[i].margin_db = INFINITY;
	if (count && !error)
		error = judge_way(filler, ways->there, ways->there_count, channels, count);
	if (count && !error && ways->back)
		error = judge_way(filler, ways->back, ways->back_count, channels, count);
	return error;
}

static void sum_up(struct filling *filling) {
	filling->closing = 0;
	filling->bit_rate = 0;
	filling->least_margin_db = INFINITY;
	for (size_t i = 0; i < filling->count; i++) {
		const struct capacity_channel *channel = &filling->channels[i];

		if (!capacity_closes(channel))
			continue;
		filling->closing++;
		filling->bit_rate += channel->filling->mode->bit_rate;
		filling->least_margin_db = fmin(filling->least_margin_db, channel->margin_db);
	}
}

/* ---- one mode ---- */

static int fill(struct filler *filler, struct filling *filling) {
	const struct occupancy *occupancy = filler->occupancy;
	struct slot slot = {occupancy->low_n, width_of(filling->mode)};
	int end = occupancy->low_n + (int)occupancy->bits;
	int error;

	filling->channels = NULL;
	for (slot.n += slot.m; slot.n + slot.m <= end; slot.n++) {
		struct capacity_channel *channel;

		if (!is_usable(filler, filling->type, &slot))
			continue;
		if (filling->count == SPECTRUM_CHANNELS_MAX)
			break;
		channel = arena_append(&filler->capacity->arena, &filling->channels,
			&filling->count, sizeof(*channel));
		channel->slot = slot;
		channel->filling = filling;
		slot.n += 2 * slot.m - 1;
	}
	error = judge_channels(filler, filling->channels, filling->count);
	sum_up(filling);
	return error;
}

/* ---- the mix ---- */

/* What a mode alone had left at a place, by its channel there. */
static double margin_at(const struct filling *filling, int n) {
	size_t low = 0, high = filling->count;

	if (!filling->count)
		return -INFINITY;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (filling->channels[middle].slot.n <= n)
			low = middle;
		else
			high = middle;
	}
	if (high < filling->count &&
		filling->channels[high].slot.n - n < n - filling->channels[low].slot.n)
		low = high;
	return filling->channels[low].margin_db;
}

/* The best that can be had of the steps below one: how much, by how many channels, and by which
 * mode's the last. */
struct best {
	double bit_rate;
	int channels;
	int filling; /* -1: the last step stays dark */
};

/* The higher rate; then the fewer channels. */
static bool is_better(const struct best *one, const struct best *other) {
	if (one->bit_rate != other->bit_rate)
		return one->bit_rate > other->bit_rate;
	return one->channels < other->channels;
}

static void extend(const struct filler *filler, const struct filling *filling, size_t number,
	struct best *best, size_t at) {
	struct slot slot = {0, width_of(filling->mode)};
	size_t width = 2 * (size_t)slot.m;
	struct best one;

	if (at < width)
		return;
	slot.n = filler->occupancy->low_n + (int)at - slot.m;
	one = (struct best){best[at - width].bit_rate + filling->mode->bit_rate,
		best[at - width].channels + 1, (int)number};
	if (is_better(&one, &best[at]) && margin_at(filling, slot.n) >= filler->mistrust[number] &&
		is_usable(filler, filling->type, &slot))
		best[at] = one;
}

static void place_mix(const struct filler *filler, const struct best *best, struct filling *mix) {
	const struct capacity *capacity = filler->capacity;
	size_t at = filler->occupancy->bits;

	mix->count = 0;
	while (at > 0) {
		const struct filling *filling;
		struct capacity_channel *channel;
		int width;

		if (best[at].filling < 0) {
			at--;
			continue;
		}
		filling = &capacity->fillings[best[at].filling];
		width = width_of(filling->mode);
		channel = &mix->channels[mix->count++];
		*channel = (struct capacity_channel){
			{filler->occupancy->low_n + (int)at - width, width}, filling, 0};
		at -= 2 * (size_t)width;
	}
	for (size_t i = 0; i < mix->count / 2; i++) {
		struct capacity_channel other = mix->channels[i];

		mix->channels[i] = mix->channels[mix->count - 1 - i];
		mix->channels[mix->count - 1 - i] = other;
	}
}

/* Modes that did not close are trusted less; whether there were any. */
static bool mistrust(struct filler *filler, const struct filling *mix) {
	const struct capacity *capacity = filler->capacity;
	double *missing = calloc(capacity->count, sizeof(*missing));
	bool any = false;

	for (size_t i = 0; missing && i < mix->count; i++) {
		size_t number = (size_t)(mix->channels[i].filling - capacity->fillings);

		missing[number] = fmax(missing[number], -mix->channels[i].margin_db);
	}
	for (size_t k = 0; missing && k < capacity->count; k++)
		if (missing[k] > 1e-9) {
			filler->mistrust[k] += missing[k] + mistrust_db;
			any = true;
		}
	free(missing);
	return any;
}

static int mix(struct filler *filler) {
	struct capacity *capacity = filler->capacity;
	size_t bits = filler->occupancy->bits;
	struct best *best = calloc(bits + 1, sizeof(*best));
	struct filling tried = {0}, *mix = &capacity->mix;
	int error = best ? 0 : -ENOMEM;

	mix->least_margin_db = INFINITY;
	tried.channels = arena_array(&capacity->arena, bits, sizeof(*tried.channels));
	mix->channels = arena_array(&capacity->arena, bits, sizeof(*mix->channels));
	for (int k = 0; k < MIXES_MOST && !error; k++) {
		best[0].filling = -1;
		for (size_t at = 1; at <= bits; at++) {
			best[at] = best[at - 1];
			best[at].filling = -1;
			for (size_t f = 0; f < capacity->count; f++)
				extend(filler, &capacity->fillings[f], f, best, at);
		}
		place_mix(filler, best, &tried);
		error = judge_channels(filler, tried.channels, tried.count);
		sum_up(&tried);
		if (!error && tried.bit_rate > mix->bit_rate) {
			struct capacity_channel *channels = mix->channels;

			*mix = tried;
			mix->channels = channels;
			memcpy(channels, tried.channels, tried.count * sizeof(*channels));
		}
		if (error || !mistrust(filler, &tried))
			break;
	}
	free(best);
	return error;
}

/* ---- the whole ---- */

static void list_fillings(struct filler *filler) {
	const struct equipment *equipment = filler->options->equipment;
	struct capacity *capacity = filler->capacity;
	size_t count = 0;

	for (size_t t = 0; t < equipment->transceiver_count; t++)
		count += equipment->transceivers[t].mode_count;
	capacity->fillings = arena_array(&capacity->arena, count, sizeof(struct filling));
	for (size_t t = 0; t < equipment->transceiver_count; t++) {
		const struct transceiver_type *type = &equipment->transceivers[t];

		if (filler->options->type && filler->options->type != type)
			continue;
		for (size_t m = 0; m < type->mode_count; m++)
			capacity->fillings[capacity->count++] =
				(struct filling){.type = type, .mode = &type->modes[m]};
	}
	filler->mistrust = arena_array(&capacity->arena, count, sizeof(double));
}

static double watts_of(const struct network *network, const int *way, size_t count) {
	double watts = 0;

	for (size_t i = 0; i < count; i++) {
		const struct element *element = network->elements[way[i]];

		for (size_t b = 0; b < element->amplifier_count; b++)
			watts += element->amplifiers[b].type->power_w;
	}
	return watts;
}

int capacity_compute(struct capacity *capacity, const struct occupancy *occupancy,
	const struct route *route, const struct ways *ways,
	const struct capacity_options *options) {
	const struct network *network = occupancy->sections->network;
	struct filler filler = {.capacity = capacity,
		.occupancy = occupancy,
		.route = route,
		.ways = ways,
		.options = options,
		.judge = {.network = network,
			.sim = options->sim,
			.margin_db = options->equipment->loads[0].margin_db}};
	int error = 0;

	*capacity =
		(struct capacity){.amplifier_w = watts_of(network, ways->there, ways->there_count) +
						 watts_of(network, ways->back, ways->back_count)};
	list_fillings(&filler);
	for (size_t i = 0; i < capacity->count && !error; i++)
		error = fill(&filler, &capacity->fillings[i]);
	if (!error)
		error = mix(&filler);
	judge_free(&filler.judge);
	spectrum_free(&filler.load);
	if (error)
		capacity_free(capacity);
	return error;
}

void capacity_free(struct capacity *capacity) {
	arena_free(&capacity->arena);
	*capacity = (struct capacity){0};
}

double capacity_watts_per_tbit(const struct capacity *capacity, const struct filling *filling) {
	double watts = capacity->amplifier_w;

	for (size_t i = 0; i < filling->count; i++)
		if (capacity_closes(&filling->channels[i]))
			watts += 2 * filling->channels[i].filling->mode->power_w;
	return filling->bit_rate > 0 ? watts / (filling->bit_rate / 1e12) : NAN;
}
