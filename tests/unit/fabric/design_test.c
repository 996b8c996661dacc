/* design_test: what holds for every design, over random intents; and that growth moves nothing. */
#include "fixture.h"

#include <stdio.h>

enum { SHAPES = 150, GROWTHS = 4 };

/* --- addresses --- */

static int by_prefix(const void *one, const void *other) {
	return prefix_compare(one, other);
}

static void add_address(struct prefix *addresses, size_t *count, const struct prefix *prefix) {
	struct prefix address = *prefix;

	if (!prefix->family)
		return;
	address.length = (uint8_t)prefix_bits(prefix->family);
	addresses[(*count)++] = address;
}

static void check_addresses(const struct fabric *fabric, struct random *random) {
	size_t count = 0, most = 2 * (fabric->node_count + fabric->port_count);
	struct prefix *addresses = calloc(most + 1, sizeof(*addresses));

	assert_non_null(addresses);
	for (size_t i = 0; i < fabric->node_count; i++) {
		add_address(addresses, &count, &fabric->nodes[i].loopback4);
		add_address(addresses, &count, &fabric->nodes[i].loopback6);
	}
	for (size_t i = 0; i < fabric->port_count; i++) {
		add_address(addresses, &count, &fabric->ports[i].address4);
		add_address(addresses, &count, &fabric->ports[i].address6);
	}
	qsort(addresses, count, sizeof(*addresses), by_prefix);
	for (size_t i = 1; i < count; i++)
		assert_int_not_equal(prefix_compare(&addresses[i - 1], &addresses[i]), 0);
	free(addresses);
}

static void no_address_is_given_twice(void **state) {
	fixture_each_shape(1, SHAPES, check_addresses);
}

/* --- AS numbers --- */

static void check_asns(const struct fabric *fabric, struct random *random) {
	for (size_t i = 0; i < fabric->node_count; i++) {
		const struct fabric_node *one = &fabric->nodes[i];

		assert_true((one->asn == 0) == (one->role == ROLE_HOST));
		for (size_t j = 0; j < i; j++) {
			const struct fabric_node *other = &fabric->nodes[j];
			bool is_tier = one->role == other->role && one->pod == other->pod &&
				       (one->role == ROLE_SPINE || one->role == ROLE_SUPER_SPINE);

			if (one->asn && other->asn)
				assert_true((one->asn == other->asn) == is_tier);
		}
	}
}

static void leaves_have_a_number_each_and_spines_one_a_pod(void **state) {
	fixture_each_shape(1, SHAPES, check_asns);
}

/* --- ports --- */

static void check_ports(const struct fabric *fabric, struct random *random) {
	for (size_t i = 0; i < fabric->node_count; i++) {
		const struct fabric_node *node = &fabric->nodes[i];

		for (size_t n = 0; n < node->port_count; n++) {
			const struct fabric_port *port = &fabric->ports[node->ports[n]];

			assert_int_equal(port->node, (int)i);
			assert_int_equal(fabric->ports[port->other].other, node->ports[n]);
			assert_int_equal(fabric->ports[port->other].link, port->link);
			assert_true(port->number >= 1);
			if (fabric_is_switch(node))
				assert_true(
					port->number <= fabric->intent->devices[node->role].ports);
			for (size_t m = 0; m < n; m++)
				assert_int_not_equal(
					port->number, fabric->ports[node->ports[m]].number);
		}
	}
}

static void no_port_is_used_twice(void **state) {
	fixture_each_shape(1, SHAPES, check_ports);
}

