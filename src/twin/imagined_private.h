/* imagined_private: what the files of imagined share: imagined.c computes what comes of a change,
 * imagined_steps.c makes the changes. */
#pragma once

#include "fabric/blueprint.h"
#include "twin/at_best.h"
#include "twin/imagined.h"
#include "twin/light.h"

enum { WORDS_BYTES = 512 };

struct imagined {
	struct blueprint blueprint;
	const struct fabric *fabric;
	struct light_layer *light;
	bool *link_has_failed, *link_is_drained; /* as somebody did */
	bool *link_is_down, *link_is_silent;     /* as it comes to, with the light */
	bool *node_is_down;
	struct model_failures failures;
	struct fib_set *tables;
	struct whatif *whatif;
	double restore_at; /* when light that is out is carried elsewhere; INFINITY: none is */
	double *margins;   /* of services, as last told */
	char (*best)[AT_BEST_BYTES]; /* and what at_best says */
	void (*told)(void *owner, double at, const char *layer, const char *words);
	void *owner;
};

void imagined_tell(const struct imagined *imagined, double at, const char *layer,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Tells that something was done, and all that comes of it. 0, or a negative errno. */
int imagined_come_of(struct imagined *imagined, double at, const char *title);
