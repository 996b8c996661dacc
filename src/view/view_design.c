/* view_design: what there is: nodes, links and lines of fibre. */
#include "view/private.h"

static json_t *sites_json(const struct fabric *fabric) {
	json_t *sites = json_array();

	for (size_t i = 0; i < fabric->intent->sites.count; i++)
		json_array_append_new(
			sites, json_pack("{s:s}", "name", fabric->intent->sites.names[i]));
	return sites;
}

/* A host is at the site of the switch that it is cabled to. */
static const char *site_of(const struct fabric *fabric, int id) {
	const struct fabric_node *node = &fabric->nodes[id];

	if (fabric->intent->sites.count == 0)
		return "";
	if (node->role == ROLE_HOST && node->port_count)
		node = fabric_neighbour(fabric, node->ports[0]);
	return node->pod >= 1 && node->pod <= fabric->intent->sites.count
		       ? fabric->intent->sites.names[node->pod - 1]
		       : "";
}

static json_t *nodes_json(const struct fabric *fabric) {
	json_t *nodes = json_array();

	for (int id = 0; id < (int)fabric->node_count; id++)
		json_array_append_new(
			nodes, json_pack("{s:s, s:s, s:s}", "name", fabric->nodes[id].name, "role",
				       fabric_role_name(fabric->nodes[id].role), "site",
				       site_of(fabric, id)));
	return nodes;
}

static json_t *link_json(const struct view *view, int id) {
	const struct fabric *fabric = view->fabric;
	const struct fabric_link *link = &fabric->links[id];
	const struct fabric_port *upper = &fabric->ports[link->ports[0]];
	const struct fabric_port *lower = &fabric->ports[link->ports[1]];

	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:f, s:b}", "name", view_link_name(view, id),
		"a", fabric->nodes[upper->node].name, "a_port", upper->name, "b",
		fabric->nodes[lower->node].name, "b_port", lower->name, "speed_bps",
		(double)link->speed_mbps * 1e6, "optical", view_light_of(view, id) != NULL);
}

static json_t *links_json(const struct view *view) {
	json_t *links = json_array();

	for (int id = 0; id < (int)view->fabric->link_count; id++)
		json_array_append_new(links, link_json(view, id));
	return links;
}

json_t *view_make_design(const struct view *view) {
	const struct fabric *fabric = view->fabric;

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "kind",
		view->modelled ? "model" : "twin", "name", view->name, "version", HEDDLE_VERSION,
		"sites", sites_json(fabric), "nodes", nodes_json(fabric), "links", links_json(view),
		"places", view_places(view), "lines", view_lines(view), "band", view_band(view),
		"modes", view_modes(view), "actions", 1);
}

void view_write_link(const struct view *view, int link, char text[VIEW_LINK_BYTES]) {
	const struct fabric *fabric = view->fabric;
	const struct fabric_port *upper = &fabric->ports[fabric->links[link].ports[0]];

	snprintf(text, VIEW_LINK_BYTES, "%s:%s", fabric->nodes[upper->node].name, upper->name);
}

json_t *view_link_name(const struct view *view, int link) {
	char text[VIEW_LINK_BYTES];

	view_write_link(view, link, text);
	return json_string(text);
}
