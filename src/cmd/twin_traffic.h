/* twin_traffic: traffic that `heddle twin probe --traffic` plays, and what came of it. */
#pragma once

#include "twin/live.h"
#include "twin/load.h"

#include <jansson.h>

struct twin_traffic {
	const struct live *live;
	struct traffic traffic;
	struct load *load;
	struct wire_counts *before, *after; /* by link */
};

/* 0, or a negative errno after a message; to be closed only after 0. */
int twin_traffic_open(
	struct twin_traffic *playing, const struct live *live, const char *path, double scale);
void twin_traffic_close(struct twin_traffic *playing);

/* Around the time that it is played. */
void twin_traffic_start(struct twin_traffic *playing);
void twin_traffic_stop(struct twin_traffic *playing);

/* Demands that did not arrive whole, and links whose queues overflowed. */
void twin_traffic_print(const struct twin_traffic *playing);
json_t *twin_traffic_json(const struct twin_traffic *playing);
