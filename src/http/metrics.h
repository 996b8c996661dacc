/*
 * metrics: writes Prometheus' text format (0.0.4): metrics with help and type, samples with labels.
 * Names and units are as its conventions have them: "heddle_", base units, "_total" of counters.
 */
#pragma once

#include <stdio.h>

struct metrics {
	FILE *to;
	char *text;
	size_t size;
	const char *name; /* of the metric that is being written */
};

/* 0, or -ENOMEM. */
int metrics_open(struct metrics *metrics);

/* A metric; its samples follow. `type` is "counter" or "gauge". */
void metrics_begin(struct metrics *metrics, const char *name, const char *type, const char *help);

/* A sample with so many labels: pairs of name and value, up to NULL. */
void metrics_sample(struct metrics *metrics, double value, ...) __attribute__((sentinel));

/* The text, to be freed; NULL without memory. */
char *metrics_finish(struct metrics *metrics);
