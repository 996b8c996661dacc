/* show: see show.h. Each kind of answer is one function that makes the row after the last. */
#include "agent/show.h"

#include "agent/agent.h"
#include "agent/explain.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *show_text(const char *text) {
	json_t *string = json_string(text);
	char *copy;

	if (string)
		return string;
	copy = strdup(text);
	for (char *at = copy; copy && *at; at++)
		if (*at & 0x80)
			*at = '?';
	string = json_string(copy ? copy : "");
	free(copy);
	return string;
}

json_t *show_mac(const uint8_t mac[6]) {
	return json_sprintf(
		"%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static json_t *count_json(const struct ledger_count *count) {
	return json_pack("{s:I, s:I}", "packets", (json_int_t)count->packets, "bytes",
		(json_int_t)count->bytes);
}

/* The slot of the next port after show->step, or 0. */
static unsigned int next_slot(struct show *show) {
	while (++show->step < PORTS_MAX)
		if (ports_at(show->agent->ports, show->step))
			return show->step;
	return 0;
}

static struct ledger_count sum_of(const struct ledger_entry *entry, enum reason_fate fate) {
	struct ledger_count sum = {0};

	for (int reason = 0; reason < REASON_COUNT; reason++)
		if (reason_fate(reason) == fate) {
			sum.packets += entry->reasons[reason].packets;
			sum.bytes += entry->reasons[reason].bytes;
		}
	return sum;
}

static json_t *reason_or_null(enum reason reason) {
	return reason == REASON_FORWARDED ? json_null() : json_string(reason_name(reason));
}

static json_t *next_port(struct show *show) {
	unsigned int slot = next_slot(show);
	const struct port_state *state = slot ? ports_at(show->agent->ports, slot) : NULL;
	const struct mirror_link *link;
	struct ledger_entry entry;
	struct ledger_count sent, left, dropped;

	if (!state)
		return NULL;
	link = mirror_link(show->agent->mirror, state->ifindex);
	datapath_read_ledger(show->agent->datapath, slot, &entry);
	sent = sum_of(&entry, FATE_SENT);
	left = sum_of(&entry, FATE_KERNEL);
	dropped = sum_of(&entry, FATE_DROPPED);
	return json_pack("{s:o, s:i, s:I, s:o, s:I, s:b, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:o}",
		"port", show_text(state->name), "slot", slot, "ifindex", (json_int_t)state->ifindex,
		"mac", show_mac(link ? link->mac : (const uint8_t[6]){0}), "mtu",
		(json_int_t)(link ? link->mtu : 0), "up",
		link && (link->flags & IFF_UP) && link->carrier, "attached", state->attached,
		"mode",
		state->aside                     ? "aside"
		: state->mode == DATAPATH_NATIVE ? "native"
						 : "generic",
		"ipv4_left", reason_or_null(state->hold4), "ipv6_left",
		reason_or_null(state->hold6), "egress_left", reason_or_null(state->egress),
		"trouble", show_text(state->trouble), "received", count_json(&entry.received),
		"forwarded", count_json(&sent), "kernel", count_json(&left), "dropped",
		count_json(&dropped));
}

/* One row per port and reason that has counted anything, and one per port for what it received. */
static json_t *next_ledger(struct show *show) {
	for (;;) {
		unsigned int slot = show->step;
		const struct port_state *state = ports_at(show->agent->ports, slot);
		struct ledger_entry entry;

		if (!state || show->cursor > REASON_COUNT) {
			show->cursor = 0;
			if (!next_slot(show))
				return NULL;
			continue;
		}
		datapath_read_ledger(show->agent->datapath, slot, &entry);
		if (show->cursor == 0) {
			show->cursor = 1;
			return json_pack("{s:o, s:s, s:s, s:I, s:I, s:s}", "port",
				show_text(state->name), "fate", "received", "reason", "", "packets",
				(json_int_t)entry.received.packets, "bytes",
				(json_int_t)entry.received.bytes, "why", "all frames that arrived");
		}
		for (; show->cursor <= REASON_COUNT; show->cursor++) {
			enum reason reason = show->cursor - 1;

			if (entry.reasons[reason].packets == 0)
				continue;
			show->cursor++;
			return json_pack("{s:o, s:s, s:s, s:I, s:I, s:s}", "port",
				show_text(state->name), "fate", reason_fate_name(reason), "reason",
				reason_name(reason), "packets",
				(json_int_t)entry.reasons[reason].packets, "bytes",
				(json_int_t)entry.reasons[reason].bytes, "why",
				reason_text(reason));
		}
	}
}

json_t *show_nexthop(const struct agent *agent, uint32_t id) {
	char text[256];

	if (id < REASON_COUNT)
		return json_sprintf("%s: %s", reason_fate_name(id), reason_name(id));
	if (!mirror_nexthop_text(agent->mirror, id, text, sizeof(text)))
		return json_sprintf("next hop %u", id);
	return show_text(text);
}

static const char *protocol_name(uint8_t protocol) {
	switch (protocol) {
	case RTPROT_KERNEL:
		return "kernel";
	case RTPROT_BOOT:
		return "boot";
	case RTPROT_STATIC:
		return "static";
	case RTPROT_RA:
		return "ra";
	case RTPROT_ZEBRA:
		return "zebra";
	case RTPROT_BIRD:
		return "bird";
	case 186:
		return "bgp";
	case 187:
		return "isis";
	case 188:
		return "ospf";
	case 196:
		return "static";
	default:
		return "other";
	}
}

/* The ports by which packets leave, as the next hop says now. */
static json_t *ports_of(const struct agent *agent, const struct nexthop *nexthop) {
	json_t *names = json_array();

	for (unsigned int slot = 1; slot < PORTS_MAX; slot++) {
		bool leaves = nexthop->kind == NEXTHOP_GROUP
				      ? nexthop->port_set[slot / 64] >> (slot % 64) & 1
				      : nexthop->port == slot;
		const struct port_state *port = leaves ? ports_at(agent->ports, slot) : NULL;

		if (port)
			json_array_append_new(names, show_text(port->name));
	}
	return names;
}

static json_t *route_row(const struct agent *agent, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len, uint32_t nexthop) {
	char text[INET6_ADDRSTRLEN];
	struct mirror_route route = {0};
	bool known = mirror_route(agent->mirror, family, prefix, prefix_len, &route) == 0;
	const struct nexthop *way = nexthops_get(agent->nexthops, nexthop);

	inet_ntop(family, prefix, text, sizeof(text));
	return json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:b, s:o, s:o}", "prefix",
		json_sprintf("%s/%u", text, prefix_len), "via", show_nexthop(agent, nexthop),
		"protocol",
		!known            ? "-"
		: route.neighbour ? "neighbour"
				  : protocol_name(route.protocol),
		"metric", (json_int_t)route.metric, "nexthop", (json_int_t)nexthop,
		"nexthop_object", (json_int_t)route.nexthop_object, "kernel",
		way->kind == NEXTHOP_VERDICT, "reason",
		reason_or_null(way->kind == NEXTHOP_VERDICT ? way->reason : REASON_FORWARDED),
		"ports", ports_of(agent, way));
}

