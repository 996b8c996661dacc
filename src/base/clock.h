/* clock: how much time has passed; not what time it is, which may be set back. */
#pragma once

#include <stdint.h>

/* Seconds since some moment before the program's start (CLOCK_MONOTONIC). Any thread. */
int64_t clock_seconds(void);

/* The same, with its fraction: for what is measured. */
double clock_now(void);
