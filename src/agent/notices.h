/*
 * notices: what the log has been told of holds, so that each is told when it comes and when it
 * goes, and not each time that another does.
 */
#pragma once

#include <stddef.h>

struct mirror_hold;
struct ports;

struct notices {
	struct mirror_hold *told;
	size_t count;
};

/* Logs what of `holds` is new and what of those told before is gone. */
void notices_tell(struct notices *notices, const struct ports *ports,
	const struct mirror_hold *holds, size_t count);
void notices_free(struct notices *notices);
