/* clock: how much time has passed; and what time it is, which may be set back. Any thread. */
#pragma once

#include <stdint.h>

/* Seconds since some moment before the program's start (CLOCK_MONOTONIC). */
int64_t clock_seconds(void);

/* The same, with its fraction: for what is measured. */
double clock_now(void);

/* Seconds since 1970 (CLOCK_REALTIME): for what is laid beside logs and packets' stamps. */
double clock_real(void);

/* Sleeps until clock_now() says so; not at all if it does already. */
void clock_wait_until(double seconds);