static bool wants_family(const struct show *show, int family) {
	const json_t *wanted = json_object_get(show->request, "family");

	return !json_is_integer(wanted) || json_integer_value(wanted) == family;
}

static json_t *next_route4(struct show *show) {
	uint32_t prefix, nexthop;

	memcpy(&prefix, show->prefix, 4);
	prefix = ntohl(prefix);
	if (fib4_next(show->agent->fib4, &prefix, &show->prefix_len, &nexthop) < 0)
		return NULL;
	prefix = htonl(prefix);
	memcpy(show->prefix, &prefix, 4);
	return route_row(show->agent, AF_INET, show->prefix, show->prefix_len, nexthop);
}

static json_t *next_route6(struct show *show) {
	uint32_t nexthop;

	if (fib6_next(show->agent->fib6, show->prefix, &show->prefix_len, &nexthop) < 0)
		return NULL;
	return route_row(show->agent, AF_INET6, show->prefix, show->prefix_len, nexthop);
}

static json_t *next_route(struct show *show) {
	json_t *row = NULL;

	if (show->step == 0) {
		row = wants_family(show, 4) ? next_route4(show) : NULL;
		if (!row) {
			show->step = 1;
			show->prefix_len = FIB_START;
			memset(show->prefix, 0, sizeof(show->prefix));
		}
	}
	if (!row && wants_family(show, 6))
		row = next_route6(show);
	return row;
}

