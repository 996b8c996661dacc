/* margin_test: distributions are what they say, statistics what they are called, and Monte Carlo
 * trials agree with what is known without any: the plan itself, and closed forms. */
#include "fixture.h"

#include "../base/capture.h"
#include "optics/design.h"
#include "optics/load.h"
#include "optics/montecarlo.h"
#include "optics/physics.h"
#include "optics/routes.h"
#include "optics/statistics.h"

#include <errno.h>

enum { SAMPLES = 4000 };

/* Of an estimate from SAMPLES values: further away it is once in 16 000 times. */
static const double sigmas = 4;

/* ---- distributions ---- */

/* Moments by quantiles in the middle of equal parts. */
static void measure(const struct distribution *distribution, double *mean, double *std) {
	const int parts = 200000;
	double squares = 0;

	*mean = 0;
	for (int i = 0; i < parts; i++) {
		double x = distribution_quantile(distribution, (i + 0.5) / parts);

		*mean += x / parts;
		squares += x * x / parts;
	}
	*std = sqrt(squares - *mean * *mean);
}

static void quantiles_have_the_moments_of_their_distributions(void **state) {
	const struct {
		struct distribution distribution;
		double mean, std;
	} known[] = {
		{{DISTRIBUTION_NORMAL, .mean = 1, .std = 2, .cut_below = -INFINITY,
			 .cut_above = INFINITY},
			1, 2},
		{{DISTRIBUTION_UNIFORM, .least = -1, .most = 3, .cut_below = -INFINITY,
			 .cut_above = INFINITY},
			1, 4 / sqrt(12)},
		{{DISTRIBUTION_TRIANGULAR, .least = 0, .most = 3, .peak = 1, .cut_below = -INFINITY,
			 .cut_above = INFINITY},
			4.0 / 3, sqrt((9 + 1 - 3) / 18.0)},
		/* Cut at one deviation: 1 - 2 phi(1) / (2 Phi(1) - 1) of the variance is left. */
		{{DISTRIBUTION_NORMAL, .mean = 0, .std = 1, .cut_below = -1, .cut_above = 1}, 0,
			sqrt(1 - 2 * 0.24197072451914337 / 0.6826894921370859)},
		{{DISTRIBUTION_UNIFORM, .least = 0, .most = 10, .cut_below = 2, .cut_above = 4}, 3,
			2 / sqrt(12)},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct distribution distribution = known[i].distribution;
		double mean, std;

		distribution_prepare(&distribution);
		measure(&distribution, &mean, &std);
		fixture_near(mean, known[i].mean, 1e-4);
		fixture_near(std, known[i].std, 1e-3);
	}
	fixture_near(normal_quantile(0.975), 1.959963984540054, 1e-12);
	fixture_near(normal_quantile(1e-12), -7.034483825301131, 1e-9);
}

static void lots_are_even_and_each_of_its_own(void **state) {
	double sum = 0, product = 0;

	for (uint64_t i = 0; i < SAMPLES; i++) {
		struct lot lot = {.seed = 1, .sample = i, .element = 7};
		double one = lot_draw(&lot), other;

		assert_true(one == lot_draw(&lot));
		lot.element = 8;
		other = lot_draw(&lot);
		sum += (one + other) / (2 * SAMPLES);
		product += (one - 0.5) * (other - 0.5) / SAMPLES;
	}
	fixture_near(sum, 0.5, sigmas / sqrt(12.0 * 2 * SAMPLES));
	fixture_near(product, 0, sigmas / 12 / sqrt(SAMPLES));
}

static void chances_have_wilsons_interval(void **state) {
	struct chance none = chance_of(0, 10), half = chance_of(50, 100), all = chance_of(10, 10);
	double values[] = {5, 1, 4, 2, 3};
	struct spread spread = spread_of(values, 5);

	fixture_near(none.low, 0, 0);
	fixture_near(none.high, 0.2775, 1e-4);
	fixture_near(half.low, 0.4038, 1e-4);
	fixture_near(half.high, 0.5962, 1e-4);
	fixture_near(all.low, 0.7225, 1e-4);
	fixture_near(all.high, 1, 0);
	fixture_near(spread.mean, 3, 1e-12);
	fixture_near(spread.std, sqrt(2.5), 1e-12);
	fixture_near(spread.median, 3, 1e-12);
	fixture_near(spread.low, 1.04, 1e-12);
}

