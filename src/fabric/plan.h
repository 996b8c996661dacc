/* plan: a design as files: a folder with all that is needed to build the fabric. */
#pragma once

#include "fabric/fabric.h"

struct state;

/*
 * Writes into `folder` (made if it is not there):
 *   nodes/NAME/frr.conf (or bird.conf)   what each switch and external router runs
 *   cabling.csv                          each cable: ends, speed, length, medium
 *   addresses.csv, addresses.json        each port and loopback; AS numbers
 *   drawing.svg                          the fabric as a picture
 *   report.txt, report.json              what it is worth, for people and for programs
 *   state.json                           what has been given out (state.h)
 * A file is replaced only if it differs. 0, or a negative errno after a message.
 */
int plan_write(const struct fabric *fabric, const struct state *state, const char *folder);