static json_t *members_json(const struct agent *agent, uint32_t id) {
	struct nexthop_member members[NEXTHOP_MEMBERS_MAX];
	size_t count = nexthops_members(agent->nexthops, id, members, NEXTHOP_MEMBERS_MAX);
	json_t *list = json_array();

	/* A row is bounded: what a group of 512 has beyond this is in its count. */
	for (size_t i = 0; i < count && i < 64; i++) {
		const struct nexthop *nexthop = nexthops_get(agent->nexthops, members[i].nexthop);
		const struct port_state *port = ports_at(agent->ports, nexthop->port);

		json_array_append_new(list,
			json_pack("{s:I, s:I, s:o, s:o}", "nexthop", (json_int_t)members[i].nexthop,
				"weight", (json_int_t)members[i].weight, "via",
				show_nexthop(agent, members[i].nexthop), "port",
				show_text(port ? port->name : "")));
	}
	return list;
}

static json_t *next_nexthop(struct show *show) {
	static const char *const kinds[] = {[NEXTHOP_VERDICT] = "verdict",
		[NEXTHOP_ADJACENCY] = "adjacency",
		[NEXTHOP_GROUP] = "group"};
	const struct agent *agent = show->agent;
	uint32_t count = datapath_tables(agent->datapath)->nexthop.nexthop_count;
	char text[256];

	if (show->cursor < REASON_COUNT)
		show->cursor = REASON_COUNT;
	while (show->cursor < count) {
		uint32_t id = (uint32_t)show->cursor++;
		const struct nexthop *nexthop;
		const struct port_state *port;
		json_t *row;

		if (!mirror_nexthop_text(agent->mirror, id, text, sizeof(text)))
			continue;
		nexthop = nexthops_get(agent->nexthops, id);
		port = ports_at(agent->ports, nexthop->port);
		row = json_pack("{s:I, s:s, s:o, s:o, s:b}", "nexthop", (json_int_t)id, "kind",
			kinds[nexthop->kind], "via", show_text(text), "port",
			show_text(port ? port->name : ""), "used", nexthop->used != 0);
		if (nexthop->kind == NEXTHOP_VERDICT)
			json_object_set_new(
				row, "reason", json_string(reason_name(nexthop->reason)));
		if (nexthop->kind == NEXTHOP_ADJACENCY) {
			json_object_set_new(row, "mac", show_mac(nexthop->destination_mac));
			json_object_set_new(row, "mtu", json_integer(nexthop->argument));
		}
		if (nexthop->kind == NEXTHOP_GROUP)
			json_object_set_new(row, "members", members_json(agent, id));
		return row;
	}
	return NULL;
}

static const char *state_name(uint16_t state) {
	switch (state) {
	case NUD_INCOMPLETE:
		return "incomplete";
	case NUD_REACHABLE:
		return "reachable";
	case NUD_STALE:
		return "stale";
	case NUD_DELAY:
		return "delay";
	case NUD_PROBE:
		return "probe";
	case NUD_FAILED:
		return "failed";
	case NUD_NOARP:
		return "noarp";
	case NUD_PERMANENT:
		return "permanent";
	default:
		return "none";
	}
}

static json_t *next_neighbour(struct show *show) {
	const struct agent *agent = show->agent;
	struct mirror_neighbour neighbour;
	char text[INET6_ADDRSTRLEN];
	const struct mirror_link *link;

	if (!mirror_next_neighbour(agent->mirror, &show->cursor, &neighbour))
		return NULL;
	inet_ntop(neighbour.family, neighbour.address, text, sizeof(text));
	link = mirror_link(agent->mirror, neighbour.ifindex);
	return json_pack("{s:s, s:o, s:s, s:o, s:I, s:b}", "neighbour", text, "interface",
		show_text(link ? link->name : ""), "state", state_name(neighbour.state), "mac",
		show_mac(neighbour.mac), "nexthop", (json_int_t)neighbour.nexthop, "in_use",
		neighbour.in_use);
}

