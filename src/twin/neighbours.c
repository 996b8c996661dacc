/* neighbours: see neighbours.h. */
#include "twin/neighbours.h"

#include "base/log.h"
#include "twin/live_routes.h"
#include "twin/wiring.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAC_BYTES = 6, MAC_TEXT_BYTES = 18 };

/* States in which a neighbour's MAC address is used (the kernel's NUD_VALID). */
enum {
	STATES_USED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY,
};

/* An address at a port: of a neighbour that the node knows, or the node's own. */
struct known {
	int port;
	struct prefix address;
	uint8_t mac[MAC_BYTES];
};

/* Sorted by port and address, once all are there. */
struct known_list {
	struct known *known;
	size_t count, room;
};

struct checking {
	const struct nodes *nodes;
	const struct model_failures *failures;
	int node;
	unsigned int *indexes;        /* by port id: its ifindex at its node */
	uint8_t (*macs)[MAC_BYTES];   /* by port id */
	struct known_list own;        /* addresses of all ports */
	struct known_list neighbours; /* of the node at hand */
	struct passage *passage;
	const struct verify_telling *telling;
	size_t found;
	int error;
};

static int port_at(const struct checking *checking, unsigned int ifindex) {
	const struct fabric_node *node = &checking->nodes->fabric->nodes[checking->node];

	for (size_t n = 0; n < node->port_count; n++)
		if (checking->indexes[node->ports[n]] == ifindex)
			return node->ports[n];
	return FABRIC_NONE;
}

static void keep(struct checking *checking, struct known_list *list, const struct known *known) {
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct known *more = realloc(list->known, room * sizeof(*more));

		if (!more) {
			checking->error = -ENOMEM;
			return;
		}
		list->known = more;
		list->room = room;
	}
	list->known[list->count++] = *known;
}

static int compare_known(const void *one, const void *other) {
	const struct known *a = one, *b = other;

	return a->port != b->port ? a->port - b->port : prefix_compare(&a->address, &b->address);
}

static void sort(struct known_list *list) {
	if (list->count)
		qsort(list->known, list->count, sizeof(*list->known), compare_known);
}

static bool is_in(const struct known_list *list, int port, const struct prefix *address) {
	const struct known wanted = {.port = port, .address = *address};

	return list->count &&
	       bsearch(&wanted, list->known, list->count, sizeof(wanted), compare_known);
}

static bool take_address(
	struct prefix *prefix, sa_family_t family, const struct nlattr *attribute) {
	size_t size = prefix_bits(family) / 8U;

	if (mnl_attr_get_payload_len(attribute) < size)
		return false;
	*prefix = (struct prefix){.family = family, .length = (uint8_t)prefix_bits(family)};
	memcpy(prefix->address, mnl_attr_get_payload(attribute), size);
	return true;
}

/* --- what is there --- */

static void read_address(void *context, const struct nlmsghdr *message) {
	struct checking *checking = context;
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	struct known known = {.port = port_at(checking, header->ifa_index)};
	const struct nlattr *attribute;
	bool has_address = false;

	if (message->nlmsg_type != RTM_NEWADDR || known.port == FABRIC_NONE)
		return;
	mnl_attr_for_each(attribute, message, sizeof(*header)) {
		uint16_t type = mnl_attr_get_type(attribute);

		/* IPv4's own address is IFA_LOCAL, IPv6 may have IFA_ADDRESS alone. */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !has_address))
			has_address |= take_address(&known.address, header->ifa_family, attribute);
	}
	if (has_address)
		keep(checking, &checking->own, &known);
}

static void read_neighbour(void *context, const struct nlmsghdr *message) {
	struct checking *checking = context;
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	struct known known = {.port = port_at(checking, (unsigned int)header->ndm_ifindex)};
	const struct nlattr *attribute;
	bool has_address = false, has_mac = false;

	if (message->nlmsg_type != RTM_NEWNEIGH || known.port == FABRIC_NONE ||
		!(header->ndm_state & STATES_USED) ||
		(header->ndm_family != AF_INET && header->ndm_family != AF_INET6))
		return;
	mnl_attr_for_each(attribute, message, sizeof(*header)) {
		if (mnl_attr_get_type(attribute) == NDA_DST)
			has_address = take_address(&known.address, header->ndm_family, attribute);
		else if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
			 mnl_attr_get_payload_len(attribute) == MAC_BYTES) {
			memcpy(known.mac, mnl_attr_get_payload(attribute), MAC_BYTES);
			has_mac = true;
		}
	}
	if (has_address && has_mac && known.address.address[0] != 0xff &&
		!(header->ndm_family == AF_INET && known.address.address[0] >= 224))
		keep(checking, &checking->neighbours, &known);
}

static int dump(struct checking *checking, uint16_t type, size_t header_bytes,
	void (*read)(void *context, const struct nlmsghdr *message)) {
	return wiring_dump(checking->nodes->wirings[checking->node], type, header_bytes, AF_UNSPEC,
		read, checking);
}

/* Of all nodes, before any is judged. */
static int read_ports(struct checking *checking) {
	const struct fabric *fabric = checking->nodes->fabric;
	int error = 0;

	for (size_t id = 0; id < fabric->port_count; id++) {
		struct wiring *wiring = checking->nodes->wirings[fabric->ports[id].node];

		checking->indexes[id] = wiring_index(wiring, fabric->ports[id].name);
		wiring_mac(wiring, fabric->ports[id].name, checking->macs[id]);
	}
	for (int id = 0; id < (int)fabric->node_count && !error; id++) {
		checking->node = id;
		error = dump(checking, RTM_GETADDR, sizeof(struct ifaddrmsg), read_address);
	}
	sort(&checking->own);
	return error;
}

