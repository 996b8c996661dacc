/*
 * passage: packets that pass a place on their way through the fabric, by the model's tables: they
 * witness what is wrong there that no table of ports shows, such as a neighbour that is not the far
 * end, or ways that do not get equal shares.
 */
#pragma once

#include "fabric/spread.h"
#include "fabric/verify.h"

struct passage;

/* With the failures that the model is to have (NULL: none); both stay the caller's. Nothing is
 * computed before a first packet is wanted. NULL without memory. */
struct passage *passage_create(const struct fabric *fabric, const struct model_failures *failures);
void passage_destroy(struct passage *passage);

/* What packets pass: a switch, and there all of these ports, each way of which some take. */
struct passage_place {
	int node;
	const uint32_t *ports; /* the one that the packet takes first; none: whichever */
	size_t port_count;
	struct prefix within; /* where to; length 0: anywhere, of that family */
};

/* Gives a violation its packet and its way, from a leaf on. `end` says what becomes of it at the
 * place: NULL: it goes on, and where to. Both stay empty if no packet comes there. */
void passage_show(struct passage *passage, const struct passage_place *place, const char *end,
	struct violation *violation);
