/*
 * frr: see frr.h.
 *
 * eBGP everywhere (RFC 7938). What a node may say to a neighbour is decided by what it is:
 *
 * A leaf says upwards its own prefixes and those of its external routers, never what it heard from
 * above, so that no path goes down and up again; the shared AS number above drops it besides. A
 * spine says everything downwards, and upwards what is below it. To an external router goes what
 * tenants may reach it, and nothing of the fabric's inside.
 *
 * Each tenant's prefixes carry a large community (RFC 8092) with the tenant's number. A node that
 * may not know a tenant refuses those. All have an unreachable route for the tenant's whole prefix,
 * so that a default route does not lead there either: not to what is denied, and not down to a
 * border and up again to what a spine has lost.
 */
#include "fabric/frr.h"

#include "fabric/intent_nodes.h"
#include "fabric/speed.h"

#include <string.h>

enum {
	COMMUNITY_TENANT = 1,
	COMMUNITY_ACROSS = 2, /* it came from another site */
	EXTERNAL_NUMBER = 0,
	MAXIMUM_PREFIX_LEAST = 1000,
	SEQUENCE_TENANTS = 10, /* of route-map entries; a tenant's number on top */
	SEQUENCE_LAST = 65535,
};

struct writer {
	const struct fabric *fabric;
	const struct intent *intent;
	const struct fabric_node *node;
	int id;
	FILE *to;
};

static const struct fabric_port *port_at(const struct writer *writer, size_t n) {
	return &writer->fabric->ports[writer->node->ports[n]];
}

static const struct fabric_node *neighbour_at(const struct writer *writer, size_t n) {
	return fabric_neighbour(writer->fabric, writer->node->ports[n]);
}

static bool is_down(const struct writer *writer, size_t n) {
	return neighbour_at(writer, n)->role > writer->node->role;
}

