/* optics_plot_spectrum: see optics_plot_spectrum.h. */
#include "cmd/optics_plot_spectrum.h"

#include "base/chart.h"
#include "base/svg.h"

#include <math.h>
#include <stdint.h>

enum {
	MARGIN = 30,
	HEAD_HIGH = 80,
	FOOT_HIGH = 60,
	ROW_HIGH = 22,
	BAND_WIDE = 1100,
	USED_WIDE = 60,
	NAME_SIZE = 12,
	SLOT_NAME_SIZE = 10,
	TEXT_BYTES = 128
};

static const char style[] = CHART_STYLE
	".row { fill: #f1f3f5 } .slot { stroke: #fff; stroke-width: 0.6 } .slot:hover { stroke: "
	"#000; stroke-width: 1.5 }\n"
	".slotname { font-size: 10px; text-anchor: middle; fill: #000; pointer-events: none }\n";

struct picture {
	const struct plot_spectrum *of;
	FILE *to;
	double left, wide, high; /* of the rows; of the picture */
};

static double row_y(size_t link) {
	return HEAD_HIGH + (double)link * ROW_HIGH;
}

static double band_x(const struct picture *picture, double hz) {
	const struct plot_spectrum *of = picture->of;

	return picture->left + (hz - of->low_hz) / (of->high_hz - of->low_hz) * BAND_WIDE;
}

/* By the label's hash (FNV-1a) around the circle of colours. */
static unsigned int hue(const char *label) {
	uint32_t hash = 2166136261u;

	for (; *label; label++)
		hash = (hash ^ (unsigned char)*label) * 16777619u;
	return (hash >> 8) % 360;
}

static double used_part(const struct plot_spectrum *of, size_t link) {
	double used_hz = 0;

	for (size_t i = 0; i < of->slot_count; i++)
		if (of->slots[i].link == link)
			used_hz += of->slots[i].high_hz - of->slots[i].low_hz;
	return used_hz / (of->high_hz - of->low_hz);
}

static void draw_row(const struct picture *picture, size_t link) {
	double y = row_y(link);
	char used[TEXT_BYTES];

	fprintf(picture->to,
		"<rect class=\"row\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>\n",
		picture->left, y + 1, BAND_WIDE, ROW_HIGH - 2);
	svg_text(picture->to, "end", picture->left - 8, y + ROW_HIGH / 2 + 4,
		picture->of->links[link]);
	snprintf(used, sizeof(used), "%.0f %%", 100 * used_part(picture->of, link));
	svg_text(picture->to, "end", picture->left + BAND_WIDE + USED_WIDE - 15,
		y + ROW_HIGH / 2 + 4, used);
}

static void draw_slot(const struct picture *picture, const struct plot_slot *slot) {
	double x = band_x(picture, slot->low_hz), wide = band_x(picture, slot->high_hz) - x;
	double y = row_y(slot->link);

	fprintf(picture->to,
		"<rect class=\"slot\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" "
		"fill=\"hsl(%u, 65%%, 68%%)\">",
		x, y + 1, wide, ROW_HIGH - 2, hue(slot->label));
	svg_tip(picture->to, "%s on %s: %.5f to %.5f THz", slot->label,
		picture->of->links[slot->link], slot->low_hz / 1e12, slot->high_hz / 1e12);
	fputs("</rect>\n", picture->to);
	if (svg_text_wide(slot->label, SLOT_NAME_SIZE) + 4 < wide)
		svg_text(
			picture->to, "slotname", x + wide / 2, y + ROW_HIGH / 2 + 3.5, slot->label);
}

static void draw_head(const struct picture *picture) {
	const struct plot_spectrum *of = picture->of;
	char about[TEXT_BYTES];
	double used = 0;

	for (size_t i = 0; i < of->link_count; i++)
		used += used_part(of, i) / (double)of->link_count;
	snprintf(about, sizeof(about), "%zu links, %zu slots, %.0f %% of the spectrum lit",
		of->link_count, of->slot_count, 100 * used);
	svg_begin(picture->to, picture->wide, picture->high, of->title, style);
	svg_text(picture->to, "name", MARGIN, MARGIN + 10, of->title);
	svg_text(picture->to, "about", MARGIN, MARGIN + 32, about);
	svg_text(picture->to, "end", picture->left + BAND_WIDE + USED_WIDE - 15, HEAD_HIGH - 8,
		"lit");
}

/* The chart's frame and ticks lie over the rows. */
static void draw_axis(const struct picture *picture) {
	const struct plot_spectrum *of = picture->of;
	const struct chart chart = {.to = picture->to,
		.x = picture->left,
		.y = HEAD_HIGH,
		.wide = BAND_WIDE,
		.high = (double)of->link_count * ROW_HIGH,
		.across = {"frequency, THz", of->low_hz / 1e12, of->high_hz / 1e12}};

	chart_frame_across(&chart);
}

void plot_spectrum_draw(const struct plot_spectrum *plot, FILE *to) {
	struct picture picture = {.of = plot, .to = to};
	double longest = 0;

	for (size_t i = 0; i < plot->link_count; i++)
		longest = fmax(longest, svg_text_wide(plot->links[i], NAME_SIZE));
	picture.left = MARGIN + longest + 16;
	picture.wide = picture.left + BAND_WIDE + USED_WIDE + MARGIN / 2;
	picture.high = row_y(plot->link_count) + FOOT_HIGH;
	draw_head(&picture);
	for (size_t i = 0; i < plot->link_count; i++)
		draw_row(&picture, i);
	draw_axis(&picture);
	for (size_t i = 0; i < plot->slot_count; i++)
		draw_slot(&picture, &plot->slots[i]);
	svg_end(to);
}
