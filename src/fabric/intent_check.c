/* intent_check: see intent_check.h. Names that are used must exist, and be used once; prefixes may
 * not overlap; a shape needs its parts. Nothing is concluded from what could not be read: a name
 * that is not known is no mistake where some names are not. */
#include "fabric/intent_check.h"

#include "base/nearest.h"
#include "fabric/intent_nodes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct known_name {
	fabric_name name;
	enum fabric_role role;
	const struct intent_place *at; /* NULL: by a count or default */
	bool is_listed;                /* under 'nodes' */
	UT_hash_handle hh;
};

struct check {
	struct intent *intent;
	struct mistakes *mistakes;
	struct known_name *names;
	bool in_doubt[ROLES]; /* whether some names of this role may not be known */
	bool tenants_in_doubt;
	size_t switches, hosts;
};

static void __attribute__((format(printf, 4, 5)))
mistake(struct check *check, struct intent_place *at, const char *found, const char *format, ...) {
	char expected[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	mistakes_add(check->mistakes, at ? at->line : 0, "'%s': %s", found, expected);
	if (at)
		at->is_wrong = true;
}

static struct intent_place *place_of(const struct check *check, const char *key) {
	struct intent *intent = check->intent;

	for (size_t i = 0; i < intent->line_count; i++)
		if (strcmp(intent->lines[i].key, key) == 0)
			return &intent->lines[i].at;
	return NULL;
}

static bool is_wrong(const struct check *check, const char *key) {
	return intent_is_wrong(check->intent, key);
}

/* At a key that stands by itself, or what makes it needed; not if the value could not be read. */
#define mistake_at(check, key, ...)                                                                \
	do {                                                                                       \
		struct intent_place *at_key = place_of(check, key);                                \
                                                                                                   \
		if (!is_wrong(check, key))                                                         \
			mistake(check, at_key ? at_key : place_of(check, "shape"), key,            \
				__VA_ARGS__);                                                      \
	} while (0)

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

	return node->at ? node->at->line : intent_line(check->intent, keys[node->role]);
}

static void name_mistake(struct check *check, const struct wanted_node *node, const char *what) {
	mistakes_add(check->mistakes, line_of(check, node), "'%s': %s", node->name, what);
	check->intent->is_beyond_design = true;
}

