/* topology_write: a network as GNPy's topology JSON, all that design chose and set in it. */
#pragma once

#include "optics/network.h"

#include <jansson.h>

/* To be given back by json_decref; NULL if there is no memory. */
json_t *network_json(const struct network *network);