static bool speaks_bgp(const struct fabric_node *node) {
	return node->asn != 0;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

/* Neighbours that are told the same. */
static const char *const groups[] = {"above", "below", "across", "external", "fabric"};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

/* The group that a neighbour is of. */
static const char *group_of(const struct writer *writer, size_t n) {
	const struct fabric_node *other = neighbour_at(writer, n);

	if (other->role == ROLE_EXTERNAL)
		return "external";
	if (writer->node->role == ROLE_EXTERNAL)
		return "fabric";
	if (fabric_are_across(writer->node, other))
		return "across";
	return is_down(writer, n) ? "below" : "above";
}

static bool has_group(const struct writer *writer, const char *group) {
	for (size_t n = 0; n < writer->node->port_count; n++)
		if (speaks_bgp(neighbour_at(writer, n)) && strcmp(group_of(writer, n), group) == 0)
			return true;
	return false;
}

static void write_head(const struct writer *writer) {
	fprintf(writer->to,
		"frr version %s\n"
		"frr defaults datacenter\n"
		"hostname %s\n"
		"log syslog warnings\n"
		"log timestamp precision 6\n"
		"service integrated-vtysh-config\n!\n",
		writer->intent->frr_version, writer->node->name);
}

/* FRR 8 lets the kernel take a member that went down out of a group of next-hop objects, and does
 * not put it back when the link comes up again: the route keeps one path fewer. With plain
 * multipath routes it does. */
static void write_nexthop_objects(const struct writer *writer) {
	if (writer->intent->frr_version[0] == '8')
		fputs("no zebra nexthop kernel enable\n!\n", writer->to);
}

static void write_interface_address(FILE *to, const struct prefix *address) {
	char text[PREFIX_TEXT_MAX];

	if (address->family)
		fprintf(to, " %s address %s\n", address->family == AF_INET ? "ip" : "ipv6",
			prefix_text(address, text));
}

static bool is_unnumbered(const struct fabric_port *port) {
	return !port->address4.family && !port->address6.family;
}

static void write_interfaces(const struct writer *writer) {
	char speed[16];

	fputs("interface lo\n", writer->to);
	write_interface_address(writer->to, &writer->node->loopback4);
	write_interface_address(writer->to, &writer->node->loopback6);
	fputs("!\n", writer->to);
	for (size_t n = 0; n < writer->node->port_count; n++) {
		const struct fabric_port *port = port_at(writer, n);
		const struct fabric_link *link = &writer->fabric->links[port->link];

		fprintf(writer->to, "interface %s\n description %s:%s %s\n", port->name,
			neighbour_at(writer, n)->name, writer->fabric->ports[port->other].name,
			speed_text(link->speed_mbps, speed));
		write_interface_address(writer->to, &port->address4);
		write_interface_address(writer->to, &port->address6);
		if (speaks_bgp(neighbour_at(writer, n)) && is_unnumbered(port))
			fputs(" ipv6 nd ra-interval 10\n no ipv6 nd suppress-ra\n", writer->to);
		fputs("!\n", writer->to);
	}
}

static void write_static(FILE *to, const struct prefix *prefix, const char *via) {
	char text[PREFIX_TEXT_MAX];

	if (prefix->family)
		fprintf(to, "%s route %s %s\n", prefix->family == AF_INET ? "ip" : "ipv6",
			prefix_text(prefix, text), via);
}

static void write_static_by(
	FILE *to, const struct prefix *prefix, const struct prefix *gateway, const char *device) {
	char text[PREFIX_TEXT_MAX], via[PREFIX_TEXT_MAX + PORT_NAME_MAX + 1];

	snprintf(via, sizeof(via), "%s %s", prefix_address_text(gateway, text), device);
	if (prefix->family)
		write_static(to, prefix, via);
}

/* A leaf's networks, announced as a whole: what no host has is unreachable there. Dual-homed hosts'
 * own addresses lie behind their links. Each tenant's whole prefix is unreachable where nothing in
 * it is known better: no default route leads to what is denied, or has failed. (FRR never installs
 * routes of distance 255; 254 yields to all that BGP has.) */
static void write_statics(const struct writer *writer) {
	const struct fabric *fabric = writer->fabric;

	for (size_t i = 0; i < fabric->network_count; i++)
		if (fabric->networks[i].leaf == writer->id) {
			write_static(writer->to, &fabric->networks[i].ipv4, "reject 254");
			write_static(writer->to, &fabric->networks[i].ipv6, "reject 254");
		}
	for (size_t n = 0; n < writer->node->port_count; n++) {
		const struct fabric_node *host = neighbour_at(writer, n);
		const struct fabric_port *far = &fabric->ports[port_at(writer, n)->other];

		if (host->role != ROLE_HOST)
			continue;
		write_static_by(
			writer->to, &host->loopback4, &far->address4, port_at(writer, n)->name);
		write_static_by(
			writer->to, &host->loopback6, &far->address6, port_at(writer, n)->name);
	}
	for (size_t i = 0; i < writer->intent->tenant_count; i++) {
		write_static(writer->to, &writer->intent->tenants[i].ipv4, "reject 254");
		write_static(writer->to, &writer->intent->tenants[i].ipv6, "reject 254");
	}
	fputs("!\n", writer->to);
}

static void write_bfd(const struct writer *writer) {
	const struct intent_timers *timers = &writer->intent->timers;

	if (timers->bfd)
		fprintf(writer->to,
			"bfd\n profile fabric\n  detect-multiplier %u\n  receive-interval %u\n"
			"  transmit-interval %u\n exit\n!\n",
			timers->bfd_multiplier, timers->bfd, timers->bfd);
}

/* Twice what is planned, in steps that double: so growth seldom changes what exists. */
static uint32_t maximum_prefix(const struct fabric *fabric) {
	size_t planned = fabric->network_count;
	uint32_t most = MAXIMUM_PREFIX_LEAST;

	for (size_t i = 0; i < fabric->node_count; i++)
		planned += fabric->nodes[i].loopback4.family != AF_UNSPEC;
	for (size_t i = 0; i < fabric->intent->external_count; i++)
		planned += fabric->intent->externals[i].announce_count;
	while (most < 2 * planned)
		most *= 2;
	return most;
}

/* IPv4 with IPv6 next hops (RFC 8950) is for links without addresses alone: on others nobody
 * advertises the neighbour that such a next hop needs. */
static bool has_unnumbered(const struct writer *writer, const char *group) {
	for (size_t n = 0; n < writer->node->port_count; n++)
		if (speaks_bgp(neighbour_at(writer, n)) &&
			strcmp(group_of(writer, n), group) == 0 &&
			is_unnumbered(port_at(writer, n)))
			return true;
	return false;
}

static void write_group(const struct writer *writer, const char *group) {
	const struct intent_timers *timers = &writer->intent->timers;

	if (!has_group(writer, group))
		return;
	fprintf(writer->to, " neighbor %s peer-group\n neighbor %s remote-as external\n", group,
		group);
	if (timers->bfd)
		fprintf(writer->to, " neighbor %s bfd profile fabric\n", group);
	if (timers->connect >= 1000)
		fprintf(writer->to, " neighbor %s timers connect %u\n", group,
			timers->connect / 1000);
	fprintf(writer->to, " neighbor %s advertisement-interval %u\n", group,
		timers->advertisement / 1000);
	if (has_unnumbered(writer, group))
		fprintf(writer->to, " neighbor %s capability extended-nexthop\n", group);
}

static void write_neighbour(const struct writer *writer, size_t n) {
	const struct fabric_port *port = port_at(writer, n);
	const struct fabric_port *far = &writer->fabric->ports[port->other];
	char text[PREFIX_TEXT_MAX];

	if (is_unnumbered(port)) {
		fprintf(writer->to, " neighbor %s interface peer-group %s\n", port->name,
			group_of(writer, n));
		return;
	}
	if (port->address4.family)
		fprintf(writer->to, " neighbor %s peer-group %s\n",
			prefix_address_text(&far->address4, text), group_of(writer, n));
	if (port->address6.family)
		fprintf(writer->to, " neighbor %s peer-group %s\n",
			prefix_address_text(&far->address6, text), group_of(writer, n));
}

/* A tenant's number, in its names and its community. */
static uint32_t number_of(const struct writer *writer, int tenant) {
	return writer->fabric->tenant_numbers[tenant];
}

static void write_network(
	const struct writer *writer, const struct prefix *prefix, sa_family_t family, int tenant) {
	FILE *to = writer->to;
	char text[PREFIX_TEXT_MAX];

	if (prefix->family != family)
		return;
	fprintf(to, "  network %s", prefix_text(prefix, text));
	if (tenant != FABRIC_NONE)
		fprintf(to, " route-map TENANT-%u", number_of(writer, tenant));
	fputc('\n', to);
}

static void write_networks(const struct writer *writer, sa_family_t family) {
	const struct fabric *fabric = writer->fabric;
	const struct fabric_node *node = writer->node;
	bool is_ipv4 = family == AF_INET;

	const struct intent_external *external =
		intent_external_of(writer->intent, writer->node->name);

	for (size_t i = 0; external && i < external->announce_count; i++)
		write_network(writer, &external->announces[i], family, FABRIC_NONE);
	write_network(writer, is_ipv4 ? &node->loopback4 : &node->loopback6, family, FABRIC_NONE);
	for (size_t i = 0; i < fabric->network_count; i++)
		if (fabric->networks[i].leaf == writer->id)
			write_network(writer,
				is_ipv4 ? &fabric->networks[i].ipv4 : &fabric->networks[i].ipv6,
				family, fabric->networks[i].tenant);
	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_node *host = neighbour_at(writer, n);

		if (host->role == ROLE_HOST)
			write_network(writer, is_ipv4 ? &host->loopback4 : &host->loopback6, family,
				host->tenant);
	}
}