static int take_node(void *owner, const struct wanted_node *node) {
	struct check *check = owner;
	struct known_name *known;

	if (!node->name[0])
		return 0;
	if (node->is_cut)
		name_mistake(check, node, "the whole name has more than 31 letters");
	if (find(check, node->name)) {
		name_mistake(check, node, "expected each name once");
		return 0;
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return 1;
	memcpy(known->name, node->name, sizeof(known->name));
	known->role = node->role;
	known->at = node->at;
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

static bool lacks_tenant(const struct intent *intent) {
	for (size_t i = 0; i < intent->tenant_count; i++)
		if (!intent->tenants[i].name[0])
			return true;
	return false;
}

static bool lacks_node(const struct intent *intent) {
	for (size_t i = 0; i < intent->node_count; i++)
		if (!intent->nodes[i].name[0])
			return true;
	return false;
}

static bool lacks_external(const struct intent *intent) {
	for (size_t i = 0; i < intent->external_count; i++)
		if (!intent->externals[i].name[0])
			return true;
	return false;
}

/* Of racks that are wrong, those that say which hosts they have. */
static bool lacks_hosts(const struct intent *intent) {
	for (size_t i = 0; i < intent->rack_count; i++)
		if (intent->racks[i].at.is_wrong &&
			(intent->racks[i].says_hosts || !intent->racks[i].leaf[0]))
			return true;
	return false;
}

static void note_doubts(struct check *check) {
	const struct intent *intent = check->intent;
	bool all = is_wrong(check, "shape") || is_wrong(check, "pods") ||
		   is_wrong(check, "sites") || lacks_node(intent);

	for (int role = 0; role < ROLES; role++)
		check->in_doubt[role] = all;
	check->in_doubt[ROLE_SUPER_SPINE] |= is_wrong(check, "super-spines");
	check->in_doubt[ROLE_SPINE] |= is_wrong(check, "spines");
	check->in_doubt[ROLE_LEAF] |= is_wrong(check, "leaves");
	check->in_doubt[ROLE_BORDER] |= is_wrong(check, "borders");
	check->in_doubt[ROLE_HOST] |=
		is_wrong(check, "leaves") || is_wrong(check, "hosts") || lacks_hosts(intent);
	check->in_doubt[ROLE_EXTERNAL] |= lacks_external(intent);
	check->tenants_in_doubt = lacks_tenant(intent);
}

static bool is_in_doubt(const struct check *check, bool (*fits)(enum fabric_role)) {
	for (int role = 0; role < ROLES; role++)
		if (check->in_doubt[role] && fits((enum fabric_role)role))
			return true;
	return false;
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

static void check_tenant(struct check *check, struct intent_place *at, const char *name) {
	if (!name[0] || is_tenant(check, name))
		return;
	if (check->tenants_in_doubt)
		at->is_wrong = true;
	else
		mistake(check, at, name, "expected a tenant%s", nearest_tenant(check, name, NULL));
}

/* What refers to something wrong is left out as well, without a word. */
static void check_role(struct check *check, struct intent_place *at, const char *name,
	bool (*fits)(enum fabric_role), const char *what) {
	const struct known_name *known = find(check, name);
	bool is_unsure = known ? known->at && known->at->is_wrong
			       : is_in_doubt(check, fits) || (!name[0] && at->is_wrong);

	if (is_unsure)
		at->is_wrong = true;
	else if (!known || !fits(known->role))
		mistake(check, at, name, "expected %s%s", what, nearest_node(check, name, fits));
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

static void check_sites(struct check *check) {
	const struct intent *intent = check->intent;

	if (intent->sites.count < 2)
		mistake_at(check, "sites", "expected two or more names, as in [east, west]");
	if (intent->borders.count == 0)
		mistake_at(check, "borders", "expected at least one: sites are joined by them");
	if (intent->super_spines.count)
		mistake_at(check, "super-spines", "sites have none; 'shape: clos' does");
	if (intent->pods)
		mistake_at(check, "pods", "sites have none; 'shape: clos' does");
	for (size_t i = 0; i < intent->sites.count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(intent->sites.names[i], intent->sites.names[k]) == 0)
				mistake_at(check, "sites", "'%s' twice: expected another name",
					intent->sites.names[i]);
}

static void check_shape(struct check *check) {
	const struct intent *intent = check->intent;

	if (is_wrong(check, "shape"))
		return;
	if (intent->shape == SHAPE_CLOS && intent->pods == 0)
		mistake_at(check, "pods", "a clos needs at least one");
	if (intent->shape == SHAPE_CLOS && intent->super_spines.count == 0)
		mistake_at(check, "super-spines", "a clos needs at least one");
	if (intent->shape == SHAPE_LEAF_SPINE && intent->super_spines.count)
		mistake_at(check, "super-spines", "a leaf-spine has none; 'shape: clos' does");
	if (intent->shape == SHAPE_LEAF_SPINE && intent->pods)
		mistake_at(check, "pods", "a leaf-spine has none; 'shape: clos' does");
	if (intent->shape == SHAPE_SITES)
		check_sites(check);
	else if (intent->sites.count)
		mistake_at(check, "sites", "expected 'shape: sites'");
	if (intent->shape != SHAPE_CUSTOM && intent->spines.count == 0)
		mistake_at(check, "spines", "expected at least one");
	if (intent->shape == SHAPE_CUSTOM && intent->node_count == 0)
		mistake_at(check, "nodes", "a custom shape lists its nodes and cables");
}

static void check_size(struct check *check) {
	if (check->switches > INTENT_SWITCHES_MAX)
		mistake_at(check, "switches", "%zu: expected at most %d", check->switches,
			INTENT_SWITCHES_MAX);
	if (check->hosts > INTENT_HOSTS_MAX)
		mistake_at(
			check, "hosts", "%zu: expected at most %d", check->hosts, INTENT_HOSTS_MAX);
	if (check->switches > INTENT_SWITCHES_MAX || check->hosts > INTENT_HOSTS_MAX)
		check->intent->is_beyond_design = true;
}

/* A rack says what the shape puts below a leaf; of listed leaves all is listed. */
static void check_rack_leaf(struct check *check, struct intent_place *at, const char *name) {
	const struct known_name *known = find(check, name);

	if (known && is_leaf(known->role) && known->is_listed)
		mistake(check, at, name,
			"expected a leaf of 'leaves'; what hangs below those of 'nodes' is listed "
			"there too");
	else
		check_role(check, at, name, is_leaf, "a leaf");
}

static void check_racks(struct check *check) {
	for (size_t i = 0; i < check->intent->rack_count; i++) {
		struct intent_rack *rack = &check->intent->racks[i];

		check_rack_leaf(check, &rack->at, rack->leaf);
		check_tenant(check, &rack->at, rack->tenant);
		if (!rack->partner[0])
			continue;
		check_role(check, &rack->at, rack->partner, is_leaf, "a leaf");
		if (strcmp(rack->partner, rack->leaf) == 0)
			mistake(check, &rack->at, rack->partner, "expected another leaf");
	}
}

static void check_externals(struct check *check) {
	for (size_t i = 0; i < check->intent->external_count; i++) {
		struct intent_external *external = &check->intent->externals[i];

		if (!external->asn && !external->at.is_wrong)
			mistake(check, &external->at, external->name, "expected an 'asn'");
		if (!external->attach.count && !external->at.is_wrong)
			mistake(check, &external->at, external->name,
				"expected switches to 'attach' it to");
		for (size_t n = 0; n < external->attach.count; n++)
			check_role(check, &external->at, external->attach.names[n], takes_externals,
				"a border or a leaf");
	}
}

static void check_party(struct check *check, struct intent_place *at, const char *name) {
	if (name[0] && strcmp(name, "external") != 0 && !is_tenant(check, name) &&
		!check->tenants_in_doubt)
		mistake(check, at, name, "expected a tenant or 'external'%s",
			nearest_tenant(check, name, "external"));
}

static void check_policies(struct check *check) {
	for (size_t i = 0; i < check->intent->policy_count; i++) {
		struct intent_policy *policy = &check->intent->policies[i];

		if (!policy->one[0] && !policy->at.is_wrong) {
			mistake(check, &policy->at, "policies", "expected 'deny' with two tenants");
			continue;
		}
		check_party(check, &policy->at, policy->one);
		check_party(check, &policy->at, policy->other);
		if (policy->one[0] && strcmp(policy->one, policy->other) == 0)
			mistake(check, &policy->at, policy->one, "expected two different ones");
	}
}

/* A host hangs below leaves: they alone announce its network. */
static void check_host_cable(struct check *check, struct intent_cable *cable) {
	const struct known_name *from = find(check, cable->from), *to = find(check, cable->to);

	if (!from || !to || cable->at.is_wrong)
		return;
	if (from->role == ROLE_HOST && !takes_externals(to->role))
		mistake(check, &cable->at, cable->to, "expected a leaf, for the host '%s'",
			cable->from);
	else if (to->role == ROLE_HOST && !takes_externals(from->role))
		mistake(check, &cable->at, cable->from, "expected a leaf, for the host '%s'",
			cable->to);
}

static void check_nodes(struct check *check) {
	for (size_t i = 0; i < check->intent->node_count; i++) {
		struct intent_node *node = &check->intent->nodes[i];

		if (!node->says_role && !node->at.is_wrong)
			mistake(check, &node->at, node->name, "expected a 'role'");
		check_tenant(check, &node->at, node->tenant);
	}
}

static void check_cables(struct check *check) {
	for (size_t i = 0; i < check->intent->cable_count; i++) {
		struct intent_cable *cable = &check->intent->cables[i];

		check_role(check, &cable->at, cable->from, is_any, "a node");
		check_role(check, &cable->at, cable->to, is_any, "a node");
		if (cable->from[0] && strcmp(cable->from, cable->to) == 0)
			mistake(check, &cable->at, cable->to, "expected another node");
		else
			check_host_cable(check, cable);
	}
}

struct named_prefix {
	const char *name;
	const struct prefix *prefix;
	struct intent_place *at;
};

/* One that could not be read is none. */
static struct named_prefix pool_of(
	const struct check *check, const char *key, const struct prefix *prefix) {
	static const struct prefix none;

	return (struct named_prefix){
		key, is_wrong(check, key) ? &none : prefix, place_of(check, key)};
}

/* All prefixes that are the fabric's own; there is room for 2 * INTENT_TENANTS_MAX + 4. */
static size_t list_pools(const struct check *check, struct named_prefix *pools) {
	struct intent *intent = check->intent;
	size_t count = 0;

	pools[count++] = pool_of(check, "loopbacks-ipv4", &intent->loopbacks4);
	pools[count++] = pool_of(check, "loopbacks-ipv6", &intent->loopbacks6);
	pools[count++] = pool_of(check, "links-ipv4", &intent->links4);
	pools[count++] = pool_of(check, "links-ipv6", &intent->links6);
	for (size_t i = 0; i < intent->tenant_count && i < INTENT_TENANTS_MAX; i++) {
		struct intent_tenant *tenant = &intent->tenants[i];

		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv4, &tenant->at};
		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv6, &tenant->at};
	}
	return count;
}

/* What others announce must not lie within: leaves would follow it instead. */
static void check_announced(
	struct check *check, struct intent_external *external, const struct named_prefix *pool) {
	char text[PREFIX_TEXT_MAX];

	for (size_t n = 0; n < external->announce_count; n++)
		if (pool->prefix->family && prefix_contains(pool->prefix, &external->announces[n]))
			mistake(check, &external->at, prefix_text(&external->announces[n], text),
				"lies in the prefix of %s: expected one beyond the fabric",
				pool->name);
}

static void check_overlaps(struct check *check) {
	const struct intent *intent = check->intent;
	struct named_prefix pools[2 * INTENT_TENANTS_MAX + 4];
	size_t count = list_pools(check, pools);

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < intent->external_count; n++)
			check_announced(check, &intent->externals[n], &pools[i]);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			char text[PREFIX_TEXT_MAX];

			if (pools[i].prefix->family &&
				pools[i].prefix->family == pools[j].prefix->family &&
				prefix_overlaps(pools[i].prefix, pools[j].prefix))
				mistake(check,
					pools[i].at && pools[i].at->line ? pools[i].at
									 : pools[j].at,
					prefix_text(pools[i].prefix, text),
					"overlaps the prefix of %s", pools[j].name);
		}
}

