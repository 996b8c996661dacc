/* drawing_test: what a picture has in it, and that its boxes do not lie upon each other. */
#include "fixture.h"

#include "fabric/drawing.h"

#include <stdio.h>

enum { BOXES_MOST = 20000 };

struct seen_box {
	int x, y, wide, high;
};

static char *draw(const char *text) {
	struct designed designed;
	struct state *kept;
	char *picture = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&picture, &size);

	assert_non_null(to);
	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed, text, kept);
	drawing_write(designed.fabric, 0, to);
	assert_int_equal(fclose(to), 0);
	fixture_free(&designed);
	state_close(kept);
	return picture;
}

static size_t count_of(const char *text, const char *part) {
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

/* Every rectangle but the ground lies within the picture, and upon no other. */
static void check_boxes(const char *picture) {
	struct seen_box *boxes = calloc(BOXES_MOST, sizeof(*boxes));
	size_t count = 0;
	int wide, high;

	assert_non_null(boxes);
	assert_int_equal(
		sscanf(strstr(picture, "viewBox"), "viewBox=\"0 0 %d %d\"", &wide, &high), 2);
	for (const char *at = strstr(picture, "/>") + 1; (at = strstr(at, "<rect")); at++) {
		struct seen_box box;

		assert_true(count < BOXES_MOST);
		assert_int_equal(sscanf(at, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"",
					 &box.x, &box.y, &box.wide, &box.high),
			4);
		assert_true(box.x >= 0 && box.y >= 0);
		assert_true(box.x + box.wide <= wide && box.y + box.high <= high);
		for (size_t i = 0; i < count; i++)
			assert_false(box.x < boxes[i].x + boxes[i].wide &&
				     boxes[i].x < box.x + box.wide &&
				     box.y < boxes[i].y + boxes[i].high &&
				     boxes[i].y < box.y + box.high);
		boxes[count++] = box;
	}
	assert_true(count > 0);
	free(boxes);
}

static void each_node_and_cable_of_a_small_fabric_is_drawn_and_told_of(void **state) {
	char *picture = draw("fabric: small\nleaves: 3\nborders: 1\n"
			     "external: {isp: {asn: 64496, attach: [border1]}}\n");

	assert_int_equal(count_of(picture, "<rect x") - 1, 2 + 3 + 1 + 6 + 1);
	assert_int_equal(count_of(picture, "<path"), 2 * 4 + 6 + 1);
	assert_non_null(strstr(picture, "<title>spine1: spine, AS 4200000000, 10.255.0.1, "
					"fd00:0:ff::1, 4 of 64 ports</title>"));
	assert_non_null(strstr(picture, "<title>leaf1-h1: host of hosts</title>"));
	assert_non_null(strstr(picture, "<title>cable 1: leaf1:swp64 to spine1:swp1, 100G, 15 m, "
					"AOC</title>"));
	assert_null(strstr(picture, "script"));
	check_boxes(picture);
	free(picture);
}

static void many_hosts_are_a_box_a_leaf(void **state) {
	char *picture = draw("leaves: 4\nhosts: 30\nracks: {leaf2: {dual-homed-to: leaf1}}\n");

	assert_int_equal(count_of(picture, ">30 hosts</text>"), 4);
	assert_int_equal(count_of(picture, "<rect x") - 1, 2 + 4 + 4);
	assert_int_equal(count_of(picture, "<path"), 2 * 4 + 4 + 1);
	assert_non_null(strstr(picture, "<title>30 cables from hosts of leaf2 to leaf1</title>"));
	check_boxes(picture);
	free(picture);
}

static void five_hundred_switches_have_their_places(void **state) {
	char *picture = draw("shape: clos\npods: 8\nsuper-spines: 8\nspines: 4\nleaves: 55\n"
			     "borders: 2\nhosts: 4\ndevices: {spine: {ports: 128}}\n"
			     "external: {isp: {asn: 64496, attach: [pod1-border1, "
			     "pod2-border2]}, isp2: {asn: 64497, attach: [pod8-border2]}}\n");

	check_boxes(picture);
	assert_non_null(strstr(picture, "stroke-opacity=\"0.1"));
	free(picture);
}

static void random_fabrics_are_drawn_the_same_each_time(void **state) {
	struct random random = {13};

	for (int i = 0; i < 40; i++) {
		struct shape shape = shape_random(&random);
		char *text = shape_text(&shape), *one = draw(text), *other = draw(text);

		assert_string_equal(one, other);
		check_boxes(one);
		free(text);
		free(one);
		free(other);
	}
}

static void odd_shapes_are_drawn_too(void **state) {
	char *picture =
		draw("shape: custom\nnodes: {a: {role: leaf}, b: {role: leaf}, h: {role: host}, i: "
		     "{role: "
		     "host}, x: {role: external}, s: {role: super-spine}}\n"
		     "cables:\n- {from: a, to: b}\n- {from: h, to: a}\n- {from: h, to: b}\n");

	check_boxes(picture);
	assert_int_equal(count_of(picture, "<path"), 3);
	free(picture);
}

/* How far down the cable between two ports comes; a curve, three quarters of where it is drawn to.
 */
static int arc_depth(const char *picture, const char *ends) {
	const char *title = strstr(picture, ends), *path = title;
	int high, deep;

	assert_non_null(title);
	while (strncmp(path, "<path d=", 8) != 0)
		path--;
	assert_int_equal(
		sscanf(path, "<path d=\"M%*d %*dV%dC%*d %d %*d %d", &high, &deep, &deep), 3);
	return high + (deep - high) * 3 / 4;
}

static void what_joins_sites_is_an_arc_the_deeper_the_farther(void **state) {
	char *picture = draw("shape: sites\nsites: [a, b, c]\nborders: 1\nhosts: 2\n");
	int near = arc_depth(picture, "b-border1:swp1 to a-border1:swp1");
	int far = arc_depth(picture, "c-border1:swp1 to a-border1:swp2"), high;

	assert_int_equal(sscanf(strstr(picture, "viewBox"), "viewBox=\"0 0 %*d %d\"", &high), 1);
	assert_true(near < far && far < high);
	assert_int_equal(count_of(picture, "<g class=\"cables interconnect\""), 1);
	assert_non_null(strstr(picture, "<title>b-leaf1: leaf, site b, AS "));
	check_boxes(picture);
	free(picture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_node_and_cable_of_a_small_fabric_is_drawn_and_told_of),
		cmocka_unit_test(many_hosts_are_a_box_a_leaf),
		cmocka_unit_test(five_hundred_switches_have_their_places),
		cmocka_unit_test(random_fabrics_are_drawn_the_same_each_time),
		cmocka_unit_test(odd_shapes_are_drawn_too),
		cmocka_unit_test(what_joins_sites_is_an_arc_the_deeper_the_farther),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
