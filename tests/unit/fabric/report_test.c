/* report_test: the report's figures, as they come out by hand; and what failures cut off, against
 * the tables of the model. */
#include "fixture.h"

#include "fabric/capacity.h"
#include "fabric/model.h"
#include "fabric/report.h"

#include <jansson.h>
#include <stdio.h>

struct reported {
	struct designed designed;
	struct report report;
};

static void begin(struct reported *reported, const char *text) {
	struct state *kept;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&reported->designed, text, kept);
	assert_int_equal(report_create(reported->designed.fabric, &reported->report), 0);
	state_close(kept);
}

static void end(struct reported *reported) {
	report_free(&reported->report);
	fixture_free(&reported->designed);
}

static int node(const struct reported *reported, const char *name) {
	int id = fabric_find(reported->designed.fabric, name);

	assert_int_not_equal(id, FABRIC_NONE);
	return id;
}

static const struct report_switch *figures(const struct reported *reported, const char *name) {
	return &reported->report.switches[node(reported, name)];
}

static const struct blast *blast(const struct reported *reported, const char *name) {
	return &reported->report.nodes[node(reported, name)];
}

/* The blast radius of the first cable between two nodes. */
static const struct blast *cable_blast(
	const struct reported *reported, const char *upper, const char *lower) {
	const struct fabric *fabric = reported->designed.fabric;

	for (size_t i = 0; i < fabric->link_count; i++)
		if (fabric->ports[fabric->links[i].ports[0]].node == node(reported, upper) &&
			fabric->ports[fabric->links[i].ports[1]].node == node(reported, lower))
			return &reported->report.links[i];
	fail_msg("%s and %s have no cable", upper, lower);
	return NULL;
}

static void check_blast(const struct blast *blast, uint32_t networks, uint32_t hosts,
	uint32_t externals, int percent) {
	assert_int_equal(blast->networks, networks);
	assert_int_equal(blast->hosts, hosts);
	assert_int_equal(blast->externals, externals);
	assert_int_equal((int)(100 * blast->capacity + 0.5), percent);
}

/* Two spines, four leaves of 10 hosts at 25G; leaf4 has 2; a border with one router. */
static const char leaf_spine[] =
	"leaves: 4\nborders: 1\nhosts: 10\nracks: {leaf4: {hosts: 2}}\n"
	"external: {isp: {asn: 64496, attach: [border1], announces: "
	"[0.0.0.0/0]}}\n"
	"devices:\n  leaf: {ports: 48, watts: 300}\n  border: {watts: 250}\n"
	"  spine: {ports: 32, watts: 500}\n";

static void bandwidths_are_those_of_the_ports(void **state) {
	struct reported reported;

	begin(&reported, leaf_spine);
	assert_int_equal(figures(&reported, "leaf1")->down_mbps, 250000);
	assert_int_equal(figures(&reported, "leaf1")->up_mbps, 200000);
	assert_int_equal(figures(&reported, "leaf4")->down_mbps, 50000);
	assert_int_equal(figures(&reported, "spine2")->down_mbps, 500000);
	assert_int_equal(figures(&reported, "spine2")->up_mbps, 0);
	assert_true(report_oversubscription(figures(&reported, "leaf1")) == 1.25);
	assert_true(report_oversubscription(figures(&reported, "border1")) == 0.5);
	assert_true(report_oversubscription(figures(&reported, "spine1")) < 0);
	/* leaf1 and leaf2 to leaf3 and leaf4: 2 x 200G; leaf3 and leaf4 have 12 hosts. */
	assert_int_equal(reported.report.bisection.mbps, 400000);
	assert_int_equal(reported.report.bisection.host_mbps, 300000);
	end(&reported);
}

static void power_is_counted_where_it_is_known(void **state) {
	struct reported reported;

	begin(&reported, leaf_spine);
	assert_int_equal(reported.report.host_mbps, 32 * 25000);
	assert_true(reported.report.watts == 4 * 300 + 250 + 2 * 500);
	assert_int_equal(reported.report.watts_unknown, 0);
	end(&reported);
	begin(&reported, "devices: {leaf: {watts: 300}}\n");
	assert_int_equal(reported.report.watts_unknown, 2);
	end(&reported);
}

