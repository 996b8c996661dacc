/* optics_plot_way: see optics_plot_way.h. */
#include "cmd/optics_plot_way.h"

#include "base/chart.h"
#include "base/svg.h"
#include "cmd/optics_labels.h"
#include "cmd/optics_way.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
	PICTURE_WIDE = 1240,
	MARGIN = 30,
	CHART_RIGHT = 40,
	HEAD_HIGH = 70,
	PANEL_HIGH = 250,
	LINE_HIGH = 300,
	NAME_SIZE = 12,
	NAME_GAP = 16,
	TEXT_BYTES = 256
};

static const double name_turn = -40; /* degrees */

/* What is drawn, laid out in arrays. */
struct picture {
	const struct plot_way *plot;
	FILE *to;
	size_t channels;
	double *memory, *thz, *gsnr, *osnr;
	double *km, *mean, *least, *most; /* by point of the trace */
	double names_high;                /* of the sites' names above the line */
};

static const struct element *element_at(const struct plot_way *plot, size_t at) {
	return plot->network->elements[plot->way[at]];
}

/* ---- arrays ---- */

static int lay_out(struct picture *picture) {
	const struct plot_way *plot = picture->plot;
	size_t channels = plot->propagation->spectrum.count, points = plot->trace->count;

	picture->channels = channels;
	picture->memory = calloc(3 * channels + 4 * points, sizeof(*picture->memory));
	if (!picture->memory)
		return -ENOMEM;
	picture->thz = picture->memory;
	picture->gsnr = picture->thz + channels;
	picture->osnr = picture->gsnr + channels;
	picture->km = picture->osnr + channels;
	picture->mean = picture->km + points;
	picture->least = picture->mean + points;
	picture->most = picture->least + points;
	for (size_t i = 0; i < channels; i++) {
		struct reception got;

		propagation_receive(plot->propagation, i, &got);
		picture->thz[i] = plot->propagation->spectrum.frequency_hz[i] / 1e12;
		picture->gsnr[i] = got.gsnr_01nm_db;
		picture->osnr[i] = got.osnr_01nm_db;
	}
	for (size_t k = 0; k < points; k++) {
		picture->km[k] = plot->trace->points[k].position_m / 1e3;
		picture->mean[k] = plot->trace->points[k].mean_dbm;
		picture->least[k] = plot->trace->points[k].min_dbm;
		picture->most[k] = plot->trace->points[k].max_dbm;
	}
	return 0;
}

static struct chart place_chart(const struct picture *picture, double y, double high) {
	return (struct chart){.to = picture->to,
		.x = MARGIN + CHART_LEFT,
		.y = y,
		.wide = PICTURE_WIDE - 2 * MARGIN - CHART_LEFT - CHART_RIGHT,
		.high = high};
}

static void hold_frequencies(const struct picture *picture, struct chart *chart) {
	double wide = picture->plot->propagation->spectrum.slot_hz[0] / 1e12;

	chart->across = (struct chart_axis){"frequency, THz", picture->thz[0] - wide,
		picture->thz[picture->channels - 1] + wide};
}

/* By channel; it ends where a band does, and begins again with the next. */
static void draw_channels(
	const struct picture *picture, const struct chart *chart, int series, const double *value) {
	const double *slot_hz = picture->plot->propagation->spectrum.slot_hz;
	size_t from = 0;

	for (size_t i = 1; i <= picture->channels; i++) {
		if (i < picture->channels && (picture->thz[i] - picture->thz[i - 1]) * 1e12 <
						     slot_hz[i] + slot_hz[i - 1])
			continue;
		chart_line(chart, series, picture->thz + from, value + from, i - from);
		from = i;
	}
}

/* ---- GSNR ---- */