static json_t *next_hold(struct show *show) {
	size_t count;
	const struct mirror_hold *holds = mirror_holds(show->agent->mirror, &count);
	const struct mirror_hold *hold;
	const struct mirror_link *link;

	if (show->cursor >= count)
		return NULL;
	hold = &holds[show->cursor++];
	link = hold->ifindex ? mirror_link(show->agent->mirror, hold->ifindex) : NULL;
	return json_pack("{s:s, s:s, s:o, s:b, s:o, s:b}", "kind", hold_kind_name(hold->kind),
		"family",
		hold->family == AF_INET    ? "ipv4"
		: hold->family == AF_INET6 ? "ipv6"
					   : "both",
		"interface", show_text(link ? link->name : ""), "egress", hold->egress, "what",
		show_text(hold->text), "bypassed", !ports_respects(show->agent->ports, hold));
}

static json_t *next_status(struct show *show) {
	struct agent *agent = show->agent;
	struct mirror_statistics mirror = mirror_statistics(agent->mirror);
	struct nexthops_usage nexthops = nexthops_usage(agent->nexthops);
	struct fib4_usage fib4 = fib4_usage(agent->fib4);
	struct fib6_usage fib6 = fib6_usage(agent->fib6);

	if (show->step++ > 0)
		return NULL;
	return json_pack("{s:s, s:i, s:I, s:o, s:o, s:o, s:o, s:I}", "version", HEDDLE_VERSION,
		"pid", (int)getpid(), "uptime_s", (json_int_t)(clock_seconds() - agent->started),
		"mirror",
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "messages",
			(json_int_t)mirror.messages, "overruns", (json_int_t)mirror.overruns,
			"resyncs", (json_int_t)mirror.resyncs, "refused_routes",
			(json_int_t)mirror.refused_routes, "links", (json_int_t)mirror.links,
			"addresses", (json_int_t)mirror.addresses, "neighbours",
			(json_int_t)mirror.neighbours, "nexthop_objects",
			(json_int_t)mirror.nexthop_objects, "routes4", (json_int_t)mirror.routes4,
			"routes6", (json_int_t)mirror.routes6, "load_s", mirror.load_seconds),
		"fib4",
		json_pack("{s:I, s:I, s:I, s:I, s:I}", "prefixes", (json_int_t)fib4.routes,
			"rib_bytes", (json_int_t)fib4.rib_bytes, "word_bytes",
			(json_int_t)fib4.word_bytes, "memory_bytes", (json_int_t)fib4.memory_bytes,
			"unwritten", (json_int_t)fib4.unwritten),
		"fib6",
		json_pack("{s:I, s:I, s:I, s:I, s:I}", "prefixes", (json_int_t)fib6.routes,
			"rib_bytes", (json_int_t)fib6.rib_bytes, "word_bytes",
			(json_int_t)fib6.word_bytes, "memory_bytes", (json_int_t)fib6.memory_bytes,
			"unwritten", (json_int_t)fib6.unwritten),
		"nexthops",
		json_pack("{s:I, s:I, s:I, s:I}", "nexthops", (json_int_t)nexthops.nexthops,
			"nexthops_max", (json_int_t)nexthops.nexthops_max, "buckets",
			(json_int_t)nexthops.buckets, "buckets_max",
			(json_int_t)nexthops.buckets_max),
		"map_bytes", (json_int_t)datapath_memory(agent->datapath));
}

static json_t *next_explanation(struct show *show) {
	char error[200];
	json_t *row;

	if (show->step++ > 0)
		return NULL;
	row = explain(show->agent, show->request, error, sizeof(error));
	return row ? row : json_pack("{s:o}", "error", show_text(error));
}

static const struct {
	const char *name;
	json_t *(*next)(struct show *show);
} kinds[] = {
	{"status", next_status},
	{"ports", next_port},
	{"routes", next_route},
	{"route", next_explanation},
	{"nexthops", next_nexthop},
	{"neighbours", next_neighbour},
	{"ledger", next_ledger},
	{"holds", next_hold},
};

int show_start(
	struct show *show, struct agent *agent, json_t *request, char *error, size_t error_size) {
	const char *kind = json_string_value(json_object_get(request, "show"));

	memset(show, 0, sizeof(*show));
	show->agent = agent;
	show->request = request;
	show->prefix_len = FIB_START;
	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i].name) == 0) {
			show->next = kinds[i].next;
			return 0;
		}
	snprintf(error, error_size,
		"show '%.40s': expected status, ports, routes, route, nexthops, neighbours, ledger "
		"or holds",
		kind ? kind : "");
	return -EINVAL;
}
