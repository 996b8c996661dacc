/* chart: see chart.h. */
#include "base/chart.h"

#include "base/svg.h"

#include <math.h>
#include <stdbool.h>

enum { NUMBER_BYTES = 32 };

static const double tick_gap_up = 45, tick_gap_across = 80;
static const double legend_size = 12, legend_line = 22, legend_gap = 22;

/* ---- axes ---- */

/* 1, 2 or 5 times a power of ten, so that about `count` of them make up a length. */
static double round_step(double length, double count) {
	double least = length / fmax(count, 1), power = pow(10, floor(log10(least)));

	return least <= power       ? power
	       : least <= 2 * power ? 2 * power
	       : least <= 5 * power ? 5 * power
				    : 10 * power;
}

void chart_axis_hold(struct chart_axis *axis, const double *values, size_t count) {
	bool is_empty = axis->least == axis->most;

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(values[i]))
			continue;
		axis->least = is_empty ? values[i] : fmin(axis->least, values[i]);
		axis->most = is_empty ? values[i] : fmax(axis->most, values[i]);
		is_empty = false;
	}
}

void chart_axis_round(struct chart_axis *axis) {
	double step;

	if (axis->most - axis->least < 1) {
		double middle = (axis->least + axis->most) / 2;

		axis->least = middle - 0.5;
		axis->most = middle + 0.5;
	}
	step = round_step(axis->most - axis->least, 5);
	axis->least = floor(axis->least / step) * step;
	axis->most = ceil(axis->most / step) * step;
}

double chart_x(const struct chart *chart, double across) {
	return chart->x + (across - chart->across.least) /
				  (chart->across.most - chart->across.least) * chart->wide;
}

double chart_y(const struct chart *chart, double up) {
	return chart->y + chart->high -
	       (up - chart->up.least) / (chart->up.most - chart->up.least) * chart->high;
}

/* As many decimals as the step has; never "-0". */
static void print_tick(char *text, double value, double step) {
	int decimals = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;

	snprintf(text, NUMBER_BYTES, "%.*f", decimals, fabs(value) < step / 2 ? 0 : value);
}

static void draw_ticks_across(const struct chart *chart) {
	const struct chart_axis *axis = &chart->across;
	double step = round_step(axis->most - axis->least, chart->wide / tick_gap_across);

	for (double k = ceil(axis->least / step - 1e-9); k * step <= axis->most + step * 1e-9;
		k++) {
		double x = chart_x(chart, k * step);
		char text[NUMBER_BYTES];

		print_tick(text, k * step, step);
		svg_line(chart->to, "grid", x, chart->y, x, chart->y + chart->high);
		svg_text(chart->to, "middle", x, chart->y + chart->high + 17, text);
	}
}

static void draw_ticks_up(const struct chart *chart) {
	const struct chart_axis *axis = &chart->up;
	double step = round_step(axis->most - axis->least, chart->high / tick_gap_up);

	for (double k = ceil(axis->least / step - 1e-9); k * step <= axis->most + step * 1e-9;
		k++) {
		double y = chart_y(chart, k * step);
		char text[NUMBER_BYTES];

		print_tick(text, k * step, step);
		svg_line(chart->to, "grid", chart->x, y, chart->x + chart->wide, y);
		svg_text(chart->to, "end", chart->x - 8, y + 4, text);
	}
}

void chart_frame_across(const struct chart *chart) {
	draw_ticks_across(chart);
	fprintf(chart->to, "<path class=\"frame\" d=\"M%.1f %.1fh%.1fv%.1fh%.1fz\"/>\n", chart->x,
		chart->y, chart->wide, chart->high, -chart->wide);
	svg_text(chart->to, "middle", chart->x + chart->wide / 2, chart->y + chart->high + 38,
		chart->across.title);
}

void chart_frame(const struct chart *chart, const char *title) {
	draw_ticks_up(chart);
	chart_frame_across(chart);
	if (title)
		svg_text(chart->to, "title", chart->x, chart->y - 14, title);
	svg_text_turned(chart->to, "middle", chart->x - 50, chart->y + chart->high / 2, -90,
		chart->up.title);
}

/* ---- what is drawn ---- */

static void print_class(char *text, const char *what, int series) {
	snprintf(text, NUMBER_BYTES, "%s%d", what, series % CHART_SERIES);
}

void chart_line(const struct chart *chart, int series, const double *across, const double *up,
	size_t count) {
	bool is_drawing = false;
	char class[NUMBER_BYTES];

	print_class(class, "line series", series);
	svg_path_begin(chart->to, class);
	for (size_t i = 0; i < count; i++)
		svg_path_point(
			chart->to, chart_x(chart, across[i]), chart_y(chart, up[i]), &is_drawing);
	svg_path_end(chart->to);
}

void chart_band(const struct chart *chart, int series, const double *across, const double *least,
	const double *most, size_t count) {
	bool is_drawing = false;
	char class[NUMBER_BYTES];

	print_class(class, "band mark", series);
	svg_path_begin(chart->to, class);
	for (size_t i = 0; i < count; i++)
		svg_path_point(
			chart->to, chart_x(chart, across[i]), chart_y(chart, most[i]), &is_drawing);
	for (size_t i = count; i-- > 0;)
		svg_path_point(chart->to, chart_x(chart, across[i]), chart_y(chart, least[i]),
			&is_drawing);
	svg_path_end(chart->to);
}

void chart_mark(const struct chart *chart, int series, double across, double up, const char *tip) {
	if (!isfinite(across) || !isfinite(up))
		return;
	fprintf(chart->to, "<circle class=\"mark%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\">",
		series % CHART_SERIES, chart_x(chart, across), chart_y(chart, up));
	svg_tip(chart->to, "%s", tip);
	fputs("</circle>\n", chart->to);
}

void chart_legend(const struct chart *chart, const char *const *names, size_t count) {
	double x = chart->x + chart->wide, y = chart->y - 14;

	for (size_t i = count; i-- > 0;) {
		char class[NUMBER_BYTES];

		x -= svg_text_wide(names[i], legend_size);
		svg_text(chart->to, "legend", x, y, names[i]);
		print_class(class, "line series", (int)i);
		svg_line(chart->to, class, x - legend_line - 5, y - 4, x - 5, y - 4);
		x -= legend_line + legend_gap;
	}
}
