/* frr: the configuration of FRR for a node of a design, as vtysh reads it. */
#pragma once

#include "fabric/fabric.h"

#include <stdio.h>

/* Writes frr.conf of a switch, or of an external router that runs FRR. */
void frr_write(const struct fabric *fabric, int node, FILE *to);
