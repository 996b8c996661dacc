/*
 * report: what a design is worth, in figures that follow from it by computation: how much bandwidth
 * it has where, what fails with what, how large its tables are, what it draws, and how far it can
 * grow.
 */
#pragma once

#include "fabric/blast.h"
#include "fabric/growth.h"

#include <stdio.h>

/* Of one switch; all 0 for other nodes. */
struct report_switch {
	uint64_t down_mbps, up_mbps; /* of its ports below and above */
	uint32_t ipv4_entries, ipv6_entries;
	uint32_t groups; /* different sets of ports that entries lead to */
};

/* The halves are the first and the rest of the leaves that have hosts, in the design's order: pod
 * by pod. Of sites, the two that have the least between them. */
struct report_bisection {
	uint64_t mbps;      /* from the one to the other; UINT64_MAX: there are no two */
	uint64_t host_mbps; /* that the hosts of the half with fewer can send */
};

struct report {
	const struct fabric *fabric;
	struct report_switch *switches; /* by node */
	struct report_bisection bisection;
	struct blast *nodes, *links;
	struct growth growth;
	uint64_t host_mbps;
	double watts;         /* of those that are known */
	size_t watts_unknown; /* switches of which they are not */
};

/* 0 or -ENOMEM. */
int report_create(const struct fabric *fabric, struct report *report);
void report_free(struct report *report);

void report_write_text(const struct report *report, FILE *to);
void report_write_json(const struct report *report, FILE *to);

/* What an engineer should think over, though it is what the intent says; NULL: nothing. */
const char *report_warning(const struct fabric *fabric);

/* Down over up; negative if there is nothing above. */
double report_oversubscription(const struct report_switch *figures);
