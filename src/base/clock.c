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

void clock_wait_until(double seconds) {
	double left = seconds - clock_now();
	const struct timespec pause = {
		.tv_sec = (time_t)left, .tv_nsec = (long)((left - (double)(time_t)left) * 1e9)};

	if (left > 0)
		nanosleep(&pause, NULL);
}
