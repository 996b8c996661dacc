/* light_private: what the files of light share: light.c opens it and looks, light_deeds.c does
 * something to it, and does again what was done. */
#pragma once

#include "optics/design.h"
#include "optics/plan.h"
#include "twin/light.h"

#include <jansson.h>
#include <limits.h>

struct light_layer {
	const struct fabric *fabric;
	char path[PATH_MAX]; /* of light.json */
	json_t *kept;
	struct equipment equipment;
	struct network network;
	struct sim_params sim;
	struct sections sections;
	struct services services;
	struct plan_options options;
	struct plan plan;
	struct condition *condition;
	int *link_of; /* by service */
	const struct light *lights;
	struct link_light *links;
	size_t link_count;
};

/* 0, or -EIO after a message. */
int light_write_kept(const char *path, const json_t *kept);

/* All that the file says was done. 0, or a negative errno after a message. */
int light_do_all_again(struct light_layer *light);
