/* memory: Heddle's tables in ordinary memory, for tests, probes and fuzzers. */
#pragma once

#include "mirror/mirror.h"
#include "table/grace.h"
#include "table/tables.h"

struct memory {
	struct tables tables;
	struct grace grace;
	struct mirror_tables mirror;
};

/* Room for about `routes` routes of each family; exits if there is no memory. */
void memory_create(struct memory *memory, size_t routes);
void memory_destroy(struct memory *memory);
