/* physics_test: fibre, Raman scattering, interference and amplifiers against what is known without
 * them: closed forms, conservation laws, symmetry and scaling, and integrals by brute force. */
#include "fixture.h"

#include "optics/amplifier.h"
#include "optics/ggn.h"
#include "optics/nli.h"
#include "optics/physics.h"

#include <complex.h>
#include <errno.h>
#include <stdlib.h>

/* ---- fibre ---- */

static void dispersion_and_area_are_what_they_are_given_as(void **state) {
	struct fibre fibre;

	fixture_fibre(&fibre);
	/* -D c / (2 pi f^2) at 1550 nm: 21.3 ps2/km for 16.7 ps/nm/km. */
	fixture_near(fibre_beta2(&fibre, FIBRE_REFERENCE_HZ) * 1e27, -21.3000, 1e-3);
	fixture_near(fibre_beta2(&fibre, 188e12), fibre_beta2(&fibre, 196e12), 1e-40);
	fixture_near(fibre_area(&fibre, FIBRE_REFERENCE_HZ), 83e-12, 1e-20);
	fixture_near(fibre_gamma(&fibre, FIBRE_REFERENCE_HZ),
		2 * M_PI * 2.6e-20 / (1550e-9 * 83e-12), 1e-12);
	fixture_near(fibre_area_of_gamma(fibre_gamma(&fibre, FIBRE_REFERENCE_HZ)), 83e-12, 1e-20);
	fixture_near(fibre_dispersion(&fibre, FIBRE_REFERENCE_HZ) * 1e3, 16.7 * 80, 1e-9);
	fibre.dispersion_slope = 58;
	/* One nanometre up: 0.058 ps/nm/km more. */
	fixture_near(
		fibre_dispersion(&fibre, LIGHT_SPEED / 1551e-9) * 1e3, (16.7 + 0.058) * 80, 1e-6);
	/* beta3 is what beta2 changes by. */
	fixture_near(fibre_beta3(&fibre, 193e12) * 1e40,
		(fibre_beta2(&fibre, 193.01e12) - fibre_beta2(&fibre, 192.99e12)) /
			(2 * M_PI * 0.02e12) * 1e40,
		1e-4);
	fixture_fibre_free();
}

static void a_curve_through_equal_points_is_a_constant(void **state) {
	static const double at[] = {190e12, 193e12, 197e12}, value[] = {2, 2, 2}, up[] = {1, 4, 8};
	struct curve flat = {at, value, 3}, rising = {at, up, 3};

	fixture_near(curve_at(&flat, 191e12), 2, 0);
	fixture_near(curve_at(&rising, 191e12), 2, 1e-12);
	fixture_near(curve_at(&rising, 195e12), 6, 1e-12);
	fixture_near(curve_at(&rising, 180e12), 1, 0);
	fixture_near(curve_at(&rising, 200e12), 8, 0);
}

/* ---- Raman ---- */

static void solve(struct power_profile *profile, const struct fibre *fibre,
	const struct spectrum *load, const struct sim_params *sim) {
	struct raman_work work = {0};

	assert_int_equal(raman_solve(profile, &work, fibre, load, sim), 0);
	raman_free(&work);
}

static double at_end(const struct power_profile *profile, size_t channel) {
	return profile->ratio[(channel + 1) * profile->points - 1];
}

static void without_scattering_there_is_nothing_but_loss(void **state) {
	struct power_profile profile = {0};
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;

	fixture_fibre(&fibre);
	fixture_load(&load, 96, 50e9, 0);
	sim_params_defaults(&sim);
	solve(&profile, &fibre, &load, &sim);
	for (size_t i = 0; i < load.count; i++)
		fixture_near(ratio_to_db(at_end(&profile, i)), -16, 1e-9);
	power_profile_free(&profile);
	spectrum_free(&load);
	fixture_fibre_free();
}

