/* tables_test: single stages of the physics against the reference planner's tables, where they are
 * at hand: its noise figures, gain profiles, fibre parameters, scattering, interference, and the
 * grid. */
#include "fixture.h"
#include "reference.h"

#include "optics/amplifier.h"
#include "optics/equipment.h"
#include "optics/flexgrid.h"
#include "optics/nli.h"
#include "optics/physics.h"
#include "optics/raman.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 1024, CHANNELS_MAX = 256 };

static struct equipment equipment;

static json_t *table(const char *name) {
	char path[PATH_BYTES];
	json_t *json;

	snprintf(path, sizeof(path), "%s/unit/%s.json", reference_folder(), name);
	json = json_load_file(path, 0, NULL);
	assert_non_null(json);
	snprintf(path, sizeof(path), "%s/inputs/eqpt_fullC.json", reference_folder());
	assert_int_equal(equipment_read(&equipment, path), 0);
	return json;
}

static void done(json_t *json) {
	json_decref(json);
	equipment_free(&equipment);
}

static double number(json_t *object, const char *key, double absent) {
	json_t *value = json_object_get(object, key);

	return value ? json_number_value(value) : absent;
}

static double item(json_t *object, const char *key, size_t i) {
	return json_number_value(json_array_get(json_object_get(object, key), i));
}