static void blast_radii_of_a_leaf_spine(void **state) {
	struct reported reported;

	begin(&reported, leaf_spine);
	check_blast(blast(&reported, "spine1"), 0, 0, 0, 50);
	check_blast(blast(&reported, "leaf1"), 1, 10, 0, 0);
	check_blast(blast(&reported, "leaf4"), 1, 2, 0, 0);
	check_blast(blast(&reported, "border1"), 0, 0, 1, 0);
	check_blast(blast(&reported, "isp"), 0, 0, 1, 0);
	check_blast(blast(&reported, "leaf1-h1"), 0, 1, 0, 0);
	check_blast(cable_blast(&reported, "spine1", "leaf1"), 0, 0, 0, 50);
	check_blast(cable_blast(&reported, "leaf1", "leaf1-h2"), 0, 1, 0, 0);
	check_blast(cable_blast(&reported, "border1", "isp"), 0, 0, 1, 0);
	end(&reported);
}

static void a_single_spine_takes_all_with_it(void **state) {
	struct reported reported;

	begin(&reported,
		"spines: 1\nleaves: 3\nhosts: 2\nracks: {leaf3: {dual-homed-to: leaf2}}\n");
	check_blast(blast(&reported, "spine1"), 3, 6, 0, 100);
	/* leaf3's hosts have leaf2 as well, whose network has their links there. */
	check_blast(blast(&reported, "leaf3"), 1, 0, 0, 0);
	check_blast(cable_blast(&reported, "spine1", "leaf1"), 3, 2, 0, 100);
	check_blast(cable_blast(&reported, "leaf3", "leaf3-h1"), 0, 0, 0, 0);
	end(&reported);
}

/* Two pods of two spines and two leaves; two super-spines; spines have 2 x 400G above. */
static const char clos[] =
	"shape: clos\npods: 2\nsuper-spines: 2\nspines: 2\nleaves: 2\nhosts: 20\n"
	"links: {spine-super: {speed: 100G}}\n";

static void figures_of_a_clos(void **state) {
	struct reported reported;

	begin(&reported, clos);
	assert_int_equal(figures(&reported, "pod1-spine1")->down_mbps, 200000);
	assert_int_equal(figures(&reported, "pod1-spine1")->up_mbps, 200000);
	/* A pod has 2 spines of 200G above; its leaves 400G; 40 hosts of 25G. */
	assert_int_equal(reported.report.bisection.mbps, 400000);
	assert_int_equal(reported.report.bisection.host_mbps, 1000000);
	/* A leaf has 100G to each spine, each spine 2 x 100G above: half of a pair's 200G. */
	check_blast(blast(&reported, "pod1-spine1"), 0, 0, 0, 50);
	check_blast(blast(&reported, "super1"), 0, 0, 0, 0);
	check_blast(cable_blast(&reported, "super1", "pod2-spine1"), 0, 0, 0, 0);
	check_blast(cable_blast(&reported, "pod1-spine2", "pod1-leaf2"), 0, 0, 0, 50);
	end(&reported);
}

static void a_pod_of_one_spine_below_one_super_spine(void **state) {
	struct reported reported;

	begin(&reported, "shape: clos\npods: 2\nsuper-spines: 1\nspines: 1\nleaves: 2\nhosts: 1\n");
	check_blast(blast(&reported, "super1"), 4, 0, 0, 100);
	check_blast(cable_blast(&reported, "super1", "pod1-spine1"), 4, 0, 0, 100);
	check_blast(blast(&reported, "pod2-spine1"), 4, 2, 0, 100);
	end(&reported);
}

/* --- sites --- */

