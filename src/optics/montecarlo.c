/* montecarlo: see montecarlo.h. */
#include "optics/montecarlo.h"

#include "optics/judgement.h"

/* ---- what receivers see ---- */

static void receive(const struct montecarlo_case *of, const struct propagation *propagation,
	double *gsnr_db, double *margin_db) {
	const struct judge judge = {.margin_db = of->margin_db};

	for (size_t i = 0; i < propagation->spectrum.count; i++) {
		struct reception got;

		propagation_receive(propagation, i, &got);
		gsnr_db[i] = got.gsnr_01nm_db;
		margin_db[i] = judge_channel(&judge, of->mode, &got);
	}
}

/* A channel's receiver and transmitter are those of the way's ends, tuned to its frequency. */
static double draw_of_channel(const struct trial *trial, enum quantity quantity, int element,
	size_t channel, uint64_t sample) {
	const struct montecarlo_case *of = &trial->montecarlo->of;

	return uncertainty_draw(of->uncertainty, quantity,
		(struct lot){.seed = of->seed,
			.sample = sample,
			.element = (uint64_t)element,
			.part = (uint64_t)trial->load.frequency_hz[channel]});
}

/* ---- as planned ---- */

int montecarlo_create(struct montecarlo *montecarlo, const struct montecarlo_case *of) {
	*montecarlo = (struct montecarlo){.of = *of};
	return propagation_run(
		&montecarlo->nominal, of->network, of->way, of->count, of->load, of->options);
}

void montecarlo_free(struct montecarlo *montecarlo) {
	propagation_free(&montecarlo->nominal);
}

void montecarlo_nominal(const struct montecarlo *montecarlo, double *gsnr_db, double *margin_db) {
	receive(&montecarlo->of, &montecarlo->nominal, gsnr_db, margin_db);
}

/* ---- trials ---- */

int trial_create(struct trial *trial, const struct montecarlo *montecarlo) {
	const struct montecarlo_case *of = &montecarlo->of;

	*trial = (struct trial){.montecarlo = montecarlo};
	as_built_create(&trial->as_built, of->network, of->way, of->count,
		&montecarlo->nominal.spectrum, of->options->along);
	return spectrum_copy(&trial->load, &montecarlo->nominal.spectrum);
}

void trial_free(struct trial *trial) {
	as_built_free(&trial->as_built);
	spectrum_free(&trial->load);
	propagation_free(&trial->propagation);
}

static void draw_transmitters(struct trial *trial, uint64_t sample) {
	const struct montecarlo_case *of = &trial->montecarlo->of;
	const double *planned = trial->montecarlo->nominal.spectrum.tx_osnr_db;

	for (size_t i = 0; i < trial->load.count; i++)
		trial->load.tx_osnr_db[i] = planned[i] + draw_of_channel(trial, QUANTITY_TX_OSNR,
								 of->way[0], i, sample);
}

int trial_run(struct trial *trial, uint64_t sample, double *gsnr_db, double *margin_db) {
	const struct montecarlo_case *of = &trial->montecarlo->of;
	int error;

	as_built_draw(&trial->as_built, of->uncertainty, &trial->montecarlo->nominal, of->control,
		of->seed, sample);
	draw_transmitters(trial, sample);
	error = propagation_run(&trial->propagation, &trial->as_built.network, of->way, of->count,
		&trial->load, of->options);
	if (error)
		return error;
	receive(of, &trial->propagation, gsnr_db, margin_db);
	for (size_t i = 0; i < trial->load.count; i++)
		margin_db[i] -= draw_of_channel(
			trial, QUANTITY_REQUIRED_OSNR, of->way[of->count - 1], i, sample);
	return 0;
}
