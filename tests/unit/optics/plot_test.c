/* plot_test: pictures are well-formed, name everything, show the figures that were computed, and
 * their texts do not lie upon each other. */
#include "fixture.h"

#include "base/svg.h"
#include "cmd/optics_map.h"
#include "cmd/optics_plot_spectrum.h"
#include "cmd/optics_plot_way.h"
#include "optics/design.h"
#include "optics/load.h"
#include "optics/routes.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16, NAME_BYTES = 32, TEXTS_MAX = 400, TOPOLOGY_BYTES = 1 << 16 };

/* ---- reading pictures ---- */

/* Every "&" begins an entity that XML knows, and nothing else reserved stands in a text. */
static void check_text(const char *text, size_t size) {
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

	for (size_t i = 0; i < size; i++) {
		bool is_entity = false;

		assert_true((unsigned char)text[i] >= 0x20 || text[i] == '\n');
		if (text[i] != '&')
			continue;
		for (size_t k = 0; k < sizeof(entities) / sizeof(entities[0]); k++)
			is_entity |= strncmp(text + i, entities[k], strlen(entities[k])) == 0;
		assert_true(is_entity);
	}
}

/* Every element is closed in its turn; one is around all. */
static void check_well_formed(const char *picture) {
	char open[DEPTH_MAX][NAME_BYTES];
	int depth = 0;

	assert_int_equal(strncmp(picture, "<svg ", 5), 0);
	for (const char *at = picture; *at;) {
		const char *end = strchr(at, '>'), *next;
		char name[NAME_BYTES];

		assert_non_null(end);
		if (at[1] == '/') {
			assert_true(depth > 0);
			depth--;
			assert_int_equal(strncmp(at + 2, open[depth], strlen(open[depth])), 0);
			assert_true(at[2 + strlen(open[depth])] == '>');
		} else if (end[-1] != '/') {
			assert_int_equal(sscanf(at + 1, "%31[a-z]", name), 1);
			assert_true(depth < DEPTH_MAX);
			memcpy(open[depth++], name, sizeof(name));
		}
		next = strchr(end, '<');
		check_text(end + 1, next ? (size_t)(next - end - 1) : strlen(end + 1));
		if (!next)
			break;
		assert_true(depth > 0 || !*next);
		at = next;
	}
	assert_int_equal(depth, 0);
}

