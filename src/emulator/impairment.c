/* impairment: see impairment.h. */
#include "emulator/impairment.h"

#include <math.h>

enum { FRAME_BYTES_MIN = 60 }; /* on the medium, without the frame check: IEEE 802.3, 4.4.2 */

static const uint64_t NS_PER_S = 1000000000;

static uint64_t mix(uint64_t z) {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t draw(struct impairment *impairment, enum impairment_stream stream) {
	return mix(impairment->random[stream] += 0x9e3779b97f4a7c15);
}

/* In (0, 1): never an end, so that logarithms and roots of it are finite. */
static double draw_fraction(struct impairment *impairment, enum impairment_stream stream) {
	return ((double)(draw(impairment, stream) >> 12) + 0.5) * 0x1p-52;
}

static bool happens(struct impairment *impairment, enum impairment_stream stream, double percent) {
	return percent > 0 && draw_fraction(impairment, stream) * 100 < percent;
}

/*
 * Bursts by the model of Gilbert ("Capacity of a burst-noise channel", Bell System Technical
 * Journal 39, 1960), all frames being lost in the bad state, and none in the good one, as in
 * Elliott's parameters ("Estimates of error rates for codes on burst-noise channels", BSTJ 42,
 * 1963) k = 1, h = 0. A burst of N frames in the mean ends after each with r = 1 / N; one begins
 * with p such that the share of lost frames, p / (p + r), is what was asked for.
 */
static bool is_lost(struct impairment *impairment) {
	const struct wire_settings *settings = &impairment->settings;
	double loss = settings->loss_percent / 100, burst = settings->loss_burst, change;

	if (loss == 0 || burst == 0) {
		impairment->in_loss_burst = false;
		return happens(impairment, STREAM_LOSS, settings->loss_percent);
	}
	change = impairment->in_loss_burst ? 1 / burst : loss / (burst * (1 - loss));
	if (draw_fraction(impairment, STREAM_LOSS) < change)
		impairment->in_loss_burst = !impairment->in_loss_burst;
	return impairment->in_loss_burst;
}

void impairment_seed(struct impairment *impairment, uint64_t seed) {
	for (unsigned int stream = 0; stream < STREAMS; stream++)
		impairment->random[stream] = mix(mix(seed) + stream);
	impairment->in_loss_burst = false;
}

void impairment_init(
	struct impairment *impairment, const struct wire_settings *settings, uint64_t seed) {
	*impairment = (struct impairment){.settings = *settings};
	impairment_seed(impairment, seed);
}

void impairment_set(struct impairment *impairment, const struct wire_settings *settings) {
	impairment->settings = *settings;
	impairment->free_fraction = 0; /* it is counted by the rate */
}

struct frame_decision impairment_decide(struct impairment *impairment, uint32_t length) {
	const struct wire_settings *settings = &impairment->settings;
	struct frame_decision decision = {.copies = 1, .corrupt_bit = -1};

	if (settings->down) {
		decision.fate = FRAME_DOWN;
		return decision;
	}
	if (is_lost(impairment))
		decision.fate = FRAME_LOST;
	if (happens(impairment, STREAM_CORRUPT, settings->corrupt_percent))
		decision.corrupt_bit =
			(int64_t)(draw(impairment, STREAM_CORRUPT) % ((uint64_t)length * 8));
	if (happens(impairment, STREAM_DUPLICATE, settings->duplicate_percent))
		decision.copies = 2;
	return decision;
}

/* How much longer than the delay; may be negative. */
static double draw_jitter(struct impairment *impairment) {
	double jitter = (double)impairment->settings.jitter_ns;
	double one = draw_fraction(impairment, STREAM_JITTER);
	double excess;

	switch (impairment->settings.distribution) {
	case JITTER_NORMAL: /* Box and Muller, 1958 */
		return jitter * sqrt(-2 * log(one)) *
		       cos(2 * M_PI * draw_fraction(impairment, STREAM_JITTER));
	case JITTER_PARETO: /* Lomax's form, of shape 3: the mean is half the scale, 2 jitter */
		excess = 2 * jitter * (1 / cbrt(one) - 1);
		return fmin(excess, 100 * jitter);
	default:
		return jitter * (2 * one - 1);
	}
}

static uint64_t draw_delay(struct impairment *impairment) {
	double delay = (double)impairment->settings.delay_ns;

	if (impairment->settings.jitter_ns > 0)
		delay += draw_jitter(impairment);
	return delay > 0 ? (uint64_t)delay : 0;
}

/* When the frame has passed the rate, given that it arrived then; false if it finds no room. */
static bool pass_rate(
	struct impairment *impairment, uint64_t arrival_ns, uint32_t length, uint64_t *passed_ns) {
	const struct wire_settings *settings = &impairment->settings;
	uint64_t bytes =
		(length < FRAME_BYTES_MIN ? FRAME_BYTES_MIN : length) + settings->overhead_bytes;
	uint64_t fraction;

	*passed_ns = arrival_ns;
	if (settings->rate_bps == 0)
		return true;
	if (impairment->free_ns <= arrival_ns) {
		impairment->free_ns = arrival_ns;
		impairment->free_fraction = 0;
	} else {
		double waiting_ns = (double)(impairment->free_ns - arrival_ns);
		double waiting_bytes = waiting_ns * (double)settings->rate_bps / 8e9;

		if (waiting_bytes + (double)bytes > (double)settings->limit_bytes)
			return false;
	}
	fraction = bytes * 8 * NS_PER_S + impairment->free_fraction;
	impairment->free_ns += fraction / settings->rate_bps;
	impairment->free_fraction = fraction % settings->rate_bps;
	*passed_ns = impairment->free_ns;
	return true;
}

bool impairment_schedule(struct impairment *impairment, uint64_t arrival_ns, uint32_t length,
	struct frame_turn *turn) {
	uint64_t delay_ns = draw_delay(impairment), passed_ns;

	turn->overtakes = happens(impairment, STREAM_REORDER, impairment->settings.reorder_percent);
	if (!pass_rate(impairment, arrival_ns, length, &passed_ns))
		return false;
	turn->due_ns = turn->overtakes ? passed_ns : passed_ns + delay_ns;
	if (turn->overtakes)
		return true;
	if (turn->due_ns < impairment->last_due_ns)
		turn->due_ns = impairment->last_due_ns;
	impairment->last_due_ns = turn->due_ns;
	return true;
}
