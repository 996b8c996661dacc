/* bird: the configuration of BIRD 2 for an external router of a design. */
#pragma once

#include "fabric/fabric.h"

#include <stdio.h>

/* Writes bird.conf of an external router. */
void bird_write(const struct fabric *fabric, int node, FILE *to);

/* Whether a node is an external router that runs BIRD. */
bool bird_is_run_by(const struct fabric *fabric, int node);
