/*
 * impairment: decides what happens to each frame of one direction, and when it is due. It holds no
 * frame, does no I/O and has no clock: the same settings, seed and arrivals give the same answers.
 *
 * Chance. Each kind of impairment has a stream of random numbers of its own (SplitMix64: Steele,
 * Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), so that turning
 * one on or off does not change what another does. What is lost, doubled and corrupted depends on
 * how many frames came before, never on when they came.
 *
 * Time. A frame first waits its turn at the rate, then travels for the delay and its jitter. Frames
 * keep their order, whatever the jitter and however the settings change: one that would be due
 * before its predecessor is due with it. The exception is asked for: one that is chosen by
 * `reorder` goes without delay and jitter, and overtakes.
 */
#pragma once

#include "emulator/settings.h"

#include <stdbool.h>
#include <stdint.h>

/* What becomes of a frame. */
enum frame_fate { FRAME_CARRIED, FRAME_DOWN, FRAME_LOST };

struct frame_decision {
	enum frame_fate fate;
	unsigned int copies; /* 2: it is doubled */
	int64_t corrupt_bit; /* of the whole frame, to be flipped; -1: none */
};

struct frame_turn {
	uint64_t due_ns;
	bool overtakes;
};

enum impairment_stream {
	STREAM_LOSS,
	STREAM_CORRUPT,
	STREAM_DUPLICATE,
	STREAM_REORDER,
	STREAM_JITTER,
	STREAMS
};

/* To be read, and written by these functions alone. */
struct impairment {
	struct wire_settings settings;
	uint64_t random[STREAMS];
	bool in_loss_burst;
	uint64_t free_ns;       /* when all that came before has passed the rate … */
	uint64_t free_fraction; /* … and this many 1/rate_bps of a nanosecond later */
	uint64_t last_due_ns;   /* of those that keep the order */
};

/* The settings have passed wire_settings_check. */
void impairment_init(
	struct impairment *impairment, const struct wire_settings *settings, uint64_t seed);

/* Chance begins anew, as with this seed at first. */
void impairment_seed(struct impairment *impairment, uint64_t seed);

/* For the frames from now on; what is due stays due. */
void impairment_set(struct impairment *impairment, const struct wire_settings *settings);

/* For each frame once, in the order of arrival. `length` in bytes, more than 0. */
struct frame_decision impairment_decide(struct impairment *impairment, uint32_t length);

/* For each copy of a frame that is carried: when it is due, in the clock of `arrival_ns`. False if
 * the queue in front of the rate is full. */
bool impairment_schedule(struct impairment *impairment, uint64_t arrival_ns, uint32_t length,
	struct frame_turn *turn);
