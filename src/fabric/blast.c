/*
 * blast: see blast.h.
 *
 * Two leaves reach each other if some switch is above both of them, and each finds its way up to it
 * (packets never go up again). So each leaf has a set of what is above it, a bit a switch; a
 * failure changes the sets of some leaves, and only pairs with one of those are looked at. Leaves
 * of two sites reach each other if two borders are joined that each find their way to one of them:
 * so the sets go on with a bit for either end of what joins borders.
 *
 * How much a pair loses is a flow, and dear: failures of alike switches cost alike, and so do pairs
 * of alike leaves, so each kind is computed once.
 */
#include "fabric/blast.h"

#include "fabric/capacity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { PARTNERS_MOST = 256 }; /* of a leaf, that a flow is computed to */

/* A kind of failure, and what it costs. */
struct kind {
	struct {
		uint32_t lower, upper; /* classes; a node's own in both */
		uint64_t mbps;         /* of a link; 0: a node */
	} key;
	double capacity;
	UT_hash_handle hh;
};

struct leaf {
	int node;
	uint64_t *now, *before; /* sets, and with all up */
	bool is_affected;
	bool had_peers; /* reached some other leaf before */
	int *networks;
	size_t network_count;
	uint32_t class;
};

struct survey {
	const struct fabric *fabric;
	struct capacity *capacity;
	struct leaf *leaves;
	size_t leaf_count;
	size_t words, end_words, set_words; /* of what is above, of either end, and in all */
	uint64_t *sets;
	uint64_t *told;           /* by tenant: what joins borders that both know it */
	uint32_t *switch_of_node; /* a bit's number */
	int *leaf_of_node;        /* or FABRIC_NONE */
	bool *knows;              /* by leaf and tenant */
	bool *network_is_lost;    /* by network */
	int *networks;            /* by leaf */
	uint8_t *is_isolated;     /* by leaf */
	int *examples;            /* a leaf of each class */
	size_t example_count;
	struct kind *kinds;
	int failed_node, failed_link; /* or FABRIC_NONE */
	bool no_memory;
};

/* --- sets --- */

static void add_above(struct survey *survey, int node, uint64_t *set) {
	int above[64], *all = above;
	size_t room = survey->fabric->nodes[node].port_count, count;

	if (room > sizeof(above) / sizeof(above[0])) {
		all = malloc(room * sizeof(*all));
		if (!all) {
			survey->no_memory = true;
			return;
		}
	}
	count = capacity_above(survey->capacity, node, all);
	for (size_t i = 0; i < count; i++) {
		uint32_t bit = survey->switch_of_node[all[i]];

		if (set[bit / 64] >> bit % 64 & 1)
			continue;
		set[bit / 64] |= UINT64_C(1) << bit % 64;
		add_above(survey, all[i], set);
	}
	if (all != above)
		free(all);
}

static void find_above(struct survey *survey, struct leaf *leaf) {
	memset(leaf->now, 0, survey->words * sizeof(*leaf->now));
	add_above(survey, leaf->node, leaf->now);
}

static bool meet(const struct survey *survey, const uint64_t *one, const uint64_t *other) {
	for (size_t i = 0; i < survey->words; i++)
		if (one[i] & other[i])
			return true;
	return false;
}

/* The part of a set that has these ends of what joins borders. */
static uint64_t *ends_in(const struct survey *survey, uint64_t *set, int end) {
	return set + survey->words + (size_t)end * survey->end_words;
}

/* Once all know what is above them. */
static void find_ends(const struct survey *survey, const struct leaf *leaf) {
	size_t count = capacity_crossings(survey->capacity);

	memset(ends_in(survey, leaf->now, 0), 0, 2 * survey->end_words * sizeof(*leaf->now));
	for (size_t i = 0; i < count; i++) {
		int ends[2];

		if (!capacity_crosses(survey->capacity, i, ends))
			continue;
		for (int end = 0; end < 2; end++) {
			const struct leaf *border =
				&survey->leaves[survey->leaf_of_node[ends[end]]];

			if (border == leaf || meet(survey, border->now, leaf->now))
				ends_in(survey, leaf->now, end)[i / 64] |= UINT64_C(1) << i % 64;
		}
	}
}

