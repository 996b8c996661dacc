/* build: see build.h. */
#include "twin/build.h"

#include "base/log.h"
#include "fabric/bird.h"
#include "twin/netns.h"
#include "twin/twin.h"
#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <string.h>

static int set_sysctls(const struct nodes *nodes, int id) {
	static const char *const router[][2] = {
		{"ipv4/ip_forward", "1"},
		{"ipv6/conf/all/forwarding", "1"},
		{"ipv4/conf/all/rp_filter", "0"},
		{"ipv4/conf/default/rp_filter", "0"},
	};
	/* A host with two leaves, too, sends by the one that it still has. */
	static const char *const all[][2] = {
		{"ipv6/conf/all/accept_dad", "0"},
		{"ipv6/conf/default/accept_dad", "0"},
		{"ipv6/conf/default/accept_ra", "0"},
		{"ipv4/fib_multipath_hash_policy", "1"},
		{"ipv6/fib_multipath_hash_policy", "1"},
		{"ipv6/conf/all/keep_addr_on_down", "1"},
		{"ipv6/conf/default/keep_addr_on_down", "1"},
		{"ipv4/conf/all/ignore_routes_with_linkdown", "1"},
		{"ipv4/conf/default/ignore_routes_with_linkdown", "1"},
		{"ipv6/conf/all/ignore_routes_with_linkdown", "1"},
		{"ipv6/conf/default/ignore_routes_with_linkdown", "1"},
	};
	/* So that probes can ask all switches for their ways at once; older kernels lack some. */
	static const char *const answering[][2] = {
		{"ipv4/icmp_ratelimit", "0"},
		{"ipv4/icmp_msgs_per_sec", "1000000"},
		{"ipv4/icmp_msgs_burst", "10000"},
		{"ipv6/icmp/ratelimit", "0"},
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && !error; i++)
		error = wiring_set_sysctl(nodes->wirings[id], all[i][0], all[i][1]);
	if (nodes->fabric->nodes[id].role == ROLE_HOST)
		return error;
	for (size_t i = 0; i < sizeof(router) / sizeof(router[0]) && !error; i++)
		error = wiring_set_sysctl(nodes->wirings[id], router[i][0], router[i][1]);
	for (size_t i = 0; i < sizeof(answering) / sizeof(answering[0]) && !error; i++) {
		error = wiring_set_sysctl(nodes->wirings[id], answering[i][0], answering[i][1]);
		if (error == -ENOENT)
			error = 0;
	}
	return error;
}

bool build_is_emulated(const struct fabric *fabric, int link, bool emulate_all) {
	return fabric->links[link].emulation ||
	       (emulate_all && fabric->links[link].tier != TIER_HOST);
}

int build_wire(const char *twin, const struct fabric *fabric, int link, bool emulate_all) {
	int error;

	if (!build_is_emulated(fabric, link, emulate_all))
		return 0;
	error = wire_create(twin, fabric, link);
	if (error)
		log_error("the wire of link %d: %s", link, strerror(-error));
	return error;
}

int build_cable(const struct nodes *nodes, int link) {
	const struct fabric *fabric = nodes->fabric;
	const struct fabric_port *upper = &fabric->ports[fabric->links[link].ports[0]];
	const struct fabric_port *lower = &fabric->ports[fabric->links[link].ports[1]];
	int error = nodes->wires[link] >= 0 ? wire_lay(nodes, link)
					    : wiring_add_veth(nodes->wirings[upper->node],
						      upper->name, nodes->wirings[lower->node],
						      lower->name, fabric->intent->mtu);

	if (error)
		log_error("cable %s:%s to %s:%s: %s", fabric->nodes[upper->node].name, upper->name,
			fabric->nodes[lower->node].name, lower->name, strerror(-error));
	return error;
}