/* ---- the file ---- */

static struct equipment equipment;

static int open_library(void **state) {
	return equipment_read(&equipment, GOLDEN_FOLDER "/equipment.json");
}

static int close_library(void **state) {
	equipment_free(&equipment);
	fixture_fibre_free();
	return 0;
}

static void wrong_files_are_refused_with_all_mistakes(void **state) {
	static const char *const texts[][2] = {
		{"[]", "an object is expected"},
		{"{\"connector_loss_db\": 3}", "$.connector_loss_db: an object is expected"},
		{"{\"connector_loss_db\": {}}", "is to be normal, uniform or triangular"},
		{"{\"connector_loss_db\": {\"distribution\": \"gauss\"}}",
			"is to be normal, uniform or triangular"},
		{"{\"tx_osnr_db\": {\"distribution\": \"normal\"}}", "'std' is missing"},
		{"{\"tx_osnr_db\": {\"distribution\": \"normal\", \"std\": -1}}",
			"-1 is out of range"},
		{"{\"tx_osnr_db\": {\"distribution\": \"uniform\", \"min\": 1, \"max\": 1}}",
			"'min' must be below 'max'"},
		{"{\"tx_osnr_db\": {\"distribution\": \"triangular\", \"min\": 0, \"max\": 1, "
		 "\"mode\": 2}}",
			"$.tx_osnr_db.mode: 2 is out of range"},
		{"{\"tx_osnr_db\": {\"distribution\": \"uniform\", \"min\": 0, \"max\": 1, "
		 "\"cut\": [2, 3]}}",
			"hardly any value"},
		{"{\"tx_osnr_db\": {\"distribution\": \"uniform\", \"min\": 0, \"max\": 1, "
		 "\"cut\": [1]}}",
			"two numbers are expected"},
		{"{\"tx_osnr_db\": {\"distribution\": \"normal\", \"std\": 1, \"per\": "
		 "\"channel\"}}",
			"element or network is expected"},
		{"{\"fibre_types\": [{\"type_variety\": \"standart\", \"is\": {}}]}",
			"'standard'?"},
		{"{\"fibre_types\": [{\"type_variety\": \"standard\", \"is\": {\"standard\": "
		 "0.5}}]}",
			"the probabilities' sum is 0.5, not 1"},
		{"{\"fibre_types\": [{}]}", "'type_variety', as planned"},
		{"{\"fibre_types\": [1],\n\"noise\": 1}", "json:2: $.noise: unknown key"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct capture capture = capture_begin(stderr);
		struct uncertainty read;
		int error = uncertainty_read(
			&read, &equipment, fixture_file("uncertainty.json", texts[i][0]));
		char *said = capture_end(&capture);

		if (error != -EINVAL || !strstr(said, texts[i][1]))
			fail_msg("%s: %d, '%s' instead of '%s'", texts[i][0], error, said,
				texts[i][1]);
		free(said);
	}
}

static void read(struct uncertainty *uncertainty, const char *text) {
	assert_int_equal(
		uncertainty_read(uncertainty, &equipment, fixture_file("u.json", text)), 0);
}

static void fibres_are_of_types_as_often_as_told(void **state) {
	struct uncertainty uncertainty;
	double hits = 0;

	read(&uncertainty, "{\"fibre_types\": [{\"type_variety\": \"standard\", \"is\": "
			   "{\"standard\": 0.7, \"shifted\": 0.3}}]}");
	for (uint64_t i = 0; i < SAMPLES; i++) {
		const struct fibre_type *type = uncertainty_draw_fibre(
			&uncertainty, "standard", (struct lot){.seed = 3, .sample = i});

		hits += type && strcmp(type->name, "shifted") == 0;
	}
	fixture_near(hits / SAMPLES, 0.3, sigmas * sqrt(0.3 * 0.7 / SAMPLES));
	assert_null(uncertainty_draw_fibre(&uncertainty, "shifted", (struct lot){.seed = 3}));
	uncertainty_free(&uncertainty);
}

/* ---- trials ---- */

/* A way from A to B of a network, with a load. */
struct scene {
	struct network network;
	struct sim_params sim;
	struct propagation_options options;
	struct uncertainty uncertainty;
	struct transceiver_mode mode;
	struct spectrum load;
	int *way;
	struct montecarlo_case of;
	struct montecarlo montecarlo;
	struct trial trial;
	size_t channels;
	double gsnr[64], margin[64];
};

static void open_scene(struct scene *scene, const char *file, double power_dbm,
	const char *uncertainty, enum amplifier_control control) {
	struct design_options how = {.sim = &scene->sim};

	*scene = (struct scene){.mode = {.osnr_db = 20, .rx_power_min_dbm = NAN}};
	sim_params_defaults(&scene->sim);
	scene->options.sim = &scene->sim;
	assert_int_equal(network_read(&scene->network, &equipment, file), 0);
	assert_int_equal(design_network(&scene->network, &equipment, &how), 0);
	assert_int_equal(load_full(&scene->load, &equipment.loads[0], power_dbm), 0);
	read(&scene->uncertainty, uncertainty);
	scene->of = (struct montecarlo_case){.network = &scene->network,
		.load = &scene->load,
		.mode = &scene->mode,
		.options = &scene->options,
		.uncertainty = &scene->uncertainty,
		.control = control,
		.seed = 1};
	scene->way = route_shortest_way(&scene->network, network_find(&scene->network, "A"),
		network_find(&scene->network, "B"), &scene->of.count);
	assert_non_null(scene->way);
	scene->of.way = scene->way;
	assert_int_equal(montecarlo_create(&scene->montecarlo, &scene->of), 0);
	assert_int_equal(trial_create(&scene->trial, &scene->montecarlo), 0);
	scene->channels = scene->montecarlo.nominal.spectrum.count;
	montecarlo_nominal(&scene->montecarlo, scene->gsnr, scene->margin);
}

static void close_scene(struct scene *scene) {
	trial_free(&scene->trial);
	montecarlo_free(&scene->montecarlo);
	uncertainty_free(&scene->uncertainty);
	spectrum_free(&scene->load);
	network_free(&scene->network);
	free(scene->way);
}

static void without_uncertainty_all_turns_out_as_planned(void **state) {
	static const char *const nothing[] = {
		"{}", "{\"roadm_power_db\": {\"distribution\": \"normal\", \"std\": 0}}"};

	for (int i = 0; i < 4; i++) {
		struct scene scene;
		double gsnr[64], margin[64];

		open_scene(&scene, GOLDEN_FOLDER "/line.json", 0, nothing[i % 2],
			i / 2 ? AMPLIFIER_HOLDS_GAIN : AMPLIFIER_HOLDS_POWER);
		assert_int_equal(trial_run(&scene.trial, (uint64_t)i, gsnr, margin), 0);
		for (size_t k = 0; k < scene.channels; k++) {
			struct reception got;

			propagation_receive(&scene.montecarlo.nominal, k, &got);
			fixture_near(gsnr[k], got.gsnr_01nm_db, 1e-9);
			fixture_near(margin[k], scene.margin[k], 1e-9);
		}
		close_scene(&scene);
	}
}

/* Of one amplifier, and hardly any interference, GSNR in dB is a constant less the noise figure. */
static void noise_figures_of_one_span_give_the_closed_form(void **state) {
	static const char text[] = "{\"amplifier_noise_figure_db\": {\"distribution\": "
				   "\"normal\", \"mean\": 0.3, \"std\": 0.5}}";
	static double values[SAMPLES], margins[SAMPLES];
	struct scene scene;
	double gsnr[64], margin[64], share, hits = 0;
	struct spread spread;

	open_scene(&scene, GOLDEN_FOLDER "/span.json", -20, text, AMPLIFIER_HOLDS_POWER);
	for (size_t k = 0; k < scene.channels; k++)
		scene.trial.load.tx_osnr_db[k] = scene.montecarlo.nominal.spectrum.tx_osnr_db[k] =
			INFINITY;
	trial_run(&scene.trial, 0, gsnr, margin);
	for (uint64_t i = 0; i < SAMPLES; i++) {
		assert_int_equal(trial_run(&scene.trial, i, gsnr, margin), 0);
		values[i] = gsnr[0];
		margins[i] = margin[0];
	}
	/* As planned, but without the transmitter's noise. */
	scene.gsnr[0] = -ratio_to_db(db_to_ratio(-scene.gsnr[0]) - db_to_ratio(-40));
	scene.mode.osnr_db = scene.gsnr[0] - 0.5;
	for (size_t i = 0; i < SAMPLES; i++)
		hits += margins[i] + 20 - scene.mode.osnr_db >= 0;
	spread = spread_of(values, SAMPLES);
	fixture_near(spread.mean, scene.gsnr[0] - 0.3, sigmas * 0.5 / sqrt(SAMPLES) + 1e-3);
	fixture_near(spread.std, 0.5, sigmas * 0.5 / sqrt(2.0 * SAMPLES) + 1e-3);
	share = erfc(-(0.5 - 0.3) / 0.5 * M_SQRT1_2) / 2;
	fixture_near(hits / SAMPLES, share, sigmas * sqrt(share * (1 - share) / SAMPLES) + 5e-3);
	close_scene(&scene);
}

/* Half a decibel more at each connector: what holds its power sends the same on, for more noise. */
static void amplifiers_hold_power_or_gain(void **state) {
	static const char text[] = "{\"connector_loss_db\": {\"distribution\": \"normal\", "
				   "\"mean\": 0.5, \"std\": 0}}";

	for (int control = AMPLIFIER_HOLDS_GAIN; control <= AMPLIFIER_HOLDS_POWER; control++) {
		struct scene scene;
		struct reception planned, got;
		double gsnr[64], margin[64];

		open_scene(&scene, GOLDEN_FOLDER "/span.json", 0, text,
			(enum amplifier_control)control);
		assert_int_equal(trial_run(&scene.trial, 0, gsnr, margin), 0);
		propagation_receive(&scene.montecarlo.nominal, 0, &planned);
		propagation_receive(&scene.trial.propagation, 0, &got);
		fixture_near(got.osnr_bw_db < planned.osnr_bw_db, 1, 0);
		fixture_near(planned.power_dbm - got.power_dbm,
			control == AMPLIFIER_HOLDS_POWER ? 0 : 1, 0.01);
		close_scene(&scene);
	}
}

static void samples_depend_on_their_number_alone(void **state) {
	struct scene scene;
	struct trial other;
	double gsnr[3][64], margin[64], file_gsnr[64];

	open_scene(&scene, GOLDEN_FOLDER "/line.json", 0, "{}", AMPLIFIER_HOLDS_POWER);
	uncertainty_free(&scene.uncertainty);
	assert_int_equal(uncertainty_read(&scene.uncertainty, &equipment,
				 GOLDEN_FOLDER "/span.uncertainty.json"),
		0);
	assert_int_equal(trial_create(&other, &scene.montecarlo), 0);
	assert_int_equal(trial_run(&scene.trial, 7, gsnr[0], margin), 0);
	assert_int_equal(trial_run(&scene.trial, 8, gsnr[1], margin), 0);
	assert_int_equal(trial_run(&other, 8, gsnr[2], margin), 0);
	assert_memory_equal(gsnr[1], gsnr[2], scene.channels * sizeof(double));
	assert_int_equal(trial_run(&other, 7, file_gsnr, margin), 0);
	assert_memory_equal(gsnr[0], file_gsnr, scene.channels * sizeof(double));
	assert_true(gsnr[0][0] != gsnr[1][0]);
	trial_free(&other);
	close_scene(&scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_have_the_moments_of_their_distributions),
		cmocka_unit_test(lots_are_even_and_each_of_its_own),
		cmocka_unit_test(chances_have_wilsons_interval),
		cmocka_unit_test(wrong_files_are_refused_with_all_mistakes),
		cmocka_unit_test(fibres_are_of_types_as_often_as_told),
		cmocka_unit_test(without_uncertainty_all_turns_out_as_planned),
		cmocka_unit_test(noise_figures_of_one_span_give_the_closed_form),
		cmocka_unit_test(amplifiers_hold_power_or_gain),
		cmocka_unit_test(samples_depend_on_their_number_alone),
	};

	return cmocka_run_group_tests(tests, open_library, close_library);
}
