/* network_test: topologies and libraries are read or refused; design completes them, and what it
 * writes reads back to the same. */
#include "fixture.h"

#include "../base/capture.h"
#include "optics/design.h"
#include "optics/load.h"
#include "optics/network.h"
#include "optics/propagation.h"
#include "optics/routes.h"
#include "optics/topology_write.h"

#include <errno.h>

static struct equipment equipment;

static int open_library(void **state) {
	return equipment_read(&equipment, GOLDEN_FOLDER "/equipment.json");
}

static int close_library(void **state) {
	equipment_free(&equipment);
	return 0;
}

#define SITE(name)  "{\"uid\": \"" name "\", \"type\": \"Transceiver\"}"
#define ROADM(name) "{\"uid\": \"" name "\", \"type\": \"Roadm\"}"
#define FIBRE(name, length)                                                                        \
	"{\"uid\": \"" name "\", \"type\": \"Fiber\", \"type_variety\": \"standard\", "            \
	"\"params\": {\"length\": " length ", \"length_units\": \"km\", \"loss_coef\": 0.2}}"
#define LINK(from, to) "{\"from_node\": \"" from "\", \"to_node\": \"" to "\"}"

/* A topology with these elements and links is refused for this. */
static void assert_refused(const char *elements, const char *links, const char *why) {
	char text[4096];
	struct network network;
	struct capture capture;
	char *said;
	int error;

	snprintf(text, sizeof(text), "{\"elements\": [\n%s],\n\"connections\": [\n%s]}\n", elements,
		links);
	capture = capture_begin(stderr);
	error = network_read(&network, &equipment, fixture_file("topology.json", text));
	said = capture_end(&capture);
	if (error != -EINVAL || !strstr(said, why))
		fail_msg("%s: %d, '%s' instead of '%s'", elements, error, said, why);
	free(said);
}

static void impossible_topologies_are_refused_in_their_place(void **state) {
	assert_refused(SITE("A") ",\n" SITE("A"), "", "json:3: $.elements[1]: 'A' is the name of");
	assert_refused("{\"type\": \"Fiber\"}", "", "'uid', its name, is missing");
	assert_refused(
		"{\"uid\": \"x\", \"type\": \"Fibre\"}", "", "'Fibre' is no type of element");
	assert_refused(FIBRE("f", "-1"), "", "$.elements[0].params.length: -1 is out of range");
	assert_refused(FIBRE("f", "\"80\""), "", "a number is expected");
	assert_refused(FIBRE("f", "1e300"), "", "out of range");
	assert_refused("{\"uid\": \"f\", \"type\": \"Fiber\", \"type_variety\": \"standart\", "
		       "\"params\": {\"length\": 1, \"loss_coef\": 0.2}}",
		"", "'standard'?");
	assert_refused(SITE("A"), LINK("A", "B"), "no element is called 'B'");
	assert_refused(FIBRE("f", "1"), LINK("f", "f"), "cannot follow itself");
	assert_refused(FIBRE("f", "1") "," FIBRE("g", "1"), LINK("f", "g") "," LINK("g", "f"),
		"is in a circle that no ROADM is in");
	assert_refused(FIBRE("f", "1") "," SITE("A") "," SITE("B"),
		LINK("f", "A") "," LINK("f", "B"), "leads to more than one element");
	assert_refused("{\"uid\": \"e\", \"type\": \"Edfa\", \"type_variety\": \"planes\"}", "",
		"no amplifier of the library is called 'planes'");
	assert_refused("{\"uid\": \"r\", \"type\": \"Roadm\", \"type_variety\": \"x\"}", "",
		"no ROADM of the library is called 'x'");
}