/* In a lossless fibre a photon that one channel loses another gains: the sum of P / f stays. As
 * GNPy counts it, the sum of P does. */
static void scattering_keeps_photons(void **state) {
	static const double none[] = {0};

	for (int compat = 0; compat < 2; compat++) {
		double before = 0, after = 0, moved = 0;
		struct power_profile profile = {0};
		struct sim_params sim;
		struct spectrum load;
		struct fibre fibre;

		fixture_fibre(&fibre);
		fibre.loss_db_m.value = none;
		fixture_load(&load, 96, 50e9, 2);
		sim_params_defaults(&sim);
		sim.raman = true;
		sim.compat = compat;
		sim.raman_method = RAMAN_NUMERICAL;
		sim.solver_step_m = 20;
		solve(&profile, &fibre, &load, &sim);
		for (size_t i = 0; i < load.count; i++) {
			double weight = compat ? 1 : 193e12 / load.frequency_hz[i];

			before += load.signal_w[i] * weight;
			after += load.signal_w[i] * at_end(&profile, i) * weight;
			moved += fabs(at_end(&profile, i) - 1);
		}
		assert_true(moved > 1);
		fixture_near(after / before, 1, 1e-9);
		power_profile_free(&profile);
		spectrum_free(&load);
		fixture_fibre_free();
	}
}

static void all_ways_of_solving_agree(void **state) {
	struct power_profile best = {0}, profile = {0};
	double errors[4] = {0};
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;

	fixture_fibre(&fibre);
	fixture_load(&load, 96, 50e9, 2);
	sim_params_defaults(&sim);
	sim.raman = true;
	sim.raman_method = RAMAN_NUMERICAL;
	sim.solver_step_m = 2;
	solve(&best, &fibre, &load, &sim);
	sim.raman_method = RAMAN_PERTURBATIVE;
	sim.solver_step_m = 500;
	for (int order = 1; order <= 4; order++) {
		sim.raman_order = order;
		solve(&profile, &fibre, &load, &sim);
		for (size_t i = 0; i < load.count; i++)
			errors[order - 1] = fmax(errors[order - 1],
				fabs(ratio_to_db(at_end(&profile, i) / at_end(&best, i))));
	}
	assert_true(errors[1] < errors[0]);
	fixture_near(errors[0], 0, 0.1);
	for (int order = 2; order <= 4; order++)
		fixture_near(errors[order - 1], 0, 2e-3);
	power_profile_free(&best);
	power_profile_free(&profile);
	spectrum_free(&load);
	fixture_fibre_free();
}

/* A pump that nothing weakens (loss of its own apart) gives exp(C P Leff), and turned around the
 * same. */
static void weak_channels_get_what_a_pump_gives(void **state) {
	struct raman_pump pump = {0.1, 205e12, false};
	double leff, gain;
	struct fibre fibre;

	fixture_fibre(&fibre);
	fibre.pumps = &pump;
	fibre.pump_count = 1;
	leff = (1 - db_to_ratio(-16)) / fibre_alpha(&fibre, 205e12);
	gain = DB_PER_NEPER * fibre_raman(&fibre, 191.35e12, 205e12) * 0.1 * leff;
	assert_true(gain > 3);
	for (int counter = 0; counter < 2; counter++) {
		struct power_profile profile = {0};
		struct sim_params sim;
		struct spectrum load;

		pump.is_counter = counter;
		fixture_load(&load, 1, 50e9, -60);
		sim_params_defaults(&sim);
		sim.raman = true;
		sim.solver_step_m = 5;
		solve(&profile, &fibre, &load, &sim);
		fixture_near(ratio_to_db(at_end(&profile, 0)), gain - 16, 5e-3);
		/* Spontaneous emission: gain makes at least a photon in both polarisations of it.
		 */
		assert_true(profile.ase_w[0] > 0);
		power_profile_free(&profile);
		spectrum_free(&load);
	}
	fixture_fibre_free();
}

/* ---- interference ---- */