/* Two spines of 100G to each border: a border sends 200G at most, whatever the cable carries. */
static void figures_of_sites(void **state) {
	struct reported reported;

	begin(&reported, "shape: sites\nsites: [e, m, w]\nleaves: 2\nborders: 2\nhosts: 4\n");
	assert_int_equal(figures(&reported, "e-border1")->down_mbps, 800000);
	assert_int_equal(figures(&reported, "e-border1")->up_mbps, 200000);
	assert_int_equal(figures(&reported, "e-spine1")->up_mbps, 0);
	assert_int_equal(reported.report.bisection.mbps, 400000);
	assert_int_equal(reported.report.bisection.host_mbps, 8 * 25000);
	check_blast(blast(&reported, "e-border1"), 0, 0, 0, 0);
	check_blast(cable_blast(&reported, "e-border1", "w-border1"), 0, 0, 0, 0);
	check_blast(cable_blast(&reported, "e-spine1", "e-border1"), 0, 0, 0, 50);
	/* 64 ports, 2 to spines, 2 to sites; /12 has 4096 networks. */
	assert_int_equal(reported.report.growth.pods.more, 60);
	assert_string_equal(reported.report.growth.pods.limit, "the ports of e-border1");
	end(&reported);
}

static void a_sites_only_border_cuts_it_off(void **state) {
	struct reported reported;

	begin(&reported, "shape: sites\nsites: [e, m, w]\nleaves: 2\nborders: 1\nhosts: 4\n"
			 "links: {interconnect: {speed: 100G}}\n"
			 "external: {isp: {asn: 64500, attach: [m-border1]}}\n");
	assert_int_equal(reported.report.bisection.mbps, 100000);
	/* Nobody elsewhere reaches e's two networks, nor e the four others. */
	check_blast(blast(&reported, "e-border1"), 6, 0, 0, 100);
	check_blast(cable_blast(&reported, "e-border1", "w-border1"), 4, 0, 0, 100);
	check_blast(cable_blast(&reported, "e-spine1", "e-leaf1"), 0, 0, 0, 50);
	check_blast(cable_blast(&reported, "m-border1", "isp"), 0, 0, 1, 0);
	end(&reported);
}

/* The second cables are there for what the first borders may not know. */
static void a_border_that_is_kept_from_a_tenant_is_no_way_for_it(void **state) {
	struct reported reported;

	begin(&reported, "shape: sites\nsites: [e, w]\nleaves: 1\nborders: 2\nhosts: 1\n"
			 "external: {isp: {asn: 64500, attach: [e-border1]}}\n"
			 "policies:\n- deny: [hosts, external]\n");
	check_blast(cable_blast(&reported, "e-border1", "w-border1"), 0, 0, 0, 0);
	check_blast(cable_blast(&reported, "e-border2", "w-border2"), 2, 0, 0, 0);
	end(&reported);
}

static void growth_counts_a_leaf_of_every_pod(void **state) {
	struct reported reported;

	/* A /20 has 16 networks, of which 6 are used: three sites can have three more each. */
	begin(&reported, "shape: sites\nsites: [e, m, w]\nleaves: 2\nborders: 1\n"
			 "tenants: {t: {ipv4: 10.0.0.0/20}}\n");
	assert_int_equal(reported.report.growth.leaves.more, 3);
	assert_int_equal(reported.report.growth.pods.more, 5);
	assert_string_equal(reported.report.growth.pods.limit, "the IPv4 prefix of t");
	end(&reported);
}

/* --- tables and growth --- */

static void tables_are_counted(void **state) {
	struct reported reported;

	begin(&reported, "spines: 2\nleaves: 2\nhosts: 1\n");
	/* A leaf: 4 loopbacks, 2 networks, the tenant's prefix, both ends of its host's link. A
	 * spine: its own loopback and the leaves', as no leaf tells it of the other spine's; 2
	 * networks; the tenant's prefix. */
	assert_int_equal(figures(&reported, "spine1")->ipv4_entries, 6);
	assert_int_equal(figures(&reported, "leaf1")->ipv4_entries, 9);
	assert_int_equal(figures(&reported, "leaf1")->ipv6_entries, 9);
	/* A spine: to either leaf. A leaf: to each spine, to both, and to its host. */
	assert_int_equal(figures(&reported, "spine1")->groups, 2);
	assert_int_equal(figures(&reported, "leaf1")->groups, 4);
	end(&reported);
}

