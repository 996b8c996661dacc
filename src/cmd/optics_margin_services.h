/* optics_margin_services: how likely the services of a plan close: what is tried and found. */
#pragma once

#include "cmd/optics_planning.h"
#include "cmd/optics_verdict.h"
#include "optics/uncertainty.h"

/* A service that is carried; in each sample the worst of its channels and ways. */
struct service_margin {
	const struct carried *carried;
	struct verdict verdict;
};

struct service_margins {
	const struct optics_request *request;
	struct optics_planning planning;
	struct uncertainty uncertainty;
	struct service_margin *list;
	size_t count;
	/* By sample, over all services: the least margin, and how many close. */
	double *least_margin_db, *closing;
	struct chance all_close;
	struct spread closing_spread;
};

/* All of it, as text or as JSON. */
void service_margins_print(const struct service_margins *margins);
