/* model_test: the tables of random fabrics, followed by hand: no loop, no valley (unless
 * to another site, once), all paths, and nothing that a policy denies; also with a link or a node
 * down. */
#include "fixture.h"

#include "fabric/model.h"

#include <stdio.h>

enum { SHAPES = 60, HOPS_MOST = 16 };

struct tables {
	const struct fabric *fabric;
	struct fib_set *set;
};

static void make_tables(
	struct tables *tables, const struct fabric *fabric, const struct model_failures *failures) {
	tables->fabric = fabric;
	tables->set = fib_set_create();
	assert_non_null(tables->set);
	assert_int_equal(model_tables(fabric, failures, tables->set), 0);
	assert_int_equal(fib_set_finish(tables->set), 0);
}

/* The group of a node for an address: the longest of all that match, looked at one by one. */
static uint32_t look_up(
	const struct tables *tables, int node, const struct prefix *address, uint8_t *length) {
	uint32_t group = FIB_NO_ROUTE;

	*length = 0;
	for (size_t n = 0; n < fib_set_prefix_count(tables->set); n++) {
		const struct prefix *prefix = fib_set_prefix(tables->set, n);
		const struct fib_entry *entries;
		size_t count;

		if (!prefix_contains(prefix, address) || prefix->length < *length)
			continue;
		entries = fib_set_entries(tables->set, n, &count);
		for (size_t i = 0; i < count; i++)
			if (entries[i].node == (uint32_t)node) {
				group = entries[i].group;
				*length = prefix->length;
			}
	}
	return group;
}

static struct prefix host_of(const struct prefix *network) {
	struct prefix address = *network;

	address.length = (uint8_t)prefix_bits(address.family);
	return address;
}

/* What a way has done so far. */
struct past {
	bool has_gone_down, has_crossed;
	int hops;
};

/* One hop more: a way may not come back down to go up again, unless once by crossing to another
 * site, and may not be long. */
static struct past go_on(
	struct past past, const struct fabric_node *node, const struct fabric_node *next) {
	bool is_across = fabric_are_across(node, next), is_down = next->role > node->role;

	assert_true(past.hops < HOPS_MOST);
	assert_false(is_across ? past.has_crossed : past.has_gone_down && !is_down);
	return (struct past){
		.has_gone_down = !is_across && (past.has_gone_down || is_down),
		.has_crossed = is_across || past.has_crossed,
		.hops = past.hops + 1,
	};
}

/* Every way from a node to where it ends; returns how many end at `target`. Cables between the same
 * two nodes lie together, and lead to the same. */
static unsigned int follow(const struct tables *tables, int node, const struct prefix *address,
	int target, struct past past) {
	const struct fabric *fabric = tables->fabric;
	const struct fabric_node *last = NULL;
	unsigned int reached = 0, by_last = 0;
	uint8_t length;
	size_t count;
	const uint32_t *ports;

	if (node == target)
		return 1;
	ports = fib_set_ports(tables->set, look_up(tables, node, address, &length), &count);
	for (size_t i = 0; i < count; i++) {
		const struct fabric_node *next = fabric_neighbour(fabric, (int)ports[i]);

		assert_int_equal(fabric->ports[ports[i]].node, node);
		if (next != last)
			by_last = follow(tables, (int)(next - fabric->nodes), address, target,
				go_on(past, &fabric->nodes[node], next));
		reached += by_last;
		last = next;
	}
	return reached;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

/* The ports of a leaf by which it reaches a tenant at another: those to the spines of its pod, or
 * of a border to the other's site, if they are told of the tenant there. */
static size_t count_ways(const struct fabric *fabric, int id, int other, int tenant) {
	const struct fabric_node *node = &fabric->nodes[id];
	size_t up = 0, across = 0;

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_node *next = fabric_neighbour(fabric, node->ports[n]);

		up += next->role == ROLE_SPINE;
		across += fabric_are_across(node, next) && next->pod == fabric->nodes[other].pod &&
			  fabric_node_knows(fabric, (int)(next - fabric->nodes), tenant);
	}
	return across ? across : up;
}

