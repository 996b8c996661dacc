/*
 * golden_test: propagation and design against results that were computed elsewhere: those of
 * tests/golden/optics, recorded with how they were come by; and, where OPTICS_REFERENCE names its
 * folder (or it lies beside the tree), a set of the reference planner's: every propagation twice,
 * through the network as designed there and as designed here; it says how many hold.
 *
 * To hold is: GSNR, OSNR and power of every channel within 0.01 dB, dispersion within 0.1 ps/nm,
 * PMD within 0.001 ps, PDL within 0.001 dB.
 */
#include "fixture.h"
#include "reference.h"

#include "optics/design.h"
#include "optics/load.h"
#include "optics/network.h"
#include "optics/physics.h"
#include "optics/propagation.h"
#include "optics/routes.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 1024 };

static const struct {
	const char *key;
	size_t offset;
	double most;
} compared[] = {
	{"gsnr_01nm_db", offsetof(struct reception, gsnr_01nm_db), 0.01},
	{"gsnr_bw_db", offsetof(struct reception, gsnr_bw_db), 0.01},
	{"osnr_01nm_db", offsetof(struct reception, osnr_01nm_db), 0.01},
	{"osnr_bw_db", offsetof(struct reception, osnr_bw_db), 0.01},
	{"pch_dbm", offsetof(struct reception, power_dbm), 0.01},
	{"cd_ps_nm", offsetof(struct reception, cd_ps_nm), 0.1},
	{"pmd_ps", offsetof(struct reception, pmd_ps), 1e-3},
	{"pdl_db", offsetof(struct reception, pdl_db), 1e-3},
};

enum { COMPARED = sizeof(compared) / sizeof(compared[0]) };

/* A case's files and ends. */
struct trial {
	const char *name, *folder; /* where its inputs are */
	json_t *wanted;
	char topology[PATH_BYTES];
	bool as_designed, compat;
};

static const char *input(const struct trial *trial, const char *key, char *path) {
	const char *name =
		json_string_value(json_object_get(json_object_get(trial->wanted, "inputs"), key));

	if (!name)
		return NULL;
	snprintf(path, PATH_BYTES, "%s/%s", trial->folder, name);
	return path;
}

/* ---- one propagation ---- */

static bool is_path(const struct network *network, const int *way, size_t count, json_t *wanted) {
	if (count != json_array_size(wanted))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(network->elements[way[i]]->name,
			    json_string_value(json_array_get(wanted, i))) != 0)
			return false;
	return true;
}

/* How often the worst channel is out of what is tolerated: 1 is just within. */
static double compare(const struct propagation *propagation, json_t *wanted, const char **what) {
	double worst = 0;

	if (json_array_size(json_object_get(wanted, "gsnr_01nm_db")) !=
		propagation->spectrum.count) {
		*what = "number of channels";
		return INFINITY;
	}
	for (size_t i = 0; i < propagation->spectrum.count; i++) {
		struct reception got;

		propagation_receive(propagation, i, &got);
		for (size_t k = 0; k < COMPARED; k++) {
			double value, off;

			memcpy(&value, (const char *)&got + compared[k].offset, sizeof(value));
			off = fabs(value - json_number_value(json_array_get(
						   json_object_get(wanted, compared[k].key), i))) /
			      compared[k].most;
			if (!(off <= worst)) {
				worst = off;
				*what = compared[k].key;
			}
		}
	}
	return worst;
}

static double run(const struct trial *trial, const struct equipment *equipment,
	struct network *network, const struct spectrum *load, const struct sim_params *sim,
	double power_dbm, const char **what) {
	const char *from = json_string_value(json_object_get(trial->wanted, "source"));
	const char *to = json_string_value(json_object_get(trial->wanted, "destination"));
	const struct propagation_options options = {.sim = sim, .power_dbm = power_dbm};
	struct propagation propagation = {0};
	int first = network_find(network, from), last = network_find(network, to), *way;
	double off = INFINITY;
	size_t count;

	assert_int_not_equal(first, ELEMENT_NONE);
	assert_int_not_equal(last, ELEMENT_NONE);
	way = route_shortest_way(network, first, last, &count);
	assert_non_null(way);
	*what = "path";
	if (is_path(network, way, count, json_object_get(trial->wanted, "path")) &&
		propagation_run(&propagation, network, way, count, load, &options) == 0)
		off = compare(&propagation, json_object_get(trial->wanted, "receiver"), what);
	propagation_free(&propagation);
	free(way);
	return off;
}

/* Reads, designs and propagates; how far off it is. */
static double try_it(const struct trial *trial, const char **what) {
	char path[PATH_BYTES];
	json_t *power = json_object_get(json_object_get(trial->wanted, "inputs"), "power_dbm");
	struct design_options how = {0};
	struct equipment equipment;
	struct network network;
	struct sim_params sim;
	struct spectrum load;
	double tx, off;

	assert_int_equal(equipment_read(&equipment, input(trial, "equipment", path)), 0);
	sim_params_defaults(&sim);
	if (input(trial, "sim_params", path))
		assert_int_equal(sim_params_read(&sim, path), 0);
	sim.compat = trial->compat;
	assert_int_equal(network_read(&network, &equipment, trial->topology), 0);
	how.power_dbm = json_is_string(power)   ? strtod(json_string_value(power), NULL)
			: json_is_number(power) ? json_number_value(power)
						: equipment.loads[0].power_dbm;
	tx = isnan(equipment.loads[0].tx_power_dbm) ? how.power_dbm
						    : equipment.loads[0].tx_power_dbm;
	how.sim = &sim;
	if (input(trial, "spectrum", path)) {
		assert_int_equal(load_read(&load, &equipment.loads[0], tx, path), 0);
		how.load = &load;
	} else {
		assert_int_equal(load_full(&load, &equipment.loads[0], tx), 0);
	}
	if (trial->as_designed)
		assert_int_equal(design_accept(&network, &equipment), 0);
	else
		assert_int_equal(design_network(&network, &equipment, &how), 0);
	off = run(trial, &equipment, &network, &load, &sim, how.power_dbm, what);
	spectrum_free(&load);
	sim_params_free(&sim);
	network_free(&network);
	equipment_free(&equipment);
	return off;
}