static void nli_of(double *nli_w, const struct fibre *fibre, const struct spectrum *load,
	const struct sim_params *sim) {
	struct power_profile profile = {0};
	struct nli_work work = {0};

	solve(&profile, fibre, load, sim);
	assert_int_equal(nli_compute(nli_w, &work, fibre, load, &profile, sim), 0);
	nli_free(&work);
	power_profile_free(&profile);
}

/* arXiv:1209.0394, eq. 36 for one Nyquist channel: asinh(pi^2/2 |b2| La B^2) / (2 pi |b2| La). */
static void one_channel_is_the_textbooks_formula(void **state) {
	double nli, alpha, b2, la, leff, gamma, psi;
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;

	fixture_fibre(&fibre);
	fixture_load(&load, 1, 50e9, 0);
	sim_params_defaults(&sim);
	nli_of(&nli, &fibre, &load, &sim);
	alpha = fibre_alpha(&fibre, 191.35e12);
	b2 = fabs(fibre_beta2(&fibre, 191.35e12));
	gamma = fibre_gamma(&fibre, 191.35e12);
	la = 1 / alpha;
	leff = (1 - exp(-alpha * 80e3)) / alpha;
	psi = leff * leff / (2 * M_PI * b2 * la) * asinh(M_PI * M_PI / 2 * b2 * la * 32e9 * 32e9);
	fixture_near(nli / (16.0 / 27 * gamma * gamma * 1e-9 / (32e9 * 32e9) * psi), 1, 1e-9);
	spectrum_free(&load);
	fixture_fibre_free();
}

/* Interference grows with the third power of all powers, and mirrors with the spectrum. */
static void interference_scales_and_mirrors(void **state) {
	static const enum nli_method methods[] = {
		NLI_GN_ANALYTIC, NLI_GGN_SEPARATED, NLI_GGN_APPROXIMATE};
	double one[9], cubed[9];
	struct fibre fibre;

	fixture_fibre(&fibre);
	for (size_t m = 0; m < 3; m++) {
		struct sim_params sim;
		struct spectrum load;

		sim_params_defaults(&sim);
		sim.nli_method = methods[m];
		fixture_load(&load, 9, 75e9, 0);
		nli_of(one, &fibre, &load, &sim);
		spectrum_free(&load);
		fixture_load(&load, 9, 75e9, 3);
		nli_of(cubed, &fibre, &load, &sim);
		for (size_t i = 0; i < 9; i++) {
			double gamma = fibre_gamma(&fibre, load.frequency_hz[i]);
			double mirrored = fibre_gamma(&fibre, load.frequency_hz[8 - i]);

			fixture_near(ratio_to_db(cubed[i] / one[i]), 9, 1e-9);
			fixture_near(
				one[i] / (gamma * gamma) / (one[8 - i] / (mirrored * mirrored)), 1,
				2e-3);
		}
		spectrum_free(&load);
	}
	fixture_fibre_free();
}

/* Poggiolini's closed form as it is written, pair by pair. */
static double closed_form(const struct fibre *fibre, const struct spectrum *load, size_t i) {
	double gamma = fibre_gamma(fibre, load->frequency_hz[i]), sum = 0;

	for (size_t j = 0; j < load->count; j++) {
		double f = load->frequency_hz[i] - load->frequency_hz[j], b = load->baud_hz[j];
		double alpha = fibre_alpha(fibre, load->frequency_hz[j]);
		double beta2 = (fabs(fibre_beta2(fibre, load->frequency_hz[i])) +
				       fabs(fibre_beta2(fibre, load->frequency_hz[j]))) /
			       2;
		double scale = M_PI * M_PI / alpha * beta2 * load->baud_hz[i];
		double length = -expm1(-alpha * fibre->length_m) / alpha;
		double psi = alpha / 2 * length * length / (2 * M_PI * beta2) *
			     (asinh(scale * (f + b / 2)) - asinh(scale * (f - b / 2)));

		sum += (i == j ? 16.0 : 32.0) / 27 * psi * pow(load->signal_w[j] / b, 2);
	}
	return gamma * gamma * load->signal_w[i] * sum;
}

