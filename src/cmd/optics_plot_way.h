/* optics_plot_way: a way and what happens on it as a picture: GSNR and OSNR of each channel, its
 * power behind elements, and power along the line. */
#pragma once

#include "optics/propagation.h"
#include "optics/trace.h"

#include <stddef.h>
#include <stdio.h>

enum { PLOT_AFTER_MAX = 6 }; /* so many colours there are */

struct plot_way {
	const struct network *network;
	const int *way;
	size_t count;
	const struct propagation *propagation;
	const struct trace *trace;
	size_t after[PLOT_AFTER_MAX]; /* elements of the way, behind which powers are shown, too */
	size_t after_count;
};

/* 0, or -ENOMEM. */
int plot_way_draw(const struct plot_way *plot, FILE *to);
