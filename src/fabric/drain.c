/* drain: see drain.h. A port's neighbours get a route-map of their own, which does what their
 * group's does (frr.c) and adds the community. */
#include "fabric/drain.h"

#include <string.h>

void drain_write_node(const struct fabric *fabric, int node, FILE *to) {
	fprintf(to, "router bgp %u\n bgp graceful-shutdown\n", fabric->nodes[node].asn);
}

static const char *group_of(const struct fabric *fabric, int port) {
	const struct fabric_node *other = fabric_neighbour(fabric, port);

	if (other->role == ROLE_EXTERNAL)
		return "EXTERNAL";
	if (fabric_are_across(&fabric->nodes[fabric->ports[port].node], other))
		return "ACROSS";
	return other->role > fabric->nodes[fabric->ports[port].node].role ? "BELOW" : "ABOVE";
}

/* A port's neighbours, as frr.c names them: up to two; returns how many. */
static size_t neighbours_of(
	const struct fabric *fabric, int port_id, char names[2][PREFIX_TEXT_MAX]) {
	const struct fabric_port *port = &fabric->ports[port_id],
				 *far = &fabric->ports[port->other];
	size_t count = 0;

	if (!port->address4.family && !port->address6.family)
		snprintf(names[count++], PREFIX_TEXT_MAX, "%s", port->name);
	if (port->address4.family)
		prefix_address_text(&far->address4, names[count++]);
	if (port->address6.family)
		prefix_address_text(&far->address6, names[count++]);
	return count;
}

static void write_neighbours(const struct fabric *fabric, int port, const char *no, FILE *to) {
	char names[2][PREFIX_TEXT_MAX];
	size_t count = neighbours_of(fabric, port, names);

	for (size_t i = 0; i < count; i++)
		fprintf(to, "  %sneighbor %s route-map DRAIN-%s out\n", no, names[i],
			group_of(fabric, port));
}

static void write_families(
	const struct fabric *fabric, const int *ports, size_t count, const char *no, FILE *to) {
	static const char *const families[] = {"ipv4", "ipv6"};

	fprintf(to, "router bgp %u\n", fabric->nodes[fabric->ports[ports[0]].node].asn);
	for (size_t family = 0; family < 2; family++) {
		fprintf(to, " address-family %s unicast\n", families[family]);
		for (size_t i = 0; i < count; i++)
			write_neighbours(fabric, ports[i], no, to);
	}
}

bool drain_has_session(const struct fabric *fabric, int port) {
	return fabric_is_switch(&fabric->nodes[fabric->ports[port].node]) &&
	       fabric_neighbour(fabric, port)->role != ROLE_HOST;
}

/* Whether the first of some ports with its group is this one. */
static bool is_first_of_group(const struct fabric *fabric, const int *ports, size_t n) {
	for (size_t i = 0; i < n; i++)
		if (strcmp(group_of(fabric, ports[i]), group_of(fabric, ports[n])) == 0)
			return false;
	return true;
}

void drain_write_ports(const struct fabric *fabric, const int *ports, size_t count, FILE *to) {
	for (size_t i = 0; i < count; i++)
		if (is_first_of_group(fabric, ports, i))
			fprintf(to,
				"route-map DRAIN-%s permit 10\n call TO-%s\n"
				" set community graceful-shutdown additive\n",
				group_of(fabric, ports[i]), group_of(fabric, ports[i]));
	write_families(fabric, ports, count, "", to);
}

void drain_write_ports_back(
	const struct fabric *fabric, const int *ports, size_t count, bool are_gone, FILE *to) {
	if (!are_gone)
		write_families(fabric, ports, count, "no ", to);
	for (size_t i = 0; i < count; i++)
		if (is_first_of_group(fabric, ports, i))
			fprintf(to, "no route-map DRAIN-%s permit 10\n",
				group_of(fabric, ports[i]));
}