static void write_group_policy(const struct writer *writer, const char *group) {
	static const char *const maps[] = {"ABOVE", "BELOW", "ACROSS", "EXTERNAL", "FABRIC"};

	if (!has_group(writer, group))
		return;
	fprintf(writer->to, "  neighbor %s activate\n  neighbor %s maximum-prefix %u 80\n", group,
		group, maximum_prefix(writer->fabric));
	for (size_t i = 0; i < GROUPS; i++)
		if (strcmp(groups[i], group) == 0)
			fprintf(writer->to,
				"  neighbor %s route-map FROM-%s in\n"
				"  neighbor %s route-map TO-%s out\n",
				group, maps[i], group, maps[i]);
}

static void write_family(const struct writer *writer, sa_family_t family) {
	fprintf(writer->to, " address-family %s unicast\n", family == AF_INET ? "ipv4" : "ipv6");
	write_networks(writer, family);
	for (size_t i = 0; i < GROUPS; i++)
		write_group_policy(writer, groups[i]);
	fputs("  maximum-paths 256\n exit-address-family\n", writer->to);
}

/* A neighbour that comes up is told of all routes after so many milliseconds in which others may
 * join it; FRR's own default, 1000, is for tables that take long to send, and is most of what a
 * link takes to be of use again. */
enum { COALESCE_MS = 100 };

