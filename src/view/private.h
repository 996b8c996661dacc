/* private: what the files of view share: view.c looks, counters.c counts, view_design.c,
 * view_state.c, view_light.c and view_metrics.c tell. */
#pragma once

#include "twin/light.h"
#include "twin/live.h"
#include "twin/status.h"
#include "twin/twin.h"
#include "twin/wires.h"
#include "view/view.h"

#include <jansson.h>
#include <stdint.h>
#include <time.h>

enum { REASONS_MAX = 64, REASON_BYTES = 48 };

struct port_counters {
	uint64_t received_bytes;
	bool has_carrier;
};

/* Of a switch's Heddle, over its ports; packets. */
struct node_counters {
	uint64_t received, forwarded, kernel, dropped;
	bool has_heddle;
};

/* Packets that all Heddles dropped for one reason. */
struct reason_counter {
	char name[REASON_BYTES];
	uint64_t packets;
};

struct counters {
	double at; /* clock_now; 0: none */
	struct port_counters *ports;
	struct node_counters *nodes;
	struct wire_counts *wires; /* by link */
	struct reason_counter reasons[REASONS_MAX];
	size_t reason_count;
};

struct view {
	char folder[TWIN_PATH_MAX];
	struct live *live;                 /* NULL: of a model */
	const struct view_model *modelled; /* NULL: of a twin that runs */
	const char *name;
	const struct fabric *fabric;
	struct light_layer *light; /* NULL: there is none */
	const struct link_light *links;
	size_t link_count;
	struct timespec design_read, light_read; /* when what they are of was written */

	/* Rates are of what was counted between two of these, a second or more apart. */
	struct counters now, base, last;

	struct status status, status_before; /* processes */
	double status_at, status_before_at;
	json_t *applications;

	char *design, *state;
};

/* ---- counters ---- */

int counters_create(struct counters *counters, const struct fabric *fabric);
void counters_free(struct counters *counters);
/* Nodes and wires that do not answer count nothing. */
void counters_read(struct counters *counters, const struct live *live);
void counters_copy(struct counters *to, const struct counters *from, const struct fabric *fabric);

/* Packets of a reason; 0 if there were none. */
uint64_t counters_dropped(const struct counters *counters, const char *reason);

/* What came between two, each second, as JSON; null if they are the same. What began anew counts
 * from nothing. */
json_t *counters_rate(
	const struct view *view, uint64_t base, uint64_t last, double each /* of the unit told */);

/* ---- light ---- */

/* New references. */
json_t *view_lines(const struct view *view);
json_t *view_places(const struct view *view);
json_t *view_modes(const struct view *view);
json_t *view_band(const struct view *view);
json_t *view_services(const struct view *view);
json_t *view_damages(const struct view *view);

/* The light of a link; NULL if it has none. */
const struct link_light *view_light_of(const struct view *view, int link);

/* ---- documents ---- */

json_t *view_make_design(const struct view *view);
json_t *view_make_state(const struct view *view);

const struct model_failures *view_failures(const struct view *view);
bool view_is_drained(const struct view *view, int link);

/* "east-leaf1:swp1", the upper end. */
json_t *view_link_name(const struct view *view, int link);
enum { VIEW_LINK_BYTES = FABRIC_NAME_MAX + PORT_NAME_MAX + 1 };
void view_write_link(const struct view *view, int link, char text[VIEW_LINK_BYTES]);

/* "up", "down", "failed" or "drained". */
const char *view_link_state(const struct view *view, int link);
const char *view_node_state(const struct view *view, int node);

/* Bits a second that it carries in the twin; 0: as many as the machine does. */
double view_capacity(const struct view *view, int link);
