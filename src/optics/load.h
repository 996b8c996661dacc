/*
 * load: the channels that are launched: a full band by the library's rules, or what a spectrum file
 * says.
 */
#pragma once

#include "optics/equipment.h"
#include "optics/spectrum.h"

/* All channels that a band of the rules holds, at tx_power_dbm. 0, or -ENOMEM. */
int load_full(struct spectrum *spectrum, const struct load_rules *rules, double tx_power_dbm);

/* The same of one mode, at its own power if it has one: as many as fit side by side into the
 * transceiver's band. 0, -ENOMEM,
 * or -E2BIG for more channels than a spectrum may have. */
int load_of_mode(struct spectrum *spectrum, const struct load_rules *rules,
	const struct transceiver_type *type, const struct transceiver_mode *mode,
	double tx_power_dbm);

/* GNPy's spectrum JSON: partitions of a band, each with its baud rate and slot width; what a
 * partition leaves out is as in `rules`. 0, or a negative errno after messages. */
int load_read(struct spectrum *spectrum, const struct load_rules *rules, double tx_power_dbm,
	const char *path);
