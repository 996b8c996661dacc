/* whatif_test: what fails costs what the tables of the model say: pairs of hosts are followed one
 * by one through them, and traffic is spread by hand over every single way. */
#include "fixture.h"

#include "fabric/ways.h"
#include "fabric/whatif_cases.h"

#include <math.h>

enum { SHAPES = 30, CASES_EACH = 12, DEPTH_MOST = 16 };

/* What the oracle adds up. */
struct sums {
	uint64_t pairs, pairs_cut, pairs_partly;
	double lost_mbps;
	double *load; /* by port */
};

/* Follows one flow by all its ways; returns what part of it arrives. */
static double follow(const struct fabric *fabric, const struct ways *ways, int host,
	sa_family_t family, int node, double mbps, int depth, double *load) {
	size_t count;
	const uint32_t *ports = ways_ports(ways, host, family, node, &count);
	double arrived = 0;

	if (node == host)
		return mbps;
	assert_true(depth < DEPTH_MOST);
	for (size_t i = 0; i < count; i++) {
		int next = (int)(fabric_neighbour(fabric, (int)ports[i]) - fabric->nodes);

		load[ports[i]] += mbps / (double)count;
		arrived += follow(
			fabric, ways, host, family, next, mbps / (double)count, depth + 1, load);
	}
	return arrived;
}

static bool link_is_up(
	const struct fabric *fabric, const struct model_failures *failures, int port) {
	return spread_port_is_up(fabric, failures, port);
}

/* What does not arrive is no load: who gets no answer stops sending. */
static double follow_port(struct sums *sums, const struct fabric *fabric, const struct ways *ways,
	sa_family_t family, int host, int port, double mbps) {
	double *load = calloc(fabric->port_count + 1, sizeof(*load)), arrived;
	int leaf = (int)(fabric_neighbour(fabric, port) - fabric->nodes);

	assert_non_null(load);
	arrived = follow(fabric, ways, host, family, leaf, mbps, 0, load);
	for (size_t i = 0; i < fabric->port_count && arrived > 0; i++)
		sums->load[i] += load[i];
	free(load);
	return arrived;
}

static void add_pair(struct sums *sums, const struct fabric *fabric,
	const struct model_failures *failures, const struct ways *ways, sa_family_t family,
	const struct demand *demand) {
	const struct fabric_node *sender = &fabric->nodes[demand->from];
	size_t up = 0, dead = 0;
	double arrived = 0;

	sums->pairs++;
	for (size_t n = 0; n < sender->port_count; n++)
		up += link_is_up(fabric, failures, sender->ports[n]);
	for (size_t n = 0; n < sender->port_count; n++)
		if (link_is_up(fabric, failures, sender->ports[n])) {
			double part = demand->mbps / (double)up;
			double there = follow_port(
				sums, fabric, ways, family, demand->to, sender->ports[n], part);

			sums->load[sender->ports[n]] += part;
			arrived += there;
			dead += there == 0;
		}
	sums->lost_mbps += demand->mbps - arrived;
	sums->pairs_cut += arrived == 0;
	sums->pairs_partly += arrived > 0 && dead > 0;
}

static void check_loads(
	const struct fabric *fabric, const struct whatif *whatif, const struct sums *sums) {
	for (int port = 0; port < (int)fabric->port_count; port++)
		assert_true(fabs(whatif_port_mbps(whatif, port) - sums->load[port]) <
			    1e-6 * (1 + sums->load[port]));
}

