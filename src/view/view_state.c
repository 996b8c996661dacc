/* view_state: what becomes of a twin now. */
#include "view/private.h"

#include "base/clock.h"
#include "fabric/model.h"

#include <math.h>

enum { BITS = 8 };

const struct model_failures *view_failures(const struct view *view) {
	return view->modelled ? view->modelled->failures : live_failures(view->live);
}

bool view_is_drained(const struct view *view, int link) {
	return view->modelled ? view->modelled->link_is_drained[link]
			      : live_is_drained(view->live, link);
}

const char *view_node_state(const struct view *view, int id) {
	const struct status_node *node = &view->status.nodes[id];

	if (view_failures(view)->node_is_down[id])
		return "down";
	return node->running < node->wanted ? "starting" : "up";
}

static bool has_carrier(const struct view *view, int id) {
	const int *ports = view->fabric->links[id].ports;

	if (view->modelled)
		return !view_failures(view)->link_is_down[id];
	return view->now.ports[ports[0]].has_carrier && view->now.ports[ports[1]].has_carrier;
}

/* A link without light is down; nobody made it fail. */
const char *view_link_state(const struct view *view, int id) {
	if (view_is_drained(view, id))
		return "drained";
	if (view_failures(view)->link_is_down[id] && !view_light_of(view, id))
		return "failed";
	return has_carrier(view, id) ? "up" : "down";
}

double view_capacity(const struct view *view, int id) {
	const struct fabric_link *link = &view->fabric->links[id];
	const struct link_light *light = view_light_of(view, id);

	if (light)
		return light->bit_rate / light_scale(view->light);
	return link->emulation ? (double)link->emulation->settings.rate_bps : 0;
}

/* ---- nodes ---- */

static double cpu_of(const struct view *view, int id) {
	double seconds = view->status_at - view->status_before_at;
	double used;

	if (view->status_before_at == 0 || seconds <= 0)
		return NAN;
	used = view->status.nodes[id].cpu_seconds - view->status_before.nodes[id].cpu_seconds;
	return rint(fmax(used, 0) / seconds * 1000) / 1000;
}

/* A model has none. */
static json_t *of_process(const struct view *view, uint64_t figure) {
	return view->modelled ? json_null() : json_integer((json_int_t)figure);
}

static json_t *node_json(const struct view *view, int id) {
	const struct node_counters *base = &view->base.nodes[id], *last = &view->last.nodes[id];
	const struct status_node *status = &view->status.nodes[id];
	double cpu = cpu_of(view, id);

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
		view->fabric->nodes[id].name, "state", view_node_state(view, id), "restarts",
		of_process(view, status->restarts), "memory_bytes",
		of_process(view, status->memory_bytes), "cpu",
		isnan(cpu) ? json_null() : json_real(cpu), "received_pps",
		counters_rate(view, base->received, last->received, 1), "forwarded_pps",
		counters_rate(view, base->forwarded, last->forwarded, 1), "kernel_pps",
		counters_rate(view, base->kernel, last->kernel, 1), "dropped_pps",
		counters_rate(view, base->dropped, last->dropped, 1));
}

static json_t *nodes_json(const struct view *view) {
	json_t *nodes = json_array();

	for (int id = 0; id < (int)view->fabric->node_count; id++)
		json_array_append_new(nodes, node_json(view, id));
	return nodes;
}

/* ---- links ---- */

static json_t *to_port(const struct view *view, int port) {
	return counters_rate(view, view->base.ports[port].received_bytes,
		view->last.ports[port].received_bytes, BITS);
}

static uint64_t lost(const struct wire_counts *counts) {
	return counts->lost + counts->overflowed;
}

/* Of the fuller direction, to thousandths. */
static json_t *load_json(double capacity, const json_t *one, const json_t *other) {
	double load = fmax(json_number_value(one), json_number_value(other)) / capacity;

	return capacity > 0 && json_is_number(one) ? json_real(rint(fmin(load, 1) * 1000) / 1000)
						   : json_null();
}

static json_t *link_json(const struct view *view, int id) {
	const struct fabric_link *link = &view->fabric->links[id];
	double capacity = view_capacity(view, id);
	json_t *down = to_port(view, link->ports[1]), *up = to_port(view, link->ports[0]);

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name", view_link_name(view, id),
		"state", view_link_state(view, id), "capacity_bps",
		capacity > 0 || view_light_of(view, id) ? json_real(capacity) : json_null(), "load",
		load_json(capacity, down, up), "a_to_b_bps", down, "b_to_a_bps", up, "lost_pps",
		counters_rate(view, lost(&view->base.wires[id]), lost(&view->last.wires[id]), 1));
}

static json_t *links_json(const struct view *view) {
	json_t *links = json_array();

	for (int id = 0; id < (int)view->fabric->link_count; id++)
		json_array_append_new(links, link_json(view, id));
	return links;
}

/* ---- all ---- */

static json_t *drops_json(const struct view *view) {
	json_t *drops = json_array();

	for (size_t i = 0; i < view->now.reason_count; i++) {
		const struct reason_counter *reason = &view->now.reasons[i];

		json_array_append_new(drops,
			json_pack("{s:s, s:I, s:o}", "reason", reason->name, "packets",
				(json_int_t)reason->packets, "pps",
				counters_rate(view, counters_dropped(&view->base, reason->name),
					counters_dropped(&view->last, reason->name), 1)));
	}
	return drops;
}

json_t *view_make_state(const struct view *view) {
	return json_pack("{s:f, s:s, s:o, s:o, s:o, s:o, s:o, s:O, s:[]}", "at", clock_real(),
		"state", status_state_name(view->status.state), "nodes", nodes_json(view), "links",
		links_json(view), "drops", drops_json(view), "services", view_services(view),
		"damages", view_damages(view), "applications", view->applications, "ports");
}
