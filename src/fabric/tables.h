/* tables: the lists that people build a fabric from: cables, addresses, AS numbers. CSV by RFC
 * 4180, with a header; `node` is not looked at. */
#pragma once

#include "fabric/fabric.h"

#include <stdio.h>

/* What a cable of that speed and length is made of: "DAC", "AOC", or the optics at its ends (IEEE
 * 802.3: "100GBASE-SR4" …). */
const char *cable_medium(uint64_t speed_mbps, uint32_t length_m);

void tables_write_cabling(const struct fabric *fabric, int node, FILE *to);
void tables_write_addresses(const struct fabric *fabric, int node, FILE *to);
void tables_write_addresses_json(const struct fabric *fabric, int node, FILE *to);
