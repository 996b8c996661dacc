/* classes_test: the classes of random small networks, against following each address by itself. */
#include "fabric/classes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	NODES = 6,
	PORTS_EACH = 4,
	PORTS = NODES * PORTS_EACH,
	SPACE_BITS = 8,
	SPACE = 1 << SPACE_BITS
};

/* What was told of a class when it was new. */
struct known_class {
	uint32_t groups[NODES], paths[NODES];
	uint8_t outcomes[NODES];
};

/* Tables over the last 8 bits of 10.0.0.0/24, by hand: the longest entry of each node. */
struct world {
	struct {
		struct prefix prefix;
		uint32_t group;
		bool used;
	} entries[NODES][24];
	uint32_t node_of_port[PORTS], far_node[PORTS];
	bool dead[PORTS];
	struct topology topology;
	struct fib_set *set;
	unsigned int told[SPACE];
	struct known_class classes[SPACE];
	uint32_t random;
};

static uint32_t next_random(struct world *world, uint32_t below) {
	world->random = world->random * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)world->random * below >> 32);
}

static struct prefix prefix_at(uint32_t low, unsigned int length) {
	struct prefix prefix = {
		.family = AF_INET, .length = (uint8_t)length, .address = {10, 0, 0}};

	prefix.address[3] = (uint8_t)(length <= 24 ? 0 : low & (0xff << (32 - length)));
	return prefix;
}

static void make_world(struct world *world, uint32_t seed) {
	memset(world, 0, sizeof(*world));
	world->random = seed;
	world->set = fib_set_create();
	assert_non_null(world->set);
	for (uint32_t port = 0; port < PORTS; port++) {
		world->node_of_port[port] = port / PORTS_EACH;
		world->far_node[port] =
			next_random(world, 8) == 0 ? TOPOLOGY_OUTSIDE : next_random(world, NODES);
		world->dead[port] = next_random(world, 12) == 0;
	}
	world->topology = (struct topology){.node_count = NODES,
		.port_count = PORTS,
		.node_of_port = world->node_of_port,
		.far_node = world->far_node,
		.port_is_dead = world->dead};
	for (uint32_t node = 0; node < NODES; node++)
		for (int i = 0; i < 24; i++) {
			uint32_t ports[3], count = 1 + next_random(world, 3),
					   kind = next_random(world, 8);

			if (next_random(world, 3) == 0)
				continue;
			for (uint32_t p = 0; p < count; p++)
				ports[p] = node * PORTS_EACH + next_random(world, PORTS_EACH);
			world->entries[node][i].prefix =
				prefix_at(next_random(world, SPACE), 24 + next_random(world, 9));
			world->entries[node][i].group =
				kind < 5    ? fib_set_group(world->set, ports, count)
				: kind == 5 ? FIB_DROP
				: kind == 6 ? FIB_LOCAL
					    : FIB_NO_ROUTE;
			world->entries[node][i].used = true;
			assert_int_equal(
				fib_set_add(world->set, node, &world->entries[node][i].prefix,
					world->entries[node][i].group),
				0);
		}
	assert_int_equal(fib_set_finish(world->set), 0);
}

static uint32_t longest(const struct world *world, uint32_t node, uint32_t low) {
	struct prefix address = prefix_at(low, 32);
	uint32_t group = FIB_NO_ROUTE;
	int best = -1;

	for (int i = 0; i < 24; i++)
		if (world->entries[node][i].used && world->entries[node][i].prefix.length >= best &&
			prefix_contains(&world->entries[node][i].prefix, &address)) {
			best = world->entries[node][i].prefix.length;
			group = world->entries[node][i].group;
		}
	return group;
}

/* Every way of an address from a node, one by one. */
static uint8_t follow(
	const struct world *world, uint32_t node, uint32_t low, uint32_t visited, uint32_t *paths) {
	uint32_t group = longest(world, node, low);
	size_t count;
	const uint32_t *ports = fib_set_ports(world->set, group, &count);
	uint8_t outcome = 0;

	if (visited & 1u << node)
		return OUTCOME_LOOP;
	if (group == FIB_LOCAL)
		++*paths;
	if (group < FIB_VERDICTS)
		return group == FIB_LOCAL  ? OUTCOME_DELIVERED
		       : group == FIB_DROP ? OUTCOME_DROPPED
					   : OUTCOME_NO_ROUTE;
	for (size_t i = 0; i < count; i++)
		if (world->dead[ports[i]]) {
			outcome |= OUTCOME_DEAD;
		} else if (world->far_node[ports[i]] == TOPOLOGY_OUTSIDE) {
			outcome |= OUTCOME_LEFT;
			++*paths;
		} else {
			outcome |= follow(
				world, world->far_node[ports[i]], low, visited | 1u << node, paths);
		}
	return outcome;
}

static bool is_own(const struct world *world, const struct prefix *prefix, uint32_t low) {
	struct prefix address = prefix_at(low, 32);

	if (!prefix_contains(prefix, &address))
		return false;
	for (size_t n = 0; n < fib_set_prefix_count(world->set); n++) {
		const struct prefix *inner = fib_set_prefix(world->set, n);

		if (inner->length > prefix->length && prefix_contains(inner, &address))
			return false;
	}
	return true;
}

static int compare(void *owner, const struct class_result *result) {
	struct world *world = owner;
	struct known_class *class = &world->classes[result->number];
	unsigned int members = 0;

	assert_true(result->number < SPACE);
	if (result->is_new) {
		memcpy(class->groups, result->groups, sizeof(class->groups));
		memcpy(class->paths, result->paths, sizeof(class->paths));
		memcpy(class->outcomes, result->outcomes, sizeof(class->outcomes));
	}
	for (uint32_t low = 0; low < SPACE; low++) {
		if (!is_own(world, &result->prefix, low))
			continue;
		members++;
		world->told[low]++;
		for (uint32_t node = 0; node < NODES; node++) {
			uint32_t paths = 0;
			uint8_t outcome = follow(world, node, low, 0, &paths);

			assert_int_equal(class->groups[node], longest(world, node, low));
			assert_int_equal(class->outcomes[node], outcome);
			if (!(outcome & OUTCOME_LOOP))
				assert_int_equal(class->paths[node], paths);
		}
	}
	assert_true(members > 0);
	return 0;
}

static void classes_say_what_each_address_does(void **state) {
	for (uint32_t seed = 1; seed <= 400; seed++) {
		static struct world world;
		bool covered;

		make_world(&world, seed * 2654435761u);
		assert_int_equal(classes_walk(world.set, &world.topology, compare, &world), 0);
		for (uint32_t low = 0; low < SPACE; low++) {
			struct prefix address = prefix_at(low, 32);

			covered = false;
			for (size_t n = 0; n < fib_set_prefix_count(world.set); n++)
				covered |= prefix_contains(fib_set_prefix(world.set, n), &address);
			assert_int_equal(world.told[low], covered);
		}
		fib_set_destroy(world.set);
	}
}

static int stop_at_once(void *owner, const struct class_result *result) {
	++*(int *)owner;
	return 7;
}

static void a_walk_can_be_stopped(void **state) {
	static struct world world;
	int told = 0;

	make_world(&world, 1);
	assert_int_equal(classes_walk(world.set, &world.topology, stop_at_once, &told), 7);
	assert_int_equal(told, 1);
	fib_set_destroy(world.set);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_say_what_each_address_does),
		cmocka_unit_test(a_walk_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
