/* tables: see tables.h. */
#include "fabric/tables.h"

#include "fabric/speed.h"

#include <jansson.h>

/* The reach of each medium, by IEEE 802.3: copper to 3 m from 100 Gb/s up (clauses 92, 110, 136),
 * 5 m below; active optical cables as they are sold; then multimode, 500 m and 10 km optics. */
static const struct {
	uint64_t speed_mbps;
	const char *short_reach; /* to 100 m of OM4 */
	const char *data_center; /* to 500 m, or 2 km */
	const char *long_reach;  /* to 10 km */
} optics[] = {
	{10000, "10GBASE-SR", "10GBASE-LR", "10GBASE-LR"},
	{25000, "25GBASE-SR", "25GBASE-LR", "25GBASE-LR"},
	{40000, "40GBASE-SR4", "40GBASE-LR4", "40GBASE-LR4"},
	{50000, "50GBASE-SR", "50GBASE-FR", "50GBASE-LR"},
	{100000, "100GBASE-SR4", "100GBASE-DR", "100GBASE-LR4"},
	{200000, "200GBASE-SR4", "200GBASE-DR4", "200GBASE-LR4"},
	{400000, "400GBASE-SR8", "400GBASE-DR4", "400GBASE-LR8"},
	{800000, "800GBASE-SR8", "800GBASE-DR8", "800GBASE-LR4"},
};

enum { COPPER_FAST_M = 3, COPPER_SLOW_M = 5, ACTIVE_M = 30, SHORT_M = 100, LONG_M = 10000 };

const char *cable_medium(uint64_t speed_mbps, uint32_t length_m) {
	if (length_m <= (speed_mbps >= 100000 ? COPPER_FAST_M : COPPER_SLOW_M))
		return "DAC";
	if (length_m <= ACTIVE_M)
		return "AOC";
	for (size_t i = 0; i < sizeof(optics) / sizeof(optics[0]); i++) {
		if (optics[i].speed_mbps != speed_mbps)
			continue;
		if (length_m <= SHORT_M)
			return optics[i].short_reach;
		if (length_m <= 500)
			return optics[i].data_center;
		if (length_m <= LONG_M)
			return optics[i].long_reach;
	}
	return length_m > LONG_M ? "coherent" : "fibre";
}

static const struct fabric_node *node_of(const struct fabric *fabric, int port) {
	return &fabric->nodes[fabric->ports[port].node];
}

void tables_write_cabling(const struct fabric *fabric, int node, FILE *to) {
	char speed[16];

	fputs("cable,from,from_port,to,to_port,speed,length_m,medium,tier\r\n", to);
	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];

		fprintf(to, "%u,%s,%s,%s,%s,%s,%u,%s,%s\r\n", link->number,
			node_of(fabric, link->ports[1])->name, fabric->ports[link->ports[1]].name,
			node_of(fabric, link->ports[0])->name, fabric->ports[link->ports[0]].name,
			speed_text(link->speed_mbps, speed), link->length_m,
			cable_medium(link->speed_mbps, link->length_m),
			intent_tier_words[link->tier]);
	}
}

static const char *text_or_none(const struct prefix *prefix, char *text) {
	return prefix->family ? prefix_text(prefix, text) : "";
}

void tables_write_addresses(const struct fabric *fabric, int node, FILE *to) {
	char text4[PREFIX_TEXT_MAX], text6[PREFIX_TEXT_MAX];

	fputs("node,role,asn,port,ipv4,ipv6,neighbour,neighbour_port\r\n", to);
	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *each = &fabric->nodes[id];

		fprintf(to, "%s,%s,%u,lo,%s,%s,,\r\n", each->name, fabric_role_name(each->role),
			each->asn, text_or_none(&each->loopback4, text4),
			text_or_none(&each->loopback6, text6));
		for (size_t n = 0; n < each->port_count; n++) {
			const struct fabric_port *port = &fabric->ports[each->ports[n]];

			fprintf(to, "%s,%s,%u,%s,%s,%s,%s,%s\r\n", each->name,
				fabric_role_name(each->role), each->asn, port->name,
				text_or_none(&port->address4, text4),
				text_or_none(&port->address6, text6),
				fabric_neighbour(fabric, each->ports[n])->name,
				fabric->ports[port->other].name);
		}
	}
}

static void set_address(json_t *object, const char *key, const struct prefix *prefix) {
	char text[PREFIX_TEXT_MAX];

	if (prefix->family)
		json_object_set_new(object, key, json_string(prefix_text(prefix, text)));
}

static json_t *port_json(const struct fabric *fabric, int id) {
	const struct fabric_port *port = &fabric->ports[id];
	json_t *object = json_pack("{s:s, s:s, s:s}", "port", port->name, "neighbour",
		fabric_neighbour(fabric, id)->name, "neighbour_port",
		fabric->ports[port->other].name);

	set_address(object, "ipv4", &port->address4);
	set_address(object, "ipv6", &port->address6);
	return object;
}

static json_t *node_json(const struct fabric *fabric, const struct fabric_node *node) {
	json_t *object = json_pack("{s:s, s:s, s:I}", "node", node->name, "role",
		fabric_role_name(node->role), "asn", (json_int_t)node->asn);
	json_t *ports = json_array();

	set_address(object, "ipv4", &node->loopback4);
	set_address(object, "ipv6", &node->loopback6);
	for (size_t n = 0; n < node->port_count; n++)
		json_array_append_new(ports, port_json(fabric, node->ports[n]));
	json_object_set_new(object, "ports", ports);
	return object;
}

void tables_write_addresses_json(const struct fabric *fabric, int node, FILE *to) {
	json_t *nodes = json_array();

	for (size_t id = 0; id < fabric->node_count; id++)
		json_array_append_new(nodes, node_json(fabric, &fabric->nodes[id]));
	json_dumpf(nodes, to, JSON_INDENT(1));
	fputc('\n', to);
	json_decref(nodes);
}
