/* optics_margin: `heddle optics margin`: how likely the channels from one transceiver to another
 * close, if what is built differs from what is planned. */
#include "cmd/optics_margin.h"

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_names.h"
#include "cmd/optics_way.h"
#include "optics/load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- as planned ---- */

static void close_plan(struct margins *margins) {
	montecarlo_free(&margins->montecarlo);
	spectrum_free(&margins->load);
}

/* Takes a mode, and propagates as planned. To be closed in either case. */
static int open_plan(struct margins *margins, const struct transceiver_mode *mode) {
	const struct optics_world *world = margins->world;
	const struct load_rules *rules = &world->equipment.loads[0];
	const struct montecarlo_case of = {&world->network, margins->way, margins->count,
		&margins->load, mode, rules->margin_db, &margins->options, &margins->uncertainty,
		margins->request->control, margins->request->seed};
	int error;

	if (margins->request->spectrum)
		error = spectrum_copy(&margins->load, &world->load);
	else
		error = load_of_mode(&margins->load, rules, margins->type, mode,
			isnan(rules->tx_power_dbm) ? world->power_dbm : rules->tx_power_dbm);
	return error ? error : montecarlo_create(&margins->montecarlo, &of);
}

/* The least margin of all channels, as planned. */
static int measure_mode(
	struct margins *margins, const struct transceiver_mode *mode, double *worst_db) {
	double gsnr[SPECTRUM_CHANNELS_MAX], margin[SPECTRUM_CHANNELS_MAX];
	int error = open_plan(margins, mode);

	*worst_db = INFINITY;
	if (!error)
		montecarlo_nominal(&margins->montecarlo, gsnr, margin);
	for (size_t i = 0; i < margins->montecarlo.nominal.spectrum.count && !error; i++)
		*worst_db = fmin(*worst_db, margin[i]);
	close_plan(margins);
	return error;
}

/* What closes goes before what does not; then the higher rate, then the narrower. */
static bool is_better(const struct transceiver_mode *mode, double worst_db,
	const struct transceiver_mode *other, double other_worst_db) {
	if (!other || (worst_db >= 0) != (other_worst_db >= 0))
		return !other || worst_db >= 0;
	if (worst_db < 0)
		return worst_db > other_worst_db;
	if (mode->bit_rate != other->bit_rate)
		return mode->bit_rate > other->bit_rate;
	return mode->min_spacing_hz < other->min_spacing_hz;
}

static void tell_modes(const struct margins *margins) {
	log_error("%s: '%s' has no mode '%s'; it has:", margins->request->equipment,
		margins->type->name, margins->request->mode);
	for (size_t i = 0; i < margins->type->mode_count; i++)
		log_error("  '%s', %g Gb/s at %g GBd", margins->type->modes[i].format,
			margins->type->modes[i].bit_rate / 1e9,
			margins->type->modes[i].baud_hz / 1e9);
}

/* The mode that is named, or else the best. */
static int choose_mode(struct margins *margins) {
	double best_db = 0, worst_db;
	int error = 0, failure = -ENODATA;

	for (size_t i = 0; i < margins->type->mode_count; i++) {
		const struct transceiver_mode *mode = &margins->type->modes[i];

		if (margins->request->mode) {
			if (strcmp(mode->format, margins->request->mode) == 0)
				margins->mode = mode;
			continue;
		}
		error = measure_mode(margins, mode, &worst_db);
		if (error) {
			failure = error;
		} else if (is_better(mode, worst_db, margins->mode, best_db)) {
			margins->mode = mode;
			best_db = worst_db;
		}
	}
	if (margins->mode)
		return 0;
	if (margins->request->mode)
		tell_modes(margins);
	return margins->request->mode ? -EINVAL : failure;
}

/* ---- the action ---- */

static void tell_failure(const struct margins *margins, int error) {
	if (error == -E2BIG)
		log_error("optics: %zu samples of so many channels are more than fit: %d values "
			  "are possible",
			margins->request->samples, TRIAL_VALUES_MAX);
	else if (error != -EINVAL)
		optics_way_failed(&margins->world->network, margins->request->words[0],
			margins->request->words[1], error);
}

static int sample(struct margins *margins) {
	int error = choose_mode(margins);

	if (!error)
		error = open_plan(margins, margins->mode);
	if (!error)
		error = trials_run(&margins->trials, &margins->montecarlo,
			margins->request->samples, margins->request->jobs);
	if (!error)
		error = margins_print(margins);
	trials_free(&margins->trials);
	close_plan(margins);
	if (error)
		tell_failure(margins, error);
	return error;
}

static int answer_it(const struct optics_request *request, const struct optics_world *world) {
	struct margins margins = {.request = request,
		.world = world,
		.options = {.sim = &world->sim, .power_dbm = world->power_dbm}};
	int error;

	margins.type = optics_find_type(request, &world->equipment);
	error = margins.type ? 0 : -ENOENT;
	error |= uncertainty_read(&margins.uncertainty, &world->equipment, request->uncertainty);
	margins.way =
		optics_way(&world->network, request->words[0], request->words[1], &margins.count);
	if (!margins.way)
		error = -ENOENT;
	if (!error)
		error = sample(&margins);
	free(margins.way);
	uncertainty_free(&margins.uncertainty);
	return error;
}

int optics_margin(const struct optics_request *request) {
	struct optics_world world;
	int error;

	if (!request->topology || !request->equipment || !request->uncertainty)
		return optics_wrong_usage();
	if (request->word_count == 1 && !request->transceiver && !request->mode)
		return optics_margin_services(request);
	if (request->word_count != 2 || !request->transceiver)
		return optics_wrong_usage();
	if (optics_open(&world, request, NULL, NULL) < 0)
		return EXIT_FAILED;
	error = answer_it(request, &world);
	optics_close(&world);
	return error ? EXIT_FAILED : EXIT_DONE;
}
