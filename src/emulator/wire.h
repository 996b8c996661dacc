/*
 * wire: two ends, and what happens to frames on the way from one to the other. It is told the time,
 * and never waits.
 *
 * Every frame is accounted for. In each direction, always and exactly:
 *
 *     received + duplicated = delivered + down + lost + overflowed + no_memory + refused + missed
 *                             + held
 */
#pragma once

#include "emulator/impairment.h"
#include "emulator/wire_end.h"

enum { WIRE_A, WIRE_B, WIRE_ENDS };

struct wire_counters {
	uint64_t received;   /* frames that arrived, with those that were missed */
	uint64_t duplicated; /* copies that were added */
	uint64_t delivered;
	uint64_t delivered_bytes;
	uint64_t corrupted, reordered; /* of those that are carried: both still arrive */
	uint64_t down; /* dropped while the wire carried nothing, or under way when it was cut */
	uint64_t lost; /* by chance: --loss */
	uint64_t overflowed; /* the queue in front of the rate was full */
	uint64_t no_memory;  /* more is under way than --memory allows */
	uint64_t refused;    /* the far interface did not take them: it is down, say */
	uint64_t missed;     /* came faster than they were taken */
	uint64_t held;       /* under way */
};

struct wire;

/* Both interfaces in this network namespace. 0, or a negative errno after a message. */
int wire_open(const char *a, const char *b, const struct wire_settings settings[WIRE_ENDS],
	uint64_t seed, size_t memory_bytes, struct wire **wire);
void wire_close(struct wire *wire);

struct wire_end *wire_end_of(struct wire *wire, unsigned int end);

uint64_t wire_seed(const struct wire *wire);
const struct wire_settings *wire_settings_of(const struct wire *wire, unsigned int from);

/* For frames that arrive at `from` from now on; what is under way is as it was, unless the wire
 * goes down. */
void wire_set(struct wire *wire, unsigned int from, const struct wire_settings *settings);
void wire_reseed(struct wire *wire, uint64_t seed);

/* Takes what has arrived by now, up to some frames of each queue; true if there may be more. */
bool wire_receive(struct wire *wire, uint64_t now_ns);

/* Sends what is due by then, up to some frames each way; true if there may be more. */
bool wire_deliver(struct wire *wire, uint64_t by_ns);

/* When the next frame is due; UINT64_MAX if none is under way. */
uint64_t wire_next_due(const struct wire *wire);

/* How late it may be: half a percent of its delay, which is hardly to be measured. */
uint64_t wire_tolerance(const struct wire *wire);

/* Of the frames that arrived at `from`. */
struct wire_counters wire_count(const struct wire *wire, unsigned int from);