static void libraries_are_read_or_refused(void **state) {
	static const char *const texts[][2] = {
		{"[]", "an object is expected"},
		{"{\"Edfa\": [{\"type_variety\": \"a\", \"type_def\": \"fixed_gain\"}]}",
			"'gain_min' is missing"},
		{"{\"Edfa\": [{\"type_variety\": \"a\", \"type_def\": \"magic\"}]}",
			"'magic' is no kind of amplifier"},
		{"{\"Edfa\": [{\"type_variety\": \"a\", \"type_def\": \"variable_gain\", "
		 "\"gain_min\": 15, "
		 "\"gain_flatmax\": 26, \"p_max\": 20, \"nf_min\": 9, \"nf_max\": 5}]}",
			"no two coils"},
		{"{\"Edfa\": [{\"type_variety\": \"a\", \"type_def\": \"dual_stage\", "
		 "\"gain_min\": 15, "
		 "\"preamp_variety\": \"b\", \"booster_variety\": \"c\"}]}",
			"no single amplifier of this library is called 'b'"},
		{"{\"Roadm\": [{}, {}]}", "a target (target_pch_out_db, say) is missing"},
		{"{\"SI\": []}", "'SI', the load that is designed for, is missing"},
		{"{\"Transceiver\": [{\"type_variety\": \"t\"}]}", "'mode' is missing"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct capture capture = capture_begin(stderr);
		struct equipment read;
		int error = equipment_read(&read, fixture_file("equipment.json", texts[i][0]));
		char *said = capture_end(&capture);

		if (error != -EINVAL || !strstr(said, texts[i][1]))
			fail_msg("%s: %d, '%s' instead of '%s'", texts[i][0], error, said,
				texts[i][1]);
		free(said);
	}
}

static double first_gsnr(const struct network *network, const struct sim_params *sim) {
	const struct propagation_options options = {.sim = sim};
	struct propagation propagation = {0};
	struct reception got;
	struct spectrum load;
	size_t count;
	int *way = route_shortest_way(
		network, network_find(network, "A"), network_find(network, "B"), &count);

	assert_non_null(way);
	assert_int_equal(load_full(&load, &equipment.loads[0], 0), 0);
	assert_int_equal(propagation_run(&propagation, network, way, count, &load, &options), 0);
	propagation_receive(&propagation, 0, &got);
	propagation_free(&propagation);
	spectrum_free(&load);
	free(way);
	return got.gsnr_01nm_db;
}

static void designs_read_back_to_the_same(void **state) {
	struct network network, again;
	struct design_options how = {0};
	struct sim_params sim;
	json_t *json;
	char *text;

	sim_params_defaults(&sim);
	how.sim = &sim;
	assert_int_equal(network_read(&network, &equipment, GOLDEN_FOLDER "/line.json"), 0);
	assert_int_equal(design_network(&network, &equipment, &how), 0);
	json = network_json(&network);
	text = json_dumps(json, JSON_REAL_PRECISION(15));
	json_decref(json);
	assert_int_equal(network_read(&again, &equipment, fixture_file("designed.json", text)), 0);
	free(text);
	assert_int_equal(design_accept(&again, &equipment), 0);
	assert_int_equal(again.count, network.count);
	fixture_near(first_gsnr(&again, &sim), first_gsnr(&network, &sim), 1e-9);
	network_free(&again);
	network_free(&network);
}

/* Of two ways the shorter, and never through a transceiver. */
static void the_shortest_way_is_found(void **state) {
	static const char text[] = "{\"elements\": [" SITE("A") "," SITE("B") "," SITE(
		"C") "," ROADM("a") "," ROADM("b") "," FIBRE("long", "100") "," FIBRE("short",
		"60") "," FIBRE("back", "60") "], \"connections\": [" LINK("A", "a") "," LINK("a",
		"long") "," LINK("long", "b") "," LINK("a", "short") "," LINK("short",
		"b") "," LINK("b", "B") "," LINK("b", "C") "," LINK("C", "back") "," LINK("back",
		"a") "]}";
	struct network network;
	size_t count;
	int *way;

	assert_int_equal(network_read(&network, &equipment, fixture_file("ways.json", text)), 0);
	way = route_shortest_way(
		&network, network_find(&network, "A"), network_find(&network, "B"), &count);
	assert_non_null(way);
	assert_int_equal(count, 5);
	assert_string_equal(network.elements[way[2]]->name, "short");
	free(way);
	assert_null(route_shortest_way(
		&network, network_find(&network, "B"), network_find(&network, "A"), &count));
	network_free(&network);
}

static void channels_that_no_amplifier_takes_are_left_out(void **state) {
	static const char spectrum[] = "{\"spectrum\": [{\"f_min\": 196.8e12, \"f_max\": 197.2e12, "
				       "\"baud_rate\": 32e9, \"slot_width\": 50e9}]}";
	const struct propagation_options options = {0};
	struct propagation propagation = {0};
	struct network network;
	struct spectrum load;
	struct sim_params sim;
	struct propagation_options with_sim = options;
	size_t count;
	int *way;

	sim_params_defaults(&sim);
	with_sim.sim = &sim;
	assert_int_equal(network_read(&network, &equipment, GOLDEN_FOLDER "/span.json"), 0);
	assert_int_equal(design_accept(&network, &equipment), 0);
	assert_int_equal(
		load_read(&load, &equipment.loads[0], 0, fixture_file("spectrum.json", spectrum)),
		0);
	way = route_shortest_way(
		&network, network_find(&network, "A"), network_find(&network, "B"), &count);
	assert_int_equal(propagation_run(&propagation, &network, way, count, &load, &with_sim), 0);
	assert_int_equal(load.count, 9);
	assert_int_equal(propagation.spectrum.count, 4);
	assert_int_equal(propagation.dropped, 5);
	free(way);
	propagation_free(&propagation);
	spectrum_free(&load);
	network_free(&network);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_topologies_are_refused_in_their_place),
		cmocka_unit_test(libraries_are_read_or_refused),
		cmocka_unit_test(designs_read_back_to_the_same),
		cmocka_unit_test(the_shortest_way_is_found),
		cmocka_unit_test(channels_that_no_amplifier_takes_are_left_out),
	};

	return cmocka_run_group_tests(tests, open_library, close_library);
}