static void check_cable_numbers(const struct fabric *fabric, struct random *random) {
	for (size_t i = 0; i < fabric->link_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(fabric->links[i].number, fabric->links[j].number);
}

static void no_cable_number_is_given_twice(void **state) {
	fixture_each_shape(1, SHAPES, check_cable_numbers);
}

/* --- prefixes --- */

/* Both ends of a link's prefix. */
static void check_ends(const struct prefix *one, const struct prefix *other) {
	struct prefix address = *other, whole;

	assert_int_equal(one->family, other->family);
	if (!one->family)
		return;
	assert_int_equal(one->length, other->length);
	assert_int_equal(one->length, one->family == AF_INET ? 31 : 127);
	whole = *one;
	whole.address[prefix_bits(whole.family) / 8 - 1] &= 0xfe;
	address.length = (uint8_t)prefix_bits(address.family);
	assert_true(prefix_contains(&whole, &address));
}

static void check_links(const struct fabric *fabric, struct random *random) {
	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];
		const struct fabric_port *upper = &fabric->ports[link->ports[0]],
					 *lower = &fabric->ports[link->ports[1]];

		check_ends(&upper->address4, &lower->address4);
		check_ends(&upper->address6, &lower->address6);
		if (link->tier == TIER_HOST || link->tier == TIER_EXTERNAL)
			assert_true(upper->address4.family || upper->address6.family);
		else
			assert_int_equal(upper->address4.family != 0, fabric->intent->numbered);
	}
}

static void both_ends_of_a_link_lie_in_one_prefix(void **state) {
	fixture_each_shape(1, SHAPES, check_links);
}

static void check_within(const struct prefix *outer, const struct prefix *inner) {
	assert_int_equal(outer->family, inner->family);
	if (outer->family)
		assert_true(prefix_contains(outer, inner));
}

static void check_networks(const struct fabric *fabric, struct random *random) {
	for (size_t i = 0; i < fabric->network_count; i++) {
		const struct fabric_network *network = &fabric->networks[i];
		const struct intent_tenant *tenant = &fabric->intent->tenants[network->tenant];

		check_within(&tenant->ipv4, &network->ipv4);
		check_within(&tenant->ipv6, &network->ipv6);
		for (size_t j = 0; j < i; j++) {
			const struct fabric_network *other = &fabric->networks[j];

			if (network->ipv4.family)
				assert_false(prefix_overlaps(&network->ipv4, &other->ipv4));
			if (network->ipv6.family)
				assert_false(prefix_overlaps(&network->ipv6, &other->ipv6));
		}
	}
}

static void every_network_lies_in_its_tenants_prefix_and_in_no_other(void **state) {
	fixture_each_shape(1, SHAPES, check_networks);
}

/* --- growth --- */

static int find_port(const struct fabric *fabric, int node, const char *name) {
	for (size_t n = 0; n < fabric->nodes[node].port_count; n++)
		if (strcmp(fabric->ports[fabric->nodes[node].ports[n]].name, name) == 0)
			return fabric->nodes[node].ports[n];
	return FABRIC_NONE;
}

static void check_port_stays(const struct fabric *before, const struct fabric *after, int port_id) {
	const struct fabric_port *port = &before->ports[port_id], *now;
	int node = fabric_find(after, before->nodes[port->node].name);
	int found = find_port(after, node, port->name);

	assert_int_not_equal(found, FABRIC_NONE);
	now = &after->ports[found];
	assert_int_equal(prefix_compare(&port->address4, &now->address4), 0);
	assert_int_equal(prefix_compare(&port->address6, &now->address6), 0);
	assert_string_equal(
		fabric_neighbour(before, port_id)->name, fabric_neighbour(after, found)->name);
	assert_string_equal(
		before->ports[port->other].name, after->ports[after->ports[found].other].name);
	assert_int_equal(before->links[port->link].number, after->links[now->link].number);
}

static void check_all_stays(const struct fabric *before, const struct fabric *after) {
	for (size_t i = 0; i < before->node_count; i++) {
		const struct fabric_node *node = &before->nodes[i], *now;
		int found = fabric_find(after, node->name);

		assert_int_not_equal(found, FABRIC_NONE);
		now = &after->nodes[found];
		assert_int_equal(node->asn, now->asn);
		assert_int_equal(prefix_compare(&node->loopback4, &now->loopback4), 0);
		assert_int_equal(prefix_compare(&node->loopback6, &now->loopback6), 0);
	}
	for (size_t i = 0; i < before->port_count; i++)
		check_port_stays(before, after, (int)i);
}