static size_t count_of(const char *text, const char *part) {
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

/* A picture that is being drawn into memory. */
struct canvas {
	char *text;
	size_t size;
	FILE *to;
};

static void open_canvas(struct canvas *canvas) {
	canvas->to = open_memstream(&canvas->text, &canvas->size);
	assert_non_null(canvas->to);
}

static void close_canvas(struct canvas *canvas) {
	assert_int_equal(fclose(canvas->to), 0);
	check_well_formed(canvas->text);
}

/* ---- writing ---- */

static void texts_are_escaped(void **state) {
	struct canvas canvas;

	open_canvas(&canvas);
	svg_begin(canvas.to, 10, 10, "a & <b>", "");
	svg_text(canvas.to, "x", 1, 2, "\"quoted\" \x01 \xef\xbf\xbf \xc3\xa5");
	svg_end(canvas.to);
	close_canvas(&canvas);
	assert_non_null(strstr(canvas.text, "<title>a &amp; &lt;b&gt;</title>"));
	assert_non_null(strstr(canvas.text, ">&quot;quoted&quot; ? ? \xc3\xa5</text>"));
	free(canvas.text);
}

/* ---- a way ---- */

static struct equipment equipment;

static int open_library(void **state) {
	return equipment_read(&equipment, GOLDEN_FOLDER "/equipment.json");
}

static int close_library(void **state) {
	equipment_free(&equipment);
	return 0;
}

static void ways_show_the_figures_that_were_computed(void **state) {
	struct network network;
	struct sim_params sim;
	struct design_options how = {.sim = &sim};
	struct propagation_options options = {.sim = &sim};
	struct propagation propagation = {0};
	struct plot_way plot = {.network = &network, .propagation = &propagation};
	struct spectrum load;
	struct trace trace;
	struct canvas canvas;
	int *way;

	sim_params_defaults(&sim);
	sim.raman = true;
	assert_int_equal(network_read(&network, &equipment, GOLDEN_FOLDER "/line.json"), 0);
	assert_int_equal(design_network(&network, &equipment, &how), 0);
	assert_int_equal(load_full(&load, &equipment.loads[0], 0), 0);
	plot.way = way = route_shortest_way(
		&network, network_find(&network, "A"), network_find(&network, "B"), &plot.count);
	assert_non_null(way);
	assert_int_equal(
		trace_run(&trace, &propagation, &network, way, plot.count, &load, &options), 0);
	plot.trace = &trace;
	plot.after[plot.after_count++] = 2;
	open_canvas(&canvas);
	assert_int_equal(plot_way_draw(&plot, canvas.to), 0);
	close_canvas(&canvas);
	for (size_t i = 0; i < propagation.spectrum.count; i++) {
		struct reception got;
		char tip[128];

		propagation_receive(&propagation, i, &got);
		snprintf(tip, sizeof(tip), "<title>%.5f THz: GSNR %.2f dB, OSNR %.2f dB</title>",
			propagation.spectrum.frequency_hz[i] / 1e12, got.gsnr_01nm_db,
			got.osnr_01nm_db);
		assert_int_equal(count_of(canvas.text, tip), 2);
		snprintf(tip, sizeof(tip), "<title>as received, %.5f THz: %.2f dBm</title>",
			propagation.spectrum.frequency_hz[i] / 1e12, got.power_dbm);
		assert_int_equal(count_of(canvas.text, tip), 1);
	}
	assert_non_null(strstr(canvas.text, ">A to B<"));
	assert_non_null(strstr(canvas.text, ">frequency, THz<"));
	assert_non_null(strstr(canvas.text, ">dB in 0.1 nm<"));
	assert_non_null(strstr(canvas.text, ">km<"));
	assert_non_null(strstr(canvas.text, network.elements[way[2]]->name));
	free(canvas.text);
	trace_free(&trace);
	propagation_free(&propagation);
	spectrum_free(&load);
	network_free(&network);
	free(way);
}

/* Powers go down by what is lost, and end where the receiver is. */
static void traces_follow_the_power_along_the_line(void **state) {
	struct network network;
	struct sim_params sim;
	const struct propagation_options options = {.sim = &sim};
	struct propagation propagation = {0};
	struct spectrum load;
	struct trace trace;
	size_t count;
	int *way;

	sim_params_defaults(&sim);
	assert_int_equal(network_read(&network, &equipment, GOLDEN_FOLDER "/span.json"), 0);
	assert_int_equal(design_accept(&network, &equipment), 0);
	assert_int_equal(load_full(&load, &equipment.loads[0], 0), 0);
	way = route_shortest_way(
		&network, network_find(&network, "A"), network_find(&network, "B"), &count);
	assert_int_equal(trace_run(&trace, &propagation, &network, way, count, &load, &options), 0);
	/* A; 0 to 80 km in steps of 10, behind the connector; behind the fibre; amplifier; B. */
	assert_int_equal(trace.count, 1 + 9 + 1 + 1 + 1);
	for (size_t k = 0; k < 9; k++) {
		fixture_near(trace.points[1 + k].position_m, 10e3 * (double)k, 1e-6);
		fixture_near(trace.points[1 + k].mean_dbm, -0.5 - 2 * (double)k, 1e-6);
	}
	fixture_near(trace.points[10].mean_dbm, -17, 1e-6);
	fixture_near(trace.points[11].mean_dbm, propagation.passages[2].mean_dbm, 1e-9);
	fixture_near(trace.power_dbm[3][0], propagation.passages[3].max_dbm, 0.1);
	trace_free(&trace);
	propagation_free(&propagation);
	spectrum_free(&load);
	network_free(&network);
	free(way);
}

/* ---- the network ---- */

struct seen_text {
	double x, y, wide, high;
};

/* Texts of a class, with what of a picture they take. */
static size_t find_texts(
	const char *picture, const char *class, double size, struct seen_text *texts) {
	char begin[64];
	size_t count = 0;

	snprintf(begin, sizeof(begin), "<text class=\"%s\"", class);
	for (const char *at = picture; (at = strstr(at, begin)); at++) {
		struct seen_text *text = &texts[count++];
		char words[128];

		assert_true(count <= TEXTS_MAX);
		assert_int_equal(sscanf(at + strlen(begin), " x=\"%lf\" y=\"%lf\">%127[^<]",
					 &text->x, &text->y, words),
			3);
		text->wide = svg_text_wide(words, size);
		text->high = size;
	}
	return count;
}

static void check_apart(const struct seen_text *texts, size_t count) {
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(fabs(texts[i].x - texts[k].x) <
					     (texts[i].wide + texts[k].wide) / 2 - 0.2 &&
				     fabs(texts[i].y - texts[k].y) <
					     (texts[i].high + texts[k].high) / 2 - 0.2);
}

/* Sites of a grid, of which a part is crowded, each tied to the one before and the row above. */
static const char *grid(int rows, int columns, bool has_places) {
	static char text[TOPOLOGY_BYTES];
	size_t at = (size_t)snprintf(text, sizeof(text), "{\"elements\": [");
	const char *comma = "";

	for (int i = 0; i < rows * columns; i++) {
		double shrink = i % columns < columns / 2 ? 0.1 : 1;

		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"%s{\"uid\": \"roadm City %d\", \"type\": \"Roadm\"", comma, i);
		if (has_places)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
				", \"metadata\": {\"location\": {\"latitude\": %g, \"longitude\": "
				"%g}}",
				40 + i / columns * shrink, 3 + 2 * (i % columns) * shrink);
		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"},\n{\"uid\": \"f%d\", \"type\": \"Fiber\", \"type_variety\": "
			"\"standard\", \"params\": {\"length\": %d, \"length_units\": \"km\", "
			"\"loss_coef\": 0.2}}",
			i, 50 + i);
		comma = ",\n";
	}
	at += (size_t)snprintf(text + at, sizeof(text) - at, "], \"connections\": [");
	comma = "";
	for (int i = 1; i < rows * columns; i++) {
		int to = i % columns ? i - 1 : i - columns;

		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"%s{\"from_node\": \"roadm City %d\", \"to_node\": \"f%d\"},\n"
			"{\"from_node\": \"f%d\", \"to_node\": \"roadm City %d\"}",
			comma, i, i, i, to);
		comma = ",\n";
	}
	snprintf(text + at, sizeof(text) - at, "]}");
	return fixture_file("grid.json", text);
}

