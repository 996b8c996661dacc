/* optics_plot_spectrum: what of the spectrum is lit on each link, as a picture: links are rows,
 * frequency goes from left to right, each slot has the colour of what lights it. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct plot_slot {
	size_t link;
	double low_hz, high_hz;
	const char *label; /* of the service; slots of one label have one colour */
};

struct plot_spectrum {
	const char *title;
	const char *const *links; /* names */
	size_t link_count;
	const struct plot_slot *slots; /* in any order */
	size_t slot_count;
	double low_hz, high_hz; /* the band; low is below high */
};

/* What goes wrong in writing is the stream's to tell. */
void plot_spectrum_draw(const struct plot_spectrum *plot, FILE *to);