/* Whether borders are joined between two leaves; `told` says which count, NULL: all. */
static bool cross(
	const struct survey *survey, uint64_t *one, uint64_t *other, const uint64_t *told) {
	for (size_t i = 0; i < survey->end_words; i++) {
		uint64_t there = ends_in(survey, one, 0)[i] & ends_in(survey, other, 1)[i];
		uint64_t back = ends_in(survey, one, 1)[i] & ends_in(survey, other, 0)[i];

		if ((there | back) & (told ? told[i] : UINT64_MAX))
			return true;
	}
	return false;
}

static bool reach(
	const struct survey *survey, uint64_t *one, uint64_t *other, const uint64_t *told) {
	return meet(survey, one, other) || cross(survey, one, other, told);
}

static bool has(const struct survey *survey, const uint64_t *set, int node) {
	uint32_t bit = survey->switch_of_node[node];

	return set[bit / 64] >> bit % 64 & 1;
}

/* --- one failure --- */

static bool is_up(const struct survey *survey, const struct leaf *leaf) {
	return leaf->node != survey->failed_node;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

static bool is_above_leaves(const struct fabric_node *node) {
	return fabric_is_switch(node) && !is_leaf(node);
}

/* Those below the failed node, or below the failed link. */
static void find_affected_below(struct survey *survey) {
	const struct fabric *fabric = survey->fabric;
	int at = survey->failed_node;

	if (survey->failed_link != FABRIC_NONE)
		at = fabric->ports[fabric->links[survey->failed_link].ports[1]].node;
	for (size_t i = 0; i < survey->leaf_count; i++) {
		struct leaf *leaf = &survey->leaves[i];

		leaf->is_affected = leaf->node == at || (is_above_leaves(&fabric->nodes[at]) &&
								has(survey, leaf->before, at));
		if (leaf->is_affected)
			find_above(survey, leaf);
	}
}

/* And those for which fewer borders are joined. */
static void find_affected(struct survey *survey) {
	find_affected_below(survey);
	for (size_t i = 0; i < survey->leaf_count && survey->end_words; i++) {
		struct leaf *leaf = &survey->leaves[i];

		find_ends(survey, leaf);
		leaf->is_affected |=
			memcmp(ends_in(survey, leaf->now, 0), ends_in(survey, leaf->before, 0),
				2 * survey->end_words * sizeof(*leaf->now)) != 0;
	}
}

/* An owner's networks that another leaf reached, and no longer does. */
static void lose_networks(
	struct survey *survey, const struct leaf *owner, const struct leaf *other) {
	const struct fabric *fabric = survey->fabric;
	size_t tenants = fabric->intent->tenant_count;

	for (size_t i = 0; i < owner->network_count; i++) {
		int network = owner->networks[i];
		size_t tenant = (size_t)fabric->networks[network].tenant;
		const uint64_t *told = survey->told + tenant * survey->end_words;

		if (survey->knows[(size_t)(other - survey->leaves) * tenants + tenant] &&
			reach(survey, owner->before, other->before, told) &&
			!(is_up(survey, owner) && reach(survey, owner->now, other->now, told)))
			survey->network_is_lost[network] = true;
	}
}

/* What no longer reaches each other; what is left of the affected leaves' peers. */
static void compare_pairs(struct survey *survey) {
	for (size_t i = 0; i < survey->leaf_count; i++) {
		const struct leaf *one = &survey->leaves[i];
		bool has_peers = false;

		survey->is_isolated[i] = false;
		if (!one->is_affected)
			continue;
		for (size_t j = 0; j < survey->leaf_count; j++) {
			const struct leaf *other = &survey->leaves[j];
			bool are_up = is_up(survey, one) && is_up(survey, other);

			if (i == j)
				continue;
			has_peers |= are_up && reach(survey, one->now, other->now, NULL);
			if (are_up && meet(survey, one->now, other->now))
				continue;
			if (is_up(survey, other))
				lose_networks(survey, one, other);
			if (is_up(survey, one))
				lose_networks(survey, other, one);
		}
		survey->is_isolated[i] = !is_up(survey, one) || (one->had_peers && !has_peers);
	}
}

/* Whether a host or external router has no way left. */
static bool is_cut(const struct survey *survey, int id) {
	const struct fabric *fabric = survey->fabric;
	const struct fabric_node *node = &fabric->nodes[id];

	if (id == survey->failed_node)
		return true;
	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];
		int leaf = survey->leaf_of_node[fabric->ports[port->other].node];

		if (port->link != survey->failed_link &&
			(leaf == FABRIC_NONE || !survey->is_isolated[leaf]))
			return false;
	}
	return node->port_count > 0;
}

