/*
 * load: the channels that are launched: a full band by the library's rules, or what a spectrum file
 * says.
 */
#pragma once

#include "optics/equipment.h"
#include "optics/spectrum.h"

/* All channels that a band of the rules holds, at tx_power_dbm. 0, or -ENOMEM. */
int load_full(struct spectrum *spectrum, const struct load_rules *rules, double tx_power_dbm);

/* GNPy's spectrum JSON: partitions of a band, each with its baud rate and slot width; what a
 * partition leaves out is as in `rules`. 0, or a negative errno after messages. */
int load_read(struct spectrum *spectrum, const struct load_rules *rules, double tx_power_dbm,
	const char *path);
