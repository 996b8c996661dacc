/* intent_check: see intent_check.h. Names that are used must exist, and be used once; prefixes may
 * not overlap; a shape needs its parts. Nothing is concluded from what could not be read: a name
 * that is not known is no mistake where some names are not. */
#include "fabric/intent_check.h"

#include "base/nearest.h"
#include "fabric/intent_applications.h"
#include "fabric/intent_checking.h"

#include <stdio.h>
#include <string.h>

/* At a key that stands by itself, or what makes it needed; not if the value could not be read. */
#define mistake_at(check, key, ...)                                                                \
	do {                                                                                       \
		struct intent_place *at_key = checking_place(check, key);                          \
                                                                                                   \
		if (!checking_is_wrong(check, key))                                                \
			checking_mistake(check, at_key ? at_key : checking_place(check, "shape"),  \
				key, __VA_ARGS__);                                                 \
	} while (0)

static bool is_leaf(enum fabric_role role) {
	return role == ROLE_LEAF;
}

static bool takes_externals(enum fabric_role role) {
	return role == ROLE_BORDER || role == ROLE_LEAF;
}

static bool is_any(enum fabric_role role) {
	return true;
}

/* One that is told twice is left out, so that its nodes are not told twice as well. */
static void check_site_names(struct intent_checking *check) {
	struct intent_names *sites = &check->intent->sites;
	size_t count = 0;

	for (size_t i = 0; i < sites->count; i++) {
		size_t same = 0;

		while (same < count && strcmp(sites->names[same], sites->names[i]) != 0)
			same++;
		if (same < count)
			mistake_at(check, "sites", "'%s' twice: expected another name",
				sites->names[i]);
		else
			memmove(sites->names[count++], sites->names[i], sizeof(*sites->names));
	}
	sites->count = count;
}

static void check_sites(struct intent_checking *check) {
	const struct intent *intent = check->intent;

	if (intent->sites.count < 2)
		mistake_at(check, "sites", "expected two or more names, as in [east, west]");
	if (intent->borders.count == 0)
		mistake_at(check, "borders", "expected at least one: sites are joined by them");
	if (intent->super_spines.count)
		mistake_at(check, "super-spines", "sites have none; 'shape: clos' does");
	if (intent->pods)
		mistake_at(check, "pods", "sites have none; 'shape: clos' does");
	check_site_names(check);
}

