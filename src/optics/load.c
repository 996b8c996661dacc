/* load: see load.h. */
#include "optics/load.h"

#include "optics/document.h"
#include "optics/physics.h"

#include <errno.h>

int load_full(struct spectrum *spectrum, const struct load_rules *rules, double tx_power_dbm) {
	size_t count = spectrum_count_in(rules->f_min_hz, rules->f_max_hz, rules->spacing_hz);
	int error = spectrum_create(spectrum, count);

	for (size_t k = 1; k <= count && !error; k++)
		spectrum_add(
			spectrum, &(struct channel){rules->f_min_hz + (double)k * rules->spacing_hz,
					  rules->baud_hz, rules->spacing_hz, rules->roll_off,
					  rules->tx_osnr_db, 0, tx_power_dbm});
	return error;
}

int load_of_mode(struct spectrum *spectrum, const struct load_rules *rules,
	const struct transceiver_type *type, const struct transceiver_mode *mode,
	double tx_power_dbm) {
	struct load_rules own = *rules;
	int error;

	own.f_min_hz = type->f_min_hz;
	own.f_max_hz = type->f_max_hz;
	own.spacing_hz = mode->min_spacing_hz;
	own.baud_hz = mode->baud_hz;
	own.roll_off = mode->roll_off;
	own.tx_osnr_db = mode->tx_osnr_db;
	if (spectrum_count_in(own.f_min_hz, own.f_max_hz, own.spacing_hz) > SPECTRUM_CHANNELS_MAX)
		return -E2BIG;
	error = load_full(
		spectrum, &own, isnan(mode->tx_power_dbm) ? tx_power_dbm : mode->tx_power_dbm);
	for (size_t i = 0; i < spectrum->count && !error; i++)
		spectrum->delta_p_db[i] = mode->offset_db;
	return error;
}

struct partition {
	struct channel channel;
	double f_max_hz;
};

static size_t take_partition(struct document *document, struct node *item,
	const struct load_rules *rules, double tx_power_dbm, struct partition *partition) {
	double from = document_number(document, item, "f_min", 1e12, 1e15, NAN);
	double to = document_number(document, item, "f_max", 1e12, 1e15, NAN);
	double slot = document_number(document, item, "slot_width", 1e8, 1e13, rules->spacing_hz);
	double count = floor((to - from) / slot * (1 + 1e-12) + 1e-9) + 1;

	*partition = (struct partition){
		{from, document_number(document, item, "baud_rate", 1e8, 1e12, rules->baud_hz),
			slot, document_number(document, item, "roll_off", 0, 1, rules->roll_off),
			document_number(document, item, "tx_osnr", 0, 200, rules->tx_osnr_db),
			document_number(document, item, "delta_pdb", -50, 50, 0),
			document_number(document, item, "tx_power_dbm", -100, 60, tx_power_dbm)},
		to};
	document_text(document, item, "label", NULL);
	if (isnan(from) || isnan(to) || to < from) {
		document_mistake(
			document, item, "f_min and f_max, which is not below, are expected");
		return 0;
	}
	if (partition->channel.baud_hz > slot * 1.0001)
		document_mistake(document, item, "%g GBd do not fit into a slot of %g GHz",
			partition->channel.baud_hz / 1e9, slot / 1e9);
	if (count > SPECTRUM_CHANNELS_MAX) {
		document_mistake(document, item, "more than %d channels", SPECTRUM_CHANNELS_MAX);
		return 0;
	}
	return (size_t)count;
}

static int take_all(struct document *document, const struct load_rules *rules, double tx_power_dbm,
	struct spectrum *spectrum) {
	struct node *list = document_list(document, document->root, "spectrum");
	size_t count = list ? list->count : 0, total = 0, at;
	struct partition *partitions = arena_array(&document->arena, count, sizeof(*partitions));
	size_t *counts = arena_array(&document->arena, count, sizeof(*counts));
	struct node *item = list ? list->first : NULL;
	int error;

	for (size_t i = 0; item; item = item->next, i++)
		total += counts[i] =
			take_partition(document, item, rules, tx_power_dbm, &partitions[i]);
	if (!total && !document->mistakes)
		document_mistake(
			document, document->root, "'spectrum' with partitions is expected");
	if (total > SPECTRUM_CHANNELS_MAX)
		document_mistake(document, list, "more than %d channels", SPECTRUM_CHANNELS_MAX);
	if (document->mistakes)
		return -EINVAL;
	error = spectrum_create(spectrum, total);
	for (size_t i = 0; i < count && !error; i++)
		for (size_t k = 0; k < counts[i]; k++) {
			struct channel channel = partitions[i].channel;

			channel.frequency_hz += (double)k * channel.slot_hz;
			spectrum_add(spectrum, &channel);
		}
	if (!error && spectrum_sort(spectrum, &at) < 0)
		document_mistake(document, list, "the channels at %.6g and %.6g THz overlap",
			spectrum->frequency_hz[at] / 1e12, spectrum->frequency_hz[at + 1] / 1e12);
	return error;
}

int load_read(struct spectrum *spectrum, const struct load_rules *rules, double tx_power_dbm,
	const char *path) {
	struct document document;
	int error = document_read(&document, path);

	*spectrum = (struct spectrum){0};
	if (!error)
		error = take_all(&document, rules, tx_power_dbm, spectrum);
	if (document_finish(&document) < 0)
		error = -EINVAL;
	document_free(&document);
	if (error)
		spectrum_free(spectrum);
	return error;
}
