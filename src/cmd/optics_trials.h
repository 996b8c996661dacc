/* optics_trials: the samples of a Monte Carlo case, shared out to threads. What comes out does not
 * depend on how many they are. */
#pragma once

#include "optics/montecarlo.h"

#include <stddef.h>

enum { TRIALS_MAX = 1000000, TRIAL_VALUES_MAX = 32 << 20 };

struct trials {
	size_t samples, channels;
	double *gsnr_db, *margin_db; /* [channel * samples + sample] */
};

/* In so many threads (jobs_run). 0, -E2BIG for more than TRIAL_VALUES_MAX channels of all samples,
 * or a negative errno. To be freed in either case. */
int trials_run(
	struct trials *trials, const struct montecarlo *montecarlo, size_t samples, size_t jobs);
void trials_free(struct trials *trials);