static void check_case(const struct fabric *fabric, struct whatif *whatif,
	const struct traffic *traffic, const struct model_failures *failures, sa_family_t family) {
	struct sums sums = {.load = calloc(fabric->port_count + 1, sizeof(*sums.load))};
	struct whatif_result result;
	struct ways *ways;

	assert_non_null(sums.load);
	assert_int_equal(ways_create(fabric, failures, &ways), 0);
	for (size_t i = 0; i < traffic->count; i++)
		if (!fabric_denies(fabric, fabric->nodes[traffic->demands[i].from].tenant,
			    fabric->nodes[traffic->demands[i].to].tenant))
			add_pair(&sums, fabric, failures, ways, family, &traffic->demands[i]);
	whatif_evaluate(whatif, failures, &result);
	assert_int_equal(result.pairs, sums.pairs);
	assert_int_equal(result.pairs_cut, sums.pairs_cut);
	assert_int_equal(result.pairs_partly, sums.pairs_partly);
	assert_true(fabs(result.lost_mbps - sums.lost_mbps) < 1e-3 * (1 + sums.lost_mbps));
	check_loads(fabric, whatif, &sums);
	ways_destroy(ways);
	free(sums.load);
}

/* Every host to every other that it may talk to, by rates that differ. */
static struct traffic all_to_all(const struct fabric *fabric) {
	struct traffic traffic = {.demands = calloc(fabric->node_count * fabric->node_count + 1,
					  sizeof(*traffic.demands))};

	assert_non_null(traffic.demands);
	for (int from = 0; from < (int)fabric->node_count; from++)
		for (int to = 0; to < (int)fabric->node_count; to++)
			if (from != to && fabric->nodes[from].role == ROLE_HOST &&
				fabric->nodes[to].role == ROLE_HOST &&
				!fabric_denies(fabric, fabric->nodes[from].tenant,
					fabric->nodes[to].tenant))
				traffic.demands[traffic.count++] =
					(struct demand){from, to, 1 + (from * 7 + to * 3) % 50};
	return traffic;
}

static void fail_some(
	struct random *random, const struct fabric *fabric, bool *links, bool *nodes) {
	uint32_t count = 1 + random_below(random, 3);

	memset(links, 0, fabric->link_count);
	memset(nodes, 0, fabric->node_count);
	for (uint32_t i = 0; i < count; i++)
		if (random_below(random, 4))
			links[random_below(random, (uint32_t)fabric->link_count)] = true;
		else
			nodes[random_below(random, (uint32_t)fabric->node_count)] = true;
}

static void check_fabric(const struct fabric *fabric, struct random *random, sa_family_t family) {
	bool *links = calloc(fabric->link_count + 1, sizeof(*links));
	bool *nodes = calloc(fabric->node_count + 1, sizeof(*nodes));
	const struct model_failures failures = {.link_is_down = links, .node_is_down = nodes};
	struct traffic traffic = all_to_all(fabric);
	struct whatif *whatif = whatif_create(fabric, &traffic);

	assert_non_null(whatif);
	check_case(fabric, whatif, &traffic, NULL, family);
	for (int i = 0; i < CASES_EACH; i++) {
		fail_some(random, fabric, links, nodes);
		check_case(fabric, whatif, &traffic, &failures, family);
	}
	whatif_destroy(whatif);
	traffic_free(&traffic);
	free(links);
	free(nodes);
}

static void every_pair_and_every_load_is_what_following_each_flow_comes_to(void **state) {
	struct random random = {11};

	for (int i = 0; i < SHAPES; i++) {
		struct shape shape = shape_random(&random);
		struct designed designed;
		struct state *kept;
		char *text;

		shape.externals = 0; /* ways_ports knows hosts alone */
		text = shape_text(&shape);
		assert_int_equal(state_open(NULL, &kept), 0);
		fixture_design(&designed, text, kept);
		check_fabric(designed.fabric, &random, shape.has_ipv4 ? AF_INET : AF_INET6);
		fixture_free(&designed);
		state_close(kept);
		free(text);
	}
}

/* --- sites --- */

/* The load of the first port that leads from one node to another. */
static double load_between(const struct fabric *fabric, const struct whatif *whatif,
	const char *from, const char *to) {
	const struct fabric_node *node = &fabric->nodes[fabric_find(fabric, from)];

	for (size_t n = 0; n < node->port_count; n++)
		if (strcmp(fabric_neighbour(fabric, node->ports[n])->name, to) == 0)
			return whatif_port_mbps(whatif, node->ports[n]);
	fail_msg("%s and %s have no cable", from, to);
	return 0;
}