/* Evenly spaced channels of one kind take a shorter way than others, which are 1 MHz off here, or
 * in a fibre whose dispersion has a slope; the work is kept from one to the next. */
static void the_closed_form_is_the_same_on_every_grid(void **state) {
	struct nli_work work = {0};
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;
	double nli[96];

	fixture_fibre(&fibre);
	fixture_load(&load, 96, 50e9, 0);
	sim_params_defaults(&sim);
	for (int turn = 0; turn < 4; turn++) {
		load.frequency_hz[40] += (turn == 1) * 1e6 - (turn == 2) * 1e6;
		fibre.dispersion_slope = turn == 3 ? 58 : NAN;
		assert_int_equal(nli_compute(nli, &work, &fibre, &load, NULL, &sim), 0);
		for (size_t i = 0; i < 96; i++)
			fixture_near(ratio_to_db(nli[i] / closed_form(&fibre, &load, i)), 0, 1e-9);
	}
	nli_free(&work);
	spectrum_free(&load);
	fixture_fibre_free();
}

static void a_fibre_of_no_length_does_nothing(void **state) {
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;
	double nli[9];

	fixture_fibre(&fibre);
	fibre.length_m = 0;
	fixture_load(&load, 9, 50e9, 0);
	sim_params_defaults(&sim);
	for (int raman = 0; raman < 2; raman++) {
		sim.raman = raman;
		nli_of(nli, &fibre, &load, &sim);
		for (size_t i = 0; i < 9; i++)
			fixture_near(nli[i], 0, 0);
	}
	fixture_near(fibre_loss_db(&fibre), 0, 0);
	spectrum_free(&load);
	fixture_fibre_free();
}

/* |integral of rho2 exp(j dbeta z) dz|^2 by ten thousand trapezoids. */
static double brute_efficiency(const struct power_profile *profile, size_t j, double dbeta) {
	double length = profile->z_m[profile->points - 1], h = length / 10000;
	double complex sum = 0;
	size_t slab = 1;

	for (int n = 0; n <= 10000; n++) {
		double z = n * h, rho2;
		const double *r = profile->ratio + j * profile->points;

		while (slab + 1 < profile->points && profile->z_m[slab] < z)
			slab++;
		rho2 = r[slab - 1] * pow(r[slab] / r[slab - 1],
					     (z - profile->z_m[slab - 1]) /
						     (profile->z_m[slab] - profile->z_m[slab - 1]));
		sum += rho2 * cexp(I * dbeta * z) * h * (n == 0 || n == 10000 ? 0.5 : 1);
	}
	return creal(sum) * creal(sum) + cimag(sum) * cimag(sum);
}

/* psi of a pair on a grid of points, each an integral over the fibre of its own. */
static double brute_psi(const struct fibre *fibre, const struct spectrum *load,
	const struct power_profile *profile, size_t i, size_t j, int grid) {
	double offset = load->frequency_hz[j] - load->frequency_hz[i], b = load->baud_hz[i];
	double beta2 = fibre_beta2(fibre, load->frequency_hz[i]), sum = 0, h = b / grid;

	for (int n = 0; n < grid; n++)
		for (int m = 0; m < grid; m++) {
			double x = offset - b / 2 + (n + 0.5) * h, y = -b / 2 + (m + 0.5) * h;

			if (fabs(x + y - offset) < b / 2)
				sum += brute_efficiency(
					profile, j, 4 * M_PI * M_PI * beta2 * x * y);
		}
	return sum * h * h;
}

