/* optics_trials: see optics_trials.h. */
#include "cmd/optics_trials.h"

#include "cmd/optics_jobs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct share_out {
	const struct montecarlo *montecarlo;
	struct trials *trials;
	atomic_size_t next;
	atomic_int error;
};

static void keep(struct trials *trials, size_t sample, const double *gsnr, const double *margin) {
	for (size_t i = 0; i < trials->channels; i++) {
		trials->gsnr_db[i * trials->samples + sample] = gsnr[i];
		trials->margin_db[i * trials->samples + sample] = margin[i];
	}
}

/* Takes samples until there are none left, or one has failed anywhere. */
static void *work(void *owner) {
	struct share_out *all = owner;
	size_t channels = all->trials->channels, sample;
	double *values = calloc(2 * channels, sizeof(*values));
	struct trial trial = {0};
	int error = values ? trial_create(&trial, all->montecarlo) : -ENOMEM;

	while (!error && !all->error &&
		(sample = atomic_fetch_add(&all->next, 1)) < all->trials->samples) {
		error = trial_run(&trial, sample, values, values + channels);
		if (!error)
			keep(all->trials, sample, values, values + channels);
	}
	if (error)
		all->error = error;
	trial_free(&trial);
	free(values);
	return NULL;
}

int trials_run(
	struct trials *trials, const struct montecarlo *montecarlo, size_t samples, size_t jobs) {
	size_t channels = montecarlo->nominal.spectrum.count;
	struct share_out all = {.montecarlo = montecarlo, .trials = trials};

	*trials = (struct trials){.samples = samples, .channels = channels};
	if (samples * channels > TRIAL_VALUES_MAX)
		return -E2BIG;
	trials->gsnr_db = calloc(samples * channels, sizeof(double));
	trials->margin_db = calloc(samples * channels, sizeof(double));
	if (!trials->gsnr_db || !trials->margin_db)
		return -ENOMEM;
	jobs_run(jobs, work, &all);
	return all.error;
}

void trials_free(struct trials *trials) {
	free(trials->gsnr_db);
	free(trials->margin_db);
	*trials = (struct trials){0};
}
