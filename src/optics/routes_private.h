/* routes_private: what the files that look for routes share. */
#pragma once

#include "optics/routes.h"

/* Whether neither a section nor the node it leads to is forbidden. */
bool route_allows(const struct sections *sections, const struct route_limits *limits, int section);
