/* optics_names: what names on the command line mean; a message says which name is near one that
 * nothing has. */
#pragma once

#include "cmd/optics_actions.h"

/* ELEMENT_NONE after a message. */
int optics_find_transceiver(const struct network *network, const char *name);

/* The library's type that the request names; NULL after a message. */
const struct transceiver_type *optics_find_type(
	const struct optics_request *request, const struct equipment *equipment);
