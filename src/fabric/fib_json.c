/* fib_json: see fib_json.h. */
#include "fabric/fib_json.h"

#include "base/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { HOPS_MAX = 1024 };

/* The route to a prefix that holds so far. */
struct chosen {
	uint32_t number; /* of the prefix */
	uint32_t group;
	uint64_t rank; /* the least holds */
	UT_hash_handle hh;
};

struct reading {
	const struct fabric *fabric;
	const struct fabric_node *node;
	const struct verify_place *place;
	const char *path;
	size_t count; /* routes, with the one that is read */
	struct chosen *chosen;
	uint32_t ports[HOPS_MAX];
	size_t port_count;
};

static const char *text_of(const json_t *object, const char *key) {
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static int mistake(const struct reading *reading, const char *found, const char *expected) {
	log_error("%s: route %zu: '%.60s': expected %s", reading->path, reading->count, found,
		expected);
	return -EINVAL;
}

static bool has_flag(const json_t *object, const char *wanted) {
	const json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(object, "flags"), i, flag) {
		const char *text = json_string_value(flag);

		if (text && strcmp(text, wanted) == 0)
			return true;
	}
	return false;
}

/* What has a port, and is not dead, counts. */
static void take_hop(struct reading *reading, const json_t *hop) {
	const struct fabric_node *node = reading->node;
	const char *name = text_of(hop, "dev");
	uint32_t port = reading->place->strange_port;

	if (has_flag(hop, "dead") || has_flag(hop, "linkdown") || reading->port_count == HOPS_MAX)
		return;
	for (size_t n = 0; n < node->port_count; n++)
		if (strcmp(reading->fabric->ports[node->ports[n]].name, name) == 0)
			port = reading->place->first_port + (uint32_t)node->ports[n];
	reading->ports[reading->port_count++] = port;
}

static int take_hops(struct reading *reading, const json_t *route, uint32_t *group) {
	const json_t *hops = json_object_get(route, "nexthops"), *hop;
	size_t i;

	reading->port_count = 0;
	if (!json_is_array(hops) && !*text_of(route, "dev"))
		return mistake(reading, text_of(route, "dst"),
			json_object_get(route, "nhid")
				? "'dev' or 'nexthops' besides its 'nhid', as ip(8) prints them"
				: "'dev' or 'nexthops'");
	if (!json_is_array(hops))
		take_hop(reading, route);
	json_array_foreach(hops, i, hop) {
		take_hop(reading, hop);
	}
	*group = fib_set_group(reading->place->set, reading->ports, reading->port_count);
	return *group == UINT32_MAX ? -ENOMEM : 0;
}

/* What a type of route does; false if the route is nobody's to prove. */
static bool take_type(const char *type, bool *has_hops, uint32_t *group) {
	static const char *const apart[] = {"broadcast", "multicast", "anycast"};

	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		if (strcmp(type, apart[i]) == 0)
			return false;
	*has_hops = !*type || strcmp(type, "unicast") == 0;
	*group = strcmp(type, "local") == 0   ? FIB_LOCAL
		 : strcmp(type, "throw") == 0 ? FIB_NO_ROUTE
					      : FIB_DROP;
	return true;
}

/* "default" does not say of which family; IPv6 routes have a preference (RFC 4191), or a gateway
 * that does. */
static int take_destination(struct reading *reading, const json_t *route, struct prefix *prefix) {
	const char *text = text_of(route, "dst");

	if (strcmp(text, "default") == 0) {
		bool is_ipv6 =
			json_object_get(route, "pref") || strchr(text_of(route, "gateway"), ':');

		*prefix = (struct prefix){.family = is_ipv6 ? AF_INET6 : AF_INET};
		return 0;
	}
	if (prefix_parse(text, prefix) < 0)
		return mistake(reading, text, "a prefix, or 'default', as 'dst'");
	return 0;
}

