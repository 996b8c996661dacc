/*
 * transfer: what a chain of elements between two nodes does to channels, kept for the next time
 * that the same channels enter it with the same powers.
 *
 * All that a line does depends on channels' total powers alone: of signal and noise that come in,
 * each channel keeps the same part, and gets the same noise added. ROADMs equalise those powers, so
 * that routes share what their common lines do. Exact, but for rounding. One thread.
 */
#pragma once

#include "optics/network.h"
#include "optics/spectrum.h"

struct transfer_cache;

struct transfer_cache *transfer_cache_create(const struct network *network);
void transfer_cache_free(struct transfer_cache *cache);

/* Does to the spectrum what the chain that begins with this element did before; false if that is
 * not known. `limited` is set, and else left, if an amplifier's power was not enough for its gain.
 */
bool transfer_apply(
	struct transfer_cache *cache, int first, struct spectrum *spectrum, bool *limited);

/* Keeps what the chain did: between the two the spectrum has passed it. */
void transfer_begin(struct transfer_cache *cache, const struct spectrum *spectrum);
void transfer_keep(
	struct transfer_cache *cache, int first, const struct spectrum *spectrum, bool limited);
