/*
 * balance: whether the equal ways of a running twin's switches get equal shares, in the kernels'
 * routes and in the Heddles' groups: a set of ways can be right, and one of them take nearly all.
 */
#pragma once

#include "fabric/passage.h"
#include "twin/nodes.h"

/* Each route or group with unequal shares is told, with packets of the largest. Returns how many,
 * or a negative errno after a message. */
int balance_check(const struct nodes *nodes, bool with_heddles, struct passage *passage,
	const struct verify_telling *telling);