static void count_if_cut(const struct survey *survey, int id, struct blast *blast) {
	enum fabric_role role = survey->fabric->nodes[id].role;

	if ((role != ROLE_HOST && role != ROLE_EXTERNAL) || !is_cut(survey, id))
		return;
	blast->hosts += role == ROLE_HOST;
	blast->externals += role == ROLE_EXTERNAL;
}

/* Each once: at the first of its ports whose leaf is isolated. */
static void count_below(const struct survey *survey, const struct leaf *leaf, struct blast *blast) {
	const struct fabric *fabric = survey->fabric;
	const struct fabric_node *node = &fabric->nodes[leaf->node];

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];
		int below = fabric->ports[port->other].node, first = FABRIC_NONE;

		for (size_t m = 0; m < fabric->nodes[below].port_count; m++) {
			int own = fabric->nodes[below].ports[m];
			int other =
				survey->leaf_of_node[fabric->ports[fabric->ports[own].other].node];

			if (first == FABRIC_NONE && other != FABRIC_NONE &&
				survey->is_isolated[other])
				first = own;
		}
		if (first == port->other)
			count_if_cut(survey, below, blast);
	}
}

static void count_lost(struct survey *survey, struct blast *blast) {
	const struct fabric *fabric = survey->fabric;

	memset(survey->network_is_lost, 0, fabric->network_count);
	find_affected(survey);
	compare_pairs(survey);
	for (size_t i = 0; i < fabric->network_count; i++)
		blast->networks += survey->network_is_lost[i];
	for (size_t i = 0; i < survey->leaf_count; i++)
		if (survey->is_isolated[i])
			count_below(survey, &survey->leaves[i], blast);
	if (survey->failed_node != FABRIC_NONE)
		count_if_cut(survey, survey->failed_node, blast);
	for (int end = 0; end < 2 && survey->failed_link != FABRIC_NONE; end++)
		count_if_cut(survey,
			fabric->ports[fabric->links[survey->failed_link].ports[end]].node, blast);
}

/* --- what pairs lose --- */

static void set_failed(struct survey *survey, bool is_failed) {
	if (survey->failed_node != FABRIC_NONE)
		capacity_set_node(survey->capacity, survey->failed_node, !is_failed);
	if (survey->failed_link != FABRIC_NONE)
		capacity_set_link(survey->capacity, survey->failed_link, !is_failed);
}

static double share_lost(struct survey *survey, int one, int other) {
	uint64_t before, after = capacity_between(survey->capacity, &one, 1, &other, 1);

	set_failed(survey, false);
	before = capacity_between(survey->capacity, &one, 1, &other, 1);
	set_failed(survey, true);
	if (before == UINT64_MAX || after == UINT64_MAX)
		survey->no_memory = true;
	return before ? 1 - (double)after / (double)before : 0;
}

/* Borders' routers have nothing to say to each other. */
static bool are_borders(const struct survey *survey, int one, int other) {
	const struct fabric_node *nodes = survey->fabric->nodes;

	return nodes[one].role == ROLE_BORDER && nodes[other].role == ROLE_BORDER;
}

/* A leaf to one of each class of leaves, itself left out. */
static double worst_of_leaf(struct survey *survey, const struct leaf *leaf) {
	size_t step = survey->example_count / PARTNERS_MOST + 1;
	double worst = 0;

	for (size_t i = 0; i < survey->example_count; i += step) {
		int other = survey->examples[i];
		double share;

		if (other == leaf->node || other == survey->failed_node ||
			are_borders(survey, leaf->node, other))
			continue;
		share = share_lost(survey, leaf->node, other);
		worst = share > worst ? share : worst;
	}
	return worst;
}

/* Over one affected leaf of each class, but for a leaf's own link: that leaf alone. */
static double worst_of_pairs(struct survey *survey) {
	const struct fabric *fabric = survey->fabric;
	uint8_t *is_done = calloc(fabric->node_count + 1, 1);
	double worst = 0;

	if (!is_done)
		survey->no_memory = true;
	for (size_t i = 0; i < survey->leaf_count && is_done; i++) {
		const struct leaf *leaf = &survey->leaves[i];
		double share;

		if (!leaf->is_affected || !is_up(survey, leaf) || is_done[leaf->class])
			continue;
		is_done[leaf->class] = true;
		share = worst_of_leaf(survey, leaf);
		worst = share > worst ? share : worst;
	}
	free(is_done);
	return worst;
}

