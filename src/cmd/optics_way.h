/* optics_way: the way through a network that FROM and TO on the command line mean. */
#pragma once

#include "optics/network.h"

#include <stddef.h>

/* The shortest way between two transceivers, to be freed; NULL after a message. */
int *optics_way(const struct network *network, const char *from, const char *to, size_t *count);

double optics_way_km(const struct network *network, const int *way, size_t count);

/* Tells why a propagation from one to the other failed. */
void optics_way_failed(const struct network *network, const char *from, const char *to, int error);

/* Tells why there is no grid for the spectrum of all lines (occupancy_create). */
void optics_spectrum_failed(const struct network *network, int error);
