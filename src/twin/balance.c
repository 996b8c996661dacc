/* balance: see balance.h. */
#include "twin/balance.h"

#include "agent/client.h"
#include "base/log.h"
#include "twin/heddle_fib.h"
#include "twin/live_routes.h"
#include "twin/wiring.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { SHARES_MAX = 256 };

struct checking {
	const struct nodes *nodes;
	int node;
	struct passage *passage;
	const struct verify_telling *telling;
	size_t found;
};

/* The ways of one route or group, and what each weighs. */
struct shares {
	uint32_t ports[SHARES_MAX]; /* the design's; the heaviest comes first */
	unsigned int weights[SHARES_MAX];
	size_t count;
};

static bool are_equal(const struct shares *shares) {
	for (size_t i = 1; i < shares->count; i++)
		if (shares->weights[i] != shares->weights[0])
			return false;
	return true;
}

static void add(struct shares *shares, uint32_t port, unsigned int weight) {
	size_t last = shares->count;

	if (last == SHARES_MAX)
		return;
	shares->ports[last] = port;
	shares->weights[last] = weight;
	shares->count++;
	if (weight <= shares->weights[0])
		return;
	shares->ports[last] = shares->ports[0];
	shares->weights[last] = shares->weights[0];
	shares->ports[0] = port;
	shares->weights[0] = weight;
}

/* "shares 9:1 of swp64 (spine1), swp63 (spine2)" */
static void describe(
	const struct fabric *fabric, const struct shares *shares, char *text, size_t size) {
	size_t used = (size_t)snprintf(text, size, "shares ");

	for (size_t i = 0; i < shares->count && used < size; i++)
		used += (size_t)snprintf(
			text + used, size - used, "%s%u", i ? ":" : "", shares->weights[i]);
	for (size_t i = 0; i < shares->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s (%s)", i ? ", " : " of ",
			fabric->ports[shares->ports[i]].name,
			fabric_neighbour(fabric, (int)shares->ports[i])->name);
}

static void tell(struct checking *checking, const char *table, const char *what,
	const struct prefix *within, const struct shares *shares) {
	const struct fabric *fabric = checking->nodes->fabric;
	const struct passage_place place = {.node = checking->node,
		.ports = shares->ports,
		.port_count = shares->count,
		.within = *within};
	struct violation violation = {.kind = VIOLATION_SHARES,
		.layer = table,
		.node = fabric->nodes[checking->node].name,
		.wanted = "equal ones"};

	snprintf(violation.destination, sizeof(violation.destination), "%s", what);
	describe(fabric, shares, violation.found, sizeof(violation.found));
	passage_show(checking->passage, &place, NULL, &violation);
	verify_tell(checking->telling, &checking->found, &violation);
}

/* The node's port of that name or, without one, of that ifindex. FABRIC_NONE: no port of the
 * design's. */
static int port_at(const struct checking *checking, const char *name, unsigned int ifindex) {
	const struct fabric *fabric = checking->nodes->fabric;
	const struct fabric_node *node = &fabric->nodes[checking->node];
	struct wiring *wiring = checking->nodes->wirings[checking->node];

	for (size_t n = 0; n < node->port_count; n++) {
		const char *own = fabric->ports[node->ports[n]].name;

		if (name ? strcmp(own, name) == 0 : wiring_index(wiring, own) == ifindex)
			return node->ports[n];
	}
	return FABRIC_NONE;
}

static bool has_equal_weights(const struct live_route *route) {
	for (size_t i = 1; i < route->hop_count; i++)
		if (route->hops[i].weight != route->hops[0].weight)
			return false;
	return true;
}

static void check_route(void *owner, const struct live_route *route) {
	struct checking *checking = owner;
	struct shares shares = {.count = 0};
	char text[PREFIX_TEXT_MAX];

	if (route->table != RT_TABLE_MAIN || has_equal_weights(route))
		return;
	for (size_t i = 0; i < route->hop_count; i++) {
		int port = port_at(checking, NULL, route->hops[i].ifindex);

		if (port != FABRIC_NONE)
			add(&shares, (uint32_t)port, route->hops[i].weight);
	}
	if (!are_equal(&shares))
		tell(checking, "kernel", prefix_text(&route->destination, text),
			&route->destination, &shares);
}

/* Of which destinations a group is, it does not say: those that the model sends by its ports. */
static void read_group(void *owner, const json_t *row) {
	static const struct prefix anywhere = {.family = AF_INET};
	const json_t *members = json_object_get(row, "members"), *member;
	struct checking *checking = owner;
	struct shares shares = {.count = 0};
	char what[PREFIX_TEXT_MAX];
	size_t i;

	json_array_foreach(members, i, member) {
		const char *name = json_string_value(json_object_get(member, "port"));
		int port = name ? port_at(checking, name, 0) : FABRIC_NONE;

		if (port != FABRIC_NONE)
			add(&shares, (uint32_t)port,
				(unsigned int)json_integer_value(
					json_object_get(member, "weight")));
	}
	snprintf(what, sizeof(what), "group %d",
		(int)json_integer_value(json_object_get(row, "nexthop")));
	if (!are_equal(&shares))
		tell(checking, "Heddle", what, &anywhere, &shares);
}

/* One that ends meanwhile is told of by who reads its table. */
static int check_heddle(struct checking *checking) {
	char path[HEDDLE_SOCKET_MAX];
	int error = heddle_socket(checking->nodes->namespaces[checking->node], path);

	if (!error)
		client_ask(path, json_pack("{s:s}", "show", "nexthops"), read_group, checking);
	return error;
}

int balance_check(const struct nodes *nodes, bool with_heddles, struct passage *passage,
	const struct verify_telling *telling) {
	struct checking checking = {.nodes = nodes, .passage = passage, .telling = telling};
	int error = 0;

	for (int id = 0; id < (int)nodes->fabric->node_count && !error; id++) {
		if (!fabric_is_switch(&nodes->fabric->nodes[id]))
			continue;
		checking.node = id;
		error = live_routes_each(nodes->wirings[id], check_route, &checking);
		if (!error && with_heddles && heddle_fib_is_there(nodes->namespaces[id]))
			error = check_heddle(&checking);
	}
	if (error)
		log_error("shares cannot be read: %s", strerror(-error));
	return error ? error : (int)checking.found;
}