static double capacity_lost(struct survey *survey) {
	const struct fabric *fabric = survey->fabric;
	int lower = survey->failed_node, upper = lower;
	struct kind *kind, *known;

	if (survey->failed_link != FABRIC_NONE) {
		const struct fabric_link *link = &fabric->links[survey->failed_link];

		lower = fabric->ports[link->ports[1]].node;
		upper = fabric->ports[link->ports[0]].node;
	}
	if (!fabric_is_switch(&fabric->nodes[lower]) || !fabric_is_switch(&fabric->nodes[upper]))
		return 0;
	kind = calloc(1, sizeof(*kind));
	if (!kind) {
		survey->no_memory = true;
		return 0;
	}
	kind->key.lower = capacity_class(survey->capacity, lower);
	kind->key.upper = capacity_class(survey->capacity, upper);
	if (survey->failed_link != FABRIC_NONE)
		kind->key.mbps = fabric->links[survey->failed_link].speed_mbps;
	HASH_FIND(hh, survey->kinds, &kind->key, sizeof(kind->key), known);
	if (known) {
		free(kind);
		return known->capacity;
	}
	kind->capacity = worst_of_pairs(survey);
	HASH_ADD(hh, survey->kinds, key, sizeof(kind->key), kind);
	return kind->capacity;
}

static struct blast fail(struct survey *survey, int node, int link) {
	struct blast blast = {0};

	survey->failed_node = node;
	survey->failed_link = link;
	set_failed(survey, true);
	count_lost(survey, &blast);
	blast.capacity = capacity_lost(survey);
	set_failed(survey, false);
	for (size_t i = 0; i < survey->leaf_count; i++)
		if (survey->leaves[i].is_affected)
			memcpy(survey->leaves[i].now, survey->leaves[i].before,
				survey->set_words * sizeof(uint64_t));
	return blast;
}

/* --- the whole --- */

/* Each leaf's networks, one leaf after the other. */
static void sort_networks(struct survey *survey) {
	const struct fabric *fabric = survey->fabric;
	size_t count = 0;

	for (size_t i = 0; i < fabric->network_count; i++)
		if (fabric->networks[i].leaf != FABRIC_NONE)
			survey->leaves[survey->leaf_of_node[fabric->networks[i].leaf]]
				.network_count++;
	for (size_t i = 0; i < survey->leaf_count; i++) {
		survey->leaves[i].networks = survey->networks + count;
		count += survey->leaves[i].network_count;
		survey->leaves[i].network_count = 0;
	}
	for (size_t i = 0; i < fabric->network_count; i++) {
		struct leaf *leaf;

		if (fabric->networks[i].leaf == FABRIC_NONE)
			continue;
		leaf = &survey->leaves[survey->leaf_of_node[fabric->networks[i].leaf]];
		leaf->networks[leaf->network_count++] = (int)i;
	}
}

static void find_leaves(struct survey *survey) {
	const struct fabric *fabric = survey->fabric;
	size_t tenants = fabric->intent->tenant_count;

	for (size_t id = 0; id < fabric->node_count; id++) {
		struct leaf *leaf = &survey->leaves[survey->leaf_count];

		survey->leaf_of_node[id] = FABRIC_NONE;
		if (!is_leaf(&fabric->nodes[id]))
			continue;
		survey->leaf_of_node[id] = (int)survey->leaf_count;
		leaf->node = (int)id;
		leaf->class = capacity_class(survey->capacity, (int)id);
		leaf->now = survey->sets + 2 * survey->leaf_count * survey->set_words;
		leaf->before = leaf->now + survey->set_words;
		find_above(survey, leaf);
		for (size_t tenant = 0; tenant < tenants; tenant++)
			survey->knows[survey->leaf_count * tenants + tenant] =
				fabric_node_knows(fabric, (int)id, (int)tenant);
		survey->leaf_count++;
	}
}

/* Of what joins borders, what they tell each other of: tenants that both know. */
static void find_told(struct survey *survey) {
	size_t tenants = survey->fabric->intent->tenant_count;
	size_t count = capacity_crossings(survey->capacity);

	for (size_t i = 0; i < count; i++) {
		int ends[2];
		const bool *one, *other;

		capacity_crosses(survey->capacity, i, ends);
		one = survey->knows + (size_t)survey->leaf_of_node[ends[0]] * tenants;
		other = survey->knows + (size_t)survey->leaf_of_node[ends[1]] * tenants;
		for (size_t tenant = 0; tenant < tenants; tenant++)
			if (one[tenant] && other[tenant])
				survey->told[tenant * survey->end_words + i / 64] |= UINT64_C(1)
										     << i % 64;
	}
}

