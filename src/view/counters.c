/* counters: what the ports, Heddles and wires of a twin have counted. */
#include "view/private.h"

#include "agent/client.h"
#include "base/clock.h"
#include "twin/heddle_fib.h"
#include "twin/nodes.h"
#include "twin/wiring.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One that is stopped must not stop who looks at all of them. */
enum { HEDDLE_SECONDS = 1 };

int counters_create(struct counters *counters, const struct fabric *fabric) {
	*counters =
		(struct counters){.ports = calloc(fabric->port_count + 1, sizeof(*counters->ports)),
			.nodes = calloc(fabric->node_count + 1, sizeof(*counters->nodes)),
			.wires = calloc(fabric->link_count + 1, sizeof(*counters->wires))};
	return counters->ports && counters->nodes && counters->wires ? 0 : -ENOMEM;
}

void counters_free(struct counters *counters) {
	free(counters->ports);
	free(counters->nodes);
	free(counters->wires);
	*counters = (struct counters){0};
}

void counters_copy(struct counters *to, const struct counters *from, const struct fabric *fabric) {
	struct counters kept = *to;

	*to = *from;
	to->ports = kept.ports;
	to->nodes = kept.nodes;
	to->wires = kept.wires;
	memcpy(to->ports, from->ports, fabric->port_count * sizeof(*to->ports));
	memcpy(to->nodes, from->nodes, fabric->node_count * sizeof(*to->nodes));
	memcpy(to->wires, from->wires, fabric->link_count * sizeof(*to->wires));
}

/* ---- ports ---- */

struct reading {
	struct counters *counters;
	const struct fabric *fabric;
	int node;
};

static int port_named(const struct reading *reading, const char *name) {
	const struct fabric_node *node = &reading->fabric->nodes[reading->node];

	for (size_t n = 0; n < node->port_count; n++)
		if (strcmp(reading->fabric->ports[node->ports[n]].name, name) == 0)
			return node->ports[n];
	return FABRIC_NONE;
}

static void take_link(void *context, const struct nlmsghdr *message) {
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct rtnl_link_stats64 statistics = {0};
	struct reading *reading = context;
	const struct nlattr *attribute;
	int port = FABRIC_NONE;

	mnl_attr_for_each(attribute, message, sizeof(*link)) {
		if (mnl_attr_get_type(attribute) == IFLA_IFNAME)
			port = port_named(reading, mnl_attr_get_str(attribute));
		if (mnl_attr_get_type(attribute) == IFLA_STATS64 &&
			mnl_attr_get_payload_len(attribute) >= sizeof(statistics))
			memcpy(&statistics, mnl_attr_get_payload(attribute), sizeof(statistics));
	}
	if (port != FABRIC_NONE)
		reading->counters->ports[port] =
			(struct port_counters){statistics.rx_bytes, link->ifi_flags & IFF_RUNNING};
}

/* ---- Heddles ---- */

static struct reason_counter *reason_named(struct counters *counters, const char *name) {
	struct reason_counter *reason = counters->reasons;

	for (size_t i = 0; i < counters->reason_count; i++, reason++)
		if (strcmp(reason->name, name) == 0)
			return reason;
	if (counters->reason_count == REASONS_MAX)
		return NULL;
	snprintf(reason->name, sizeof(reason->name), "%s", name);
	counters->reason_count++;
	return reason;
}

static void take_ledger(void *owner, const json_t *row) {
	struct reading *reading = owner;
	struct node_counters *node = &reading->counters->nodes[reading->node];
	const char *fate = json_string_value(json_object_get(row, "fate"));
	const char *name = json_string_value(json_object_get(row, "reason"));
	uint64_t packets = (uint64_t)json_integer_value(json_object_get(row, "packets"));
	struct reason_counter *reason;

	if (!fate || !name)
		return;
	if (strcmp(fate, "received") == 0)
		node->received += packets;
	else if (strcmp(fate, "forwarded") == 0)
		node->forwarded += packets;
	else if (strcmp(fate, "kernel") == 0)
		node->kernel += packets;
	else if (strcmp(fate, "dropped") == 0) {
		node->dropped += packets;
		reason = reason_named(reading->counters, name);
		if (reason)
			reason->packets += packets;
	}
}

static void read_heddle(struct reading *reading, int namespace_fd) {
	struct node_counters *node = &reading->counters->nodes[reading->node];
	char path[HEDDLE_SOCKET_MAX];

	*node = (struct node_counters){0};
	if (heddle_socket(namespace_fd, path) == 0)
		node->has_heddle = client_try(path, json_pack("{s:s}", "show", "ledger"),
					   take_ledger, reading, HEDDLE_SECONDS) == 0;
}

/* ---- all ---- */

void counters_read(struct counters *counters, const struct live *live) {
	const struct fabric *fabric = live_fabric(live);
	const struct nodes *nodes = live_nodes(live);
	struct reading reading = {.counters = counters, .fabric = fabric};

	counters->at = clock_now();
	counters->reason_count = 0;
	memset(counters->reasons, 0, sizeof(counters->reasons));
	memset(counters->ports, 0, fabric->port_count * sizeof(*counters->ports));
	for (int id = 0; id < (int)fabric->node_count; id++) {
		reading.node = id;
		wiring_dump(nodes->wirings[id], RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC,
			take_link, &reading);
		if (fabric_is_switch(&fabric->nodes[id]))
			read_heddle(&reading, nodes->namespaces[id]);
	}
	for (int link = 0; link < (int)fabric->link_count; link++)
		if (nodes->wires[link] >= 0)
			wire_read_counts(nodes, link, &counters->wires[link]);
}

uint64_t counters_dropped(const struct counters *counters, const char *reason) {
	for (size_t i = 0; i < counters->reason_count; i++)
		if (strcmp(counters->reasons[i].name, reason) == 0)
			return counters->reasons[i].packets;
	return 0;
}

json_t *counters_rate(const struct view *view, uint64_t base, uint64_t last, double each) {
	double seconds = view->last.at - view->base.at;

	if (view->base.at == 0 || seconds <= 0)
		return json_null();
	if (last < base)
		base = 0;
	return json_real(rint((double)(last - base) * each / seconds));
}