static void quadrature_is_the_integral_by_brute_force(void **state) {
	double far = 0;
	struct power_profile profile = {0};
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;
	struct ggn ggn;

	fixture_fibre(&fibre);
	fixture_load(&load, 12, 50e9, 0);
	for (size_t i = 0; i < load.count; i++)
		load.roll_off[i] = 0.01; /* nearly rectangular, as the grid has it */
	sim_params_defaults(&sim);
	sim.raman = true;
	solve(&profile, &fibre, &load, &sim);
	assert_int_equal(ggn_create(&ggn, &fibre, &load, &profile, &sim), 0);
	fixture_near(ggn_near(&ggn, 5, 5) / brute_psi(&fibre, &load, &profile, 5, 5, 48), 1, 0.02);
	fixture_near(ggn_near(&ggn, 5, 7) / brute_psi(&fibre, &load, &profile, 5, 7, 48), 1, 0.02);
	for (int m = 0; m < 4000; m++) {
		double y = (m + 0.5) / 4000 * 32e9 - 16e9;

		far += 32e9 / 4000 *
		       brute_efficiency(&profile, 11,
			       4 * M_PI * M_PI * fibre_beta2(&fibre, 191.35e12) * 0.55e12 * y);
	}
	fixture_near(ggn_far(&ggn, 0, 11) / (far * 32e9), 1, 1e-3);
	fixture_near(ggn_cross(&ggn, 0, 11) / ggn_far(&ggn, 0, 11), 1, 0.02);
	ggn_free(&ggn);
	power_profile_free(&profile);
	spectrum_free(&load);
	fixture_fibre_free();
}

static void the_tables_of_efficiency_are_the_integral(void **state) {
	struct power_profile profile = {0};
	struct sim_params sim;
	struct spectrum load;
	struct fibre fibre;
	double value[200], step = 2e-6;

	fixture_fibre(&fibre);
	fixture_load(&load, 4, 50e9, 0);
	sim_params_defaults(&sim);
	solve(&profile, &fibre, &load, &sim);
	assert_int_equal(ggn_efficiency(&profile, 2, NAN, step, value, 200), 0);
	for (int n = 0; n < 200; n += 13)
		fixture_near(value[n] / brute_efficiency(&profile, 2, n * step), 1, 1e-4);
	/* For loss alone GNPy's slabs and exponential ones are the same. */
	for (int n = 0; n < 200; n += 13) {
		double other[200];

		assert_int_equal(
			ggn_efficiency(&profile, 2, fibre_alpha(&fibre, 193e12), step, other, 200),
			0);
		fixture_near(other[n] / value[n], 1, 1e-9);
	}
	power_profile_free(&profile);
	spectrum_free(&load);
	fixture_fibre_free();
}

/* ---- amplifiers ---- */

static const double band[] = {191e12, 197e12}, zeros[] = {0, 0}, line[] = {1, 2};

static const struct amplifier_type fixed_gain = {
	.name = "fixed",
	.kind = AMPLIFIER_FIXED,
	.f_min_hz = 191e12,
	.f_max_hz = 197e12,
	.gain_min_db = 10,
	.gain_max_db = 30,
	.p_max_dbm = 23,
	.nf0_db = 5,
	.gain_ripple_db = {band, zeros, 2},
	.nf_ripple_db = {band, zeros, 2},
	.gain_tilt = {band, line, 2},
};

static void two_amplifiers_make_friis_formula(void **state) {
	struct amplifier first = {.type = &fixed_gain, .gain_db = 20};
	struct spectrum load;
	double photon, nf;

	fixture_load(&load, 4, 50e9, -20);
	amplifier_amplify(&first, &load, 0, 4, false, NULL);
	spectrum_attenuate(&load, db_to_ratio(-15));
	first.gain_db = 15;
	amplifier_amplify(&first, &load, 0, 4, false, NULL);
	photon = PLANCK * load.frequency_hz[2] * 32e9;
	/* F1 + F2 / (G1 loss) */
	nf = db_to_ratio(5) + db_to_ratio(5) / db_to_ratio(20 - 15);
	fixture_near(load.ase_w[2] / db_to_ratio(20) / photon / nf, 1, 1e-12);
	fixture_near(watt_to_dbm(load.signal_w[2]), 0, 1e-12);
	spectrum_free(&load);
}

