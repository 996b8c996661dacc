/*
 * defaults: what holds where an equipment file says nothing: the Raman gain of fibre and the
 * dynamic gain tilt of amplifiers.
 */
#pragma once

#include "base/arena.h"
#include "optics/fibre.h"

/* A gain of ascending offsets. Where that changes nothing it is kept at even offsets, in which it
 * is found without search. */
const struct raman_gain *raman_gain_create(struct arena *arena, const double *offset_hz,
	const double *gain, size_t count, double reference_hz);

/* Silica's Raman gain, from the 13 modes of its response: D. Hollenbeck, C. D. Cantrell, JOSA B 19,
 * 2886 (2002), table 1; scaled to 1e-13 m/W for a pump at 1 um of the same polarisation (R. H.
 * Stolen, Proc. IEEE 68, 1232, 1980), halved for scrambled polarisations. */
const struct raman_gain *defaults_raman(struct arena *arena);

/* Tilt as a straight line over the band, of which 0 and 1 are the ends' frequencies. */
struct curve defaults_gain_tilt(struct arena *arena);

/* What the file `defaults.json` in a folder says instead, if it is there. 0, or a negative errno
 * after messages. */
int defaults_read(struct arena *arena, const char *folder, const struct raman_gain **raman,
	struct curve *gain_tilt);
