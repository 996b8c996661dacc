/*
 * imagined: a twin that nobody runs, for who may not: the same intent and the same steps, computed
 * through every layer: the light by its physics (optics/condition.h), ports, the tables by the
 * model of the fabric's BGP (fabric/model.h), who reaches whom, and how well applications can fare
 * at best. What takes time in daemons and machines is not known here, and not told.
 */
#pragma once

#include "fabric/model.h"

#include <stdbool.h>
#include <stddef.h>

struct imagined;
struct light_layer;

/* Entries of its timeline go to `told`. 0, or a negative errno after messages. */
int imagined_open(const char *intent_path,
	void (*told)(void *owner, double at, const char *layer, const char *words), void *owner,
	struct imagined **imagined);
void imagined_close(struct imagined *imagined);

/*
 * Does at `at` (seconds, no earlier than what was done before) what a step of a scenario says: its
 * verb and words (cmd/twin_steps.h). 0; -ENOENT or -EINVAL for what there is none of or cannot be
 * done, -EOPNOTSUPP for what only a twin that runs can tell; or another; and why in `why`.
 */
enum { IMAGINED_WHY_MAX = 512 };
int imagined_do(struct imagined *imagined, double at, const char *verb, char *const *words,
	int count, char why[IMAGINED_WHY_MAX]);

/* What the light does by itself until then. 0, or a negative errno. */
int imagined_settle(struct imagined *imagined, double until);

const struct fabric *imagined_fabric(const struct imagined *imagined);
struct light_layer *imagined_light(const struct imagined *imagined); /* NULL: none */
const struct model_failures *imagined_failures(const struct imagined *imagined);
const bool *imagined_drained(const struct imagined *imagined); /* by link */

/* Over every single link and switch that could fail: how many were tried, and how many cut pairs of
 * hosts off that have other links. 0 or -ENOMEM. */
int imagined_try_failures(struct imagined *imagined, size_t *tried, size_t *cutting);
