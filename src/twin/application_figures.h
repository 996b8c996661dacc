/* application_figures: what samples come to: the figures that somebody who runs a data center looks
 * at, by class, in the form of docs/internals/api.md. */
#pragma once

#include "twin/samples.h"

#include <jansson.h>

enum { FIGURES_MAX = 3 };

struct figure {
	const char *name, *unit;
	double value; /* NAN: not known */
};

/* The first is the one. Returns how many. */
int application_figures(const struct sample_source *source, const struct summary *summary,
	struct figure figures[FIGURES_MAX]);

/* {"name", "class", "figures", "latency_ms"} */
json_t *application_json(const struct sample_source *source, const struct summary *summary);

/* Figures of an application as it is now: of the second that ends then, or of its last few samples;
 * percentiles of up to eleven. 0 or -ENOMEM. */
int application_summary_now(
	struct samples *samples, int source, double now, struct summary *summary);