/* From a leaf to a network of another. */
static void check_pair(const struct tables *tables, int leaf, const struct fabric_network *network,
	const struct prefix *prefix) {
	const struct fabric *fabric = tables->fabric;
	struct prefix address;
	uint8_t length;
	uint32_t group;
	size_t width;

	if (!prefix->family)
		return;
	address = host_of(prefix);
	group = look_up(tables, leaf, &address, &length);
	fib_set_ports(tables->set, group, &width);
	if (!fabric_node_knows(fabric, leaf, network->tenant)) {
		assert_int_equal(group, FIB_DROP);
		return;
	}
	assert_int_equal(length, prefix->length);
	assert_int_equal(width, count_ways(fabric, leaf, network->leaf, network->tenant));
	assert_true(follow(tables, leaf, &address, network->leaf, (struct past){0}) >= width);
}

static void check_networks(const struct fabric *fabric, struct random *random) {
	struct tables tables;

	make_tables(&tables, fabric, NULL);
	for (size_t i = 0; i < fabric->network_count; i++) {
		const struct fabric_network *network = &fabric->networks[i];

		for (int leaf = 0; leaf < (int)fabric->node_count; leaf++) {
			if (!is_leaf(&fabric->nodes[leaf]) || leaf == network->leaf ||
				network->leaf == FABRIC_NONE)
				continue;
			check_pair(&tables, leaf, network, &network->ipv4);
			check_pair(&tables, leaf, network, &network->ipv6);
		}
	}
	fib_set_destroy(tables.set);
}

static void every_allowed_leaf_reaches_every_network_by_all_equal_ways(void **state) {
	fixture_each_shape(3, SHAPES, check_networks);
}

/* --- dual-homed hosts --- */

static void check_dual_homed_host(const struct tables *tables, const struct fabric_node *host) {
	const struct fabric *fabric = tables->fabric;

	for (int leaf = 0; leaf < (int)fabric->node_count; leaf++) {
		uint8_t length;
		size_t width, own = 0;
		uint32_t group;
		int home = fabric->ports[fabric->ports[host->ports[0]].other].node;

		if (!is_leaf(&fabric->nodes[leaf]) ||
			!fabric_node_knows(fabric, leaf, host->tenant))
			continue;
		for (size_t n = 0; n < host->port_count; n++)
			own += fabric->ports[fabric->ports[host->ports[n]].other].node == leaf;
		group = look_up(tables, leaf, &host->loopback4, &length);
		fib_set_ports(tables->set, group, &width);
		assert_int_equal(length, 32);
		assert_int_equal(width, own ? own : count_ways(fabric, leaf, home, host->tenant));
	}
}

static void check_dual_homed(const struct fabric *fabric, struct random *random) {
	struct tables tables;

	make_tables(&tables, fabric, NULL);
	for (size_t i = 0; i < fabric->node_count; i++)
		if (fabric->nodes[i].role == ROLE_HOST && fabric->nodes[i].loopback4.family)
			check_dual_homed_host(&tables, &fabric->nodes[i]);
	fib_set_destroy(tables.set);
}

static void a_host_of_several_cables_is_reached_by_all_of_them(void **state) {
	fixture_each_shape(3, SHAPES, check_dual_homed);
}

/* --- policies --- */

/* Whether some way from a node leads to a host or router of this tenant. */
static bool reaches(
	const struct tables *tables, int node, const struct prefix *address, int tenant, int hops) {
	const struct fabric *fabric = tables->fabric;
	uint8_t length;
	size_t count;
	const uint32_t *ports =
		fib_set_ports(tables->set, look_up(tables, node, address, &length), &count);

	assert_true(hops < HOPS_MOST);
	for (size_t i = 0; i < count; i++) {
		const struct fabric_node *next = fabric_neighbour(fabric, (int)ports[i]);

		if (next->role == ROLE_HOST || next->role == ROLE_EXTERNAL)
			return (next->role == ROLE_HOST ? next->tenant : TENANT_EXTERNAL) == tenant;
		if (reaches(tables, (int)(next - fabric->nodes), address, tenant, hops + 1))
			return true;
	}
	return false;
}

