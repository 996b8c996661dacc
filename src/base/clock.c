/* clock: see clock.h. */
#include "base/clock.h"

#include <time.h>

int64_t clock_seconds(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static double read_clock(clockid_t clock) {
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double clock_now(void) {
	return read_clock(CLOCK_MONOTONIC);
}

double clock_real(void) {
	return read_clock(CLOCK_REALTIME);
}
