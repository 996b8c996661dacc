/*
 * view: a twin as the page and Prometheus see it: its design, its state, its metrics, as
 * docs/internals/api.md has them; of one that runs, or of a model of one. Single-threaded; nothing
 * is read but by view_look.
 */
#pragma once

#include "fabric/model.h"

#include <stddef.h>

struct light_layer;
struct view;

/* What a model has, all of it the caller's, who changes it. */
struct view_model {
	const char *name;
	const struct fabric *fabric;
	struct light_layer *light; /* NULL: none */
	const struct model_failures *failures;
	const bool *link_is_drained; /* by link */
};

/* The twin of this name (NULL: the only one). 0, or a negative errno after a message. */
int view_open(const char *name, struct view **view);
int view_open_model(const struct view_model *model, struct view **view);
void view_close(struct view *view);

const char *view_name(const struct view *view);

enum { VIEW_DESIGN = 1, VIEW_STATE = 2 };

/* Looks again, which takes some milliseconds: which of the two have changed since it last looked.
 * -ENOENT if the twin is gone; or another negative errno after a message. */
int view_look(struct view *view);

/* As they were found, a line of JSON each; the view's, until it looks again. */
const char *view_design(const struct view *view);
const char *view_state(const struct view *view);

/* The same as Prometheus' text, to be freed. */
char *view_metrics(const struct view *view);
