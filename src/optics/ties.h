/*
 * ties: by service, the others that it must not share fates with: what disjunctions say, turned
 * round. Built of services as they are, and not kept up with them.
 */
#pragma once

#include "optics/services.h"

/* Kinds of disjointness (DISJOINT_LINK ...); soft: of disjunctions that may be relaxed. */
struct tie {
	size_t other;
	unsigned int firm, soft;
};

struct ties {
	struct arena arena;
	struct tie **of; /* by service, ascending by the other, each of them once */
	size_t *count;
};

void ties_build(struct ties *ties, const struct services *services);
void ties_free(struct ties *ties);
