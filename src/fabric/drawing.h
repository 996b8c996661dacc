/* drawing: a design as a picture: SVG, tiers from top to bottom, pods side by side, each cable a
 * line; what a node or cable is shows where the pointer rests. No scripts. */
#pragma once

#include "fabric/fabric.h"

#include <stdio.h>

/* The same bytes for the same design; `node` is not looked at. */
void drawing_write(const struct fabric *fabric, int node, FILE *to);
