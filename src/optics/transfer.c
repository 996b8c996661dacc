/* transfer: see transfer.h. */
#include "optics/transfer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kinds of channels that a chain is known for; the one that was kept first goes first. */
enum { TRANSFERS_MOST = 16 };

/* Powers that differ by less are the same. */
static const double tolerance = 1e-9;

struct transfer {
	size_t count;
	double *frequency_hz, *baud_hz, *slot_hz, *roll_off, *power_w; /* that come in */
	double *ratio, *ase_w, *nli_w, *cd_s_m, *pmd_s2, *pdl_db2;     /* that it does */
	double latency_s;
	bool limited;
	double *memory;
};

enum { TRANSFER_ARRAYS = 11 };

struct known {
	struct transfer list[TRANSFERS_MOST];
	size_t count, oldest;
};

struct transfer_cache {
	struct known **known; /* by first element; NULL for none */
	size_t count;
	struct spectrum before;
};

struct transfer_cache *transfer_cache_create(const struct network *network) {
	struct transfer_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->count = network->count;
	cache->known = calloc(network->count + 1, sizeof(*cache->known));
	if (!cache->known) {
		free(cache);
		return NULL;
	}
	return cache;
}

void transfer_cache_free(struct transfer_cache *cache) {
	if (!cache)
		return;
	for (size_t i = 0; i < cache->count; i++) {
		for (size_t k = 0; cache->known[i] && k < cache->known[i]->count; k++)
			free(cache->known[i]->list[k].memory);
		free(cache->known[i]);
	}
	free(cache->known);
	spectrum_free(&cache->before);
	free(cache);
}

static bool same(const double *one, const double *other, size_t count) {
	return memcmp(one, other, count * sizeof(*one)) == 0;
}

static bool is_for(const struct transfer *transfer, const struct spectrum *spectrum) {
	size_t count = spectrum->count;

	if (transfer->count != count ||
		!same(transfer->frequency_hz, spectrum->frequency_hz, count) ||
		!same(transfer->baud_hz, spectrum->baud_hz, count) ||
		!same(transfer->slot_hz, spectrum->slot_hz, count) ||
		!same(transfer->roll_off, spectrum->roll_off, count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (fabs(spectrum_power_w(spectrum, i) - transfer->power_w[i]) >
			tolerance * transfer->power_w[i])
			return false;
	return true;
}

static void apply(const struct transfer *transfer, struct spectrum *spectrum) {
	for (size_t i = 0; i < transfer->count; i++) {
		spectrum->signal_w[i] *= transfer->ratio[i];
		spectrum->ase_w[i] = spectrum->ase_w[i] * transfer->ratio[i] + transfer->ase_w[i];
		spectrum->nli_w[i] = spectrum->nli_w[i] * transfer->ratio[i] + transfer->nli_w[i];
		spectrum->cd_s_m[i] += transfer->cd_s_m[i];
		spectrum->pmd_s2[i] += transfer->pmd_s2[i];
		spectrum->pdl_db2[i] += transfer->pdl_db2[i];
	}
	spectrum->latency_s += transfer->latency_s;
}

bool transfer_apply(
	struct transfer_cache *cache, int first, struct spectrum *spectrum, bool *limited) {
	const struct known *known = cache->known[first];

	for (size_t k = 0; known && k < known->count; k++)
		if (is_for(&known->list[k], spectrum)) {
			apply(&known->list[k], spectrum);
			*limited |= known->list[k].limited;
			return true;
		}
	return false;
}

void transfer_begin(struct transfer_cache *cache, const struct spectrum *spectrum) {
	if (spectrum_copy(&cache->before, spectrum) < 0)
		cache->before.count = 0;
}

static double *lay_out(struct transfer *transfer, size_t count) {
	double **const arrays[TRANSFER_ARRAYS] = {&transfer->frequency_hz, &transfer->baud_hz,
		&transfer->slot_hz, &transfer->roll_off, &transfer->power_w, &transfer->ratio,
		&transfer->ase_w, &transfer->nli_w, &transfer->cd_s_m, &transfer->pmd_s2,
		&transfer->pdl_db2};

	transfer->memory = calloc(TRANSFER_ARRAYS * count, sizeof(double));
	for (int k = 0; transfer->memory && k < TRANSFER_ARRAYS; k++)
		*arrays[k] = transfer->memory + (size_t)k * count;
	transfer->count = count;
	return transfer->memory;
}

static void compare(
	struct transfer *transfer, const struct spectrum *before, const struct spectrum *after) {
	size_t bytes = before->count * sizeof(double);

	memcpy(transfer->frequency_hz, before->frequency_hz, bytes);
	memcpy(transfer->baud_hz, before->baud_hz, bytes);
	memcpy(transfer->slot_hz, before->slot_hz, bytes);
	memcpy(transfer->roll_off, before->roll_off, bytes);
	for (size_t i = 0; i < before->count; i++) {
		double ratio = after->signal_w[i] / before->signal_w[i];

		transfer->power_w[i] = spectrum_power_w(before, i);
		transfer->ratio[i] = ratio;
		transfer->ase_w[i] = after->ase_w[i] - before->ase_w[i] * ratio;
		transfer->nli_w[i] = after->nli_w[i] - before->nli_w[i] * ratio;
		transfer->cd_s_m[i] = after->cd_s_m[i] - before->cd_s_m[i];
		transfer->pmd_s2[i] = after->pmd_s2[i] - before->pmd_s2[i];
		transfer->pdl_db2[i] = after->pdl_db2[i] - before->pdl_db2[i];
	}
	transfer->latency_s = after->latency_s - before->latency_s;
}

void transfer_keep(
	struct transfer_cache *cache, int first, const struct spectrum *spectrum, bool limited) {
	struct known *known = cache->known[first];
	struct transfer transfer = {.limited = limited}, *place;

	if (!cache->before.count || cache->before.count != spectrum->count)
		return;
	if (!known)
		known = cache->known[first] = calloc(1, sizeof(*known));
	if (!known || !lay_out(&transfer, spectrum->count))
		return;
	compare(&transfer, &cache->before, spectrum);
	if (known->count < TRANSFERS_MOST) {
		place = &known->list[known->count++];
	} else {
		place = &known->list[known->oldest];
		known->oldest = (known->oldest + 1) % TRANSFERS_MOST;
		free(place->memory);
	}
	*place = transfer;
}