/* ---- our own set ---- */

static void each_of_our_own_set_holds(void **state) {
	DIR *folder = opendir(GOLDEN_FOLDER);
	struct dirent *entry;
	size_t tried = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		struct trial trial = {.name = entry->d_name, .folder = GOLDEN_FOLDER};
		char path[PATH_BYTES];
		const char *what;
		double off;

		if (strncmp(entry->d_name, "case-", 5) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", GOLDEN_FOLDER, entry->d_name);
		trial.wanted = json_load_file(path, 0, NULL);
		assert_non_null(trial.wanted);
		assert_non_null(input(&trial, "topology", trial.topology));
		off = try_it(&trial, &what);
		if (!(off <= 1))
			fail_msg("%s: %s is off by %.3f times what is tolerated", entry->d_name,
				what, off);
		json_decref(trial.wanted);
		tried++;
	}
	closedir(folder);
	assert_true(tried >= 4);
}

/* ---- the reference's set ---- */

/* The designed network does not repeat what fibres are of themselves: that is taken from the input,
 * by name; split fibres are "NAME_(i/n)". */
static void complete(json_t *designed, json_t *given) {
	static const char *const keys[] = {"lumped_losses", "dispersion", "dispersion_slope",
		"dispersion_per_frequency", "loss_coef", "pmd_coef"};
	json_t *element, *other, *params, *value;
	size_t i, k;

	json_array_foreach(json_object_get(designed, "elements"), i, element) {
		const char *name = json_string_value(json_object_get(element, "uid"));

		params = json_object_get(element, "params");
		if (!strstr(json_string_value(json_object_get(element, "type")), "iber"))
			continue;
		json_array_foreach(json_object_get(given, "elements"), k, other) {
			const char *uid = json_string_value(json_object_get(other, "uid"));
			size_t length = strlen(uid);

			if (strncmp(name, uid, length) != 0 ||
				(name[length] && strncmp(name + length, "_(", 2) != 0))
				continue;
			for (size_t n = 0; n < sizeof(keys) / sizeof(keys[0]); n++) {
				value = json_object_get(json_object_get(other, "params"), keys[n]);
				if (value)
					json_object_set(params, keys[n], value);
			}
		}
	}
}

static void make_designed(struct trial *trial, const char *root) {
	char path[PATH_BYTES];
	json_t *designed, *given;
	char *text;

	snprintf(path, sizeof(path), "%s/design/%s.json", root, trial->name);
	designed = json_load_file(path, 0, NULL);
	given = json_load_file(input(trial, "topology", path), 0, NULL);
	assert_non_null(designed);
	assert_non_null(given);
	complete(designed, given);
	text = json_dumps(designed, 0);
	snprintf(trial->topology, sizeof(trial->topology), "%s",
		fixture_file("designed.json", text));
	free(text);
	json_decref(designed);
	json_decref(given);
}

static void each_of_the_references_set_holds(bool as_designed) {
	const char *root = reference_folder();
	char path[PATH_BYTES], inputs[PATH_BYTES];
	size_t tried = 0, held = 0;
	struct dirent **entries;
	int count;

	snprintf(path, sizeof(path), "%s/tx", root);
	snprintf(inputs, sizeof(inputs), "%s/inputs", root);
	count = scandir(path, &entries, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		struct trial trial = {.name = entries[i]->d_name,
			.folder = inputs,
			.as_designed = as_designed,
			.compat = true};
		char *dot = strstr(entries[i]->d_name, ".json");
		const char *what;
		double off;

		if (!dot)
			continue;
		snprintf(path, sizeof(path), "%s/tx/%s", root, entries[i]->d_name);
		*dot = 0;
		trial.wanted = json_load_file(path, 0, NULL);
		assert_non_null(trial.wanted);
		if (as_designed)
			make_designed(&trial, root);
		else
			input(&trial, "topology", trial.topology);
		off = try_it(&trial, &what);
		held += off <= 1;
		if (!(off <= 1))
			print_message("%s: %s is off by %.3f times what is tolerated\n", trial.name,
				what, off);
		json_decref(trial.wanted);
		tried++;
	}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	print_message("%zu of %zu hold, %s\n", held, tried,
		as_designed ? "as designed there" : "designed here");
	assert_int_equal(held, tried);
}

static void the_references_propagations_hold_as_designed_there(void **state) {
	each_of_the_references_set_holds(true);
}

static void the_references_propagations_hold_designed_here(void **state) {
	each_of_the_references_set_holds(false);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_our_own_set_holds),
		cmocka_unit_test(the_references_propagations_hold_as_designed_there),
		cmocka_unit_test(the_references_propagations_hold_designed_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
