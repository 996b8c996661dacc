/*
 * chart: a panel of a picture with two axes: ticks at round numbers, a grid, titles with units, a
 * legend, and what is drawn by values. Lines and marks are told apart by series, which have colours
 * that people who see few colours can tell apart, too (M. Okabe, K. Ito, 2008).
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum { CHART_SERIES = 7 }; /* so many colours */

struct chart_axis {
	const char *title;
	double least, most;
};

/* Of the frame; titles and numbers lie around it, within CHART_LEFT, CHART_ABOVE and CHART_BELOW.
 */
struct chart {
	FILE *to;
	double x, y, wide, high;
	struct chart_axis across, up;
};

enum { CHART_LEFT = 70, CHART_ABOVE = 40, CHART_BELOW = 50 };

/* CSS for svg_begin. */
#define CHART_STYLE                                                                                \
	"text { font: 12px sans-serif; fill: #333 }\n"                                             \
	".name { font-size: 20px; font-weight: bold; fill: #111 } .about { font-size: 13px }\n"    \
	".title { font-size: 15px; font-weight: bold; fill: #111 }\n"                              \
	".middle { text-anchor: middle } .end { text-anchor: end }\n"                              \
	"path { fill: none } .frame { stroke: #333 } .grid { stroke: #e4e4e4 }\n"                  \
	".line { stroke-width: 1.6; stroke-linejoin: round }\n"                                    \
	".series0 { stroke: #0072b2 } .series1 { stroke: #d55e00 } .series2 { stroke: #009e73 }\n" \
	".series3 { stroke: #cc79a7 } .series4 { stroke: #e69f00 } .series5 { stroke: #56b4e9 }\n" \
	".series6 { stroke: #777 }\n"                                                              \
	".mark0 { fill: #0072b2 } .mark1 { fill: #d55e00 } .mark2 { fill: #009e73 }\n"             \
	".mark3 { fill: #cc79a7 } .mark4 { fill: #e69f00 } .mark5 { fill: #56b4e9 }\n"             \
	".mark6 { fill: #777 } .band { stroke: none; fill-opacity: 0.25 }\n"                       \
	"circle:hover { stroke: #000; stroke-width: 3 }\n"

/* The axis that holds values with some room; for ones that are all equal, a unit around. Values
 * that are no numbers do not count. Zeroed but for the title at first. */
void chart_axis_hold(struct chart_axis *axis, const double *values, size_t count);
void chart_axis_round(struct chart_axis *axis);

/* Frame, grid, numbers and titles; `title` may be NULL. */
void chart_frame(const struct chart *chart, const char *title);

/* The same of the axis across alone, for rows that are no values. */
void chart_frame_across(const struct chart *chart);

double chart_x(const struct chart *chart, double across);
double chart_y(const struct chart *chart, double up);

void chart_line(const struct chart *chart, int series, const double *across, const double *up,
	size_t count);

/* The area between two lines. */
void chart_band(const struct chart *chart, int series, const double *across, const double *least,
	const double *most, size_t count);

/* A mark, of which the pointer shows a text. */
void chart_mark(const struct chart *chart, int series, double across, double up, const char *tip);

/* Names of series 0, 1 and on, at the right above the frame. */
void chart_legend(const struct chart *chart, const char *const *names, size_t count);