static void check_host_pair(
	const struct tables *tables, const struct fabric_node *from, const struct fabric_node *to) {
	const struct fabric *fabric = tables->fabric;
	const struct fabric_port *last = &fabric->ports[to->ports[0]];
	int tenant = to->role == ROLE_HOST ? to->tenant : TENANT_EXTERNAL;
	struct prefix address = {.family = AF_INET, .address = {192, 0, 2}, .length = 32};

	if (to->role == ROLE_HOST)
		address = last->address4;
	if (!address.family)
		return;
	address.length = 32;
	for (size_t n = 0; n < from->port_count; n++) {
		int leaf = fabric->ports[fabric->ports[from->ports[n]].other].node;

		assert_int_equal(reaches(tables, leaf, &address, tenant, 0),
			!fabric_denies(fabric, from->tenant, tenant));
	}
}

static void check_policies(const struct fabric *fabric, struct random *random) {
	struct tables tables;

	make_tables(&tables, fabric, NULL);
	for (size_t i = 0; i < fabric->node_count; i++)
		for (size_t j = 0; j < fabric->node_count; j++) {
			const struct fabric_node *to = &fabric->nodes[j];

			if (i != j && fabric->nodes[i].role == ROLE_HOST &&
				(to->role == ROLE_HOST || strcmp(to->name, "isp1") == 0))
				check_host_pair(&tables, &fabric->nodes[i], to);
		}
	fib_set_destroy(tables.set);
}

static void hosts_reach_just_those_that_no_policy_denies(void **state) {
	fixture_each_shape(3, SHAPES, check_policies);
}

/* A tenant of one network only: what the owner announces is the tenant's whole prefix. */
static void a_whole_prefix_that_is_announced_is_reached(void **state) {
	struct designed designed;
	struct tables tables;
	struct state *kept;
	struct prefix address;
	uint8_t length;
	size_t width;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed,
		"tenants: {one: {ipv4: 10.1.0.0/24}, two: {ipv4: 10.2.0.0/16}}\nleaves: 2\n"
		"racks: {leaf1: {tenant: one}, leaf2: {tenant: two}}\n",
		kept);
	make_tables(&tables, designed.fabric, NULL);
	assert_int_equal(prefix_parse("10.1.0.1", &address), 0);
	fib_set_ports(tables.set,
		look_up(&tables, fabric_find(designed.fabric, "leaf2"), &address, &length), &width);
	assert_int_equal(width, 2);
	assert_int_equal(prefix_parse("10.2.9.1", &address), 0);
	assert_int_equal(
		look_up(&tables, fabric_find(designed.fabric, "spine1"), &address, &length),
		FIB_DROP);
	fib_set_destroy(tables.set);
	fixture_free(&designed);
	state_close(kept);
}

/* Of two routers, and one of them twice: the same prefix by both, and each its own. */
static void a_prefix_of_two_routers_leads_to_both(void **state) {
	struct designed designed;
	struct tables tables;
	struct state *kept;
	static const struct {
		const char *address;
		size_t width; /* from a spine */
	} cases[] = {{"192.0.2.1", 2}, {"198.51.100.1", 1}, {"203.0.113.1", 1}};

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed,
		"borders: 2\nexternal:\n"
		"  one: {asn: 64500, attach: [border1], announces: [192.0.2.0/24, "
		"198.51.100.0/24]}\n"
		"  two: {asn: 64501, attach: [border2], announces: [203.0.113.0/24, 192.0.2.0/24, "
		"192.0.2.0/24]}\n",
		kept);
	make_tables(&tables, designed.fabric, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix address;
		uint8_t length;
		size_t width;

		assert_int_equal(prefix_parse(cases[i].address, &address), 0);
		fib_set_ports(tables.set,
			look_up(&tables, fabric_find(designed.fabric, "spine1"), &address, &length),
			&width);
		assert_int_equal(length, 24);
		assert_int_equal(width, cases[i].width);
	}
	fib_set_destroy(tables.set);
	fixture_free(&designed);
	state_close(kept);
}

/* --- failures --- */

