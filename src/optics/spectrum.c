/* spectrum: see spectrum.h. */
#include "optics/spectrum.h"

#include "optics/physics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ARRAYS = 13, VECTOR = 8 };

/* The arrays lie behind one another, in this order. */
static void lay_out(struct spectrum *spectrum, double *memory, size_t room) {
	double **const arrays[ARRAYS] = {&spectrum->frequency_hz, &spectrum->baud_hz,
		&spectrum->slot_hz, &spectrum->roll_off, &spectrum->tx_osnr_db,
		&spectrum->delta_p_db, &spectrum->tx_power_dbm, &spectrum->signal_w,
		&spectrum->ase_w, &spectrum->nli_w, &spectrum->cd_s_m, &spectrum->pmd_s2,
		&spectrum->pdl_db2};

	spectrum->memory = memory;
	spectrum->room = room;
	for (size_t i = 0; i < ARRAYS; i++)
		*arrays[i] = memory + i * room;
}

int spectrum_create(struct spectrum *spectrum, size_t count) {
	size_t room = (count + VECTOR) / VECTOR * VECTOR;
	double *memory = calloc(ARRAYS * room, sizeof(*memory));

	*spectrum = (struct spectrum){0};
	if (!memory)
		return -ENOMEM;
	lay_out(spectrum, memory, room);
	return 0;
}

int spectrum_copy(struct spectrum *to, const struct spectrum *from) {
	if (!to->memory || to->room != from->room) {
		double *memory = realloc(to->memory, ARRAYS * from->room * sizeof(*memory));

		if (!memory)
			return -ENOMEM;
		lay_out(to, memory, from->room);
	}
	memcpy(to->memory, from->memory, ARRAYS * from->room * sizeof(*to->memory));
	to->count = from->count;
	to->latency_s = from->latency_s;
	return 0;
}

void spectrum_free(struct spectrum *spectrum) {
	free(spectrum->memory);
	*spectrum = (struct spectrum){0};
}

void spectrum_add(struct spectrum *spectrum, const struct channel *channel) {
	size_t i = spectrum->count++;

	spectrum->frequency_hz[i] = channel->frequency_hz;
	spectrum->baud_hz[i] = channel->baud_hz;
	spectrum->slot_hz[i] = channel->slot_hz;
	spectrum->roll_off[i] = channel->roll_off;
	spectrum->tx_osnr_db[i] = channel->tx_osnr_db;
	spectrum->delta_p_db[i] = channel->delta_p_db;
	spectrum->tx_power_dbm[i] = channel->tx_power_dbm;
}

size_t spectrum_count_in(double f_min_hz, double f_max_hz, double spacing_hz) {
	double count = floor((f_max_hz - f_min_hz) / spacing_hz);

	return count > 0 ? (size_t)count : 0;
}

static void move(struct spectrum *spectrum, size_t to, size_t from) {
	for (size_t i = 0; i < ARRAYS; i++)
		spectrum->memory[i * spectrum->room + to] =
			spectrum->memory[i * spectrum->room + from];
}

/* By insertion: files list partitions in any order, but each in its own. */
int spectrum_sort(struct spectrum *spectrum, size_t *at) {
	double one[ARRAYS];

	for (size_t i = 1; i < spectrum->count; i++) {
		size_t to = i;

		for (size_t k = 0; k < ARRAYS; k++)
			one[k] = spectrum->memory[k * spectrum->room + i];
		for (; to > 0 && spectrum->frequency_hz[to - 1] > one[0]; to--)
			move(spectrum, to, to - 1);
		for (size_t k = 0; k < ARRAYS; k++)
			spectrum->memory[k * spectrum->room + to] = one[k];
	}
	for (size_t i = 1; i < spectrum->count; i++)
		if (spectrum->frequency_hz[i] - spectrum->frequency_hz[i - 1] + 1e3 <
			(spectrum->slot_hz[i] + spectrum->slot_hz[i - 1]) / 2) {
			*at = i - 1;
			return -EINVAL;
		}
	return 0;
}

void spectrum_launch(struct spectrum *spectrum) {
	size_t bytes = spectrum->count * sizeof(double);

	for (size_t i = 0; i < spectrum->count; i++)
		spectrum->signal_w[i] = dbm_to_watt(spectrum->tx_power_dbm[i]);
	memset(spectrum->ase_w, 0, bytes);
	memset(spectrum->nli_w, 0, bytes);
	memset(spectrum->cd_s_m, 0, bytes);
	memset(spectrum->pmd_s2, 0, bytes);
	memset(spectrum->pdl_db2, 0, bytes);
	spectrum->latency_s = 0;
}

void spectrum_keep(struct spectrum *spectrum, const bool *kept) {
	size_t to = 0;

	for (size_t i = 0; i < spectrum->count; i++)
		if (kept[i])
			move(spectrum, to++, i);
	spectrum->count = to;
}

VECTORIZED void spectrum_attenuate(struct spectrum *spectrum, double ratio) {
	for (size_t i = 0; i < spectrum->count; i++) {
		spectrum->signal_w[i] *= ratio;
		spectrum->ase_w[i] *= ratio;
		spectrum->nli_w[i] *= ratio;
	}
}

VECTORIZED void spectrum_attenuate_each(struct spectrum *spectrum, const double *ratio) {
	for (size_t i = 0; i < spectrum->count; i++) {
		spectrum->signal_w[i] *= ratio[i];
		spectrum->ase_w[i] *= ratio[i];
		spectrum->nli_w[i] *= ratio[i];
	}
}

double spectrum_power_w(const struct spectrum *spectrum, size_t channel) {
	return spectrum->signal_w[channel] + spectrum->ase_w[channel] + spectrum->nli_w[channel];
}

double spectrum_total_w(const struct spectrum *spectrum) {
	double total = 0;

	for (size_t i = 0; i < spectrum->count; i++)
		total += spectrum_power_w(spectrum, i);
	return total;
}
