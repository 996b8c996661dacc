/* serving: the page and the metrics of a twin, or of a model of one, by HTTP (http/http.h), and
 * what whoever has the token wants done. */
#pragma once

#include "http/http.h"

struct view;

struct serving_source {
	struct view *view;
	const char *folder; /* of the journal; "token" (mode 0600) and "url" are written there */
	/* Begins a step of a scenario, which step_check has found right. 0, or a negative errno and
	 * why in `error`; -EBUSY: not now. */
	int (*act)(void *owner, const char *verb, const char *words, char error[HTTP_ERROR_MAX]);
	void (*tick)(void *owner);        /* before each look; or NULL */
	void (*child_ended)(void *owner); /* a child of this process; or NULL */
	void *owner;
};

/* Serves there until SIGTERM or SIGINT, or until the twin is gone: 0; or a negative errno after a
 * message. Prints the address and the token, first. */
int serve(const struct serving_source *source, const char *address);