/* A host's addresses, and its default route by all of its leaves. */
static int set_up_host(const struct nodes *nodes, int id) {
	const struct fabric *fabric = nodes->fabric;
	const struct fabric_node *host = &fabric->nodes[id];
	struct wiring *wiring = nodes->wirings[id];
	struct wiring_hop hops[2][16];
	size_t counts[2] = {0};
	int error = 0;

	for (size_t n = 0; n < host->port_count && n < 16 && !error; n++) {
		const struct fabric_port *port = &fabric->ports[host->ports[n]];
		const struct fabric_port *far = &fabric->ports[port->other];
		const struct prefix *const own[] = {&port->address4, &port->address6};
		const struct prefix *const gateways[] = {&far->address4, &far->address6};

		error = wiring_compute_checksums(wiring, port->name);
		for (int family = 0; family < 2 && !error; family++) {
			if (!own[family]->family)
				continue;
			error = wiring_add_address(wiring, port->name, own[family]);
			hops[family][counts[family]++] = (struct wiring_hop){
				.gateway = *gateways[family], .device = port->name};
		}
	}
	for (int family = 0; family < 2 && !error; family++) {
		const struct prefix everything = {.family = family ? AF_INET6 : AF_INET};
		const struct prefix *source = family ? &host->loopback6 : &host->loopback4;

		if (source->family)
			error = wiring_add_address(wiring, "lo", source);
		if (!error && counts[family])
			error = wiring_add_route(
				wiring, &everything, hops[family], counts[family], source);
	}
	if (error)
		log_error("host %s: %s", host->name, strerror(-error));
	return error;
}

/* FRR gives its interfaces their addresses itself; BIRD takes those that are there. */
static int set_up_bird(const struct nodes *nodes, int id) {
	const struct fabric *fabric = nodes->fabric;
	const struct fabric_node *node = &fabric->nodes[id];
	int error = wiring_add_address(nodes->wirings[id], "lo", &node->loopback4);

	if (!error)
		error = wiring_add_address(nodes->wirings[id], "lo", &node->loopback6);
	for (size_t n = 0; n < node->port_count && !error; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];

		error = wiring_add_address(nodes->wirings[id], port->name, &port->address4);
		if (!error)
			error = wiring_add_address(nodes->wirings[id], port->name, &port->address6);
	}
	if (error)
		log_error("router %s: %s", node->name, strerror(-error));
	return error;
}

int build_namespace(const char *twin, const struct fabric_node *node) {
	char name[TWIN_PATH_MAX];
	int error;

	twin_namespace(twin, node->name, name);
	error = netns_create(name);
	if (error)
		log_error("namespace %s: %s", name, strerror(-error));
	return error;
}

int build_node(const struct nodes *nodes, int id) {
	int error = wiring_set_up(nodes->wirings[id], "lo", true);

	if (!error)
		error = set_sysctls(nodes, id);
	if (error)
		log_error("node %s: %s", nodes->fabric->nodes[id].name, strerror(-error));
	return error;
}

int build_addresses(const struct nodes *nodes, int id) {
	if (nodes->fabric->nodes[id].role == ROLE_HOST)
		return set_up_host(nodes, id);
	return bird_is_run_by(nodes->fabric, id) ? set_up_bird(nodes, id) : 0;
}

static int wire(const struct nodes *nodes) {
	const struct fabric *fabric = nodes->fabric;
	int error = 0;

	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		error = build_node(nodes, id);
	for (int link = 0; link < (int)fabric->link_count && !error; link++)
		error = build_cable(nodes, link);
	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		error = build_addresses(nodes, id);
	return error;
}

int build_nodes(
	struct nodes *nodes, const struct fabric *fabric, const char *name, bool emulate_all) {
	int error = 0;

	*nodes = (struct nodes){.fabric = fabric};
	for (size_t id = 0; id < fabric->node_count && !error; id++)
		error = build_namespace(name, &fabric->nodes[id]);
	for (int link = 0; link < (int)fabric->link_count && !error; link++)
		error = build_wire(name, fabric, link, emulate_all);
	if (!error)
		error = nodes_open(nodes, fabric, name);
	return error ? error : wire(nodes);
}