static void keep_sets(struct survey *survey) {
	for (size_t i = 0; i < survey->leaf_count; i++) {
		struct leaf *leaf = &survey->leaves[i];

		find_ends(survey, leaf);
		memcpy(leaf->before, leaf->now, survey->set_words * sizeof(*leaf->now));
	}
}

/* Two of each class, so that each leaf has another of its own class. */
static void find_examples(struct survey *survey) {
	for (size_t i = 0; i < survey->leaf_count; i++) {
		size_t alike = 0;

		for (size_t n = 0; n < survey->example_count && alike < 2; n++)
			alike += capacity_class(survey->capacity, survey->examples[n]) ==
				 survey->leaves[i].class;
		if (alike < 2)
			survey->examples[survey->example_count++] = survey->leaves[i].node;
		for (size_t j = 0; j < survey->leaf_count && !survey->leaves[i].had_peers; j++)
			survey->leaves[i].had_peers =
				i != j &&
				reach(survey, survey->leaves[i].now, survey->leaves[j].now, NULL);
	}
}

static int prepare(struct survey *survey) {
	const struct fabric *fabric = survey->fabric;
	size_t nodes = fabric->node_count + 1, leaves = 0;
	uint32_t switches = 0;

	survey->capacity = capacity_create(fabric);
	survey->switch_of_node = calloc(nodes, sizeof(*survey->switch_of_node));
	survey->leaf_of_node = calloc(nodes, sizeof(*survey->leaf_of_node));
	survey->network_is_lost = calloc(fabric->network_count + 1, 1);
	survey->networks = calloc(fabric->network_count + 1, sizeof(*survey->networks));
	if (!survey->capacity || !survey->switch_of_node || !survey->leaf_of_node ||
		!survey->network_is_lost || !survey->networks)
		return -ENOMEM;
	for (size_t id = 0; id < fabric->node_count; id++) {
		leaves += is_leaf(&fabric->nodes[id]);
		if (fabric_is_switch(&fabric->nodes[id]) && !is_leaf(&fabric->nodes[id]))
			survey->switch_of_node[id] = switches++;
	}
	survey->words = switches / 64 + 1;
	survey->end_words = (capacity_crossings(survey->capacity) + 63) / 64;
	survey->set_words = survey->words + 2 * survey->end_words;
	survey->leaves = calloc(leaves + 1, sizeof(*survey->leaves));
	survey->is_isolated = calloc(leaves + 1, 1);
	survey->examples = calloc(leaves + 1, sizeof(*survey->examples));
	survey->knows = calloc(leaves * fabric->intent->tenant_count + 1, 1);
	survey->sets = calloc(2 * leaves * survey->set_words + 1, sizeof(*survey->sets));
	survey->told =
		calloc(fabric->intent->tenant_count * survey->end_words + 1, sizeof(*survey->told));
	if (!survey->leaves || !survey->is_isolated || !survey->examples || !survey->knows ||
		!survey->sets || !survey->told)
		return -ENOMEM;
	find_leaves(survey);
	find_told(survey);
	keep_sets(survey);
	sort_networks(survey);
	find_examples(survey);
	return 0;
}

static void clean_up(struct survey *survey) {
	struct kind *kind, *next;

	HASH_ITER(hh, survey->kinds, kind, next) {
		HASH_DEL(survey->kinds, kind);
		free(kind);
	}
	capacity_destroy(survey->capacity);
	free(survey->switch_of_node);
	free(survey->leaf_of_node);
	free(survey->network_is_lost);
	free(survey->networks);
	free(survey->leaves);
	free(survey->is_isolated);
	free(survey->examples);
	free(survey->knows);
	free(survey->sets);
	free(survey->told);
}

int blast_radii(const struct fabric *fabric, struct blast *nodes, struct blast *links) {
	struct survey survey = {.fabric = fabric};
	int error = prepare(&survey);

	for (int id = 0; id < (int)fabric->node_count && !error; id++)
		nodes[id] = fail(&survey, id, FABRIC_NONE);
	for (int id = 0; id < (int)fabric->link_count && !error; id++)
		links[id] = fail(&survey, FABRIC_NONE, id);
	if (!error && survey.no_memory)
		error = -ENOMEM;
	clean_up(&survey);
	return error;
}
