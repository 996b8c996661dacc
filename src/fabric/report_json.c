/* report_json: the report for programs: every switch, node and link by itself. */
#include "fabric/report.h"

#include "fabric/tables.h"

#include <jansson.h>

static json_t *number(uint64_t value) {
	return json_integer((json_int_t)value);
}

/* Four places are enough, and the same on every machine. */
static json_t *share(double value) {
	return json_real((double)(long long)(value * 10000 + (value < 0 ? -0.5 : 0.5)) / 10000);
}

static json_t *switch_json(const struct report *report, size_t id) {
	const struct fabric_node *node = &report->fabric->nodes[id];
	const struct report_switch *figures = &report->switches[id];
	const struct intent_device *device = &report->fabric->intent->devices[node->role];
	double oversubscription = report_oversubscription(figures);

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:o}", "node",
		node->name, "role", fabric_role_name(node->role), "down_mbps",
		number(figures->down_mbps), "up_mbps", number(figures->up_mbps), "oversubscription",
		oversubscription < 0 ? json_null() : share(oversubscription), "ipv4_entries",
		(int)figures->ipv4_entries, "ipv6_entries", (int)figures->ipv6_entries, "groups",
		(int)figures->groups, "ports", (int)device->ports, "ports_left",
		(int)device->ports - (int)node->port_count, "watts",
		device->watts > 0 ? json_real(device->watts) : json_null());
}

static json_t *switches_json(const struct report *report) {
	json_t *switches = json_array();

	for (size_t id = 0; id < report->fabric->node_count; id++)
		if (fabric_is_switch(&report->fabric->nodes[id]))
			json_array_append_new(switches, switch_json(report, id));
	return switches;
}

static void set_blast(json_t *object, const struct blast *blast) {
	json_object_set_new(object, "networks", number(blast->networks));
	json_object_set_new(object, "hosts", number(blast->hosts));
	json_object_set_new(object, "externals", number(blast->externals));
	json_object_set_new(object, "capacity_lost", share(blast->capacity));
}

static json_t *node_blasts(const struct report *report) {
	json_t *nodes = json_array();

	for (size_t id = 0; id < report->fabric->node_count; id++) {
		json_t *object = json_pack("{s:s}", "node", report->fabric->nodes[id].name);

		set_blast(object, &report->nodes[id]);
		json_array_append_new(nodes, object);
	}
	return nodes;
}

static json_t *link_blasts(const struct report *report) {
	const struct fabric *fabric = report->fabric;
	json_t *links = json_array();

	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_port *upper = &fabric->ports[fabric->links[i].ports[0]],
					 *lower = &fabric->ports[fabric->links[i].ports[1]];
		json_t *object = json_pack("{s:i, s:s, s:s, s:s, s:s}", "cable",
			(int)fabric->links[i].number, "from", fabric->nodes[lower->node].name,
			"from_port", lower->name, "to", fabric->nodes[upper->node].name, "to_port",
			upper->name);

		set_blast(object, &report->links[i]);
		json_array_append_new(links, object);
	}
	return links;
}

static json_t *bisection_json(const struct report *report) {
	const struct report_bisection *bisection = &report->bisection;

	if (bisection->mbps == UINT64_MAX)
		return json_null();
	return json_pack("{s:o, s:o}", "mbps", number(bisection->mbps), "host_mbps",
		number(bisection->host_mbps));
}

static json_t *power_json(const struct report *report) {
	bool is_known = report->watts_unknown == 0;
	double host_gbps = (double)report->host_mbps / 1000;

	return json_pack("{s:o, s:o, s:i}", "watts",
		is_known ? json_real(report->watts) : json_null(), "watts_per_gbps",
		is_known && host_gbps > 0 ? share(report->watts / host_gbps) : json_null(),
		"switches_not_known", (int)report->watts_unknown);
}

static json_t *room_json(const struct growth_room *room) {
	return json_pack("{s:i, s:s}", "more", (int)room->more, "limit", room->limit);
}

static json_t *cabling_json(const struct intent_cabling *cabling, uint32_t count) {
	return json_pack("{s:i, s:o, s:i, s:s}", "cables", (int)count, "mbps",
		number(cabling->speed_mbps), "length_m", (int)cabling->length_m, "medium",
		cable_medium(cabling->speed_mbps, cabling->length_m));
}

static json_t *growth_json(const struct report *report) {
	const struct growth *growth = &report->growth;
	const struct intent *intent = report->fabric->intent;
	json_t *object = json_object(), *ports = json_object();

	for (int role = 0; role < ROLES; role++)
		if (growth->roles[role].switches)
			json_object_set_new(ports, fabric_role_name((enum fabric_role)role),
				json_pack("{s:i, s:i, s:o, s:s}", "ports",
					(int)growth->roles[role].ports, "left_least",
					(int)growth->roles[role].left_least, "left_all",
					number(growth->roles[role].left_all), "fullest",
					report->fabric->nodes[growth->roles[role].fullest].name));
	json_object_set_new(object, "ports", ports);
	if (intent->shape == SHAPE_CUSTOM)
		return object;
	json_object_set_new(object, "leaves", room_json(&growth->leaves));
	json_object_set_new(object, "spines", room_json(&growth->spines));
	json_object_set_new(object, "hosts_per_leaf", room_json(&growth->hosts));
	if (intent_pods(intent))
		json_object_set_new(object, intent->shape == SHAPE_SITES ? "sites" : "pods",
			room_json(&growth->pods));
	json_object_set_new(object, "next_leaf",
		json_pack("{s:o, s:o}", "to_spines",
			cabling_json(&intent->leaf_spine, growth->leaf_uplinks), "to_hosts",
			cabling_json(&intent->host, growth->leaf_hosts)));
	return object;
}

void report_write_json(const struct report *report, FILE *to) {
	json_t *object = json_pack("{s:s, s:s*, s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:o}", "fabric",
		report->fabric->intent->name, "warning", report_warning(report->fabric), "switches",
		switches_json(report), "bisection", bisection_json(report), "blast_radius", "nodes",
		node_blasts(report), "links", link_blasts(report), "host_mbps",
		number(report->host_mbps), "power", power_json(report), "growth",
		growth_json(report));

	json_dumpf(object, to, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
	fputc('\n', to);
	json_decref(object);
}
