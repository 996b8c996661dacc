/* fib_folder_test: tables in files of both kinds: what is written is read again, what `ip` prints
 * is taken, and each mistake is told in its place. */
#include "fabric/fib_folder.h"

#include "../base/capture.h"
#include "fixture.h"

#include "fabric/fib_json.h"
#include "fabric/model.h"

#include <sys/stat.h>
#include <errno.h>
#include <unistd.h>

static const char intent_text[] =
	"spines: 1\nleaves: 2\nhosts: 1\naddressing: {links: numbered}\nborders: 1\n"
	"external: {isp1: {asn: 64500, attach: [border1], announces: [0.0.0.0/0]}}\n";

struct world {
	struct designed designed;
	struct state *state;
	struct verify *verify;
};

static const struct verify_layer layers[] = {{.name = "model"}, {.name = "table"}};

static void make_world(struct world *world, const char *text) {
	assert_int_equal(state_open(NULL, &world->state), 0);
	fixture_design(&world->designed, text, world->state);
	world->verify = verify_create(world->designed.fabric, layers, 2);
	assert_non_null(world->verify);
	assert_int_equal(
		model_tables(world->designed.fabric, NULL, verify_place(world->verify, 0, 0).set),
		0);
}

static void free_world(struct world *world) {
	verify_destroy(world->verify);
	fixture_free(&world->designed);
	state_close(world->state);
}

static void write_model(const struct world *world, const char *folder) {
	struct fib_set *set = fib_set_create();

	assert_non_null(set);
	assert_int_equal(model_tables(world->designed.fabric, NULL, set), 0);
	assert_int_equal(fib_set_finish(set), 0);
	assert_int_equal(fib_folder_write(folder, world->designed.fabric, set, NULL), 0);
	fib_set_destroy(set);
}

static void tell_nobody(void *owner, const struct violation *violation) {
}

static size_t count_violations(struct world *world) {
	const struct verify_telling telling = {.told = tell_nobody};
	struct verify_summary summary;

	assert_int_equal(verify_run(world->verify, &telling, &summary), 0);
	assert_true(summary.entries > 0);
	return summary.violations;
}

static void written_tables_are_read_as_they_were(void **state) {
	struct random random = {11};

	for (int i = 0; i < 40; i++) {
		struct shape shape = shape_random(&random);
		char *text = shape_text(&shape);
		struct world world;

		make_world(&world, text);
		write_model(&world, "tables");
		assert_int_equal(
			fib_folder_read("tables", world.designed.fabric, world.verify, 1), 0);
		assert_int_equal(count_violations(&world), 0);
		free_world(&world);
		free(text);
		assert_int_equal(system("rm -r tables"), 0);
	}
}

/* What is said of a folder of right tables but for one file. */
static void check(const char *file, const char *text, const char *said) {
	struct capture capture;
	struct world world;
	char *told;
	int error;

	make_world(&world, intent_text);
	write_model(&world, "tables");
	if (text)
		fixture_write(file, text);
	else
		assert_int_equal(unlink(file), 0);
	capture = capture_begin(stderr);
	error = fib_folder_read("tables", world.designed.fabric, world.verify, 1);
	told = capture_end(&capture);
	assert_string_equal(told, said);
	assert_int_equal(error, *said ? -EINVAL : 0);
	free(told);
	free_world(&world);
	assert_int_equal(system("rm -r tables"), 0);
}

#define FILE_OF_LEAF  "tables/leaf1.fib"
#define SAYS(message) "heddle: error: tables/leaf1.fib" message "\n"
#define HEAD          "heddle-fib 1 leaf1\n"