/* From every switch: also from a spine that has lost a leaf, where a default route leads down. */
static void check_all_ways(const struct tables *tables) {
	const struct fabric *fabric = tables->fabric;

	for (size_t i = 0; i < fabric->network_count; i++) {
		struct prefix address = host_of(&fabric->networks[i].ipv4);

		for (int node = 0; address.family && node < (int)fabric->node_count; node++)
			if (fabric_is_switch(&fabric->nodes[node]))
				follow(tables, node, &address, fabric->networks[i].leaf,
					(struct past){0});
	}
}

static void check_failures(const struct fabric *fabric, struct random *random) {
	bool *links = calloc(fabric->link_count + 1, 1), *nodes = calloc(fabric->node_count + 1, 1);
	const struct model_failures failures = {.link_is_down = links, .node_is_down = nodes};

	assert_non_null(links);
	assert_non_null(nodes);
	for (int i = 0; i < 3; i++) {
		struct tables tables;

		if (fabric->link_count)
			links[random_below(random, (uint32_t)fabric->link_count)] = true;
		if (i == 2)
			nodes[random_below(random, (uint32_t)fabric->node_count)] = true;
		make_tables(&tables, fabric, &failures);
		check_all_ways(&tables);
		fib_set_destroy(tables.set);
	}
	free(links);
	free(nodes);
}

static void failures_make_no_loop_and_no_valley(void **state) {
	fixture_each_shape(3, SHAPES, check_failures);
}

/* --- sites --- */

/* Tables of sites while some links or nodes are down. */
struct broken {
	struct designed designed;
	struct tables tables;
	bool links[64], nodes[64];
};

/* Takes down what `downs` has, each by "node" or "node node", up to NULL. */
static void take_down(struct broken *broken, const char *const *downs) {
	const struct fabric *fabric = broken->designed.fabric;

	for (; *downs; downs++) {
		fabric_name one = "", other = "";
		int a, b;

		sscanf(*downs, "%31s %31s", one, other);
		a = fabric_find(fabric, one);
		b = other[0] ? fabric_find(fabric, other) : a;
		if (a == b)
			broken->nodes[a] = true;
		for (size_t n = 0; a != b && n < fabric->nodes[a].port_count; n++)
			if (fabric_neighbour(fabric, fabric->nodes[a].ports[n]) ==
				&fabric->nodes[b])
				broken->links[fabric->ports[fabric->nodes[a].ports[n]].link] = true;
	}
}

static void begin_broken(struct broken *broken, const char *text, const char *const *downs) {
	struct model_failures failures = {
		.link_is_down = broken->links, .node_is_down = broken->nodes};
	struct state *kept;

	memset(broken, 0, sizeof(*broken));
	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&broken->designed, text, kept);
	state_close(kept);
	assert_true(broken->designed.fabric->link_count <= 64);
	assert_true(broken->designed.fabric->node_count <= 64);
	take_down(broken, downs);
	make_tables(&broken->tables, broken->designed.fabric, &failures);
}

static void end_broken(struct broken *broken) {
	fib_set_destroy(broken->tables.set);
	fixture_free(&broken->designed);
}

/* How many ways lead from a node to the network of a leaf. */
static unsigned int ways_to(const struct broken *broken, const char *from, const char *leaf) {
	const struct fabric *fabric = broken->designed.fabric;
	int target = fabric_find(fabric, leaf);

	for (size_t i = 0; i < fabric->network_count; i++)
		if (fabric->networks[i].leaf == target) {
			struct prefix address = host_of(&fabric->networks[i].ipv4);

			return follow(&broken->tables, fabric_find(fabric, from), &address, target,
				(struct past){0});
		}
	fail_msg("%s has no network", leaf);
	return 0;
}

static const char two_sites[] = "shape: sites\nsites: [e, w]\nleaves: 2\nborders: 2\nhosts: 1\n";
static const char three_sites[] =
	"shape: sites\nsites: [e, m, w]\nleaves: 2\nborders: 2\nhosts: 1\n";

