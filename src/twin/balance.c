/* balance: see balance.h. */
#include "twin/balance.h"

#include "agent/client.h"
#include "base/log.h"
#include "twin/heddle_fib.h"
#include "twin/live_routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { SHARES_MAX = 256, TEXT_BYTES = 512 };

struct checking {
	const struct nodes *nodes;
	int node;
	void (*told)(void *owner, const char *text);
	void *owner;
	int found;
};

/* What each way of one route or group weighs. */
struct shares {
	unsigned int weights[SHARES_MAX];
	size_t count;
};

static bool are_equal(const struct shares *shares) {
	for (size_t i = 1; i < shares->count; i++)
		if (shares->weights[i] != shares->weights[0])
			return false;
	return true;
}

static void tell(struct checking *checking, const char *table, const char *what,
	const struct shares *shares) {
	char text[TEXT_BYTES];
	size_t used;

	if (are_equal(shares))
		return;
	used = (size_t)snprintf(text, sizeof(text), "%s: %s (%s) is shared",
		checking->nodes->fabric->nodes[checking->node].name, what, table);
	for (size_t i = 0; i < shares->count && used < sizeof(text) - 64; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", i ? ":" : " ",
			shares->weights[i]);
	snprintf(text + used, sizeof(text) - used, " by its %zu ways, not evenly", shares->count);
	checking->told(checking->owner, text);
	checking->found++;
}

static void check_route(void *owner, const struct live_route *route) {
	struct shares shares = {.count = 0};
	char text[PREFIX_TEXT_MAX];

	if (route->table != RT_TABLE_MAIN)
		return;
	for (size_t i = 0; i < route->hop_count && i < SHARES_MAX; i++)
		shares.weights[shares.count++] = route->hops[i].weight;
	tell(owner, "kernel", prefix_text(&route->destination, text), &shares);
}

static void read_group(void *owner, const json_t *row) {
	const json_t *members = json_object_get(row, "members"), *member;
	struct shares shares = {.count = 0};
	char what[64];
	size_t i;

	json_array_foreach(members, i, member) if (shares.count < SHARES_MAX)
		shares.weights[shares.count++] =
		(unsigned int)json_integer_value(json_object_get(member, "weight"));
	snprintf(what, sizeof(what), "group %d",
		(int)json_integer_value(json_object_get(row, "nexthop")));
	tell(owner, "Heddle", what, &shares);
}

static int check_heddle(struct checking *checking) {
	char path[HEDDLE_SOCKET_MAX];
	int error = heddle_socket(checking->nodes->namespaces[checking->node], path);

	return error ? error
		     : client_ask(
			       path, json_pack("{s:s}", "show", "nexthops"), read_group, checking);
}

int balance_check(const struct nodes *nodes, bool with_heddles,
	void (*told)(void *owner, const char *text), void *owner) {
	struct checking checking = {.nodes = nodes, .told = told, .owner = owner};
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
	return error ? error : checking.found;
}