/* Each growth starts from the state in the file that the one before left. */
static void grow_once(struct shape *shape, struct random *random, struct designed *before) {
	struct designed after;
	struct state *kept;
	char *text;

	shape_grow(shape, random);
	text = shape_text(shape);
	assert_int_equal(state_open("state.json", &kept), 0);
	fixture_design(&after, text, kept);
	check_all_stays(before->fabric, after.fabric);
	assert_int_equal(state_write(kept, "state.json"), 0);
	state_close(kept);
	free(text);
	fixture_free(before);
	*before = after;
	before->fabric->intent = &before->intent;
}

static void growth_with_the_kept_state_moves_nothing(void **state) {
	struct random random = {7};

	for (int i = 0; i < SHAPES / 2; i++) {
		struct shape shape = shape_random(&random);
		char *text = shape_text(&shape);
		struct designed designed;
		struct state *kept;

		assert_int_equal(state_open(NULL, &kept), 0);
		fixture_design(&designed, text, kept);
		assert_int_equal(state_write(kept, "state.json"), 0);
		state_close(kept);
		for (int growth = 0; growth < GROWTHS; growth++)
			grow_once(&shape, &random, &designed);
		fixture_free(&designed);
		free(text);
	}
}

/* A design again, from another text and the same state. */
static void check_moves_nothing(const char *before_text, const char *after_text) {
	struct designed before, after;
	struct state *kept;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&before, before_text, kept);
	fixture_design(&after, after_text, kept);
	check_all_stays(before.fabric, after.fabric);
	fixture_free(&before);
	fixture_free(&after);
	state_close(kept);
}

