/*
 * condition: what has become of a plan's light: fibres that are cut, that have aged, amplifiers
 * that failed; and what each service then still has.
 *
 * The plan is as it was made: modes, slots and routes stay until condition_restore() carries the
 * services whose light went out over what is left. Amplifiers hold the powers that they were
 * designed for (automatic level control), as far as they can. One thread.
 */
#pragma once

#include "optics/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum damage_kind {
	DAMAGE_NONE,
	DAMAGE_CUT,    /* of a fibre, or whatever else of a line: nothing passes, either way */
	DAMAGE_AGEING, /* of a fibre: loss on top */
	DAMAGE_FAILED, /* of an amplifier: nothing passes that way */
	DAMAGE_PUMP,   /* of a fibre: a Raman pump of it is lost, and those lost before */
};

struct damage {
	int element;
	enum damage_kind kind;
	double loss_db;    /* of ageing */
	unsigned int pump; /* which is lost, from 1 on, in the order of the topology */
	uint64_t pumps;    /* all that are lost, a bit each; told, not asked */
};

/* What a service has. */
struct light {
	const struct carried *carried; /* as it is carried now */
	bool is_lit;                   /* both ways, if it goes both ways */
	bool is_restored;              /* on another route than planned */
	double margin_db;  /* of the worst channel, to what its mode needs; -INFINITY: dark */
	double gsnr_db;    /* of the worst channel, in 0.1 nm; -INFINITY: dark */
	double frame_loss; /* of what is sent: 0 at and above the need, 1 in the dark */
	double bit_rate;   /* of all its channels; 0 in the dark */
	double latency_s;  /* of the longer way */
};

struct condition;

/* The plan, its options and sections outlive it. 0, or a negative errno. */
int condition_create(
	const struct plan *plan, const struct plan_options *options, struct condition **condition);
void condition_free(struct condition *condition);

/* Sets what is damaged; an element that was damaged otherwise is so no more, DAMAGE_NONE mends it.
 * -EINVAL for what cannot be so damaged: ageing of what is no fibre, failing of what does not
 * amplify, losing a pump that is not there, cutting of a node. */
int condition_damage(struct condition *condition, const struct damage *damage);

/* What is damaged at an element; DAMAGE_NONE if it is whole. */
const struct damage *condition_damage_at(const struct condition *condition, int element);

/* A service (by its number) sends in another mode of its transceivers from here on, by as many
 * channels: on its route if it can, elsewhere if it must.
 * 0 with what stands in
 * the way, in which case nothing has changed; -ENOENT: its transceivers have no such mode;
 * -EBUSY: it is restored on another route than its own; or another negative errno. */
int condition_upgrade(
	struct condition *condition, size_t service, const char *mode, enum blocking *blocking);

/* Services whose light is out are carried on what is whole, in their order; those of them that
 * cannot be stay dark. With `back`, those that were restored go back to their own route where it is
 * whole. */
int condition_restore(struct condition *condition, bool back);

/* One a service of the plan, in its order; true to the next change, and until then computed once.
 * 0, or a negative errno. */
int condition_look(struct condition *condition, const struct light **lights);

/* An element that two services, as they are carried, go by both, one way or the other: what takes
 * it takes both. ELEMENT_NONE if there is none. */
int condition_shared(const struct condition *condition, size_t one, size_t other);

/* What part of the frames is lost at a margin in dB, to what the mode needs: none from 0 dB on, ten
 * times as many for each tenth of a dB below, all from -0.6 dB on: the cliff of a soft-decision
 * code (a post-FEC frame loss of 1e-6 at its threshold, and a waterfall of a decade a tenth of a
 * dB). */
double condition_frame_loss(double margin_db);
