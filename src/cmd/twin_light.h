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
	double due, changed; /* of clock_now: when the light is to be, and was, as it is; 0: now */
	bool is_protected;   /* what goes out is carried elsewhere while it is observed */
	double *margins;     /* by service, before something is done; NULL: nothing is */
};

/* All services, as a table or as JSON. */
void light_print(const struct light_session *session);