static void each_mistake_of_a_file_is_told_with_its_line(void **state) {
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"", SAYS(":1: '': expected a table of version 1, as in 'heddle-fib 1 leaf1'")},
		{"heddle-fib 2 leaf1\n", SAYS(":1: 'heddle-fib': expected a table of version 1, "
					      "as in 'heddle-fib 1 leaf1'")},
		{"heddle-fib 1 leaf2\n",
			SAYS(":1: 'leaf2': expected the name of the switch, which the file has")},
		{HEAD "group x swp64\n", SAYS(":2: 'x': expected a number below 65536 and ports, "
					      "as in 'group 1 swp63 swp64'")},
		{HEAD "group 65536 swp64\n", SAYS(":2: '65536': expected a number below 65536 and "
						  "ports, as in 'group 1 swp63 swp64'")},
		{HEAD "group 1\n", SAYS(":2: '1': expected a number below 65536 and ports, as in "
					"'group 1 swp63 swp64'")},
		{HEAD "\n# a spine\ngroup 1 swp64\ngroup 1 swp64\n",
			SAYS(":5: '1': expected each group once")},
		{HEAD "group 1 swp65\n",
			SAYS(":2: 'swp65': expected a port of this switch, as the design names "
			     "it")},
		{HEAD "group 1 swp\n",
			SAYS(":2: 'swp': expected a port of this switch, as the design names it")},
		{HEAD "down other\n",
			SAYS(":2: 'other': expected a port of this switch, as the design names "
			     "it")},
		{HEAD "10.0.0.0/8 1\n", SAYS(":2: '1': expected the number of a group above")},
		{HEAD "10.0.0.0/8 drp\n", SAYS(":2: 'drp': expected the number of a group above, "
					       "local, drop or none")},
		{HEAD "10.0.0.1/8 drop\n", SAYS(":2: '10.0.0.1/8': expected down, group, or a "
						"prefix with no bits set beyond its length, and "
						"where to")},
		{HEAD "10.0.0.0/8\n", SAYS(":2: '10.0.0.0/8': expected down, group, or a prefix "
					   "with no bits set beyond its length, and where to")},
		{HEAD "10.0.0.0/8 drop now\n", SAYS(":2: '': expected the end of the line")},
		{HEAD "10.0.0.0/8 drop\nfd00::/8 drop\n10.0.0.0/8 local\n",
			SAYS(":4: '10.0.0.0/8': expected each prefix once")},
		{HEAD "group 1 swp64 other\n10.0.0.0/8 1\n::/0 none\n10.0.0.0/9 local", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(FILE_OF_LEAF, cases[i].text, cases[i].said);
}

static void each_switch_has_one_file(void **state) {
	check(FILE_OF_LEAF, NULL,
		SAYS(": no such file, nor NODE.json: expected one for each switch"));
	check("tables/leaf1.json", "[]",
		"heddle: error: tables/leaf1.json: beside NODE.fib: expected one of the two\n");
	check("tables/leaf3.fib", "",
		"heddle: error: tables/leaf3.fib: 'leaf3': expected a switch of the design; "
		"'leaf1'?\n");
	check("tables/leaf1-h1.json", "",
		"heddle: error: tables/leaf1-h1.json: 'leaf1-h1': expected a switch of the "
		"design\n");
	check("tables/README", "what these are", "");
}

static void what_cannot_be_read_is_told(void **state) {
	struct capture capture;
	struct world world;
	char *told;

	make_world(&world, intent_text);
	write_model(&world, "tables");
	assert_int_equal(unlink(FILE_OF_LEAF), 0);
	assert_int_equal(mkdir(FILE_OF_LEAF, 0700), 0);
	assert_int_equal(truncate("tables/leaf2.fib", (256 << 20) + 1), 0);
	capture = capture_begin(stderr);
	assert_int_equal(
		fib_folder_read("tables", world.designed.fabric, world.verify, 1), -EINVAL);
	assert_int_equal(
		fib_folder_read("tables9", world.designed.fabric, world.verify, 1), -ENOENT);
	told = capture_end(&capture);
	assert_string_equal(told,
		SAYS(": Is a directory") "heddle: error: tables/leaf2.fib: too large: expected at "
					 "most 256 MiB\n"
					 "heddle: error: tables9: No such file or directory\n");
	free(told);
	free_world(&world);
	assert_int_equal(system("rm -r tables"), 0);
}

/* --- what ip(8) prints --- */

static void check_json(const char *text, const char *said) {
	struct capture capture;
	struct world world;
	char *told;

	make_world(&world, intent_text);
	write_model(&world, "tables");
	assert_int_equal(unlink(FILE_OF_LEAF), 0);
	fixture_write("tables/leaf1.json", text);
	capture = capture_begin(stderr);
	fib_folder_read("tables", world.designed.fabric, world.verify, 1);
	told = capture_end(&capture);
	assert_string_equal(told, said);
	free(told);
	free_world(&world);
	assert_int_equal(system("rm -r tables"), 0);
}

static void each_mistake_of_json_is_told_with_its_route(void **state) {
#define SAYS_JSON(message) "heddle: error: tables/leaf1.json" message "\n"
	check_json("[{\n}", SAYS_JSON(":2: not JSON: ']' expected near end of file"));
	check_json("{}", SAYS_JSON(": expected a list of routes, as of 'ip -json route show table "
				   "all'"));
	check_json("[] [1]", SAYS_JSON(": route 1: '': expected an object for each route"));
	check_json("[{\"dst\": \"10.0.0.0/33\", \"dev\": \"swp1\"}]",
		SAYS_JSON(": route 1: '10.0.0.0/33': expected a prefix, or 'default', as 'dst'"));
	check_json("[{\"dst\": \"10.0.0.0/8\", \"nhid\": 7}]",
		SAYS_JSON(": route 1: '10.0.0.0/8': expected 'dev' or 'nexthops' besides its "
			  "'nhid', as ip(8) prints them"));
}

