/* twin_light: what the files of `heddle twin light` share: twin_light.c does, twin_light_show.c
 * shows.
 */
#pragma once

#include "cmd/twin.h"
#include "twin/light.h"
#include "twin/live.h"

struct light_session {
	const struct twin_request *request;
	struct live *live;
	struct light_layer *light;
	double *margins; /* by service, before something is done; NULL: nothing is */
};

/* All services, as a table or as JSON. */
void light_print(const struct light_session *session);
