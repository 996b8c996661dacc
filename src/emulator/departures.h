/*
 * departures: wakes when an interface of this network namespace goes away. AF_XDP does not: a
 * socket whose interface is gone is silent for ever.
 */
#pragma once

/* A file descriptor that is readable once an interface has gone, or a negative errno. */
int departures_open(void);

/* Until the next one goes. */
void departures_clear(int departures);