static void check_shape(struct intent_checking *check) {
	const struct intent *intent = check->intent;

	if (checking_is_wrong(check, "shape"))
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

static void check_size(struct intent_checking *check) {
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
static void check_rack_leaf(
	struct intent_checking *check, struct intent_place *at, const char *name) {
	const struct known_name *known = checking_find(check, name);

	if (known && is_leaf(known->role) && known->is_listed)
		checking_mistake(check, at, name,
			"expected a leaf of 'leaves'; what hangs below those of 'nodes' is listed "
			"there too");
	else
		checking_role(check, at, name, is_leaf, "a leaf");
}

static void check_racks(struct intent_checking *check) {
	for (size_t i = 0; i < check->intent->rack_count; i++) {
		struct intent_rack *rack = &check->intent->racks[i];

		check_rack_leaf(check, &rack->at, rack->leaf);
		checking_tenant(check, &rack->at, rack->tenant);
		if (!rack->partner[0])
			continue;
		checking_role(check, &rack->at, rack->partner, is_leaf, "a leaf");
		if (strcmp(rack->partner, rack->leaf) == 0)
			checking_mistake(check, &rack->at, rack->partner, "expected another leaf");
	}
}

static void check_externals(struct intent_checking *check) {
	for (size_t i = 0; i < check->intent->external_count; i++) {
		struct intent_external *external = &check->intent->externals[i];

		if (!external->asn && !external->at.is_wrong)
			checking_mistake(check, &external->at, external->name, "expected an 'asn'");
		if (!external->attach.count && !external->at.is_wrong)
			checking_mistake(check, &external->at, external->name,
				"expected switches to 'attach' it to");
		for (size_t n = 0; n < external->attach.count; n++)
			checking_role(check, &external->at, external->attach.names[n],
				takes_externals, "a border or a leaf");
	}
}

static void check_party(struct intent_checking *check, struct intent_place *at, const char *name) {
	if (name[0] && strcmp(name, "external") != 0 && !checking_is_tenant(check, name) &&
		!check->tenants_in_doubt)
		checking_mistake(check, at, name, "expected a tenant or 'external'%s",
			checking_nearest_tenant(check, name, "external"));
}

static void check_policies(struct intent_checking *check) {
	for (size_t i = 0; i < check->intent->policy_count; i++) {
		struct intent_policy *policy = &check->intent->policies[i];

		if (!policy->one[0] && !policy->at.is_wrong) {
			checking_mistake(
				check, &policy->at, "policies", "expected 'deny' with two tenants");
			continue;
		}
		check_party(check, &policy->at, policy->one);
		check_party(check, &policy->at, policy->other);
		if (policy->one[0] && strcmp(policy->one, policy->other) == 0)
			checking_mistake(
				check, &policy->at, policy->one, "expected two different ones");
	}
}

/* A host hangs below leaves: they alone announce its network. */
static void check_host_cable(struct intent_checking *check, struct intent_cable *cable) {
	const struct known_name *from = checking_find(check, cable->from),
				*to = checking_find(check, cable->to);

	if (!from || !to || cable->at.is_wrong)
		return;
	if (from->role == ROLE_HOST && !takes_externals(to->role))
		checking_mistake(check, &cable->at, cable->to, "expected a leaf, for the host '%s'",
			cable->from);
	else if (to->role == ROLE_HOST && !takes_externals(from->role))
		checking_mistake(check, &cable->at, cable->from,
			"expected a leaf, for the host '%s'", cable->to);
}

static void check_nodes(struct intent_checking *check) {
	for (size_t i = 0; i < check->intent->node_count; i++) {
		struct intent_node *node = &check->intent->nodes[i];

		if (!node->says_role && !node->at.is_wrong)
			checking_mistake(check, &node->at, node->name, "expected a 'role'");
		checking_tenant(check, &node->at, node->tenant);
	}
}

static void check_cables(struct intent_checking *check) {
	for (size_t i = 0; i < check->intent->cable_count; i++) {
		struct intent_cable *cable = &check->intent->cables[i];

		checking_role(check, &cable->at, cable->from, is_any, "a node");
		checking_role(check, &cable->at, cable->to, is_any, "a node");
		if (cable->from[0] && strcmp(cable->from, cable->to) == 0)
			checking_mistake(check, &cable->at, cable->to, "expected another node");
		else
			check_host_cable(check, cable);
	}
}

static void check_tenants(struct intent_checking *check) {
	if (check->intent->tenant_count == 0)
		mistake_at(check, "tenants", "expected at least one");
	if (check->intent->tenant_count > INTENT_TENANTS_MAX)
		mistake_at(check, "tenants", "expected at most %d", INTENT_TENANTS_MAX);
	check->intent->is_beyond_design = check->intent->tenant_count == 0 ||
					  check->intent->tenant_count > INTENT_TENANTS_MAX;
	for (size_t i = 0; i < check->intent->tenant_count; i++) {
		struct intent_tenant *tenant = &check->intent->tenants[i];

		if (!tenant->ipv4.family && !tenant->ipv6.family && !tenant->at.is_wrong)
			checking_mistake(check, &tenant->at, tenant->name,
				"expected a prefix: ipv4, ipv6 or both");
		if (strcmp(tenant->name, "external") == 0)
			checking_mistake(check, &tenant->at, tenant->name,
				"expected another name: in policies this is all beyond the fabric");
	}
}

/* What BGP and FRR count in seconds. */
static void check_seconds(
	struct intent_checking *check, const char *name, uint32_t time_ms, uint32_t most_s) {
	if (time_ms % 1000)
		mistake_at(check, name, "expected whole seconds");
	else if (time_ms / 1000 > most_s)
		mistake_at(check, name, "expected at most %us", most_s);
}

static void check_timers(struct intent_checking *check) {
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
	if (checking_is_wrong(check, "hold"))
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
static void check_emulation(struct intent_checking *check, struct intent_emulation *emulation) {
	const char *nearest = nearest_word(emulation->link, intent_tier_words);
	const char *colon = strchr(emulation->link, ':');
	fabric_name node;

	if (!emulation->link[0] || is_tier(emulation->link))
		return;
	if (!colon) {
		checking_mistake(check, &emulation->at, emulation->link,
			"expected %s%s%sa link, as in 'leaf1:spine2', or one of leaf-spine, "
			"spine-super, host, external, interconnect",
			nearest ? "'" : "", nearest ? nearest : "", nearest ? "'? Or " : "");
		return;
	}
	snprintf(node, sizeof(node), "%.*s", (int)(colon - emulation->link), emulation->link);
	checking_role(check, &emulation->at, node, is_any, "a node");
	if (!is_number_after(colon + 1, "swp") && !is_number_after(colon + 1, "eth"))
		checking_role(check, &emulation->at, colon + 1, is_any, "a node or a port");
}

static void check_emulations(struct intent_checking *check) {
	for (size_t i = 0; i < check->intent->emulation_count; i++)
		check_emulation(check, &check->intent->emulations[i]);
}

static void check_optics(struct intent_checking *check) {
	const struct intent_optics *optics = &check->intent->optics;
	bool some = optics->topology[0] || optics->equipment[0] || optics->services[0];

	if (some && !(optics->topology[0] && optics->equipment[0] && optics->services[0]))
		mistake_at(check, "optics", "expected 'topology', 'equipment' and 'services'");
	if (some && check->intent->shape != SHAPE_SITES && !checking_is_wrong(check, "shape"))
		mistake_at(check, "optics", "expected 'shape: sites': light joins them");
}

static void check_names(struct intent_checking *check) {
	checking_take_names(check);
	check_nodes(check);
	check_racks(check);
	check_externals(check);
	check_policies(check);
	check_cables(check);
	check_emulations(check);
	intent_check_applications(check);
}

void intent_check(struct intent *intent, struct mistakes *mistakes) {
	struct intent_checking check = {.intent = intent, .mistakes = mistakes};

	checking_begin(&check);
	check_timers(&check);
	check_optics(&check);
	check_shape(&check);
	check_tenants(&check);
	if (intent->tenant_count == 0)
		return;
	check_names(&check);
	check_size(&check);
	intent_check_overlaps(&check);
	checking_end(&check);
}
