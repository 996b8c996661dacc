/* wire: see wire.h. */
#include "emulator/wire.h"

#include "base/log.h"
#include "emulator/checksum.h"
#include "emulator/delay_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Taken or sent in one go before the other side gets its turn: some 20 us. */
enum { BURST = 32 };

_Static_assert((int)BURST <= WIRE_END_BURST_MAX, "a burst is sent at once");

/* Two lines, since frames are due in order on each: those that keep it, and those that overtake. */
enum { IN_ORDER, OVERTAKING, LINES };

/* What arrives at one end and leaves by the other. */
struct direction {
	struct wire_end *from, *to;
	struct impairment impairment;
	struct wire_counters counters;
	struct delay_line *lines[LINES];
};

struct wire {
	uint64_t seed;
	struct delay_line_budget budget;
	struct wire_end *ends[WIRE_ENDS];
	struct direction directions[WIRE_ENDS]; /* by the end where frames arrive */
};

/* Each direction has chance of its own. */
static uint64_t seed_of(uint64_t seed, unsigned int from) {
	return seed * WIRE_ENDS + from;
}

static int open_direction(
	struct wire *wire, unsigned int from, const struct wire_settings *settings) {
	struct direction *direction = &wire->directions[from];

	impairment_init(&direction->impairment, settings, seed_of(wire->seed, from));
	for (unsigned int line = 0; line < LINES; line++) {
		direction->lines[line] = delay_line_create(&wire->budget);
		if (!direction->lines[line])
			return -ENOMEM;
	}
	return 0;
}

int wire_open(const char *a, const char *b, const struct wire_settings settings[WIRE_ENDS],
	uint64_t seed, size_t memory_bytes, struct wire **out) {
	struct wire *wire = calloc(1, sizeof(*wire));
	int error = 0;

	if (!wire)
		return -ENOMEM;
	wire->seed = seed;
	wire->budget.blocks_left = memory_bytes / DELAY_LINE_BLOCK_BYTES;
	for (unsigned int from = 0; !error && from < WIRE_ENDS; from++)
		error = open_direction(wire, from, &settings[from]);
	if (!error)
		error = wire_end_open(a, &wire->ends[WIRE_A]);
	if (!error)
		error = wire_end_open(b, &wire->ends[WIRE_B]);
	if (error) {
		wire_close(wire);
		return error;
	}
	for (unsigned int from = 0; from < WIRE_ENDS; from++) {
		wire->directions[from].from = wire->ends[from];
		wire->directions[from].to = wire->ends[!from];
	}
	*out = wire;
	return 0;
}

void wire_close(struct wire *wire) {
	for (unsigned int end = 0; end < WIRE_ENDS; end++)
		wire_end_close(wire->ends[end]);
	for (unsigned int from = 0; from < WIRE_ENDS; from++)
		for (unsigned int line = 0; line < LINES; line++)
			delay_line_destroy(wire->directions[from].lines[line]);
	free(wire);
}

struct wire_end *wire_end_of(struct wire *wire, unsigned int end) {
	return wire->ends[end];
}

uint64_t wire_seed(const struct wire *wire) {
	return wire->seed;
}

const struct wire_settings *wire_settings_of(const struct wire *wire, unsigned int from) {
	return &wire->directions[from].impairment.settings;
}

/* What is under way when a wire is cut does not arrive. */
static void drop_held(struct direction *direction) {
	for (unsigned int line = 0; line < LINES; line++) {
		size_t count = delay_line_count(direction->lines[line]);

		direction->counters.down += count;
		delay_line_remove(direction->lines[line], count);
	}
}

void wire_set(struct wire *wire, unsigned int from, const struct wire_settings *settings) {
	struct direction *direction = &wire->directions[from];

	impairment_set(&direction->impairment, settings);
	if (settings->down)
		drop_held(direction);
}

void wire_reseed(struct wire *wire, uint64_t seed) {
	wire->seed = seed;
	for (unsigned int from = 0; from < WIRE_ENDS; from++)
		impairment_seed(&wire->directions[from].impairment, seed_of(seed, from));
}