static void draw_gsnr(const struct picture *picture, double y) {
	static const char *const names[] = {"GSNR", "OSNR"};
	struct chart chart = place_chart(picture, y, PANEL_HIGH);

	hold_frequencies(picture, &chart);
	chart.up.title = "dB in 0.1 nm";
	chart_axis_hold(&chart.up, picture->gsnr, picture->channels);
	chart_axis_hold(&chart.up, picture->osnr, picture->channels);
	chart_axis_round(&chart.up);
	chart_frame(&chart, "GSNR and OSNR of each channel, as received");
	chart_legend(&chart, names, 2);
	draw_channels(picture, &chart, 0, picture->gsnr);
	draw_channels(picture, &chart, 1, picture->osnr);
	for (size_t i = 0; i < picture->channels; i++) {
		char tip[TEXT_BYTES];

		snprintf(tip, sizeof(tip), "%.5f THz: GSNR %.2f dB, OSNR %.2f dB", picture->thz[i],
			picture->gsnr[i], picture->osnr[i]);
		chart_mark(&chart, 0, picture->thz[i], picture->gsnr[i], tip);
		chart_mark(&chart, 1, picture->thz[i], picture->osnr[i], tip);
	}
}

/* ---- powers of channels ---- */

static void draw_powers(const struct picture *picture, double y) {
	const struct plot_way *plot = picture->plot;
	struct chart chart = place_chart(picture, y, PANEL_HIGH);
	const char *names[PLOT_AFTER_MAX + 1];
	const double *power[PLOT_AFTER_MAX + 1];
	size_t count = plot->after_count + 1;

	power[0] = plot->trace->power_dbm[plot->count - 1];
	names[0] = "as received";
	for (size_t n = 1; n < count; n++) {
		power[n] = plot->trace->power_dbm[plot->after[n - 1]];
		names[n] = element_at(plot, plot->after[n - 1])->name;
	}
	hold_frequencies(picture, &chart);
	chart.up.title = "dBm";
	for (size_t n = 0; n < count; n++)
		chart_axis_hold(&chart.up, power[n], picture->channels);
	chart_axis_round(&chart.up);
	chart_frame(&chart, "Power of each channel");
	chart_legend(&chart, names, count);
	for (size_t n = 0; n < count; n++) {
		draw_channels(picture, &chart, (int)n, power[n]);
		for (size_t i = 0; i < picture->channels; i++) {
			char tip[TEXT_BYTES];

			snprintf(tip, sizeof(tip), "%s, %.5f THz: %.2f dBm", names[n],
				picture->thz[i], power[n][i]);
			chart_mark(&chart, (int)n, picture->thz[i], power[n][i], tip);
		}
	}
}

/* ---- power along the line ---- */

/* The names of ROADMs on the way, and where they are; `names` has room for all elements. */
static size_t find_sites(const struct plot_way *plot, const char **names, double *km) {
	size_t count = 0;
	double at_km = 0;

	for (size_t at = 0; at < plot->count; at++) {
		const struct element *element = element_at(plot, at);

		at_km += element->fibre ? element->fibre->length_m / 1e3 : 0;
		if (element->kind != ELEMENT_ROADM)
			continue;
		names[count] = element->name;
		km[count++] = at_km;
	}
	return count;
}

/* Names that would lie on one another step aside, and a joint leads back. */
static void draw_sites(
	const struct chart *chart, const char *const *names, const double *km, size_t count) {
	size_t skipped = labels_in_common(names, count);
	double free_from = chart->x, base = chart->y - NAME_GAP;

	for (size_t i = 0; i < count; i++) {
		double x = chart_x(chart, km[i]), label = fmax(x, free_from);

		svg_line(chart->to, "site", x, chart->y, x, chart->y + chart->high);
		svg_line(chart->to, "joint", x, chart->y, label, base);
		svg_text_turned(
			chart->to, "sitename", label + 3, base - 2, name_turn, names[i] + skipped);
		free_from = label + NAME_GAP;
	}
}

static void draw_amplifiers(const struct picture *picture, const struct chart *chart) {
	const struct plot_way *plot = picture->plot;

	for (size_t k = 0; k < plot->trace->count; k++) {
		const struct trace_point *point = &plot->trace->points[k];
		const struct element *element = element_at(plot, point->at);
		const struct passage *passage = &plot->propagation->passages[point->at];
		char tip[TEXT_BYTES];

		if (element->kind != ELEMENT_AMPLIFIER)
			continue;
		snprintf(tip, sizeof(tip),
			"%s, km %.1f: gain %.2f dB, NF %.2f dB, %.2f dBm a channel", element->name,
			point->position_m / 1e3, passage->amplifiers[0].gain_db,
			passage->amplifiers[0].nf_mean_db, point->mean_dbm);
		chart_mark(chart, 2, point->position_m / 1e3, point->mean_dbm, tip);
	}
}