static void check_tenants(struct check *check) {
	if (check->intent->tenant_count == 0)
		mistake_at(check, "tenants", "expected at least one");
	if (check->intent->tenant_count > INTENT_TENANTS_MAX)
		mistake_at(check, "tenants", "expected at most %d", INTENT_TENANTS_MAX);
	check->intent->is_beyond_design = check->intent->tenant_count == 0 ||
					  check->intent->tenant_count > INTENT_TENANTS_MAX;
	for (size_t i = 0; i < check->intent->tenant_count; i++) {
		struct intent_tenant *tenant = &check->intent->tenants[i];

		if (!tenant->ipv4.family && !tenant->ipv6.family && !tenant->at.is_wrong)
			mistake(check, &tenant->at, tenant->name,
				"expected a prefix: ipv4, ipv6 or both");
		if (strcmp(tenant->name, "external") == 0)
			mistake(check, &tenant->at, tenant->name,
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
	if (timers->bfd && (timers->bfd < 10 || timers->bfd > 60000))
		mistake_at(check, "bfd", "expected 0, or from 10ms to 60s");
	if (timers->hold && timers->hold < 3000)
		mistake_at(check, "hold", "expected 0 or at least 3s (RFC 4271, section 4.2)");
	if (is_wrong(check, "hold"))
		return;
	if (timers->hold && timers->keepalive > timers->hold / 2)
		mistake_at(check, "keepalive", "expected at most half of 'hold'");
	if (timers->hold && timers->keepalive == 0)
		mistake_at(check, "keepalive", "expected at least 1s, unless 'hold' is 0");
}

static bool is_number_after(const char *text, const char *stem) {
	size_t length = strlen(stem);

	return strncmp(text, stem, length) == 0 && text[length] &&
	       text[length + strspn(text + length, "0123456789")] == '\0';
}

static bool is_tier(const char *text) {
	for (size_t i = 0; intent_tier_words[i]; i++)
		if (strcmp(text, intent_tier_words[i]) == 0)
			return true;
	return false;
}

/* The names of a link, "leaf1:spine2" or "leaf1:swp63", or a tier; whether there is such a cable,
 * the design knows. */
static void check_emulation(struct check *check, struct intent_emulation *emulation) {
	const char *nearest = nearest_word(emulation->link, intent_tier_words);
	const char *colon = strchr(emulation->link, ':');
	fabric_name node;

	if (!emulation->link[0] || is_tier(emulation->link))
		return;
	if (!colon) {
		mistake(check, &emulation->at, emulation->link,
			"expected %s%s%sa link, as in 'leaf1:spine2', or one of leaf-spine, "
			"spine-super, host, external, interconnect",
			nearest ? "'" : "", nearest ? nearest : "", nearest ? "'? Or " : "");
		return;
	}
	snprintf(node, sizeof(node), "%.*s", (int)(colon - emulation->link), emulation->link);
	check_role(check, &emulation->at, node, is_any, "a node");
	if (!is_number_after(colon + 1, "swp") && !is_number_after(colon + 1, "eth"))
		check_role(check, &emulation->at, colon + 1, is_any, "a node or a port");
}

static void check_emulations(struct check *check) {
	for (size_t i = 0; i < check->intent->emulation_count; i++)
		check_emulation(check, &check->intent->emulations[i]);
}

static void check_optics(struct check *check) {
	const struct intent_optics *optics = &check->intent->optics;
	bool some = optics->topology[0] || optics->equipment[0] || optics->services[0];

	if (some && !(optics->topology[0] && optics->equipment[0] && optics->services[0]))
		mistake_at(check, "optics", "expected 'topology', 'equipment' and 'services'");
	if (some && check->intent->shape != SHAPE_SITES && !is_wrong(check, "shape"))
		mistake_at(check, "optics", "expected 'shape: sites': light joins them");
}

static void check_names(struct check *check) {
	intent_each_node(check->intent, take_node, check);
	check_nodes(check);
	check_racks(check);
	check_externals(check);
	check_policies(check);
	check_cables(check);
	check_emulations(check);
}

static void forget_names(struct check *check) {
	struct known_name *known, *next;

	HASH_ITER(hh, check->names, known, next) {
		HASH_DEL(check->names, known);
		free(known);
	}
}

void intent_check(struct intent *intent, struct mistakes *mistakes) {
	struct check check = {.intent = intent, .mistakes = mistakes};

	note_doubts(&check);
	check_timers(&check);
	check_optics(&check);
	check_shape(&check);
	check_tenants(&check);
	if (intent->tenant_count == 0)
		return;
	check_names(&check);
	check_size(&check);
	check_overlaps(&check);
	forget_names(&check);
}
