/* twin_light: what the files of `heddle twin light` share: twin_light.c does, twin_light_show.c
 * shows.
 */
#pragma once

#include "cmd/twin.h"
#include "twin/light.h"
#include "twin/live.h"

enum { LIGHT_SITES_BYTES = 160 };

struct light_session {
	const struct twin_request *request;
	struct live *live;
	struct light_layer *light;
	double *margins; /* by service, before something is done; NULL: nothing is */
};

/* Of the last look. "A, B, C": the nodes of a route, without what is between them. */
void light_write_sites(const struct light_session *session, const struct carried *carried,
	char text[LIGHT_SITES_BYTES]);

/* All services, as a table or as JSON. */
void light_print(const struct light_session *session);