static void write_bgp(const struct writer *writer) {
	const struct intent_timers *timers = &writer->intent->timers;
	char text[PREFIX_TEXT_MAX];

	fprintf(writer->to,
		"router bgp %u\n bgp router-id %s\n no bgp default ipv4-unicast\n"
		" bgp bestpath as-path multipath-relax\n bgp log-neighbor-changes\n"
		" coalesce-time %d\n"
		" timers bgp %u %u\n",
		writer->node->asn, prefix_address_text(&writer->node->loopback4, text), COALESCE_MS,
		timers->keepalive / 1000, timers->hold / 1000);
	if (timers->restart)
		fprintf(writer->to,
			" bgp graceful-restart\n bgp graceful-restart restart-time %u\n"
			" bgp graceful-restart preserve-fw-state\n",
			timers->restart / 1000);
	for (size_t i = 0; i < GROUPS; i++)
		write_group(writer, groups[i]);
	for (size_t n = 0; n < writer->node->port_count; n++)
		if (speaks_bgp(neighbour_at(writer, n)))
			write_neighbour(writer, n);
	write_family(writer, AF_INET);
	write_family(writer, AF_INET6);
	fputs("!\n", writer->to);
}

/* Tenants count from 1; 0 is what lies beyond external routers. */
static void write_communities(const struct writer *writer) {
	fprintf(writer->to, "bgp large-community-list standard EXTERNAL permit %u:%d:%d\n",
		writer->intent->asn_base, COMMUNITY_TENANT, EXTERNAL_NUMBER);
	for (int tenant = 0; tenant < (int)writer->intent->tenant_count; tenant++)
		fprintf(writer->to, "bgp large-community-list standard TENANT-%u permit %u:%d:%u\n",
			number_of(writer, tenant), writer->intent->asn_base, COMMUNITY_TENANT,
			number_of(writer, tenant));
	fputs("!\n", writer->to);
}

static void write_tagging(const struct writer *writer) {
	for (int tenant = 0; tenant < (int)writer->intent->tenant_count; tenant++)
		fprintf(writer->to,
			"route-map TENANT-%u permit 10\n set large-community %u:%d:%u\n!\n",
			number_of(writer, tenant), writer->intent->asn_base, COMMUNITY_TENANT,
			number_of(writer, tenant));
}

/* Each tenant has its own place in a map, so that one more moves none. */
static void write_refusals(const struct writer *writer, const char *map, const char *then) {
	if (!fabric_node_knows(writer->fabric, writer->id, TENANT_EXTERNAL))
		fprintf(writer->to, "route-map %s deny %d\n match large-community EXTERNAL\n", map,
			SEQUENCE_TENANTS);
	for (int tenant = 0; tenant < (int)writer->intent->tenant_count; tenant++)
		if (!fabric_node_knows(writer->fabric, writer->id, tenant))
			fprintf(writer->to,
				"route-map %s deny %u\n match large-community TENANT-%u\n", map,
				SEQUENCE_TENANTS + number_of(writer, tenant),
				number_of(writer, tenant));
	fprintf(writer->to, "route-map %s permit %d\n%s!\n", map, SEQUENCE_LAST, then);
}

/* A leaf says upwards what its paths say is its own, its external routers', or another site's. */
static void write_leaf_paths(const struct writer *writer) {
	fputs("bgp as-path access-list OWN seq 5 permit ^$\n", writer->to);
	for (size_t n = 0; n < writer->node->port_count; n++)
		if (neighbour_at(writer, n)->role == ROLE_EXTERNAL ||
			fabric_are_across(writer->node, neighbour_at(writer, n)))
			fprintf(writer->to,
				"bgp as-path access-list OWN seq %u permit ^%u(_[0-9]+)*$\n",
				SEQUENCE_TENANTS + port_at(writer, n)->number,
				neighbour_at(writer, n)->asn);
	fputs("!\n", writer->to);
}

static void write_inside(
	const struct writer *writer, const struct prefix *prefix, uint32_t sequence) {
	char text[PREFIX_TEXT_MAX];

	if (prefix->family)
		fprintf(writer->to, "%s prefix-list INSIDE seq %u permit %s le %u\n",
			prefix->family == AF_INET ? "ip" : "ipv6", sequence,
			prefix_text(prefix, text), prefix_bits(prefix->family));
}

/* What is the fabric's own: nobody else may say that he has it, or a part of it. */
static void write_prefix_lists(const struct writer *writer) {
	const struct intent *intent = writer->intent;

	write_inside(writer, &intent->loopbacks4, 1);
	write_inside(writer, &intent->loopbacks6, 1);
	write_inside(writer, &intent->links4, 2);
	write_inside(writer, &intent->links6, 2);
	for (int tenant = 0; tenant < (int)intent->tenant_count; tenant++) {
		uint32_t sequence = SEQUENCE_TENANTS + number_of(writer, tenant);

		write_inside(writer, &intent->tenants[tenant].ipv4, sequence);
		write_inside(writer, &intent->tenants[tenant].ipv6, sequence);
	}
	fputs("!\n", writer->to);
}