/* 10G from east to west, 2G back, over two borders of each, whose cables carry 4G. */
static void traffic_between_sites_is_shared_by_their_cables(void **state) {
	static const struct {
		int down; /* cables between borders, from the first on */
		double first, second, back, lost;
		size_t congested;
	} rows[] = {{0, 5000, 5000, 1000, 0, 2}, {1, 0, 10000, 0, 0, 1}, {2, 0, 0, 0, 12000, 0}};
	struct demand demands[2];
	const struct traffic traffic = {.demands = demands, .count = 2};
	struct designed designed;
	struct state *kept;
	struct whatif *whatif;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed,
		"shape: sites\nsites: [east, west]\nleaves: 1\nborders: 2\nhosts: 1\n"
		"links: {interconnect: {speed: 4G}}\n",
		kept);
	demands[0] = (struct demand){fabric_find(designed.fabric, "east-leaf1-h1"),
		fabric_find(designed.fabric, "west-leaf1-h1"), 10000};
	demands[1] = (struct demand){demands[0].to, demands[0].from, 2000};
	whatif = whatif_create(designed.fabric, &traffic);
	assert_non_null(whatif);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fabric *fabric = designed.fabric;
		struct whatif_result result;
		bool links[32] = {false};
		int left = rows[i].down;

		assert_true(fabric->link_count <= 32);
		for (size_t link = 0; link < fabric->link_count; link++)
			links[link] = fabric->links[link].tier == TIER_INTERCONNECT && left-- > 0;
		whatif_evaluate(whatif, &(struct model_failures){.link_is_down = links}, &result);
		assert_true(fabs(load_between(fabric, whatif, "east-border1", "west-border1") -
				    rows[i].first) < 1);
		assert_true(fabs(load_between(fabric, whatif, "east-border2", "west-border2") -
				    rows[i].second) < 1);
		assert_true(fabs(load_between(fabric, whatif, "west-border1", "east-border1") -
				    rows[i].back) < 1);
		assert_true(fabs(result.lost_mbps - rows[i].lost) < 1);
		assert_int_equal(result.congested, rows[i].congested);
		assert_int_equal(result.pairs_cut, rows[i].down == 2 ? 2 : 0);
	}
	whatif_destroy(whatif);
	fixture_free(&designed);
	state_close(kept);
}

/* --- cases --- */

struct tally {
	size_t kinds[WHATIF_KINDS], worst_cut;
};

static int count_case(void *owner, const struct whatif_case *one) {
	struct tally *tally = owner;

	tally->kinds[one->kind]++;
	if (one->result.pairs_cut > tally->worst_cut)
		tally->worst_cut = one->result.pairs_cut;
	return 0;
}

static void all_links_nodes_and_pairs_are_gone_through(void **state) {
	struct tally tally = {0};
	struct designed designed;
	struct state *kept;
	struct whatif *whatif;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed,
		"fabric: f\nspines: 2\nleaves: 3\nhosts: 2\n"
		"tenants: {web: {ipv4: 10.1.0.0/16}}\n",
		kept);
	whatif = whatif_create(designed.fabric, NULL);
	assert_non_null(whatif);
	assert_int_equal(whatif_each_case(whatif, designed.fabric, true, count_case, &tally), 0);
	assert_int_equal(tally.kinds[WHATIF_NOTHING], 1);
	assert_int_equal(tally.kinds[WHATIF_LINK], 12);
	assert_int_equal(tally.kinds[WHATIF_NODE], 5);
	assert_int_equal(tally.kinds[WHATIF_PAIR], 6 * 5 / 2);
	assert_int_equal(tally.worst_cut, 18); /* a leaf: its two hosts, with each other, too */
	assert_int_equal(whatif_case_count(designed.fabric, true), 1 + 12 + 5 + 15);
	whatif_destroy(whatif);
	fixture_free(&designed);
	state_close(kept);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_and_every_load_is_what_following_each_flow_comes_to),
		cmocka_unit_test(traffic_between_sites_is_shared_by_their_cables),
		cmocka_unit_test(all_links_nodes_and_pairs_are_gone_through),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