static const char *text(json_t *object, const char *key) {
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* 88 channels that make 0 dBm. */
static void noise_figures_are_the_references(void **state) {
	json_t *json = table("amplifier_nf"), *one;
	size_t k;

	json_array_foreach(json, k, one) {
		const struct amplifier_type *type =
			equipment_amplifier(&equipment, text(one, "type_variety"));
		size_t count = json_array_size(json_object_get(one, "gain_db"));

		assert_non_null(type);
		for (size_t i = 0; i < count; i++) {
			double nf =
				amplifier_nf_db(type, item(one, "gain_db", i), -ratio_to_db(88));

			if (type->kind == AMPLIFIER_OPENROADM_BOOSTER)
				assert_true(isinf(nf));
			else
				fixture_near(nf, item(one, "nf_db", i), 1e-6);
		}
	}
	done(json);
}

static void gain_profiles_are_the_references(void **state) {
	json_t *json = table("amplifier_gain_profile"), *one;
	size_t k;

	json_array_foreach(json, k, one) {
		const struct amplifier_type *type =
			equipment_amplifier(&equipment, text(one, "type_variety"));
		size_t count = json_array_size(json_object_get(one, "frequency_THz"));
		double f[CHANNELS_MAX], power[CHANNELS_MAX], profile[CHANNELS_MAX];

		assert_true(type && count <= CHANNELS_MAX);
		for (size_t i = 0; i < count; i++) {
			f[i] = item(one, "frequency_THz", i) * 1e12;
			power[i] = dbm_to_watt(item(one, "pin_dbm", i));
		}
		amplifier_gain_profile(type, number(one, "effective_gain_db", 0),
			number(one, "tilt_target_db", 0), f, power, count, profile);
		for (size_t i = 0; i < count; i++)
			fixture_near(profile[i], item(one, "gain_profile_db", i), 0.01);
	}
	done(json);
}

/* A span of 0.2 dB/km of these parameters. */
static void take_fibre(struct fibre *fibre, json_t *params, double length_km) {
	double gamma = number(params, "gamma", NAN);

	fixture_fibre(fibre);
	fibre->length_m = length_km * 1e3;
	fibre->dispersion = number(params, "dispersion", 1.67e-5);
	fibre->dispersion_slope = number(params, "dispersion_slope", NAN);
	fibre->area_m2 = number(
		params, "effective_area", isnan(gamma) ? 83e-12 : fibre_area_of_gamma(gamma));
	fibre->raman = equipment.raman;
}

static void fibres_are_the_references(void **state) {
	json_t *json = table("fibre_parameters"), *one;
	size_t k;

	json_array_foreach(json, k, one) {
		size_t count = json_array_size(json_object_get(one, "frequency_THz"));
		struct fibre fibre;

		take_fibre(&fibre, json_object_get(one, "params"), 80);
		for (size_t i = 0; i < count; i++) {
			double f = item(one, "frequency_THz", i) * 1e12;

			fixture_near(
				fibre_alpha(&fibre, f), item(one, "alpha_neper_per_m", i), 1e-12);
			fixture_near(fibre_beta2(&fibre, f), item(one, "beta2_s2_per_m", i), 1e-33);
			fixture_near(fibre_beta3(&fibre, f), item(one, "beta3_s3_per_m", i), 1e-47);
			fixture_near(fibre_gamma(&fibre, f), item(one, "gamma_per_W_m", i), 1e-11);
			fixture_near(
				fibre_area(&fibre, f), item(one, "effective_area_m2", i), 1e-17);
			fixture_near(fibre_dispersion_gnpy(&fibre, f) * 1e3,
				item(one, "accumulated_cd_80km_ps_nm", i), 1e-4);
			for (size_t j = 0; j < count; j++)
				fixture_near(fibre_raman_gnpy(&fibre, f,
						     item(one, "frequency_THz", j) * 1e12),
					json_number_value(json_array_get(
						json_array_get(
							json_object_get(one, "cr_matrix_per_W_m"),
							i),
						j)),
					1e-11);
		}
		fixture_near(
			fibre_latency_s(&fibre) * 1e3, number(one, "latency_80km_ms", 0), 1e-8);
		fixture_fibre_free();
	}
	done(json);
}

static void scattering_is_the_references(void **state) {
	json_t *json = table("srs_100km"), *one;
	size_t k;

	json_array_foreach(json_object_get(json, "cases"), k, one) {
		bool both = strcmp(text(one, "band"), "CL192") == 0;
		struct power_profile profile = {0};
		struct raman_work work = {0};
		struct spectrum load;
		struct sim_params sim;
		struct fibre fibre;

		take_fibre(&fibre, NULL, 100);
		assert_int_equal(spectrum_create(&load, 192), 0);
		for (int n = both ? 0 : 96; n < 192; n++)
			spectrum_add(
				&load, &(struct channel){(n < 96 ? 186.1e12 + n * 50e9
								 : 191.35e12 + (n - 96) * 50e9),
					       32e9, 50e9, 0.15, 40, 0, number(one, "pch_dbm", 0)});
		spectrum_launch(&load);
		sim_params_defaults(&sim);
		sim.compat = sim.raman = true;
		sim.raman_order = (int)number(one, "order", 2);
		sim.solver_step_m = number(one, "solver_step_m", 10e3);
		if (strcmp(text(one, "method"), "numerical") == 0)
			sim.raman_method = RAMAN_NUMERICAL;
		assert_int_equal(raman_solve(&profile, &work, &fibre, &load, &sim), 0);
		for (size_t i = 0; i < load.count; i++)
			fixture_near(ratio_to_db(profile.ratio[(i + 1) * profile.points - 1]),
				item(one, "loss_db_end", i), 2e-6);
		power_profile_free(&profile);
		raman_free(&work);
		spectrum_free(&load);
		fixture_fibre_free();
	}
	done(json);
}

static void take_load(struct spectrum *load, json_t *spectrum) {
	size_t count = json_array_size(json_object_get(spectrum, "frequency"));

	assert_int_equal(spectrum_create(load, count), 0);
	for (size_t i = 0; i < count; i++) {
		spectrum_add(load,
			&(struct channel){item(spectrum, "frequency", i), item(spectrum, "baud", i),
				item(spectrum, "slot", i), item(spectrum, "ro", 0), 40, 0, 0});
		load->signal_w[i] = item(spectrum, "p", i);
	}
}

static void interference_is_the_references(void **state) {
	json_t *json = table("nli_one_span"), *one;
	size_t k;

	json_array_foreach(json_object_get(json, "cases"), k, one) {
		json_t *params = json_object_get(one, "params");
		bool is_closed = strcmp(text(one, "method"), "gn_model_analytic") == 0;
		struct power_profile profile = {0};
		double nli[CHANNELS_MAX];
		struct raman_work work = {0};
		struct nli_work kept = {0};
		struct spectrum load;
		struct sim_params sim;
		struct fibre fibre;

		take_fibre(&fibre, params, number(params, "length", 80));
		take_load(&load,
			json_object_get(json_object_get(json, "spectra"), text(one, "spectrum")));
		sim_params_defaults(&sim);
		sim.compat = true;
		sim.raman = json_is_true(json_object_get(one, "srs"));
		sim.nli_method = is_closed ? NLI_GN_ANALYTIC : NLI_GGN_APPROXIMATE;
		assert_int_equal(raman_solve(&profile, &work, &fibre, &load, &sim), 0);
		assert_int_equal(nli_compute(nli, &kept, &fibre, &load, &profile, &sim), 0);
		for (size_t i = 0; i < load.count; i++)
			fixture_near(ratio_to_db(nli[i] / item(one, "nli_W", i)), 0,
				is_closed ? 1e-7 : 2e-3);
		nli_free(&kept);
		power_profile_free(&profile);
		raman_free(&work);
		spectrum_free(&load);
		fixture_fibre_free();
	}
	done(json);
}

static void the_grid_is_the_references(void **state) {
	json_t *json = table("flexgrid"), *value;
	const char *key;
	size_t k;
	int n, m;

	json_object_foreach(json_object_get(json, "frequency_to_n"), key, value)
		assert_int_equal(flexgrid_n(strtod(key, NULL)), json_integer_value(value));
	json_object_foreach(json_object_get(json, "slot_edges_THz"), key, value) {
		assert_int_equal(sscanf(key, "%d,%d", &n, &m), 2);
		fixture_near(flexgrid_low(n, m) / 1e12, json_number_value(json_array_get(value, 0)),
			1e-9);
		fixture_near(flexgrid_high(n, m) / 1e12,
			json_number_value(json_array_get(value, 1)), 1e-9);
	}
	json_array_foreach(json_object_get(json, "slots_for"), k, value) {
		int channels = flexgrid_channels(
			number(value, "bandwidth", 0), number(value, "bit_rate", 1));

		assert_int_equal(channels, (int)item(value, "result", 0));
		assert_int_equal(flexgrid_width(channels, number(value, "spacing", 0)),
			(int)item(value, "result", 1));
	}
	done(json);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_figures_are_the_references),
		cmocka_unit_test(gain_profiles_are_the_references),
		cmocka_unit_test(fibres_are_the_references),
		cmocka_unit_test(scattering_is_the_references),
		cmocka_unit_test(interference_is_the_references),
		cmocka_unit_test(the_grid_is_the_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
