/*
 * flow_sizes: how large flows are, as two data centers were seen to have them:
 *
 * web-search: M. Alizadeh et al., "Data Center TCP (DCTCP)", SIGCOMM 2010: 1.7 MB on average, most
 * of the bytes in flows of 1 to 20 MB. data-mining: A. Greenberg et al., "VL2: a scalable and
 * flexible data center network", SIGCOMM 2009: half of the flows are one packet, most of the bytes
 * in flows above 100 MB.
 *
 * Both by the points that M. Alizadeh et al., "pFabric", SIGCOMM 2013, plays them with: packets of
 * 1460 bytes, evenly spread between two points.
 */
#pragma once

#include "fabric/intent.h"

/* The size, in bytes, that a share of all flows is smaller than; 0 < share < 1. */
double flow_size_of(enum flow_sizes sizes, double share);