static void hold_copy(struct direction *direction, const struct xdp_socket *queue,
	const struct arrived_frame *frame, int64_t corrupt_bit) {
	struct wire_counters *counters = &direction->counters;
	struct delay_line *line;
	struct held_frame *held;
	struct frame_turn turn;

	if (!impairment_schedule(&direction->impairment, frame->arrival_ns, frame->length, &turn)) {
		counters->overflowed++;
		return;
	}
	line = direction->lines[turn.overtakes ? OVERTAKING : IN_ORDER];
	held = frame->length <= DELAY_LINE_FRAME_BYTES_MAX
		       ? delay_line_append(line, turn.due_ns, frame->length)
		       : NULL;
	if (!held) {
		counters->no_memory++;
		return;
	}
	xdp_socket_copy(queue, frame, held->bytes);
	checksum_finish(held->bytes, held->length);
	if (corrupt_bit >= 0)
		held->bytes[corrupt_bit / 8] ^= (uint8_t)(1 << corrupt_bit % 8);
	counters->corrupted += corrupt_bit >= 0;
	counters->reordered += turn.overtakes;
}

static void take_frame(struct direction *direction, const struct xdp_socket *queue,
	const struct arrived_frame *frame) {
	struct frame_decision decision = impairment_decide(&direction->impairment, frame->length);
	struct wire_counters *counters = &direction->counters;

	counters->received++;
	switch (decision.fate) {
	case FRAME_DOWN:
		counters->down++;
		return;
	case FRAME_LOST:
		counters->lost++;
		return;
	case FRAME_CARRIED:
		break;
	}
	counters->duplicated += decision.copies - 1;
	for (unsigned int copy = 0; copy < decision.copies; copy++)
		hold_copy(direction, queue, frame, decision.corrupt_bit);
}

static bool receive_queue(struct direction *direction, struct xdp_socket *queue, uint64_t now_ns) {
	struct arrived_frame frame;

	for (unsigned int i = 0; i < BURST; i++) {
		if (!xdp_socket_next(queue, &frame))
			return false;
		if (frame.arrival_ns == 0)
			frame.arrival_ns = now_ns;
		take_frame(direction, queue, &frame);
	}
	return true;
}

bool wire_receive(struct wire *wire, uint64_t now_ns) {
	bool more = false;

	for (unsigned int from = 0; from < WIRE_ENDS; from++)
		for (size_t queue = 0; queue < wire_end_queues(wire->ends[from]); queue++)
			more |= receive_queue(&wire->directions[from],
				wire_end_queue(wire->ends[from], queue), now_ns);
	return more;
}

static bool deliver_line(struct direction *direction, struct delay_line *line, uint64_t by_ns) {
	struct held_frame *due[BURST];
	struct iovec frames[BURST];
	size_t count = delay_line_due(line, by_ns, due, BURST);
	struct wire_sent sent;

	if (count == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		frames[i] = (struct iovec){.iov_base = due[i]->bytes, .iov_len = due[i]->length};
	sent = wire_end_send(direction->to, frames, count);
	direction->counters.delivered += sent.frames;
	direction->counters.delivered_bytes += sent.bytes;
	direction->counters.refused += count - sent.frames;
	delay_line_remove(line, count);
	return count == BURST;
}

bool wire_deliver(struct wire *wire, uint64_t by_ns) {
	bool more = false;

	for (unsigned int from = 0; from < WIRE_ENDS; from++)
		for (unsigned int line = 0; line < LINES; line++) {
			struct direction *direction = &wire->directions[from];

			more |= deliver_line(direction, direction->lines[line], by_ns);
		}
	return more;
}

static uint64_t next_due(const struct direction *direction) {
	uint64_t in_order = delay_line_next(direction->lines[IN_ORDER]);
	uint64_t overtaking = delay_line_next(direction->lines[OVERTAKING]);

	return in_order < overtaking ? in_order : overtaking;
}

static const struct direction *next_direction(const struct wire *wire) {
	const struct direction *from_a = &wire->directions[WIRE_A];
	const struct direction *from_b = &wire->directions[WIRE_B];

	return next_due(from_a) <= next_due(from_b) ? from_a : from_b;
}

uint64_t wire_next_due(const struct wire *wire) {
	return next_due(next_direction(wire));
}

uint64_t wire_tolerance(const struct wire *wire) {
	return next_direction(wire)->impairment.settings.delay_ns / 200;
}

struct wire_counters wire_count(const struct wire *wire, unsigned int from) {
	const struct direction *direction = &wire->directions[from];
	struct wire_counters counters = direction->counters;

	counters.missed = wire_end_missed(direction->from);
	counters.received += counters.missed;
	for (unsigned int line = 0; line < LINES; line++)
		counters.held += delay_line_count(direction->lines[line]);
	return counters;
}
