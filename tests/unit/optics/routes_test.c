/* routes_test: routes against what trying all simple routes finds, in random networks. */
#include "fixture.h"

#include "optics/routes.h"
#include "optics/routing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 7, ROUTES_MOST = 4096, NETWORKS = 60 };

/* A network of ROADMs, each with a transceiver, and random lines between them, both ways. */
static struct network network;
static struct sections sections;
static unsigned int seed;

static unsigned int draw(unsigned int below) {
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

static void add_fibre(int from, int to, double length_m, int number) {
	struct element *element = network_add(&network,
		arena_print(&network.arena, "fibre %d %d %d", from, to, number), ELEMENT_FIBRE);
	int fibre = (int)network.count - 1;

	element->fibre = arena_alloc(&network.arena, sizeof(*element->fibre));
	element->fibre->length_m = length_m;
	network_connect(&network, from, fibre);
	network_connect(&network, fibre, to);
}

static void make_network(unsigned int number, unsigned int lines) {
	network = (struct network){0};
	seed = number;
	for (int i = 0; i < NODES; i++)
		network_add(&network, arena_print(&network.arena, "roadm %d", i), ELEMENT_ROADM);
	for (int i = 0; i < NODES; i++) {
		network_add(
			&network, arena_print(&network.arena, "trx %d", i), ELEMENT_TRANSCEIVER);
		network_connect(&network, i, NODES + i);
		network_connect(&network, NODES + i, i);
	}
	for (unsigned int k = 0; k < lines; k++) {
		int from = (int)draw(NODES), to = (int)draw(NODES);
		double length = 1000.0 * (1 + draw(1000));

		if (from == to)
			continue;
		add_fibre(from, to, length, (int)k);
		add_fibre(to, from, length, (int)k);
	}
	sections_build(&sections, &network);
}

static void drop_network(void) {
	sections_free(&sections);
	network_free(&network);
}

static int trx(int i) {
	return sections.node_of[NODES + i];
}

static int roadm(int i) {
	return sections.node_of[i];
}

/* ---- all simple routes, by trying ---- */

struct all {
	struct route list[ROUTES_MOST];
	int memory[ROUTES_MOST][NODES + 2];
	size_t count;
};

static void extend(struct all *all, const struct route_limits *limits, int at, int to, int *way,
	size_t length, double metres, bool *seen) {
	if (at == to) {
		assert_true(all->count < ROUTES_MOST);
		memcpy(all->memory[all->count], way, length * sizeof(*way));
		all->list[all->count] = (struct route){all->memory[all->count], length, metres};
		all->count++;
		return;
	}
	if (length && !sections_passable(&sections, at))
		return;
	seen[at] = true;
	for (size_t i = 0; i < sections.out_count[at]; i++) {
		int section = sections.out[at][i], next = sections.list[section].to;

		if (seen[next] || (limits && limits->no_section && limits->no_section[section]))
			continue;
		way[length] = section;
		extend(all, limits, next, to, way, length + 1,
			metres + sections.list[section].length_m, seen);
	}
	seen[at] = false;
}

static struct all *find_all(int from, int to) {
	struct all *all = calloc(1, sizeof(*all));
	bool seen[2 * NODES] = {false};
	int way[2 * NODES];

	assert_non_null(all);
	extend(all, NULL, from, to, way, 0, 0, seen);
	return all;
}

/* ---- one after another ---- */

static void routes_come_by_length_all_of_them_once(void **state) {
	for (unsigned int k = 0; k < NETWORKS; k++) {
		struct route_queue *queue;
		struct route route;
		struct all *all;
		size_t count = 0;
		double last = 0;

		make_network(k, 10);
		all = find_all(trx(0), trx(1));
		queue = route_queue_create(&sections, trx(0), trx(1), NULL);
		while (route_queue_next(queue, &route)) {
			bool found = false;

			assert_true(route.length_m >= last - 1e-6);
			last = route.length_m;
			for (size_t i = 0; i < all->count && !found; i++)
				if (route_is_same(&all->list[i], &route)) {
					found = true;
					fixture_near(route.length_m, all->list[i].length_m, 1e-6);
					all->list[i].count = 0; /* not again */
				}
			assert_true(found);
			count++;
		}
		assert_int_equal(count, all->count);
		route_queue_free(queue);
		free(all);
		drop_network();
	}
}

/* ---- pairs ---- */

static bool share(const struct route *one, const struct route *other, bool nodes_too) {
	for (size_t i = 0; i < one->count; i++)
		for (size_t k = 0; k < other->count; k++) {
			const struct section *a = &sections.list[one->sections[i]];
			int b = other->sections[k];

			if (section_is_line(a) && (one->sections[i] == b || a->opposite == b))
				return true;
			if (nodes_too && i + 2 < one->count && k + 2 < other->count && i > 0 &&
				k > 0 && a->to == sections.list[b].to)
				return true;
		}
	return false;
}

static double least_pair(const struct all *all, bool nodes_too) {
	double least = INFINITY;

	for (size_t i = 0; i < all->count; i++)
		for (size_t k = i + 1; k < all->count; k++)
			if (!share(&all->list[i], &all->list[k], nodes_too))
				least = fmin(least, all->list[i].length_m + all->list[k].length_m);
	return least;
}

static void pairs_that_share_nothing_are_the_shortest(void **state) {
	for (unsigned int k = 0; k < 2 * NETWORKS; k++) {
		bool nodes_too = k % 2;
		struct arena arena = {0};
		struct route pair[2];
		struct all *all;
		double least;
		bool found;

		make_network(k / 2, 11);
		all = find_all(trx(2), trx(3));
		least = least_pair(all, nodes_too);
		found = route_pair(
			&arena, &sections, trx(2), (int[]){trx(3), trx(3)}, nodes_too, NULL, pair);
		assert_int_equal(found, isfinite(least));
		if (found) {
			assert_false(share(&pair[0], &pair[1], nodes_too));
			fixture_near(pair[0].length_m + pair[1].length_m, least, 1e-3);
		}
		arena_free(&arena);
		free(all);
		drop_network();
	}
}

/* ---- over certain elements ---- */

static double least_over(const struct all *all, int from, const int *elements, size_t count) {
	double least = INFINITY;

	for (size_t i = 0; i < all->count; i++)
		if (route_passes(&sections, &all->list[i], from, elements, count))
			least = fmin(least, all->list[i].length_m);
	return least;
}

static void routes_over_elements_are_the_shortest(void **state) {
	for (unsigned int k = 0; k < 3 * NETWORKS; k++) {
		size_t count = 1 + k % 3;
		struct arena arena = {0};
		struct route route;
		int elements[3], error;
		struct all *all;
		double least;

		make_network(k / 3, 11);
		all = find_all(trx(0), trx(1));
		for (size_t i = 0; i < count; i++) /* the last may be a fibre */
			elements[i] = i == 2 && network.count > 2 * NODES
					      ? 2 * NODES + (int)draw((unsigned int)network.count -
								      2 * NODES)
					      : 2 + (int)(draw(3) + 2 * i) % (NODES - 2);
		if (count > 1 && elements[0] == elements[1])
			count = 1;
		least = least_over(all, trx(0), elements, count);
		error = route_through(
			&arena, &sections, trx(0), trx(1), elements, count, NULL, &route);
		assert_int_equal(error, isfinite(least) ? 0 : -ENOENT);
		if (!error) {
			assert_true(route_passes(&sections, &route, trx(0), elements, count));
			fixture_near(route.length_m, least, 1e-3);
		}
		arena_free(&arena);
		free(all);
		drop_network();
	}
}

/* What is closed is not passed because it was asked for. */
static void routes_over_what_is_closed_are_none(void **state) {
	make_network(1, 11);
	for (size_t s = 0; s < sections.count; s++) {
		const struct section *section = &sections.list[s];
		bool no_section[64] = {false}, no_node[2 * NODES] = {false};
		const struct route_limits limits = {no_section, no_node};
		struct arena arena = {0};
		struct route route;

		if (!section_is_line(section))
			continue;
		assert_true(sections.count <= 64);
		no_section[s] = true;
		assert_int_equal(route_through(&arena, &sections, trx(0), trx(1), section->elements,
					 1, &limits, &route),
			-ENOENT);
		no_section[s] = false;
		no_node[section->to] = true;
		assert_int_equal(route_through(&arena, &sections, trx(0), trx(1), section->elements,
					 1, &limits, &route),
			-ENOENT);
		arena_free(&arena);
	}
	drop_network();
}

/* ---- services that are kept apart ---- */

static struct service service_between(const char *id, int from, int to) {
	return (struct service){.id = id, .from = NODES + from, .to = NODES + to};
}

static double least_apart(const struct all *one, const struct all *other) {
	double least = INFINITY;

	for (size_t i = 0; i < one->count; i++)
		for (size_t k = 0; k < other->count; k++)
			if (!share(&one->list[i], &other->list[k], false))
				least = fmin(
					least, one->list[i].length_m + other->list[k].length_m);
	return least;
}

static void services_of_other_ends_are_kept_apart(void **state) {
	for (unsigned int k = 0; k < NETWORKS; k++) {
		struct service list[] = {
			service_between("one", 0, 1), service_between("other", 2, 1)};
		size_t members[] = {0, 1};
		struct disjunction apart = {"apart", DISJOINT_LINK, false, members, 2};
		const struct services services = {
			.list = list, .count = 2, .disjunctions = &apart, .disjunction_count = 1};
		struct routing routings[2] = {0};
		struct arena arena = {0};
		struct all *one, *other;
		double least;

		make_network(k, 10);
		one = find_all(trx(0), trx(1));
		other = find_all(trx(2), trx(1));
		least = least_apart(one, other);
		routing_all(&arena, &sections, &services, false, routings);
		assert_int_equal(routings[0].blocking,
			isfinite(least) ? BLOCKED_NOT : BLOCKED_NO_PATH_WITH_CONSTRAINT);
		if (isfinite(least)) {
			assert_false(share(&routings[0].route, &routings[1].route, false));
			fixture_near(routings[0].route.length_m + routings[1].route.length_m, least,
				1e-3);
		}
		arena_free(&arena);
		free(one);
		free(other);
		drop_network();
	}
}

static void limits_excludes_and_reverses_hold(void **state) {
	struct service service = service_between("s", 0, 1);
	struct arena arena = {0};
	struct routing routing;
	struct route back;
	int avoided = 2;

	make_network(5, 14);
	service.excludes = &avoided;
	service.exclude_count = 1;
	routing_one(&arena, &sections, &service, NULL, &routing);
	assert_int_equal(routing.blocking, BLOCKED_NOT);
	for (size_t i = 0; i < routing.route.count; i++)
		assert_int_not_equal(sections.list[routing.route.sections[i]].to, roadm(2));
	assert_true(route_reverse(&arena, &sections, &routing.route, &back));
	fixture_near(back.length_m, routing.route.length_m, 1e-6);
	assert_int_equal(sections.list[back.sections[0]].from, trx(1));
	arena_free(&arena);
	drop_network();
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_come_by_length_all_of_them_once),
		cmocka_unit_test(pairs_that_share_nothing_are_the_shortest),
		cmocka_unit_test(routes_over_elements_are_the_shortest),
		cmocka_unit_test(routes_over_what_is_closed_are_none),
		cmocka_unit_test(services_of_other_ends_are_kept_apart),
		cmocka_unit_test(limits_excludes_and_reverses_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
