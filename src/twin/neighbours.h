/*
 * neighbours: whether the ways of a running twin's switches lead to who is there: every gateway is
 * an address of the far end of the cable, and every neighbour that a kernel knows has the far end's
 * MAC address. A way by the right port to nobody takes packets all the same.
 */
#pragma once

#include "fabric/passage.h"
#include "twin/nodes.h"

/* Each that is not is told, with packets that go there; ways of links that failed are not looked
 * at. Returns how many, or a negative errno after a message. */
int neighbours_check(const struct nodes *nodes, const struct model_failures *failures,
	struct passage *passage, const struct verify_telling *telling);
