/* intent_check: see intent_check.h. Names that are used must exist, and be used once; prefixes may
 * not overlap; a shape needs its parts. */
#include "fabric/intent_check.h"

#include "base/log.h"
#include "base/nearest.h"
#include "fabric/intent_nodes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct known_name {
	fabric_name name;
	enum fabric_role role;
	bool is_listed; /* under 'nodes' */
	UT_hash_handle hh;
};

struct check {
	const struct intent *intent;
	const char *path;
	struct known_name *names;
	size_t switches, hosts;
	unsigned int mistakes;
};

static void __attribute__((format(printf, 4, 5)))
mistake(struct check *check, int line, const char *found, const char *format, ...) {
	char expected[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	if (line)
		log_error("%s:%d: '%s': %s", check->path, line, found, expected);
	else
		log_error("%s: '%s': %s", check->path, found, expected);
	check->mistakes++;
}

/* The line of a key that stands by itself, or of what makes it needed. */
static int line_at(const struct check *check, const char *key) {
	int line = intent_line(check->intent, key);

	return line ? line : intent_line(check->intent, "shape");
}

#define mistake_at(check, key, ...) mistake(check, line_at(check, key), key, __VA_ARGS__)

static const struct known_name *find(const struct check *check, const char *name) {
	struct known_name *known;

	HASH_FIND_STR(check->names, name, known);
	return known;
}

static bool is_listed(const struct intent *intent, const char *name) {
	for (size_t i = 0; i < intent->node_count; i++)
		if (strcmp(intent->nodes[i].name, name) == 0)
			return true;
	return false;
}

/* Of nodes that are counted or named in a list, where that list begins. */
static int line_of(const struct check *check, const struct wanted_node *node) {
	static const char *const keys[ROLES] = {[ROLE_SUPER_SPINE] = "super-spines",
		[ROLE_SPINE] = "spines",
		[ROLE_LEAF] = "leaves",
		[ROLE_BORDER] = "borders",
		[ROLE_HOST] = "leaves",
		[ROLE_EXTERNAL] = "external"};

	return node->line ? node->line : intent_line(check->intent, keys[node->role]);
}

static int take_node(void *owner, const struct wanted_node *node) {
	struct check *check = owner;
	struct known_name *known;

	if (node->is_cut)
		mistake(check, line_of(check, node), node->name,
			"the whole name has more than 31 letters");
	if (find(check, node->name)) {
		mistake(check, line_of(check, node), node->name, "expected each name once");
		return 0;
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return 1;
	memcpy(known->name, node->name, sizeof(known->name));
	known->role = node->role;
	known->is_listed = is_listed(check->intent, node->name);
	HASH_ADD_STR(check->names, name, known);
	if (node->role == ROLE_HOST)
		check->hosts++;
	else if (node->role != ROLE_EXTERNAL)
		check->switches++;
	return 0;
}

/* The nearest of the names of nodes that fit, in words to append; "" if none is near. */
static const char *nearest_node(
	const struct check *check, const char *name, bool (*fits)(enum fabric_role)) {
	static char text[FABRIC_NAME_MAX + 4];
	const char **names = calloc(HASH_COUNT(check->names) + 1, sizeof(*names)), *nearest;
	size_t count = 0;

	for (const struct known_name *known = check->names; names && known; known = known->hh.next)
		if (fits(known->role))
			names[count++] = known->name;
	nearest = names ? nearest_word(name, names) : NULL;
	snprintf(text, sizeof(text), nearest ? "; '%s'?" : "%s", nearest ? nearest : "");
	free(names);
	return text;
}

static bool is_tenant(const struct check *check, const char *name) {
	for (size_t i = 0; i < check->intent->tenant_count; i++)
		if (strcmp(check->intent->tenants[i].name, name) == 0)
			return true;
	return false;
}

static const char *nearest_tenant(const struct check *check, const char *name, const char *beside) {
	static char text[FABRIC_NAME_MAX + 4];
	const char *names[INTENT_TENANTS_MAX + 2] = {NULL}, *nearest;
	size_t count = 0;

	for (; count < check->intent->tenant_count && count < INTENT_TENANTS_MAX; count++)
		names[count] = check->intent->tenants[count].name;
	names[count] = beside;
	nearest = nearest_word(name, names);
	snprintf(text, sizeof(text), nearest ? "; '%s'?" : "%s", nearest ? nearest : "");
	return text;
}

static void check_tenant(struct check *check, int line, const char *name) {
	if (name[0] && !is_tenant(check, name))
		mistake(check, line, name, "expected a tenant%s",
			nearest_tenant(check, name, NULL));
}

static void check_role(struct check *check, int line, const char *name,
	bool (*fits)(enum fabric_role), const char *what) {
	const struct known_name *known = find(check, name);

	if (!known || !fits(known->role))
		mistake(check, line, name, "expected %s%s", what, nearest_node(check, name, fits));
}

static bool is_leaf(enum fabric_role role) {
	return role == ROLE_LEAF;
}

static bool takes_externals(enum fabric_role role) {
	return role == ROLE_BORDER || role == ROLE_LEAF;
}

static bool is_any(enum fabric_role role) {
	return true;
}

static void check_shape(struct check *check) {
	const struct intent *intent = check->intent;

	if (intent->shape == SHAPE_CLOS && intent->pods == 0)
		mistake_at(check, "pods", "a clos needs at least one");
	if (intent->shape == SHAPE_CLOS && intent->super_spines.count == 0)
		mistake_at(check, "super-spines", "a clos needs at least one");
	if (intent->shape == SHAPE_LEAF_SPINE && intent->super_spines.count)
		mistake_at(check, "super-spines", "a leaf-spine has none; 'shape: clos' does");
	if (intent->shape == SHAPE_LEAF_SPINE && intent->pods)
		mistake_at(check, "pods", "a leaf-spine has none; 'shape: clos' does");
	if (intent->shape != SHAPE_CUSTOM && intent->spines.count == 0)
		mistake_at(check, "spines", "expected at least one");
	if (intent->shape == SHAPE_CUSTOM && intent->node_count == 0)
		mistake_at(check, "nodes", "a custom shape lists its nodes and cables");
	if (check->switches > INTENT_SWITCHES_MAX)
		mistake_at(check, "switches", "%zu: expected at most %d", check->switches,
			INTENT_SWITCHES_MAX);
	if (check->hosts > INTENT_HOSTS_MAX)
		mistake_at(
			check, "hosts", "%zu: expected at most %d", check->hosts, INTENT_HOSTS_MAX);
}

/* A rack says what the shape puts below a leaf; of listed leaves all is listed. */
static void check_rack_leaf(struct check *check, int line, const char *name) {
	const struct known_name *known = find(check, name);

	if (known && is_leaf(known->role) && known->is_listed)
		mistake(check, line, name,
			"expected a leaf of 'leaves'; what hangs below those of 'nodes' is listed "
			"there too");
	else
		check_role(check, line, name, is_leaf, "a leaf");
}

static void check_racks(struct check *check) {
	for (size_t i = 0; i < check->intent->rack_count; i++) {
		const struct intent_rack *rack = &check->intent->racks[i];

		check_rack_leaf(check, rack->line, rack->leaf);
		check_tenant(check, rack->line, rack->tenant);
		if (!rack->partner[0])
			continue;
		check_role(check, rack->line, rack->partner, is_leaf, "a leaf");
		if (strcmp(rack->partner, rack->leaf) == 0)
			mistake(check, rack->line, rack->partner, "expected another leaf");
	}
}

static void check_externals(struct check *check) {
	for (size_t i = 0; i < check->intent->external_count; i++) {
		const struct intent_external *external = &check->intent->externals[i];

		if (!external->asn)
			mistake(check, external->line, external->name, "expected an 'asn'");
		if (!external->attach.count)
			mistake(check, external->line, external->name,
				"expected switches to 'attach' it to");
		for (size_t n = 0; n < external->attach.count; n++)
			check_role(check, external->line, external->attach.names[n],
				takes_externals, "a border or a leaf");
	}
}

static void check_party(struct check *check, int line, const char *name) {
	if (strcmp(name, "external") != 0 && !is_tenant(check, name))
		mistake(check, line, name, "expected a tenant or 'external'%s",
			nearest_tenant(check, name, "external"));
}

static void check_policies(struct check *check) {
	for (size_t i = 0; i < check->intent->policy_count; i++) {
		const struct intent_policy *policy = &check->intent->policies[i];

		if (!policy->one[0]) {
			mistake(check, policy->line, "policies",
				"expected 'deny' with two tenants");
			continue;
		}
		check_party(check, policy->line, policy->one);
		check_party(check, policy->line, policy->other);
		if (strcmp(policy->one, policy->other) == 0)
			mistake(check, policy->line, policy->one, "expected two different ones");
	}
}

/* A host hangs below leaves: they alone announce its network. */
static void check_host_cable(struct check *check, const struct intent_cable *cable) {
	const struct known_name *from = find(check, cable->from), *to = find(check, cable->to);

	if (!from || !to)
		return;
	if (from->role == ROLE_HOST && !takes_externals(to->role))
		mistake(check, cable->line, cable->to, "expected a leaf, for the host '%s'",
			cable->from);
	else if (to->role == ROLE_HOST && !takes_externals(from->role))
		mistake(check, cable->line, cable->from, "expected a leaf, for the host '%s'",
			cable->to);
}

static void check_listed(struct check *check) {
	for (size_t i = 0; i < check->intent->node_count; i++) {
		const struct intent_node *node = &check->intent->nodes[i];

		if (!node->says_role)
			mistake(check, node->line, node->name, "expected a 'role'");
		check_tenant(check, node->line, node->tenant);
	}
	for (size_t i = 0; i < check->intent->cable_count; i++) {
		const struct intent_cable *cable = &check->intent->cables[i];

		check_role(check, cable->line, cable->from, is_any, "a node");
		check_role(check, cable->line, cable->to, is_any, "a node");
		if (strcmp(cable->from, cable->to) == 0)
			mistake(check, cable->line, cable->to, "expected another node");
		else
			check_host_cable(check, cable);
	}
}

struct named_prefix {
	const char *name;
	const struct prefix *prefix;
	int line;
};

static struct named_prefix pool_of(
	const struct intent *intent, const char *key, const struct prefix *prefix) {
	return (struct named_prefix){key, prefix, intent_line(intent, key)};
}

/* All prefixes that are the fabric's own; there is room for 2 * INTENT_TENANTS_MAX + 4. */
static size_t list_pools(const struct intent *intent, struct named_prefix *pools) {
	size_t count = 0;

	pools[count++] = pool_of(intent, "loopbacks-ipv4", &intent->loopbacks4);
	pools[count++] = pool_of(intent, "loopbacks-ipv6", &intent->loopbacks6);
	pools[count++] = pool_of(intent, "links-ipv4", &intent->links4);
	pools[count++] = pool_of(intent, "links-ipv6", &intent->links6);
	for (size_t i = 0; i < intent->tenant_count && i < INTENT_TENANTS_MAX; i++) {
		const struct intent_tenant *tenant = &intent->tenants[i];

		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv4, tenant->line};
		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv6, tenant->line};
	}
	return count;
}

