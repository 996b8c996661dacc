/*
 * design: makes a network that can carry its load: splits long fibres, adds the amplifiers that are
 * missing, chooses kinds from the library, and sets gains, powers, attenuators and tilts.
 *
 * Power after each amplifier: the reference's plus power_slope * (loss of the span ahead -
 * loss_reference_db), in steps and within limits (J.-L. Auge, V. Curri, E. Le Rouzic, OFC 2019,
 * W1D.4, eq. 4). What the topology says already is kept.
 */
#pragma once

#include "optics/equipment.h"
#include "optics/network.h"
#include "optics/sim_params.h"
#include "optics/spectrum.h"

struct design_options {
	double power_dbm; /* of the reference channel into fibres */
	const struct sim_params *sim;
	/* The load that will be launched, where the library's does not count; or NULL. */
	const struct spectrum *load;
	size_t channels; /* that amplifiers must have the power for; 0: as the library has it */
	/* Told of each choice and why, if not NULL. */
	void (*tell)(void *owner, const struct element *element, const char *why);
	void *owner;
};

/* 0, or a negative errno after a message. */
int design_network(struct network *network, const struct equipment *equipment,
	const struct design_options *options);

/* Kinds of amplifiers are chosen for one reference power, and then set for that of the options:
 * what a network that is built already can do. */
int design_network_built(struct network *network, const struct equipment *equipment,
	double built_for_dbm, const struct design_options *options);

/* What a network that is taken as it is must say: every fibre's connectors (the library's, if
 * not), every amplifier's type and gain. 0, or -EINVAL after messages. */
int design_accept(struct network *network, const struct equipment *equipment);
