/* drain: see drain.h. A port's neighbours get a route-map of their own, which does what their
 * group's does (frr.c) and adds the community. */
#include "fabric/drain.h"

#include "fabric/ways.h"

#include <errno.h>
#include <stdlib.h>
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

/* ---- whether anything would be cut off ---- */

static bool is_cut(const struct fabric *fabric, const struct ways *const ways[2], int from, int to,
	char *why, size_t size) {
	static const sa_family_t families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++)
		if (ways_between(ways[0], from, to, families[i]) &&
			!ways_between(ways[1], from, to, families[i])) {
			snprintf(why, size,
				"%s reaches %s by this link alone: it cannot be drained",
				fabric->nodes[from].name, fabric->nodes[to].name);
			return true;
		}
	return false;
}

static bool is_any_cut(
	const struct fabric *fabric, const struct ways *const ways[2], char *why, size_t size) {
	for (int from = 0; from < (int)fabric->node_count; from++)
		for (int to = 0; to < (int)fabric->node_count; to++)
			if (from != to && fabric->nodes[from].role == ROLE_HOST &&
				fabric->nodes[to].role == ROLE_HOST &&
				is_cut(fabric, ways, from, to, why, size))
				return true;
	return false;
}

/* `down` has room for all links. */
static int compare_ways(const struct fabric *fabric, const struct model_failures *failures,
	int link, bool *down, char *why, size_t size) {
	struct model_failures drained = *failures;
	struct ways *before = NULL, *after = NULL;
	int error = ways_create(fabric, failures, &before);

	if (failures->link_is_down)
		memcpy(down, failures->link_is_down, fabric->link_count * sizeof(*down));
	down[link] = true;
	drained.link_is_down = down;
	if (!error)
		error = ways_create(fabric, &drained, &after);
	if (!error && is_any_cut(fabric, (const struct ways *const[]){before, after}, why, size))
		error = -EBUSY;
	ways_destroy(before);
	ways_destroy(after);
	return error;
}

int drain_check(const struct fabric *fabric, const struct model_failures *failures, int link,
	char *why, size_t size) {
	const int *ports = fabric->links[link].ports;
	bool *down;
	int error;

	snprintf(why, size, "only a link between two switches can be drained");
	if (!drain_has_session(fabric, ports[0]) || !drain_has_session(fabric, ports[1]))
		return -EOPNOTSUPP;
	down = calloc(fabric->link_count + 1, sizeof(*down));
	error = down ? compare_ways(fabric, failures, link, down, why, size) : -ENOMEM;
	free(down);
	return error;
}