static void check_map(int rows, int columns, bool has_places) {
	static struct seen_text texts[TEXTS_MAX];
	struct network network;
	struct canvas canvas;
	size_t sites = (size_t)(rows * columns), count;

	assert_int_equal(network_read(&network, &equipment, grid(rows, columns, has_places)), 0);
	open_canvas(&canvas);
	map_draw(&network, canvas.to);
	close_canvas(&canvas);
	for (size_t i = 0; i < sites; i++) {
		char name[64];

		snprintf(name, sizeof(name), ">%s%zu</text>", sites > 1 ? "" : "roadm City ", i);
		assert_int_equal(count_of(canvas.text, name), 1);
		snprintf(name, sizeof(name), "<title>roadm City %zu,", i);
		assert_int_equal(count_of(canvas.text, name), 1);
		snprintf(name, sizeof(name), ">%zu km</text>", 50 + i);
		assert_int_equal(count_of(canvas.text, name), i ? 1 : 0);
	}
	count = find_texts(canvas.text, "site", 13, texts);
	assert_int_equal(count, sites);
	count += find_texts(canvas.text, "km", 10, texts + count);
	assert_int_equal(count, 2 * sites - 1);
	check_apart(texts, count);
	free(canvas.text);
	network_free(&network);
}

static void maps_name_all_sites_and_links_legibly(void **state) {
	check_map(5, 10, true);
	check_map(1, 2, true);
	check_map(3, 4, false);
	check_map(1, 2, false);
	check_map(1, 1, false);
}

static void maps_of_nothing_are_pictures_too(void **state) {
	struct network network;
	struct canvas canvas;

	assert_int_equal(
		network_read(&network, &equipment,
			fixture_file("empty.json", "{\"elements\": [], \"connections\": []}")),
		0);
	open_canvas(&canvas);
	map_draw(&network, canvas.to);
	close_canvas(&canvas);
	free(canvas.text);
	network_free(&network);
}

/* ---- spectrum ---- */

static void slots_stand_where_their_spectrum_is(void **state) {
	static const char *const links[] = {"A to B", "B to C & D"};
	static const struct plot_slot slots[] = {{0, 192e12, 193e12, "one"},
		{1, 192e12, 193e12, "one"}, {1, 195e12, 196e12, "another"}};
	const struct plot_spectrum plot = {"a network", links, 2, slots, 3, 191e12, 196e12};
	struct canvas canvas;
	double x[3], wide[3], row = 0;
	unsigned int colour[3];
	const char *at;

	open_canvas(&canvas);
	plot_spectrum_draw(&plot, canvas.to);
	close_canvas(&canvas);
	at = canvas.text;
	for (size_t i = 0; i < 3; i++) {
		at = strstr(at + 1, "<rect class=\"slot\"");
		assert_non_null(at);
		assert_int_equal(sscanf(at,
					 "<rect class=\"slot\" x=\"%lf\" y=\"%lf\" width=\"%lf\" "
					 "height=\"20\" fill=\"hsl(%u,",
					 &x[i], &row, &wide[i], &colour[i]),
			4);
	}
	fixture_near(wide[0], 1100.0 / 5, 0.01);
	fixture_near(x[2] - x[0], 3 * 1100.0 / 5, 0.01);
	fixture_near(x[1], x[0], 0);
	assert_int_equal(colour[0], colour[1]);
	assert_int_not_equal(colour[0], colour[2]);
	assert_int_equal(count_of(canvas.text, ">B to C &amp; D</text>"), 1);
	assert_int_equal(count_of(canvas.text, ">20 %</text>"), 1);
	assert_int_equal(count_of(canvas.text, ">40 %</text>"), 1);
	assert_non_null(
		strstr(canvas.text, "another on B to C &amp; D: 195.00000 to 196.00000 THz"));
	free(canvas.text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(ways_show_the_figures_that_were_computed),
		cmocka_unit_test(traces_follow_the_power_along_the_line),
		cmocka_unit_test(maps_name_all_sites_and_links_legibly),
		cmocka_unit_test(maps_of_nothing_are_pictures_too),
		cmocka_unit_test(slots_stand_where_their_spectrum_is),
	};

	return cmocka_run_group_tests(tests, open_library, close_library);
}