static void draw_line(const struct picture *picture, double y, const char *const *names,
	const double *km, size_t count) {
	struct chart chart = place_chart(picture, y, LINE_HIGH);
	size_t points = picture->plot->trace->count;

	chart.across = (struct chart_axis){"km", 0, fmax(picture->km[points - 1], 1)};
	chart.up.title = "dBm a channel";
	chart_axis_hold(&chart.up, picture->least, points);
	chart_axis_hold(&chart.up, picture->most, points);
	chart_axis_round(&chart.up);
	chart_frame(&chart, NULL);
	svg_text(picture->to, "title", chart.x, y - picture->names_high - 14,
		"Power along the line: mean of all channels; shaded: from the weakest to the "
		"strongest; "
		"dots: behind amplifiers");
	draw_sites(&chart, names, km, count);
	chart_band(&chart, 0, picture->km, picture->least, picture->most, points);
	chart_line(&chart, 0, picture->km, picture->mean, points);
	draw_amplifiers(picture, &chart);
}

/* ---- the picture ---- */

static void draw_head(const struct picture *picture, double high) {
	static const char style[] = CHART_STYLE
		".site { stroke: #999; stroke-dasharray: 3 3 } .joint { stroke: #999 }\n";
	const struct plot_way *plot = picture->plot;
	const struct spectrum *spectrum = &plot->propagation->spectrum;
	struct reception mean;
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "%s to %s", element_at(plot, 0)->name,
		element_at(plot, plot->count - 1)->name);
	svg_begin(picture->to, PICTURE_WIDE, high, text, style);
	svg_text(picture->to, "name", MARGIN, MARGIN + 10, text);
	propagation_mean(plot->propagation, &mean);
	snprintf(text, sizeof(text),
		"%zu channels over %.1f km, %.2f ms: GSNR %.2f dB, OSNR %.2f dB in 0.1 nm, on "
		"average",
		spectrum->count, optics_way_km(plot->network, plot->way, plot->count),
		spectrum->latency_s * 1e3, mean.gsnr_01nm_db, mean.osnr_01nm_db);
	svg_text(picture->to, "about", MARGIN, MARGIN + 32, text);
}

/* How high the longest name is when it is turned. */
static double measure_names(const char *const *names, size_t count) {
	size_t skipped = labels_in_common(names, count);
	double longest = 0;

	for (size_t i = 0; i < count; i++)
		longest = fmax(longest, svg_text_wide(names[i] + skipped, NAME_SIZE));
	return count ? NAME_GAP + NAME_SIZE - longest * sin(name_turn * M_PI / 180) : 0;
}

static void draw(struct picture *picture, const char **names, double *km) {
	size_t sites = find_sites(picture->plot, names, km);
	double panel = CHART_ABOVE + PANEL_HIGH + CHART_BELOW, line;

	picture->names_high = measure_names(names, sites);
	line = HEAD_HIGH + 2 * panel + CHART_ABOVE + picture->names_high;
	draw_head(picture, line + LINE_HIGH + CHART_BELOW + MARGIN);
	draw_gsnr(picture, HEAD_HIGH + CHART_ABOVE);
	draw_powers(picture, HEAD_HIGH + panel + CHART_ABOVE);
	draw_line(picture, line, names, km, sites);
	svg_end(picture->to);
}

int plot_way_draw(const struct plot_way *plot, FILE *to) {
	struct picture picture = {.plot = plot, .to = to};
	const char **names = calloc(plot->count, sizeof(*names));
	double *km = calloc(plot->count, sizeof(*km));
	int error = names && km ? lay_out(&picture) : -ENOMEM;

	if (!error)
		draw(&picture, names, km);
	free(picture.memory);
	free(names);
	free(km);
	return error;
}
