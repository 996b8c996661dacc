/*
 * network: elements (transceivers, ROADMs, fibres, amplifiers, fused joints) and what follows what.
 *
 * Links have a direction; a line between two sites is two chains. Only ROADMs and transceivers may
 * have more than one neighbour on a side, and every chain of other elements ends at one of them or
 * nowhere: the reader refuses other shapes. All belongs to the network and is freed with it.
 *
 * Elements are numbered from 0 and keep their numbers; design adds new ones behind them.
 */
#pragma once

#include "base/arena.h"
#include "optics/amplifier.h"
#include "optics/equipment.h"
#include "optics/fibre.h"
#include "optics/roadm.h"

#include <stdbool.h>
#include <stddef.h>

enum element_kind {
	ELEMENT_TRANSCEIVER,
	ELEMENT_ROADM,
	ELEMENT_FIBRE,
	ELEMENT_AMPLIFIER, /* of one band or of several */
	ELEMENT_FUSED,     /* a joint, perhaps with a loss */
};

struct location {
	double latitude, longitude;
	const char *city, *region; /* NULL if not told */
};

struct element {
	const char *name;
	enum element_kind kind;
	unsigned int line; /* in its file; 0 for what design added */
	struct location location;
	int *next, *previous; /* numbers of elements */
	size_t next_count, previous_count;

	struct fibre *fibre; /* ELEMENT_FIBRE */
	bool has_pumps;      /* a RamanFiber */
	struct roadm *roadm; /* ELEMENT_ROADM */
	double loss_db;      /* ELEMENT_FUSED */

	/* ELEMENT_AMPLIFIER: one a band, lowest band first. `multi` is the type of the whole, or
	 * NULL for a plain one or where the design is to choose. */
	struct amplifier *amplifiers;
	size_t amplifier_count;
	bool is_multi_band;
	const struct amplifier_type *multi;
	const struct amplifier_type *const *choice; /* the only types allowed; none: all */
	size_t choice_count;
};

struct network {
	struct arena arena;
	const char *path; /* of its file */
	struct element **elements;
	size_t count;
	int *buckets; /* by name */
	size_t bucket_count;
};

enum { ELEMENT_NONE = -1 };

/* Reads GNPy's topology JSON. Types come from `equipment`, which must outlive the network. 0, or a
 * negative errno after messages. To be freed only after 0. */
int network_read(struct network *network, const struct equipment *equipment, const char *path);
void network_free(struct network *network);

int network_find(const struct network *network, const char *name);

/* A new element; the name must be new, and is kept as it is. */
struct element *network_add(struct network *network, const char *name, enum element_kind kind);
void network_connect(struct network *network, int from, int to);

void network_rename(struct network *network, int number, const char *name);

/* Puts an element between two that follow one another. */
void network_insert(struct network *network, int from, int to, int inserted);

/* Ends of chains. */
static inline bool element_is_node(const struct element *element) {
	return element->kind == ELEMENT_TRANSCEIVER || element->kind == ELEMENT_ROADM;
}
