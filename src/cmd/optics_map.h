/*
 * optics_map: a network as a picture: its sites (ROADMs, and transceivers without one) where they
 * are on earth, the lines between them with their length, all names legible. Sites that lie close
 * together are moved apart; if the topology does not say where they are, they stand in a circle.
 */
#pragma once

#include "optics/network.h"

#include <stddef.h>
#include <stdio.h>

void map_draw(const struct network *network, FILE *to);