/* The group of leaf1 for a prefix, of what is read from JSON. */
static uint32_t group_of(struct fib_set *set, const char *text) {
	struct prefix prefix;

	assert_int_equal(prefix_parse(text, &prefix), 0);
	for (size_t n = 0; n < fib_set_prefix_count(set); n++) {
		size_t count;
		const struct fib_entry *entries = fib_set_entries(set, n, &count);

		if (prefix_compare(fib_set_prefix(set, n), &prefix) == 0)
			return count ? entries[0].group : FIB_ABSENT;
	}
	return FIB_ABSENT;
}

static void routes_are_taken_as_the_kernel_chooses(void **state) {
	static const char text[] =
		"[{\"dst\":\"default\",\"gateway\":\"10.0.0.1\",\"dev\":\"swp1\",\"flags\":[]},"
		"{\"dst\":\"1.0.0.0/8\",\"nhid\":3,\"flags\":[],\"nexthops\":["
		"{\"dev\":\"swp1\",\"weight\":1,\"flags\":[]},"
		"{\"dev\":\"swp64\",\"weight\":1,\"flags\":[\"dead\",\"linkdown\"]}]},"
		"{\"type\":\"blackhole\",\"dst\":\"4.0.0.0/8\",\"flags\":[]},"
		"{\"dst\":\"5.0.0.0/8\",\"dev\":\"eth9\",\"metric\":100,\"flags\":[]},"
		"{\"dst\":\"5.0.0.0/8\",\"dev\":\"swp64\",\"metric\":20,\"flags\":[]},"
		"{\"dst\":\"6.0.0.0/8\",\"dev\":\"eth9\",\"flags\":[]},"
		"{\"dst\":\"9.0.0.0/8\",\"dev\":\"swp1\",\"table\":\"77\",\"flags\":[]},"
		"{\"type\":\"local\",\"dst\":\"10.0.0.0\",\"dev\":\"swp1\",\"table\":\"local\"},"
		"{\"type\":\"broadcast\",\"dst\":\"10.0.0.255\",\"table\":\"local\"},"
		"{\"type\":\"local\",\"dst\":\"127.0.0.1\",\"dev\":\"lo\",\"table\":\"local\"}]"
		"[{\"dst\":\"default\",\"dev\":\"swp64\",\"metric\":1024,\"pref\":\"medium\"},"
		"{\"dst\":\"fd00::1\",\"dev\":\"lo\",\"protocol\":\"kernel\",\"metric\":256},"
		"{\"dst\":\"fe80::/64\",\"dev\":\"swp1\",\"protocol\":\"kernel\"}]\n";
	struct world world;
	struct verify_place place;
	const uint32_t *ports;
	size_t count;
	int leaf;

	make_world(&world, intent_text);
	verify_destroy(world.verify); /* without the model */
	world.verify = verify_create(world.designed.fabric, layers, 2);
	leaf = fabric_find(world.designed.fabric, "leaf1");
	place = verify_place(world.verify, 0, leaf);
	assert_int_equal(fib_json_parse(world.designed.fabric, "leaf1.json", text, strlen(text),
				 leaf, &place),
		0);
	assert_int_equal(fib_set_finish(place.set), 0);
	assert_int_equal(fib_set_prefix_count(place.set), 7);
	ports = fib_set_ports(place.set, group_of(place.set, "1.0.0.0/8"), &count);
	assert_int_equal(count, 1);
	assert_string_equal(world.designed.fabric->ports[ports[0]].name, "swp1");
	ports = fib_set_ports(place.set, group_of(place.set, "5.0.0.0/8"), &count);
	assert_string_equal(world.designed.fabric->ports[ports[0]].name, "swp64");
	ports = fib_set_ports(place.set, group_of(place.set, "6.0.0.0/8"), &count);
	assert_int_equal(ports[0], place.strange_port);
	assert_int_equal(group_of(place.set, "4.0.0.0/8"), FIB_DROP);
	assert_int_equal(group_of(place.set, "10.0.0.0/32"), FIB_LOCAL);
	assert_int_equal(group_of(place.set, "0.0.0.0/0"), group_of(place.set, "1.0.0.0/8"));
	assert_int_equal(group_of(place.set, "::/0"), group_of(place.set, "5.0.0.0/8"));
	free_world(&world);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_tables_are_read_as_they_were),
		cmocka_unit_test(each_mistake_of_a_file_is_told_with_its_line),
		cmocka_unit_test(each_switch_has_one_file),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(each_mistake_of_json_is_told_with_its_route),
		cmocka_unit_test(routes_are_taken_as_the_kernel_chooses),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