static void growth_ends_at_the_first_that_is_full(void **state) {
	struct reported reported;
	const struct growth *growth = &reported.report.growth;

	begin(&reported, leaf_spine);
	assert_int_equal(growth->roles[ROLE_SPINE].left_least, 27);
	assert_int_equal(growth->roles[ROLE_SPINE].left_all, 54);
	assert_int_equal(growth->leaves.more, 27);
	assert_string_equal(growth->leaves.limit, "the ports of spine1");
	assert_int_equal(growth->spines.more, 36);
	assert_string_equal(growth->spines.limit, "the ports of leaf1");
	assert_int_equal(growth->hosts.more, 36);
	assert_int_equal(growth->leaf_uplinks, 2);
	assert_int_equal(growth->leaf_hosts, 10);
	end(&reported);
	begin(&reported, "tenants: {t: {ipv4: 10.0.0.0/21, ipv6: 'fd00::/48'}}\nleaves: 5\n");
	assert_int_equal(growth->leaves.more, 3);
	assert_string_equal(growth->leaves.limit, "the IPv4 prefix of t");
	end(&reported);
	begin(&reported, clos);
	/* Super-spines have 64 ports, 4 taken; a pod takes 2, a spine in each pod 2. */
	assert_int_equal(growth->pods.more, 30);
	assert_int_equal(growth->spines.more, 30);
	assert_string_equal(growth->spines.limit, "the ports of super1");
	end(&reported);
}

/* --- against the model --- */

/* Whether each leaf has an entry for each network: networks by leaves. */
static void find_entries(
	const struct fabric *fabric, const struct model_failures *failures, bool *has) {
	struct fib_set *set = fib_set_create();

	assert_non_null(set);
	assert_int_equal(model_tables(fabric, failures, set), 0);
	assert_int_equal(fib_set_finish(set), 0);
	memset(has, 0, fabric->network_count * fabric->node_count);
	for (size_t n = 0; n < fib_set_prefix_count(set); n++) {
		size_t count;
		const struct fib_entry *entries = fib_set_entries(set, n, &count);

		for (size_t i = 0; i < fabric->network_count; i++) {
			const struct prefix *prefix = fabric->networks[i].ipv4.family
							      ? &fabric->networks[i].ipv4
							      : &fabric->networks[i].ipv6;

			if (prefix_compare(prefix, fib_set_prefix(set, n)) != 0)
				continue;
			for (size_t e = 0; e < count; e++)
				has[i * fabric->node_count + entries[e].node] = true;
		}
	}
	fib_set_destroy(set);
}

static uint32_t networks_lost(const struct fabric *fabric, const bool *before, const bool *after,
	const struct model_failures *failures) {
	uint32_t lost = 0;

	for (size_t i = 0; i < fabric->network_count; i++) {
		bool is_lost = false;

		for (size_t id = 0; id < fabric->node_count; id++) {
			enum fabric_role role = fabric->nodes[id].role;
			size_t at = i * fabric->node_count + id;

			if ((role == ROLE_LEAF || role == ROLE_BORDER) &&
				fabric->networks[i].leaf != (int)id && before[at] && !after[at])
				is_lost |= !failures->node_is_down[id];
		}
		lost += is_lost;
	}
	return lost;
}

static void check_against_model(const struct reported *reported) {
	const struct fabric *fabric = reported->designed.fabric;
	size_t cells = fabric->network_count * fabric->node_count + 1;
	bool *before = calloc(cells, 1), *after = calloc(cells, 1);
	bool *links = calloc(fabric->link_count + 1, 1), *nodes = calloc(fabric->node_count + 1, 1);
	const struct model_failures failures = {.link_is_down = links, .node_is_down = nodes};

	find_entries(fabric, NULL, before);
	for (size_t i = 0; i < fabric->node_count; i++) {
		if (!fabric_is_switch(&fabric->nodes[i]))
			continue;
		nodes[i] = true;
		find_entries(fabric, &failures, after);
		assert_int_equal(reported->report.nodes[i].networks,
			networks_lost(fabric, before, after, &failures));
		nodes[i] = false;
	}
	for (size_t i = 0; i < fabric->link_count; i++) {
		if (fabric->links[i].tier == TIER_HOST)
			continue;
		links[i] = true;
		find_entries(fabric, &failures, after);
		assert_int_equal(reported->report.links[i].networks,
			networks_lost(fabric, before, after, &failures));
		links[i] = false;
	}
	free(before);
	free(after);
	free(links);
	free(nodes);
}