static void write_external_maps(const struct writer *writer) {
	write_prefix_lists(writer);
	fputs("route-map FROM-EXTERNAL deny 5\n match ip address prefix-list INSIDE\n"
	      "route-map FROM-EXTERNAL deny 6\n match ipv6 address prefix-list INSIDE\n",
		writer->to);
	for (int tenant = 0; tenant < (int)writer->intent->tenant_count; tenant++)
		fprintf(writer->to,
			"route-map FROM-EXTERNAL deny %u\n match large-community TENANT-%u\n",
			SEQUENCE_TENANTS + number_of(writer, tenant), number_of(writer, tenant));
	fprintf(writer->to, "route-map FROM-EXTERNAL permit %d\n set large-community %u:%d:%d\n!\n",
		SEQUENCE_LAST, writer->intent->asn_base, COMMUNITY_TENANT, EXTERNAL_NUMBER);
	fputs("route-map TO-EXTERNAL deny 5\n match large-community EXTERNAL\n", writer->to);
	for (int tenant = 0; tenant < (int)writer->intent->tenant_count; tenant++)
		if (!fabric_denies(writer->fabric, tenant, TENANT_EXTERNAL))
			fprintf(writer->to,
				"route-map TO-EXTERNAL permit %u\n match large-community "
				"TENANT-%u\n",
				SEQUENCE_TENANTS + number_of(writer, tenant),
				number_of(writer, tenant));
	fprintf(writer->to, "route-map TO-EXTERNAL deny %d\n!\n", SEQUENCE_LAST);
}

/* What came from another site goes to none: each tells of itself. */
static void write_across_maps(const struct writer *writer) {
	char mark[64];

	snprintf(mark, sizeof(mark), " set large-community %u:%d:0 additive\n",
		writer->intent->asn_base, COMMUNITY_ACROSS);
	fprintf(writer->to, "bgp large-community-list standard ACROSS permit %u:%d:0\n!\n",
		writer->intent->asn_base, COMMUNITY_ACROSS);
	write_refusals(writer, "FROM-ACROSS", mark);
	fputs("route-map TO-ACROSS deny 5\n match large-community ACROSS\n"
	      "route-map TO-ACROSS permit 10\n!\n",
		writer->to);
}

static void write_maps(const struct writer *writer) {
	write_communities(writer);
	write_tagging(writer);
	if (has_group(writer, "above")) {
		write_refusals(writer, "FROM-ABOVE", "");
		if (is_leaf(writer->node)) {
			write_leaf_paths(writer);
			fputs("route-map TO-ABOVE permit 10\n match as-path OWN\n!\n", writer->to);
		} else {
			fputs("route-map TO-ABOVE permit 10\n!\n", writer->to);
		}
	}
	if (has_group(writer, "below"))
		fputs("route-map FROM-BELOW permit 10\nroute-map TO-BELOW permit "
		      "10\n!\n",
			writer->to);
	if (has_group(writer, "across"))
		write_across_maps(writer);
	if (has_group(writer, "external"))
		write_external_maps(writer);
}

/* An external router announces what the intent says, and takes what it is told. */
static void write_external(const struct writer *writer) {
	const struct intent_external *external =
		intent_external_of(writer->intent, writer->node->name);

	for (size_t i = 0; external && i < external->announce_count; i++)
		write_static(writer->to, &external->announces[i], "reject 254");
	fputs("!\n", writer->to);
	write_bfd(writer);
	fputs("route-map FROM-FABRIC permit 10\nroute-map TO-FABRIC permit 10\n!\n", writer->to);
}

void frr_write(const struct fabric *fabric, int node, FILE *to) {
	const struct writer writer = {.fabric = fabric,
		.intent = fabric->intent,
		.node = &fabric->nodes[node],
		.id = node,
		.to = to};

	write_head(&writer);
	write_nexthop_objects(&writer);
	write_interfaces(&writer);
	if (fabric_is_switch(writer.node)) {
		write_statics(&writer);
		write_bfd(&writer);
		write_maps(&writer);
	} else {
		write_external(&writer);
	}
	write_bgp(&writer);
}
