/*
 * services: what is asked of a network: wavelengths between transceivers, and which of them must
 * not share fates; read from GNPy's service JSON.
 *
 * All belongs to the services and is freed with them; elements are numbers of the network's.
 */
#pragma once

#include "base/arena.h"
#include "optics/equipment.h"
#include "optics/network.h"
#include "optics/spectrum.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* An element that a route is to pass, or to avoid. */
struct include {
	int element;
	bool strict; /* else the route may do without */
};

/* A slot of the flexible grid (ITU-T G.694.1); either number may be left open, and is read up to a
 * bound. */
enum { SLOT_OPEN = INT_MIN, SLOT_NUMBER_MOST = 20000 };
struct slot {
	int n, m;
};

struct service {
	const char *id;
	unsigned int line; /* in its file */
	int from, to;      /* transceivers */
	bool bidirectional;
	const struct transceiver_type *type;
	const struct transceiver_mode *mode; /* NULL: the best is looked for */
	double spacing_hz, bit_rate;
	double tx_power_dbm; /* of a channel; NAN: as the mode has it, or the library */
	double library_tx_dbm;
	double power_dbm;         /* of the design's reference */
	size_t channels_most;     /* of a full load; 0: as many as fit */
	struct include *includes; /* in the order of the route; ends left out */
	size_t include_count;
	int *excludes;
	size_t exclude_count;
	struct slot *slots;
	size_t slot_count;
};

/* Services that share no link, node or risk, as `kinds` says. */
enum { DISJOINT_LINK = 1, DISJOINT_NODE = 2, DISJOINT_RISK = 4 };
struct disjunction {
	const char *id;
	unsigned int kinds;
	bool relaxable; /* links at least */
	size_t *services;
	size_t count;
};

struct services {
	struct arena arena;
	const char *path;
	struct service *list;
	size_t count;
	struct disjunction *disjunctions;
	size_t disjunction_count;
};

/* 0, or a negative errno after messages; to be freed only after 0. What a service leaves open is as
 * the library's default load has it. */
int services_read(struct services *services, const struct network *network,
	const struct equipment *equipment, const char *path);
void services_free(struct services *services);

/* What a channel is sent with. */
double service_tx_dbm(const struct service *service, const struct transceiver_mode *mode);

/* Channels of a band that is full of a service's. */
size_t service_channels(const struct service *service);

/* That band, in a mode; `load` is zeroed at first, and keeps its memory. 0, or -ENOMEM. */
int service_fill(
	const struct service *service, const struct transceiver_mode *mode, struct spectrum *load);

/* Makes one service of those that ask for the same between the same ends, as GNPy does: "7 | 6" has
 * the bit rates and slots of both. Disjunctions follow. */
void services_aggregate(struct services *services);
