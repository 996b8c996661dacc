/*
 * companies: services that disjunctions tie to one another, directly or by others, and that can so
 * only be routed together.
 *
 * A company is known by its first service; a service that nothing ties is a company of its own.
 */
#pragma once

#include "optics/ties.h"

struct companies {
	struct ties ties;
	size_t *of;            /* by service, its company */
	size_t *begin, *count; /* by company, its members; 0 if it is none's first */
	size_t *members;       /* in the order in which disjunctions name them */
	size_t *place;         /* by service, among its company's members */
};

void companies_find(struct companies *companies, const struct services *services);
void companies_free(struct companies *companies);
