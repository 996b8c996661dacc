/* topology_private: what the files that read a network share: topology.c reads elements, amplifiers
 * and links, topology_fibre.c fibres, topology_roadm.c ROADMs. */
#pragma once

#include "optics/document.h"
#include "optics/network.h"

#define HZ_LEAST 1e12
#define HZ_MOST  1e15

enum { DB_MOST = 200 };

struct topology_reading {
	struct network *network;
	const struct equipment *equipment;
	struct document *document;
};

/* A copy that lives as long as the network; NULL of NULL. */
const char *topology_keep(const struct topology_reading *reading, const char *text);

/* A number of an object, within bounds; `absent` if it has none. */
double topology_number(const struct topology_reading *reading, struct node *object, const char *key,
	double least, double most, double absent);

/* Of the library; NULL after a message that says which is near, or for no name. */
const struct amplifier_type *topology_find_amplifier(
	const struct topology_reading *reading, const struct node *node, const char *name);

void topology_take_fibre(
	const struct topology_reading *reading, struct node *object, struct element *element);
void topology_take_roadm(
	const struct topology_reading *reading, struct node *object, struct element *element);