static int choose(
	struct reading *reading, const struct prefix *prefix, uint32_t group, uint64_t rank) {
	uint32_t number = fib_set_number(reading->place->set, prefix);
	struct chosen *chosen;

	if (number == UINT32_MAX)
		return -ENOMEM;
	HASH_FIND(hh, reading->chosen, &number, sizeof(number), chosen);
	if (chosen && chosen->rank <= rank)
		return 0;
	if (!chosen) {
		chosen = calloc(1, sizeof(*chosen));
		if (!chosen)
			return -ENOMEM;
		chosen->number = number;
		HASH_ADD(hh, reading->chosen, number, sizeof(chosen->number), chosen);
	}
	chosen->group = group;
	chosen->rank = rank;
	return 0;
}

/* IPv6 has a machine's own addresses in table main, too, by the loopback. */
static bool is_own_address(const json_t *route) {
	return strcmp(text_of(route, "dev"), "lo") == 0 &&
	       strcmp(text_of(route, "protocol"), "kernel") == 0;
}

/* Table local is said only beside others; its type is local in any case. */
static int take_route(struct reading *reading, const json_t *route) {
	const char *table = text_of(route, "table");
	json_int_t metric = json_integer_value(json_object_get(route, "metric"));
	bool is_local, has_hops;
	struct prefix prefix;
	uint32_t group;
	int error;

	reading->count++;
	if (!json_is_object(route))
		return mistake(reading, "", "an object for each route");
	if ((*table && strcmp(table, "local") != 0 && strcmp(table, "main") != 0) ||
		!take_type(text_of(route, "type"), &has_hops, &group))
		return 0;
	is_local = strcmp(table, "local") == 0 || group == FIB_LOCAL;
	error = take_destination(reading, route, &prefix);
	if (error || prefix_is_apart(&prefix) || (has_hops && is_own_address(route)))
		return error;
	if (has_hops)
		error = take_hops(reading, route, &group);
	return error ? error
		     : choose(reading, &prefix, group,
			       (uint64_t)!is_local << 32 | (uint32_t)metric);
}

static int take_routes(struct reading *reading, const json_t *routes) {
	const json_t *route;
	size_t i;
	int error = 0;

	if (!json_is_array(routes)) {
		log_error("%s: expected a list of routes, as of 'ip -json route show table all'",
			reading->path);
		return -EINVAL;
	}
	json_array_foreach(routes, i, route) {
		error = take_route(reading, route);
		if (error)
			break;
	}
	return error;
}

static size_t count_lines(const char *text, size_t size) {
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

/* One list after the other. */
static int take_text(struct reading *reading, const char *text, size_t size) {
	static const char blank[] = " \t\r\n";
	size_t at = strspn(text, blank);
	int error = 0;

	do {
		json_error_t where;
		json_t *routes = json_loadb(text + at, size - at, JSON_DISABLE_EOF_CHECK, &where);

		if (!routes) {
			log_error("%s:%zu: not JSON: %s", reading->path,
				count_lines(text, at) + (size_t)(where.line > 0 ? where.line : 1),
				where.text);
			return -EINVAL;
		}
		error = take_routes(reading, routes);
		json_decref(routes);
		at += (size_t)where.position;
		at += strspn(text + at, blank);
	} while (!error && at < size);
	return error;
}

/* Gives what was chosen to the set, or only forgets it. */
static int finish(struct reading *reading, int error) {
	struct chosen *chosen, *next;

	HASH_ITER(hh, reading->chosen, chosen, next) {
		if (!error)
			error = fib_set_add_number(reading->place->set, reading->place->node,
				chosen->number, chosen->group);
		HASH_DEL(reading->chosen, chosen);
		free(chosen);
	}
	return error;
}

int fib_json_parse(const struct fabric *fabric, const char *path, const char *text, size_t size,
	int node, const struct verify_place *place) {
	struct reading *reading = calloc(1, sizeof(*reading));
	int error;

	if (!reading)
		return -ENOMEM;
	*reading = (struct reading){
		.fabric = fabric, .node = &fabric->nodes[node], .place = place, .path = path};
	error = finish(reading, take_text(reading, text, size));
	free(reading);
	return error;
}
