/*
 * requests_test: the reference planner's sets of requests, where its results are: routes, modes,
 * slots and reasons the same; GSNR, OSNR and penalties within 0.01 dB, dispersion within 0.1 ps/nm,
 * PMD and latency within 0.001. It says how many sets hold.
 */
#include "fixture.h"
#include "reference.h"

#include "optics/design.h"
#include "optics/plan.h"
#include "optics/plan_write.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 1024, REDESIGNS_MOST = 64 };

/* A set's files, read. */
struct set {
	json_t *wanted;
	char folder[PATH_BYTES];
	struct equipment equipment;
	struct network network, redesigned[REDESIGNS_MOST];
	double powers[REDESIGNS_MOST];
	size_t channels[REDESIGNS_MOST], redesigned_count;
	struct sim_params sim;
};

static const char *input(const struct set *set, const char *name) {
	static char path[2 * PATH_BYTES];

	snprintf(path, sizeof(path), "%s/inputs/%s", set->folder, name);
	return path;
}

static const char *named(const struct set *set, const char *key) {
	return input(set,
		json_string_value(json_object_get(json_object_get(set->wanted, "inputs"), key)));
}

static bool has_option(const struct set *set, const char *name) {
	return json_is_true(json_object_get(
		json_object_get(json_object_get(set->wanted, "inputs"), "options"), name));
}

static const struct network *redesign(void *owner, double power_dbm, size_t channels) {
	struct set *set = owner;
	const struct design_options how = {
		.power_dbm = power_dbm, .sim = &set->sim, .channels = channels};
	struct network *network;

	for (size_t i = 0; i < set->redesigned_count; i++)
		if (set->powers[i] == power_dbm && set->channels[i] == channels)
			return &set->redesigned[i];
	assert_true(set->redesigned_count < REDESIGNS_MOST);
	set->powers[set->redesigned_count] = power_dbm;
	set->channels[set->redesigned_count] = channels;
	network = &set->redesigned[set->redesigned_count++];
	assert_int_equal(network_read(network, &set->equipment, named(set, "topology")), 0);
	assert_int_equal(design_network_built(
				 network, &set->equipment, set->equipment.loads[0].power_dbm, &how),
		0);
	return network;
}

/* ---- comparing ---- */

static double tolerance_of(const char *key) {
	if (strcmp(key, "cd_ps_nm") == 0)
		return 0.1;
	return strcmp(key, "pmd_ps") == 0 || strcmp(key, "latency_ms") == 0 ? 1e-3 : 0.01;
}

/* Whether all that is wanted is there; numbers within a tolerance, the rest the same. */
static bool agrees(json_t *wanted, json_t *got, double tolerance) {
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_number(wanted))
		return json_is_number(got) &&
		       fabs(json_number_value(wanted) - json_number_value(got)) <= tolerance;
	if (json_is_array(wanted)) {
		if (json_array_size(wanted) != json_array_size(got))
			return false;
		json_array_foreach(wanted, i,
			value) if (!agrees(value, json_array_get(got, i), tolerance)) return false;
		return true;
	}
	if (!json_is_object(wanted))
		return json_equal(wanted, got);
	json_object_foreach(wanted, key,
		value) if (!agrees(value, json_object_get(got, key), tolerance)) return false;
	return true;
}

static const char *find_difference(json_t *wanted, json_t *got) {
	const char *key;
	json_t *value;

	json_object_foreach(wanted, key, value) {
		json_t *other = json_object_get(got, key);
		const char *inner;
		json_t *figure;

		if (strcmp(key, "a_z") != 0 && strcmp(key, "z_a") != 0) {
			double rate = fabs(json_number_value(value)) * 1e-9;

			if (!agrees(value, other, rate))
				return key;
			continue;
		}
		json_object_foreach(
			value, inner, figure) if (!agrees(figure, json_object_get(other, inner),
							  tolerance_of(inner))) return inner;
	}
	return NULL;
}

static bool compare(const char *name, json_t *wanted, json_t *got) {
	json_t *list = json_object_get(wanted, "results"), *one;
	bool same = json_array_size(list) == json_array_size(json_object_get(got, "results"));
	size_t i;

	if (!same)
		print_message("%s: another number of results\n", name);
	json_array_foreach(list, i, one) {
		const char *what =
			find_difference(one, json_array_get(json_object_get(got, "results"), i));

		if (what && same)
			print_message("%s: request %s: %s differs\n", name,
				json_string_value(json_object_get(one, "request_id")), what);
		same = same && !what;
	}
	return same;
}

/* ---- one set ---- */

static bool plan_set(struct set *set, const char *name) {
	const struct plan_options options = {.equipment = &set->equipment,
		.sim = &set->sim,
		.both_ways = has_option(set, "bidir"),
		.redesign = has_option(set, "redesign") ? redesign : NULL,
		.owner = set};
	struct sections sections;
	struct services services;
	struct plan plan;
	json_t *results;
	bool same;

	sections_build(&sections, &set->network);
	assert_int_equal(
		services_read(&services, &set->network, &set->equipment, named(set, "services")),
		0);
	services_aggregate(&services);
	assert_int_equal(plan_begin(&plan, &sections, &options), 0);
	assert_int_equal(plan_make(&plan, &services, &options), 0);
	results = plan_results_json(&plan);
	same = compare(name, set->wanted, results);
	json_decref(results);
	plan_free(&plan);
	services_free(&services);
	sections_free(&sections);
	return same;
}

static bool try_set(const char *root, const char *name) {
	struct set *set = calloc(1, sizeof(*set));
	struct design_options how = {0};
	char path[2 * PATH_BYTES];
	bool same;

	assert_non_null(set);
	snprintf(path, sizeof(path), "%s/req/%s", root, name);
	snprintf(set->folder, sizeof(set->folder), "%s", root);
	set->wanted = json_load_file(path, 0, NULL);
	assert_non_null(set->wanted);
	assert_int_equal(equipment_read(&set->equipment, named(set, "equipment")), 0);
	if (has_option(set, "extra"))
		assert_int_equal(
			equipment_extend(&set->equipment, input(set, "extra_eqpt_config.json")), 0);
	sim_params_defaults(&set->sim);
	set->sim.compat = true;
	how.power_dbm = set->equipment.loads[0].power_dbm;
	how.sim = &set->sim;
	assert_int_equal(network_read(&set->network, &set->equipment, named(set, "topology")), 0);
	assert_int_equal(design_network(&set->network, &set->equipment, &how), 0);
	same = plan_set(set, name);
	for (size_t i = 0; i < set->redesigned_count; i++)
		network_free(&set->redesigned[i]);
	network_free(&set->network);
	sim_params_free(&set->sim);
	equipment_free(&set->equipment);
	json_decref(set->wanted);
	free(set);
	return same;
}

static void each_of_the_references_sets_holds(void **state) {
	const char *root = reference_folder();
	size_t held = 0, tried = 0;
	struct dirent **entries;
	char path[PATH_BYTES];
	int count;

	snprintf(path, sizeof(path), "%s/req", root);
	count = scandir(path, &entries, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		if (strstr(entries[i]->d_name, ".json")) {
			held += try_set(root, entries[i]->d_name);
			tried++;
		}
		free(entries[i]);
	}
	free(entries);
	print_message("%zu of %zu sets of requests hold\n", held, tried);
	assert_int_equal(held, tried);
	assert_true(tried > 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_the_references_sets_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
