/*
 * uncertainty: how far what is built may differ from what is planned, read from a JSON file: a
 * distribution of the difference for each quantity, and of which types fibres really are.
 *
 * Nothing changes after reading, so that any number of threads may draw.
 */
#pragma once

#include "base/arena.h"
#include "optics/distribution.h"
#include "optics/equipment.h"
#include "optics/lot.h"

#include <stddef.h>
#include <stdint.h>

/* In dB but for the fibre's loss; each is added to what is planned. */
enum quantity {
	QUANTITY_CONNECTOR,       /* loss of each end of a fibre */
	QUANTITY_FIBRE_LOSS,      /* dB/km */
	QUANTITY_FIBRE_RATIO,     /* of the planned dB/km: 0.05 is a twentieth more */
	QUANTITY_NOISE_FIGURE,    /* of an amplifier */
	QUANTITY_AMPLIFIER_POWER, /* output power or gain, whichever it holds */
	QUANTITY_ROADM_POWER,     /* of channels that a ROADM equalises */
	QUANTITY_TX_OSNR,         /* of a channel's transmitter */
	QUANTITY_REQUIRED_OSNR,   /* of a channel's receiver */
	QUANTITY_FIBRE_TYPE,      /* which one it is; has no distribution */
	QUANTITIES
};

/* What draws one value: each element (of transceivers each channel), all together, or each channel
 * at each ROADM. */
enum sharing { SHARING_ELEMENT, SHARING_NETWORK, SHARING_CHANNEL };

struct deviation {
	struct distribution distribution;
	enum sharing sharing;
};

/* What fibres that are planned as one type may be. */
struct fibre_doubt {
	const struct fibre_type *planned;
	const struct fibre_type **types;
	double *probabilities; /* their sum is 1 */
	size_t count;
	enum sharing sharing;
};

struct uncertainty {
	struct arena arena;
	struct deviation deviations[QUANTITIES];
	struct fibre_doubt *fibres;
	size_t fibre_count;
};

/* Fibre types are those of `equipment`, which must outlive it. 0, or a negative errno after
 * messages. To be freed only after 0. */
int uncertainty_read(
	struct uncertainty *uncertainty, const struct equipment *equipment, const char *path);
void uncertainty_free(struct uncertainty *uncertainty);

/* What the file calls it. */
const char *uncertainty_key(enum quantity quantity);

/* By how much a quantity differs; 0 if nothing is known of it. `lot` says seed, sample, element and
 * part; those that share a value draw the same one. */
double uncertainty_draw(
	const struct uncertainty *uncertainty, enum quantity quantity, struct lot lot);

/* The type that a fibre turns out to be that was planned as a named type; NULL: the planned one. */
const struct fibre_type *uncertainty_draw_fibre(
	const struct uncertainty *uncertainty, const char *planned, struct lot lot);