/* By two spines, two borders, and two spines of the other site: eight ways; and what is left. */
static void sites_reach_each_other_by_what_is_left(void **state) {
	static const struct {
		const char *downs[4], *from, *to;
		unsigned int ways;
	} rows[] = {
		{{NULL}, "e-leaf1", "w-leaf1", 8},
		{{NULL}, "e-leaf1", "e-leaf2", 2},
		{{NULL}, "e-border1", "w-leaf2", 2},
		{{NULL}, "w-spine2", "e-leaf1", 4},
		{{"e-border1 w-border1"}, "e-leaf1", "w-leaf1", 4},
		{{"e-border1 w-border1"}, "e-border1", "w-leaf1", 4},
		{{"e-border2"}, "e-leaf1", "w-leaf1", 4},
		{{"e-border2"}, "w-border2", "e-leaf1", 4},
		{{"w-spine1"}, "e-leaf1", "w-leaf1", 4},
		{{"e-spine1 e-border1"}, "e-leaf1", "w-leaf1", 6},
		{{"e-border1 w-border1", "e-border2"}, "e-leaf1", "w-leaf1", 0},
		{{"e-border1 w-border1", "e-border2"}, "e-leaf1", "e-leaf2", 2},
		{{"e-border1", "w-border2"}, "e-leaf1", "w-leaf1", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct broken broken;

		begin_broken(&broken, two_sites, rows[i].downs);
		assert_int_equal(ways_to(&broken, rows[i].from, rows[i].to), rows[i].ways);
		end_broken(&broken);
	}
}

/* What came from one site is told to no third: each pair has its own cables, or none. */
static void no_site_is_reached_by_way_of_a_third(void **state) {
	static const char *const none[] = {NULL};
	static const char *const cut[] = {"e-border1 w-border1", "e-border2 w-border2", NULL};
	struct broken broken;

	begin_broken(&broken, three_sites, none);
	assert_int_equal(ways_to(&broken, "e-leaf1", "w-leaf1"), 8);
	assert_int_equal(ways_to(&broken, "m-leaf1", "w-leaf2"), 8);
	end_broken(&broken);
	begin_broken(&broken, three_sites, cut);
	assert_int_equal(ways_to(&broken, "e-leaf1", "w-leaf1"), 0);
	assert_int_equal(ways_to(&broken, "w-border2", "e-leaf1"), 0);
	assert_int_equal(ways_to(&broken, "e-leaf1", "m-leaf1"), 8);
	assert_int_equal(ways_to(&broken, "m-leaf1", "w-leaf1"), 8);
	end_broken(&broken);
}

/* The first border is kept from it by its router. */
static void a_tenant_crosses_where_its_policies_let_it(void **state) {
	static const char *const none[] = {NULL};
	static const char *const cut[] = {"e-border2 w-border2", NULL};
	char text[512];
	struct broken broken;

	snprintf(text, sizeof(text),
		"%sexternal: {isp: {asn: 64500, attach: [e-border1]}}\n"
		"policies:\n- deny: [hosts, external]\n",
		two_sites);
	begin_broken(&broken, text, none);
	assert_int_equal(ways_to(&broken, "e-leaf1", "w-leaf1"), 4);
	assert_int_equal(ways_to(&broken, "e-border1", "w-leaf1"), 0);
	assert_int_equal(ways_to(&broken, "w-border1", "e-leaf1"), 4);
	end_broken(&broken);
	begin_broken(&broken, text, cut);
	assert_int_equal(ways_to(&broken, "e-leaf1", "w-leaf1"), 0);
	end_broken(&broken);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allowed_leaf_reaches_every_network_by_all_equal_ways),
		cmocka_unit_test(a_host_of_several_cables_is_reached_by_all_of_them),
		cmocka_unit_test(hosts_reach_just_those_that_no_policy_denies),
		cmocka_unit_test(a_whole_prefix_that_is_announced_is_reached),
		cmocka_unit_test(a_prefix_of_two_routers_leads_to_both),
		cmocka_unit_test(failures_make_no_loop_and_no_valley),
		cmocka_unit_test(sites_reach_each_other_by_what_is_left),
		cmocka_unit_test(no_site_is_reached_by_way_of_a_third),
		cmocka_unit_test(a_tenant_crosses_where_its_policies_let_it),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