static void sites_that_grow_or_change_places_move_nothing(void **state) {
	static const char two[] = "shape: sites\nsites: [north, west]\nborders: [b]\n"
				  "leaves: [l]\naddressing: {links: numbered}\n";
	static const char *const others[] = {
		"shape: sites\nsites: [west, north]\nborders: [b]\n"
		"leaves: [l]\naddressing: {links: numbered}\n",
		"shape: sites\nsites: [east, north, west]\nborders: [b]\n"
		"leaves: [l]\naddressing: {links: numbered}\n",
		"shape: sites\nsites: [north, west]\nborders: [a, b]\n"
		"leaves: [k, l]\naddressing: {links: numbered}\n",
		"shape: sites\nsites: [north, west]\nborders: [b]\nspines: 3\n"
		"leaves: [l]\naddressing: {links: numbered}\nlinks: {interconnect: {count: 2}}\n",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		check_moves_nothing(two, others[i]);
}

/* --- sites --- */

static void design_text(struct designed *designed, const char *text) {
	struct state *state;

	assert_int_equal(state_open(NULL, &state), 0);
	fixture_design(designed, text, state);
	state_close(state);
}

/* Each cable between borders, "a:swp1 b:swp1 400G 80000 m", in order. */
static char *list_interconnects(const struct fabric *fabric) {
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	for (size_t i = 0; i < fabric->link_count; i++) {
		const struct fabric_link *link = &fabric->links[i];
		const struct fabric_port *upper = &fabric->ports[link->ports[0]],
					 *lower = &fabric->ports[link->ports[1]];

		if (link->tier == TIER_INTERCONNECT)
			fprintf(to, "%s:%s %s:%s %lluG %u m\n", fabric->nodes[upper->node].name,
				upper->name, fabric->nodes[lower->node].name, lower->name,
				(unsigned long long)link->speed_mbps / 1000, link->length_m);
	}
	assert_int_equal(fclose(to), 0);
	return text;
}

static void borders_of_one_name_are_joined_across_sites(void **state) {
	static const struct {
		const char *text, *cables;
	} rows[] = {
		{"shape: sites\nsites: [east, west]\nborders: 2\n",
			"east-border1:swp1 west-border1:swp1 400G 80000 m\n"
			"east-border2:swp1 west-border2:swp1 400G 80000 m\n"},
		{"shape: sites\nsites: [c, a, b]\nborders: [x]\n"
		 "links: {interconnect: {speed: 100G, length: 2km}}\n",
			"a-x:swp1 c-x:swp1 100G 2000 m\n"
			"a-x:swp2 b-x:swp1 100G 2000 m\n"
			"b-x:swp2 c-x:swp2 100G 2000 m\n"},
		{"shape: sites\nsites: [east, west]\nborders: 1\n"
		 "links: {interconnect: {count: 2}}\n",
			"east-border1:swp1 west-border1:swp1 400G 80000 m\n"
			"east-border1:swp2 west-border1:swp2 400G 80000 m\n"},
		{"shape: custom\nnodes: {a: {role: border}, b: {role: border}}\n"
		 "cables:\n- {from: b, to: a, length: 9km}\n",
			"b:swp1 a:swp1 400G 9000 m\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct designed designed;
		char *cables;

		design_text(&designed, rows[i].text);
		cables = list_interconnects(designed.fabric);
		assert_string_equal(cables, rows[i].cables);
		free(cables);
		fixture_free(&designed);
	}
}

static void nodes_of_a_site_have_its_name_and_its_numbers(void **state) {
	static const struct {
		const char *name;
		uint32_t asn, site;
	} rows[] = {
		{"east-spine1", 4200000000, 1},
		{"east-spine2", 4200000000, 1},
		{"east-leaf1", 4200000001, 1},
		{"east-border1", 4200000002, 1},
		{"west-spine1", 4200000003, 2},
		{"west-spine2", 4200000003, 2},
		{"west-leaf1", 4200000004, 2},
		{"west-border1", 4200000005, 2},
		{"west-leaf1-h2", 0, 2},
	};
	struct designed designed;

	design_text(&designed, "shape: sites\nsites: [east, west]\nleaves: 1\nborders: 1\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int id = fabric_find(designed.fabric, rows[i].name);

		assert_int_not_equal(id, FABRIC_NONE);
		assert_int_equal(designed.fabric->nodes[id].asn, rows[i].asn);
		assert_int_equal(designed.fabric->nodes[id].pod, rows[i].site);
	}
	fixture_free(&designed);
}

/* --- cables between the same two nodes --- */

static void a_listed_cable_beside_the_shapes_own_gets_ports_of_its_own(void **state) {
	struct designed designed;

	design_text(&designed,
		"cables:\n- {from: leaf1, to: spine1}\n- {from: spine1, to: leaf1, count: 2}\n"
		"nodes: {tor: {role: leaf}, srv: {role: host}}\n");
	check_ports(designed.fabric, NULL);
	check_cable_numbers(designed.fabric, NULL);
	assert_int_equal(designed.fabric->link_count, 2 * 4 + 4 * 2 + 3);
	fixture_free(&designed);
}

static void a_cable_is_of_its_tiers_kind_unless_told(void **state) {
	struct designed designed;
	const struct fabric_link *links;

	design_text(&designed, "nodes: {tor: {role: leaf}, srv: {role: host}}\n"
			       "cables:\n- {from: srv, to: tor}\n"
			       "- {from: tor, to: spine1, length: 7m}\n"
			       "links: {leaf-spine: {speed: 200G}}\n");
	links = designed.fabric->links + 2 * 4 + 4 * 2;
	assert_int_equal(links[0].speed_mbps, 25000);
	assert_int_equal(links[0].length_m, 3);
	assert_int_equal(links[1].speed_mbps, 200000);
	assert_int_equal(links[1].length_m, 7);
	fixture_free(&designed);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_address_is_given_twice),
		cmocka_unit_test(leaves_have_a_number_each_and_spines_one_a_pod),
		cmocka_unit_test(no_port_is_used_twice),
		cmocka_unit_test(no_cable_number_is_given_twice),
		cmocka_unit_test(both_ends_of_a_link_lie_in_one_prefix),
		cmocka_unit_test(every_network_lies_in_its_tenants_prefix_and_in_no_other),
		cmocka_unit_test(growth_with_the_kept_state_moves_nothing),
		cmocka_unit_test(sites_that_grow_or_change_places_move_nothing),
		cmocka_unit_test(borders_of_one_name_are_joined_across_sites),
		cmocka_unit_test(nodes_of_a_site_have_its_name_and_its_numbers),
		cmocka_unit_test(a_listed_cable_beside_the_shapes_own_gets_ports_of_its_own),
		cmocka_unit_test(a_cable_is_of_its_tiers_kind_unless_told),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
