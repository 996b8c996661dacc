/* optics_world: what optics_fuzz sets its inputs in: files in memory, a small library of equipment,
 * and a small network that has one of each kind of line: two ways and one way, amplified and dark,
 * of no length, and none at all between transceivers. Made once, kept until the end. */
#pragma once

#include "optics/equipment.h"
#include "optics/sections.h"

#include <stdbool.h>
#include <stddef.h>

/* A file in memory, filled anew for each input; `open` is false at first. */
struct world_file {
	bool open;
	int fd;
	char path[32];
};

/* Its path; NULL if it cannot be made. */
const char *world_fill(struct world_file *file, const void *bytes, size_t size);

const struct equipment *world_library(void);

/* Designed; of sections of its own, which are to be freed, for they can be changed. */
void world_sections(struct sections *sections);
