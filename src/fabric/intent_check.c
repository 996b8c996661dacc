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

static const struct known_name *find(const struct check *check, const char *name) {
	struct known_name *known;

	HASH_FIND_STR(check->names, name, known);
	return known;
}

static int take_node(void *owner, const struct wanted_node *node) {
	struct check *check = owner;
	struct known_name *known;

	if (node->is_cut)
		mistake(check, node->line, node->name, "the whole name has more than 31 letters");
	if (find(check, node->name)) {
		mistake(check, node->line, node->name, "expected each name once");
		return 0;
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return 1;
	memcpy(known->name, node->name, sizeof(known->name));
	known->role = node->role;
	HASH_ADD_STR(check->names, name, known);
	if (node->role == ROLE_HOST)
		check->hosts++;
	else if (node->role != ROLE_EXTERNAL)
		check->switches++;
	return 0;
}

/* The nearest of all nodes' names, in words to append; "" if none is near. */
static const char *nearest_node(const struct check *check, const char *name) {
	static char text[FABRIC_NAME_MAX + 4];
	const char **names = calloc(HASH_COUNT(check->names) + 1, sizeof(*names)), *nearest;
	size_t count = 0;

	for (const struct known_name *known = check->names; names && known; known = known->hh.next)
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

static const char *nearest_tenant(const struct check *check, const char *name) {
	static char text[FABRIC_NAME_MAX + 4];
	const char *names[INTENT_TENANTS_MAX + 2] = {NULL}, *nearest;
	size_t count = 0;

	for (; count < check->intent->tenant_count && count < INTENT_TENANTS_MAX; count++)
		names[count] = check->intent->tenants[count].name;
	nearest = nearest_word(name, names);
	snprintf(text, sizeof(text), nearest ? "; '%s'?" : "%s", nearest ? nearest : "");
	return text;
}

static void check_tenant(struct check *check, int line, const char *name) {
	if (name[0] && !is_tenant(check, name))
		mistake(check, line, name, "expected a tenant%s", nearest_tenant(check, name));
}

static void check_role(struct check *check, int line, const char *name,
	bool (*fits)(enum fabric_role), const char *what) {
	const struct known_name *known = find(check, name);

	if (!known || !fits(known->role))
		mistake(check, line, name, "expected %s%s", what, nearest_node(check, name));
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
		mistake(check, 0, "pods", "a clos needs at least one");
	if (intent->shape == SHAPE_CLOS && intent->super_spines.count == 0)
		mistake(check, 0, "super-spines", "a clos needs at least one");
	if (intent->shape == SHAPE_LEAF_SPINE && intent->super_spines.count)
		mistake(check, 0, "super-spines", "a leaf-spine has none; 'shape: clos' does");
	if (intent->shape == SHAPE_LEAF_SPINE && intent->pods)
		mistake(check, 0, "pods", "a leaf-spine has none; 'shape: clos' does");
	if (intent->shape != SHAPE_CUSTOM && intent->spines.count == 0)
		mistake(check, 0, "spines", "expected at least one");
	if (intent->shape == SHAPE_CUSTOM && intent->node_count == 0)
		mistake(check, 0, "nodes", "a custom shape lists its nodes and cables");
	if (check->switches > INTENT_SWITCHES_MAX)
		mistake(check, 0, "switches", "%zu: expected at most %d", check->switches,
			INTENT_SWITCHES_MAX);
	if (check->hosts > INTENT_HOSTS_MAX)
		mistake(check, 0, "hosts", "%zu: expected at most %d", check->hosts,
			INTENT_HOSTS_MAX);
}

static void check_racks(struct check *check) {
	for (size_t i = 0; i < check->intent->rack_count; i++) {
		const struct intent_rack *rack = &check->intent->racks[i];

		check_role(check, rack->line, rack->leaf, is_leaf, "a leaf");
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

static void check_policies(struct check *check) {
	for (size_t i = 0; i < check->intent->policy_count; i++) {
		const struct intent_policy *policy = &check->intent->policies[i];

		if (strcmp(policy->one, "external") != 0)
			check_tenant(check, policy->line, policy->one);
		if (strcmp(policy->other, "external") != 0)
			check_tenant(check, policy->line, policy->other);
		if (strcmp(policy->one, policy->other) == 0)
			mistake(check, policy->line, policy->one, "expected two different ones");
	}
}

static void check_listed(struct check *check) {
	for (size_t i = 0; i < check->intent->node_count; i++)
		check_tenant(check, check->intent->nodes[i].line, check->intent->nodes[i].tenant);
	for (size_t i = 0; i < check->intent->cable_count; i++) {
		const struct intent_cable *cable = &check->intent->cables[i];

		check_role(check, cable->line, cable->from, is_any, "a node");
		check_role(check, cable->line, cable->to, is_any, "a node");
		if (strcmp(cable->from, cable->to) == 0)
			mistake(check, cable->line, cable->to, "expected another node");
	}
}

struct named_prefix {
	const char *name;
	const struct prefix *prefix;
	int line;
};

static void check_overlaps(struct check *check) {
	const struct intent *intent = check->intent;
	struct named_prefix pools[2 * INTENT_TENANTS_MAX + 4];
	size_t count = 0;

	pools[count++] = (struct named_prefix){"loopbacks-ipv4", &intent->loopbacks4, 0};
	pools[count++] = (struct named_prefix){"loopbacks-ipv6", &intent->loopbacks6, 0};
	pools[count++] = (struct named_prefix){"links-ipv4", &intent->links4, 0};
	pools[count++] = (struct named_prefix){"links-ipv6", &intent->links6, 0};
	for (size_t i = 0; i < intent->tenant_count && i < INTENT_TENANTS_MAX; i++) {
		const struct intent_tenant *tenant = &intent->tenants[i];

		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv4, tenant->line};
		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv6, tenant->line};
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			char text[PREFIX_TEXT_MAX];

			if (pools[i].prefix->family &&
				pools[i].prefix->family == pools[j].prefix->family &&
				prefix_overlaps(pools[i].prefix, pools[j].prefix))
				mistake(check, pools[i].line, prefix_text(pools[i].prefix, text),
					"overlaps the prefix of %s", pools[j].name);
		}
}

static void check_tenants(struct check *check) {
	if (check->intent->tenant_count == 0)
		mistake(check, 0, "tenants", "expected at least one");
	if (check->intent->tenant_count > INTENT_TENANTS_MAX)
		mistake(check, 0, "tenants", "expected at most %d", INTENT_TENANTS_MAX);
	for (size_t i = 0; i < check->intent->tenant_count; i++)
		if (!check->intent->tenants[i].ipv4.family &&
			!check->intent->tenants[i].ipv6.family)
			mistake(check, check->intent->tenants[i].line,
				check->intent->tenants[i].name,
				"expected a prefix: ipv4, ipv6 or both");
}

static void check_timers(struct check *check) {
	const struct intent_timers *timers = &check->intent->timers;

	if (timers->hold && timers->hold < 3000)
		mistake(check, 0, "hold", "expected 0 or at least 3s (RFC 4271, section 4.2)");
	if (timers->hold && timers->keepalive >= timers->hold)
		mistake(check, 0, "keepalive", "expected less than 'hold'");
	if (timers->bfd && timers->bfd < 10)
		mistake(check, 0, "bfd", "expected 0 or at least 10ms");
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
