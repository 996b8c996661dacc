/* optics_margin: what `heddle optics margin` is asked and finds. */
#pragma once

#include "cmd/optics_actions.h"
#include "cmd/optics_trials.h"

/* All that is read, asked and found. */
struct margins {
	const struct optics_request *request;
	const struct optics_world *world;
	struct uncertainty uncertainty;
	const struct transceiver_type *type;
	const struct transceiver_mode *mode;
	struct spectrum load;
	int *way;
	size_t count;
	struct propagation_options options;
	struct montecarlo montecarlo;
	struct trials trials;
};

/* What the trials came to, as text or as JSON; sorts their values. 0, or -ENOMEM. */
int margins_print(struct margins *margins);