static void failures_cut_off_what_the_model_says(void **state) {
	struct random random = {17};

	for (int i = 0; i < 30; i++) {
		struct shape shape = shape_random(&random);
		struct reported reported;
		char *text;

		shape.spines = 1 + shape.spines % 2;
		text = shape_text(&shape);
		begin(&reported, text);
		check_against_model(&reported);
		end(&reported);
		free(text);
	}
}

/* --- as it is told --- */

static char *write_report(
	const struct report *report, void (*write)(const struct report *report, FILE *to)) {
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	write(report, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void the_text_says_the_same_as_the_figures(void **state) {
	static const char *const lines[] = {
		"Fabric 'fabric': 2 spines, 4 leaves, 1 border, 32 hosts, 1 external router, ",
		"  leaf              1.25     1.25  leaf1: 250G below, 200G above\n",
		"  400G, where the hosts of a half have 300G: 1.33 of it\n",
		"  spine                  2         0       0         0        50%\n",
		"  leaf                   4         1      10         0         0%\n",
		"  in all          2450 W; 3.06 W per Gb/s\n",
		"  leaves          27 more, bound by the ports of spine1\n",
		"                  2 cables to the spines, 100G, 15 m, AOC\n",
	};
	struct reported reported;
	char *text;

	begin(&reported, leaf_spine);
	text = write_report(&reported.report, report_write_text);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strstr(text, lines[i]))
			fail_msg("'%s' is not in:\n%s", lines[i], text);
	free(text);
	end(&reported);
	begin(&reported, "");
	text = write_report(&reported.report, report_write_text);
	assert_non_null(strstr(text, "  in all          not known\n"));
	free(text);
	end(&reported);
}

static void the_json_says_the_same_as_the_figures(void **state) {
	struct reported reported;
	json_t *object, *first;
	double per_gbps;
	char *text;

	begin(&reported, leaf_spine);
	text = write_report(&reported.report, report_write_json);
	object = json_loads(text, 0, NULL);
	assert_non_null(object);
	assert_int_equal(json_unpack(object, "{s:{s:F}}", "power", "watts_per_gbps", &per_gbps), 0);
	assert_true(per_gbps == 3.0625);
	assert_int_equal(json_array_size(json_object_get(object, "switches")), 7);
	first = json_array_get(
		json_object_get(json_object_get(object, "blast_radius"), "nodes"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "node")), "spine1");
	assert_true(json_real_value(json_object_get(first, "capacity_lost")) == 0.5);
	json_decref(object);
	free(text);
	end(&reported);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bandwidths_are_those_of_the_ports),
		cmocka_unit_test(power_is_counted_where_it_is_known),
		cmocka_unit_test(blast_radii_of_a_leaf_spine),
		cmocka_unit_test(a_single_spine_takes_all_with_it),
		cmocka_unit_test(figures_of_a_clos),
		cmocka_unit_test(a_pod_of_one_spine_below_one_super_spine),
		cmocka_unit_test(figures_of_sites),
		cmocka_unit_test(a_sites_only_border_cuts_it_off),
		cmocka_unit_test(a_border_that_is_kept_from_a_tenant_is_no_way_for_it),
		cmocka_unit_test(growth_counts_a_leaf_of_every_pod),
		cmocka_unit_test(tables_are_counted),
		cmocka_unit_test(growth_ends_at_the_first_that_is_full),
		cmocka_unit_test(failures_cut_off_what_the_model_says),
		cmocka_unit_test(the_text_says_the_same_as_the_figures),
		cmocka_unit_test(the_json_says_the_same_as_the_figures),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
