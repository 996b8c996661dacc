/* model_test: the tables of random fabrics, followed by hand: no loop, no valley, all paths, and
 * nothing that a policy denies; also with a link or a node down. */
#include "fixture.h"

#include "fabric/model.h"

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

/* Every way from a node to where it ends; returns how many end at `target`. A way may not come back
 * down to go up again, and may not be long. */
static unsigned int follow(const struct tables *tables, int node, const struct prefix *address,
	int target, bool has_gone_down, int hops) {
	const struct fabric *fabric = tables->fabric;
	unsigned int reached = 0;
	uint8_t length;
	size_t count;
	const uint32_t *ports;

	if (node == target)
		return 1;
	assert_true(hops < HOPS_MOST);
	ports = fib_set_ports(tables->set, look_up(tables, node, address, &length), &count);
	for (size_t i = 0; i < count; i++) {
		const struct fabric_node *next = fabric_neighbour(fabric, (int)ports[i]);
		bool is_down = next->role > fabric->nodes[node].role;

		assert_int_equal(fabric->ports[ports[i]].node, node);
		assert_false(has_gone_down && !is_down);
		reached += follow(tables, (int)(next - fabric->nodes), address, target,
			has_gone_down || is_down, hops + 1);
	}
	return reached;
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

/* The ports of a leaf to the spines of its pod. */
static size_t count_uplinks(const struct fabric *fabric, int node) {
	size_t count = 0;

	for (size_t n = 0; n < fabric->nodes[node].port_count; n++)
		count += fabric_neighbour(fabric, fabric->nodes[node].ports[n])->role == ROLE_SPINE;
	return count;
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
	assert_int_equal(width, count_uplinks(fabric, leaf));
	assert_true(follow(tables, leaf, &address, network->leaf, false, 0) >= width);
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

static void every_allowed_leaf_reaches_every_network_by_all_spines_of_its_pod(void **state) {
	fixture_each_shape(3, SHAPES, check_networks);
}

/* --- dual-homed hosts --- */

static void check_dual_homed_host(const struct tables *tables, const struct fabric_node *host) {
	const struct fabric *fabric = tables->fabric;

	for (int leaf = 0; leaf < (int)fabric->node_count; leaf++) {
		uint8_t length;
		size_t width, own = 0;
		uint32_t group;

		if (!is_leaf(&fabric->nodes[leaf]) ||
			!fabric_node_knows(fabric, leaf, host->tenant))
			continue;
		for (size_t n = 0; n < host->port_count; n++)
			own += fabric->ports[fabric->ports[host->ports[n]].other].node == leaf;
		group = look_up(tables, leaf, &host->loopback4, &length);
		fib_set_ports(tables->set, group, &width);
		assert_int_equal(length, 32);
		assert_int_equal(width, own ? own : count_uplinks(fabric, leaf));
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
				follow(tables, node, &address, fabric->networks[i].leaf, false, 0);
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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allowed_leaf_reaches_every_network_by_all_spines_of_its_pod),
		cmocka_unit_test(a_host_of_several_cables_is_reached_by_all_of_them),
		cmocka_unit_test(hosts_reach_just_those_that_no_policy_denies),
		cmocka_unit_test(a_whole_prefix_that_is_announced_is_reached),
		cmocka_unit_test(a_prefix_of_two_routers_leads_to_both),
		cmocka_unit_test(failures_make_no_loop_and_no_valley),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
