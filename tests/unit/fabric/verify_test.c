/* verify_test: random fabrics with random faults, proven by classes and walked hop by hop: both
 * come to the same of every packet, and what is told is so. */
#include "fabric/verify.h"

#include "fixture.h"
#include "naive.h"

#include "fabric/model.h"

enum { SHAPES = 80, ROUNDS = 4, FAULTS_MOST = 6 };

struct world {
	const struct fabric *fabric;
	struct fib_set *set; /* the tables with faults, by the design's numbers */
	struct verify *verify;
	struct topology topology;
	struct naive *naive, *model;
	struct fib_set *model_set;
	uint8_t *outcomes; /* of each class and node */
	size_t told;
};

/* An entry that may be anything: another's ports too, and other lengths than the model's. */
static void add_fault(struct fib_set *set, const struct fabric *fabric, struct random *random,
	uint32_t node, const struct prefix *near) {
	struct prefix prefix = *near;
	uint32_t ports[3], count = 1 + random_below(random, 3), group;
	const struct fabric_node *at = &fabric->nodes[node];

	if (random_below(random, 2) && prefix.length > 8)
		assert_int_equal(prefix_part(near, near->length, 0, &prefix), 0);
	if (random_below(random, 2) && prefix.length < prefix_bits(prefix.family))
		prefix.length++;
	for (uint32_t i = 0; i < count; i++)
		ports[i] =
			at->port_count
				? (uint32_t)
					  at->ports[random_below(random, (uint32_t)at->port_count)]
				: 0;
	group = at->port_count && random_below(random, 4) ? fib_set_group(set, ports, count)
							  : random_below(random, FIB_VERDICTS);
	assert_int_equal(fib_set_add(set, node, &prefix, group), 0);
}

static uint32_t any_switch(const struct fabric *fabric, struct random *random) {
	uint32_t node;

	do
		node = random_below(random, (uint32_t)fabric->node_count);
	while (!fabric_is_switch(&fabric->nodes[node]));
	return node;
}

static void add_faults(struct world *world, struct random *random) {
	uint32_t count = random_below(random, FAULTS_MOST);
	size_t prefixes = fib_set_prefix_count(world->model_set);

	for (uint32_t i = 0; i < count; i++)
		add_fault(world->set, world->fabric, random, any_switch(world->fabric, random),
			fib_set_prefix(world->model_set, random_below(random, (uint32_t)prefixes)));
}

/* The tables of the set, in layer 1. */
static void copy_tables(struct world *world) {
	uint32_t *column = calloc(fib_set_prefix_count(world->set) + 1, sizeof(*column));

	assert_non_null(column);
	for (int id = 0; id < (int)world->fabric->node_count; id++) {
		const struct verify_place place = verify_place(world->verify, 1, id);

		assert_int_equal(fib_set_column(world->set, (uint32_t)id, column), 0);
		for (size_t n = 0; n < fib_set_prefix_count(world->set); n++) {
			size_t count;
			const uint32_t *ports;
			uint32_t moved[64], group = column[n];

			if (group == FIB_ABSENT)
				continue;
			ports = fib_set_ports(world->set, group, &count);
			assert_true(count <= 64);
			for (size_t i = 0; i < count; i++)
				moved[i] = place.first_port + ports[i];
			if (group >= FIB_VERDICTS)
				group = fib_set_group(place.set, moved, count);
			assert_int_equal(fib_set_add(place.set, place.node,
						 fib_set_prefix(world->set, n), group),
				0);
		}
	}
	free(column);
}

static void make_topology(struct world *world) {
	const struct fabric *fabric = world->fabric;
	uint32_t *far = calloc(fabric->port_count + 1, sizeof(*far));

	assert_non_null(far);
	for (size_t port = 0; port < fabric->port_count; port++) {
		int node = fabric->ports[fabric->ports[port].other].node;

		far[port] =
			fabric_is_switch(&fabric->nodes[node]) ? (uint32_t)node : TOPOLOGY_OUTSIDE;
	}
	world->topology = (struct topology){.node_count = (uint32_t)fabric->node_count,
		.port_count = (uint32_t)fabric->port_count,
		.far_node = far};
}

static void make_world(struct world *world, const struct fabric *fabric, struct random *random) {
	static const struct verify_layer layers[] = {{.name = "model"}, {.name = "table"}};

	*world = (struct world){.fabric = fabric,
		.set = fib_set_create(),
		.model_set = fib_set_create(),
		.verify = verify_create(fabric, layers, 2)};
	assert_true(world->set && world->model_set && world->verify);
	assert_int_equal(model_tables(fabric, NULL, world->model_set), 0);
	assert_int_equal(fib_set_finish(world->model_set), 0);
	assert_int_equal(model_tables(fabric, NULL, verify_place(world->verify, 0, 0).set), 0);
	assert_int_equal(model_tables(fabric, NULL, world->set), 0);
	add_faults(world, random);
	assert_int_equal(fib_set_finish(world->set), 0);
	copy_tables(world);
	make_topology(world);
	world->naive = naive_create(world->set, &world->topology);
	world->model = naive_create(world->model_set, &world->topology);
	assert_true(world->naive && world->model);
}

static void free_world(struct world *world) {
	naive_destroy(world->naive);
	naive_destroy(world->model);
	free((void *)world->topology.far_node);
	verify_destroy(world->verify);
	fib_set_destroy(world->set);
	fib_set_destroy(world->model_set);
	free(world->outcomes);
}