static void dual_stages_are_two_amplifiers(void **state) {
	struct amplifier_type dual = {.kind = AMPLIFIER_DUAL_STAGE,
		.gain_min_db = 25,
		.gain_max_db = 60,
		.stages = {&fixed_gain, &fixed_gain}};

	fixture_near(amplifier_nf_db(&dual, 45, -20), db_sum(5, 5 - 30), 1e-12);
	/* Below its least gain the second is attenuated, dB by dB. */
	fixture_near(amplifier_nf_db(&dual, 35, -20), db_sum(5, 5 + 5 - 30), 1e-12);
	fixture_near(amplifier_nf_db(&fixed_gain, 6, -20), 5 + 4, 1e-12);
}

static void coils_have_the_noise_that_they_are_solved_for(void **state) {
	struct amplifier_type type = {
		.kind = AMPLIFIER_VARIABLE, .gain_min_db = 15, .gain_max_db = 26};

	assert_int_equal(amplifier_solve_coils(&type, 6, 10), 0);
	fixture_near(amplifier_nf_db(&type, 26, 0), 6, 1e-9);
	fixture_near(amplifier_nf_db(&type, 15, 0), 10, 1e-9);
	fixture_near(amplifier_nf_db(&type, 12, 0), 13, 1e-9);
	assert_int_equal(amplifier_solve_coils(&type, 10, 6), -EINVAL);
}

/* Gain is limited by power; the mean of a tilted profile, weighted by power, is the setting. */
static void power_is_limited_and_gain_is_the_mean(void **state) {
	struct amplifier amplifier = {.type = &fixed_gain, .gain_db = 25};
	struct amplifier_state made;
	struct spectrum load;
	double before;

	fixture_load(&load, 80, 50e9, -10);
	amplifier_amplify(&amplifier, &load, 0, 80, false, &made);
	assert_true(made.saturated);
	fixture_near(made.gain_db, 23 - (-10 + ratio_to_db(80)), 1e-9);
	spectrum_free(&load);
	fixture_load(&load, 80, 50e9, -20);
	amplifier.gain_db = 15;
	amplifier.tilt_db = -2;
	before = spectrum_total_w(&load);
	amplifier_amplify(&amplifier, &load, 0, 80, false, &made);
	fixture_near(ratio_to_db((spectrum_total_w(&load)) / before), 15, 0.01);
	/* 2 dB over 6 THz, of which 3.95 are occupied. */
	fixture_near(made.gain_last_db - made.gain_first_db, 2 * 3.95 / 6, 0.02);
	spectrum_free(&load);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dispersion_and_area_are_what_they_are_given_as),
		cmocka_unit_test(a_curve_through_equal_points_is_a_constant),
		cmocka_unit_test(without_scattering_there_is_nothing_but_loss),
		cmocka_unit_test(scattering_keeps_photons),
		cmocka_unit_test(all_ways_of_solving_agree),
		cmocka_unit_test(weak_channels_get_what_a_pump_gives),
		cmocka_unit_test(one_channel_is_the_textbooks_formula),
		cmocka_unit_test(interference_scales_and_mirrors),
		cmocka_unit_test(the_closed_form_is_the_same_on_every_grid),
		cmocka_unit_test(a_fibre_of_no_length_does_nothing),
		cmocka_unit_test(the_tables_of_efficiency_are_the_integral),
		cmocka_unit_test(quadrature_is_the_integral_by_brute_force),
		cmocka_unit_test(two_amplifiers_make_friis_formula),
		cmocka_unit_test(dual_stages_are_two_amplifiers),
		cmocka_unit_test(coils_have_the_noise_that_they_are_solved_for),
		cmocka_unit_test(power_is_limited_and_gain_is_the_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
