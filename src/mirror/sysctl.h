/* sysctl: numbers below /proc/sys/net. */
#pragma once

#include <stdint.h>

/* The number in net/<format …>, which begins with "ipv4/" or "ipv6/", or `otherwise` if it cannot
 * be read. */
long sysctl_read(long otherwise, const char *format, ...) __attribute__((format(printf, 2, 3)));