/* --- classes --- */

static int compare_class(void *owner, const struct class_result *result) {
	struct world *world = owner;
	size_t nodes = world->fabric->node_count;

	if (result->is_new) {
		world->outcomes = realloc(world->outcomes, (result->number + 1) * nodes);
		assert_non_null(world->outcomes);
		memcpy(world->outcomes + result->number * nodes, result->outcomes, nodes);
	}
	for (uint32_t node = 0; node < nodes; node++)
		assert_int_equal(world->outcomes[result->number * nodes + node],
			naive_follow(world->naive, node, &result->address));
	return 0;
}

/* --- violations --- */

/* Groups are other numbers in other sets. */
static bool same_group(const struct world *world, uint32_t one, uint32_t other) {
	size_t count, other_count;
	const uint32_t *ports = fib_set_ports(world->set, one, &count);
	const uint32_t *others = fib_set_ports(world->model_set, other, &other_count);

	if (one < FIB_VERDICTS || other < FIB_VERDICTS)
		return one == other;
	return count == other_count && memcmp(ports, others, count * sizeof(*ports)) == 0;
}

static bool is_right(const struct world *world, const struct prefix *address) {
	for (uint32_t node = 0; node < world->fabric->node_count; node++)
		if (fabric_is_switch(&world->fabric->nodes[node]) &&
			!same_group(world, naive_look_up(world->naive, node, address),
				naive_look_up(world->model, node, address)))
			return false;
	return true;
}

/* How many destinations are not treated as the model does, looked at one by one. */
static int count_wrong(void *owner, const struct class_result *result) {
	struct world *world = owner;

	world->told += !is_right(world, &result->address);
	return 0;
}

static uint8_t outcomes_of_all(const struct world *world, const struct prefix *address) {
	uint8_t outcome = 0;

	for (uint32_t node = 0; node < world->fabric->node_count; node++)
		if (fabric_is_switch(&world->fabric->nodes[node]))
			outcome |= naive_follow(world->naive, node, address);
	return outcome;
}

/* "10.1.0.1 to 10.1.1.4, udp …" */
static struct prefix destination_of(const struct violation *violation) {
	char text[64];
	struct prefix address;

	assert_int_equal(sscanf(violation->packet, "%*s to %63[^,]", text), 1);
	assert_int_equal(prefix_parse(text, &address), 0);
	return address;
}

static bool was_met[VIOLATION_KINDS];

static void check_witness(void *owner, const struct violation *violation) {
	const struct world *world = owner;
	struct prefix address;

	was_met[violation->kind] = true;
	assert_true(
		strcmp(violation->found, violation->wanted) || violation->kind == VIOLATION_LOOP);
	if (!violation->packet[0]) {
		assert_int_equal(violation->kind, VIOLATION_ENTRY);
		return;
	}
	address = destination_of(violation);
	if (violation->kind == VIOLATION_LOOP)
		assert_non_null(strstr(violation->way, ": a loop"));
	assert_int_equal(violation->kind == VIOLATION_LOOP,
		(outcomes_of_all(world, &address) & OUTCOME_LOOP) != 0);
}

static void check_round(const struct fabric *fabric, struct random *random) {
	const struct verify_telling telling = {
		.most = SIZE_MAX, .told = check_witness, .owner = NULL};
	struct verify_telling to_world = telling;
	struct verify_summary summary;
	struct world world;

	make_world(&world, fabric, random);
	assert_int_equal(classes_walk(world.set, &world.topology, compare_class, &world), 0);
	assert_int_equal(classes_walk(world.set, &world.topology, count_wrong, &world), 0);
	to_world.owner = &world;
	assert_int_equal(verify_run(world.verify, &to_world, &summary), 0);
	assert_int_equal(summary.violations, world.told);
	free_world(&world);
}

static void check_fabric(const struct fabric *fabric, struct random *random) {
	for (int round = 0; round < ROUNDS; round++)
		check_round(fabric, random);
}

static void classes_and_a_walk_hop_by_hop_agree(void **state) {
	fixture_each_shape(17, SHAPES, check_fabric);
	for (int kind = 0; kind < VIOLATION_SHARES; kind++)
		if (!was_met[kind] && kind != VIOLATION_DEAD)
			fail_msg("no fault made a %s", violation_name((enum violation_kind)kind));
}

/* --- merged --- */

static void count_merged(void *owner, const struct violation *violation) {
	struct world *world = owner;

	world->told += 1 + violation->more;
}

static void check_merged_round(const struct fabric *fabric, struct random *random) {
	struct world world;
	const struct verify_telling telling = {
		.manner = VERIFY_MERGED, .most = SIZE_MAX, .told = count_merged, .owner = &world};
	struct verify_summary summary;

	make_world(&world, fabric, random);
	assert_int_equal(verify_run(world.verify, &telling, &summary), 0);
	assert_int_equal(summary.violations, world.told);
	assert_true(summary.merged <= summary.violations);
	free_world(&world);
}

static void check_merged(const struct fabric *fabric, struct random *random) {
	for (int round = 0; round < ROUNDS; round++)
		check_merged_round(fabric, random);
}

static void merged_violations_are_as_many_as_single_ones(void **state) {
	fixture_each_shape(17, SHAPES, check_merged);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_and_a_walk_hop_by_hop_agree),
		cmocka_unit_test(merged_violations_are_as_many_as_single_ones),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