/* --- what is wrong --- */

/* A port of the node at hand leads to who is not there; `end` says so at the end of the way. */
static void tell(struct checking *checking, int port, const struct prefix *within, const char *end,
	struct violation *violation) {
	const uint32_t ports[] = {(uint32_t)port};
	const struct passage_place place = {
		.node = checking->node, .ports = ports, .port_count = 1, .within = *within};

	violation->kind = VIOLATION_NEIGHBOUR;
	violation->layer = "kernel";
	violation->node = checking->nodes->fabric->nodes[checking->node].name;
	passage_show(checking->passage, &place, end, violation);
	verify_tell(checking->telling, &checking->found, violation);
}

static bool has_failed(const struct checking *checking, int port) {
	return !spread_port_is_up(checking->nodes->fabric, checking->failures, port);
}

static void mac_text(const uint8_t mac[MAC_BYTES], char text[MAC_TEXT_BYTES]) {
	snprintf(text, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
}

/* Whatever goes by that port is sent to the neighbour: by IPv6, IPv4 as well. */
static void tell_mac(struct checking *checking, const struct known *known) {
	const struct fabric *fabric = checking->nodes->fabric;
	const struct prefix anywhere = {.family = known->address.family};
	const struct fabric_port *port = &fabric->ports[known->port];
	char found[MAC_TEXT_BYTES], wanted[MAC_TEXT_BYTES], end[64];
	struct violation violation = {0};

	mac_text(known->mac, found);
	mac_text(checking->macs[port->other], wanted);
	prefix_address_text(&known->address, violation.destination);
	snprintf(violation.found, sizeof(violation.found), "%s to %s", port->name, found);
	snprintf(violation.wanted, sizeof(violation.wanted), "%s of %s:%s", wanted,
		fabric_neighbour(fabric, known->port)->name, fabric->ports[port->other].name);
	snprintf(end, sizeof(end), " > %s, which nobody has there", found);
	tell(checking, known->port, &anywhere, end, &violation);
}

static void check_neighbours(struct checking *checking) {
	const struct fabric *fabric = checking->nodes->fabric;

	for (size_t i = 0; i < checking->neighbours.count; i++) {
		const struct known *known = &checking->neighbours.known[i];
		int far = fabric->ports[known->port].other;

		if (!has_failed(checking, known->port) &&
			memcmp(known->mac, checking->macs[far], MAC_BYTES) != 0)
			tell_mac(checking, known);
	}
}

static void tell_gateway(struct checking *checking, const struct live_route *route, int id,
	const struct prefix *gateway) {
	const struct fabric *fabric = checking->nodes->fabric;
	const struct fabric_port *port = &fabric->ports[id];
	char address[PREFIX_TEXT_MAX], end[PREFIX_TEXT_MAX + 40];
	struct violation violation = {0};

	prefix_text(&route->destination, violation.destination);
	prefix_address_text(gateway, address);
	snprintf(violation.found, sizeof(violation.found), "%s to %s", port->name, address);
	snprintf(violation.wanted, sizeof(violation.wanted), "to %s:%s",
		fabric_neighbour(fabric, id)->name, fabric->ports[port->other].name);
	snprintf(end, sizeof(end), " > %s, an address that nobody has there", address);
	tell(checking, id, &route->destination, end, &violation);
}

/* FRR gives IPv4 by IPv6 next hops an address of its own with a fixed neighbour: so, one of the far
 * end's, or one whose MAC address is. */
static void check_route(void *owner, const struct live_route *route) {
	struct checking *checking = owner;

	for (size_t i = 0; i < route->hop_count; i++) {
		const struct live_hop *hop = &route->hops[i];
		int port = port_at(checking, hop->ifindex), far;

		if (route->table != RT_TABLE_MAIN || !hop->gateway.family || port == FABRIC_NONE ||
			hop->is_dead || has_failed(checking, port))
			continue;
		far = checking->nodes->fabric->ports[port].other;
		if (!is_in(&checking->own, far, &hop->gateway) &&
			!is_in(&checking->neighbours, port, &hop->gateway))
			tell_gateway(checking, route, port, &hop->gateway);
	}
}

static int check_node(struct checking *checking, int id) {
	struct wiring *wiring = checking->nodes->wirings[id];
	int error;

	checking->node = id;
	checking->neighbours.count = 0;
	error = dump(checking, RTM_GETNEIGH, sizeof(struct ndmsg), read_neighbour);
	if (error)
		return error;
	sort(&checking->neighbours);
	check_neighbours(checking);
	error = live_routes_each(wiring, check_route, checking);
	return error ? error : checking->error;
}

int neighbours_check(const struct nodes *nodes, const struct model_failures *failures,
	struct passage *passage, const struct verify_telling *telling) {
	const struct fabric *fabric = nodes->fabric;
	struct checking checking = {.nodes = nodes,
		.failures = failures,
		.passage = passage,
		.telling = telling,
		.indexes = calloc(fabric->port_count + 1, sizeof(*checking.indexes)),
		.macs = calloc(fabric->port_count + 1, sizeof(*checking.macs))};
	int error = checking.indexes && checking.macs ? read_ports(&checking) : -ENOMEM;

	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		if (fabric_is_switch(&fabric->nodes[id]) && spread_node_is_up(failures, id))
			error = check_node(&checking, id);
	free(checking.indexes);
	free(checking.macs);
	free(checking.own.known);
	free(checking.neighbours.known);
	if (error)
		log_error("neighbours cannot be read: %s", strerror(-error));
	return error ? error : (int)checking.found;
}