/* What others announce must not lie within: leaves would follow it instead. */
static void check_announced(struct check *check, const struct intent_external *external,
	const struct named_prefix *pool) {
	char text[PREFIX_TEXT_MAX];

	for (size_t n = 0; n < external->announce_count; n++)
		if (pool->prefix->family && prefix_contains(pool->prefix, &external->announces[n]))
			mistake(check, external->line, prefix_text(&external->announces[n], text),
				"lies in the prefix of %s: expected one beyond the fabric",
				pool->name);
}

static void check_overlaps(struct check *check) {
	const struct intent *intent = check->intent;
	struct named_prefix pools[2 * INTENT_TENANTS_MAX + 4];
	size_t count = list_pools(intent, pools);

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < intent->external_count; n++)
			check_announced(check, &intent->externals[n], &pools[i]);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			char text[PREFIX_TEXT_MAX];

			if (pools[i].prefix->family &&
				pools[i].prefix->family == pools[j].prefix->family &&
				prefix_overlaps(pools[i].prefix, pools[j].prefix))
				mistake(check, pools[i].line ? pools[i].line : pools[j].line,
					prefix_text(pools[i].prefix, text),
					"overlaps the prefix of %s", pools[j].name);
		}
}

static void check_tenants(struct check *check) {
	if (check->intent->tenant_count == 0)
		mistake_at(check, "tenants", "expected at least one");
	if (check->intent->tenant_count > INTENT_TENANTS_MAX)
		mistake_at(check, "tenants", "expected at most %d", INTENT_TENANTS_MAX);
	for (size_t i = 0; i < check->intent->tenant_count; i++) {
		const struct intent_tenant *tenant = &check->intent->tenants[i];

		if (!tenant->ipv4.family && !tenant->ipv6.family)
			mistake(check, tenant->line, tenant->name,
				"expected a prefix: ipv4, ipv6 or both");
		if (strcmp(tenant->name, "external") == 0)
			mistake(check, tenant->line, tenant->name,
				"expected another name: in policies this is all beyond the fabric");
	}
}

