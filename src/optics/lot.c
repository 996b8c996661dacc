/* lot: see lot.h. */
#include "optics/lot.h"

/* SplitMix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014; each word steps the counter. */
static uint64_t mix(uint64_t state, uint64_t word) {
	state = (state ^ word) + 0x9e3779b97f4a7c15;
	state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
	state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
	return state ^ (state >> 31);
}

double lot_draw(const struct lot *lot) {
	uint64_t state = mix(0, lot->seed);

	state = mix(state, lot->sample);
	state = mix(state, lot->quantity);
	state = mix(state, lot->element);
	state = mix(state, lot->part);
	return ((double)(state >> 12) + 0.5) / 4503599627370496.0; /* 2^52 */
}
