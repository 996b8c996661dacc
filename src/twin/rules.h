/*
 * rules: whether a running twin's switches go by the tables that are proven: a policy rule
 * (ip-rule(8)) comes before them, and may say otherwise.
 */
#pragma once

#include "fabric/passage.h"
#include "twin/nodes.h"

/* Each rule beside the kernel's own three is told, with packets that come by it. Returns how many,
 * or a negative errno after a message. */
int rules_check(
	const struct nodes *nodes, struct passage *passage, const struct verify_telling *telling);