/* What BGP and FRR count in seconds. */
static void check_seconds(
	struct check *check, const char *name, uint32_t time_ms, uint32_t most_s) {
	if (time_ms % 1000)
		mistake_at(check, name, "expected whole seconds");
	else if (time_ms / 1000 > most_s)
		mistake_at(check, name, "expected at most %us", most_s);
}

static void check_timers(struct check *check) {
	const struct intent_timers *timers = &check->intent->timers;

	check_seconds(check, "keepalive", timers->keepalive, 3600);
	check_seconds(check, "hold", timers->hold, 3600);
	check_seconds(check, "connect", timers->connect, 3600);
	check_seconds(check, "advertisement", timers->advertisement, 600);
	check_seconds(check, "restart", timers->restart, 3600);
	if (timers->hold && timers->hold < 3000)
		mistake_at(check, "hold", "expected 0 or at least 3s (RFC 4271, section 4.2)");
	if (timers->hold && timers->keepalive > timers->hold / 2)
		mistake_at(check, "keepalive", "expected at most half of 'hold'");
	if (timers->hold && timers->keepalive == 0)
		mistake_at(check, "keepalive", "expected at least 1s, unless 'hold' is 0");
	if (timers->bfd && (timers->bfd < 10 || timers->bfd > 60000))
		mistake_at(check, "bfd", "expected 0, or from 10ms to 60s");
}

unsigned int intent_check(const struct intent *intent, const char *path) {
	struct check check = {.intent = intent, .path = path};
	struct known_name *known, *next;

	check_tenants(&check);
	if (intent->tenant_count == 0)
		return check.mistakes;
	intent_each_node(intent, take_node, &check);
	check_shape(&check);
	check_racks(&check);
	check_externals(&check);
	check_policies(&check);
	check_listed(&check);
	check_overlaps(&check);
	check_timers(&check);
	HASH_ITER(hh, check.names, known, next) {
		HASH_DEL(check.names, known);
		free(known);
	}
	return check.mistakes;
}
