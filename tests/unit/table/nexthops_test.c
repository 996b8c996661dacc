/* nexthops_test: entries, their changes under readers, and groups. */
#include "support.h"

#include "table/lookup.h"
#include "table/nexthops.h"

#include <errno.h>
#include <math.h>

enum { NEXTHOPS = 700, BUCKETS = 1 << 15, HASHES = 1 << 14 };

struct fixture {
	struct counting_grace grace;
	struct nexthop_memory memory;
	struct nexthops *nexthops;
};

static struct fixture start(uint32_t nexthop_count, uint32_t bucket_count) {
	struct fixture fixture = {
		.grace.grace.wait = count_wait,
		.memory =
			{
				.nexthops = zeroed(nexthop_count, sizeof(struct nexthop)),
				.buckets = zeroed(bucket_count, sizeof(uint32_t)),
				.nexthop_count = nexthop_count,
				.bucket_count = bucket_count,
			},
	};

	return fixture;
}

static void finish(struct fixture *fixture) {
	nexthops_destroy(fixture->nexthops);
	free(fixture->memory.nexthops);
	free(fixture->memory.buckets);
}

#define START(fixture, nexthop_count, bucket_count)                                                \
	struct fixture fixture = start(nexthop_count, bucket_count);                               \
	fixture.nexthops = nexthops_create(&fixture.memory, &fixture.grace.grace);                 \
	assert_non_null(fixture.nexthops)

static struct adjacency neighbour(uint8_t number) {
	return (struct adjacency){
		.ifindex = 100u + number,
		.mtu = 1500,
		.port = number,
		.destination_mac = {2, 0, 0, 0, 0, number},
		.source_mac = {2, 1, 0, 0, 0, number},
	};
}

static uint32_t allocate(struct fixture *fixture) {
	uint32_t id;

	assert_int_equal(nexthops_allocate(fixture->nexthops, &id), 0);
	return id;
}

static void go_up(struct fixture *fixture, uint32_t id, uint8_t number) {
	struct adjacency adjacency = neighbour(number);

	nexthops_set_adjacency(fixture->nexthops, id, &adjacency);
}

static void go_down(struct fixture *fixture, uint32_t id, uint8_t number) {
	nexthops_set_verdict(fixture->nexthops, id, REASON_UNRESOLVED, number, 100u + number);
}

static void members_up(
	struct fixture *fixture, struct nexthop_member *members, size_t count, uint32_t weight) {
	for (size_t i = 0; i < count; i++) {
		members[i] = (struct nexthop_member){allocate(fixture), weight};
		go_up(fixture, members[i].nexthop, (uint8_t)(1 + i % 255));
	}
}

/* Which next hop a reader chooses for each of many flows. */
static void choose(struct fixture *fixture, uint32_t group, uint32_t chosen[HASHES]) {
	const struct nexthop *head = nexthops_get(fixture->nexthops, group);

	assert_int_equal(head->kind, NEXTHOP_GROUP);
	for (uint32_t i = 0; i < HASHES; i++)
		chosen[i] = fixture->memory.buckets[nexthop_bucket(
			head, i * (uint32_t)(UINT32_MAX / HASHES + 1))];
}

static double share_of(const uint32_t chosen[HASHES], uint32_t nexthop) {
	double count = 0;

	for (size_t i = 0; i < HASHES; i++)
		count += chosen[i] == nexthop;
	return count / HASHES;
}

static void the_first_ids_are_the_constant_verdicts(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);

	for (uint32_t reason = 0; reason < REASON_COUNT; reason++) {
		const struct nexthop *nexthop = nexthops_get(fixture.nexthops, reason);

		assert_int_equal(nexthop->kind, NEXTHOP_VERDICT);
		assert_int_equal(nexthop->reason, reason ? reason : REASON_NO_ROUTE);
	}
	assert_int_equal(nexthops_usage(fixture.nexthops).nexthops, 0);
	finish(&fixture);
}

static void memory_too_small_for_the_constants_is_refused(void **state) {
	struct fixture fixture = start(REASON_COUNT - 1, 0);

	assert_null(nexthops_create(&fixture.memory, &fixture.grace.grace));
	assert_int_equal(errno, EINVAL);
	finish(&fixture);
}

static void a_new_id_is_unresolved_and_ids_run_out_and_come_back(void **state) {
	START(fixture, REASON_COUNT + 2, 0);
	uint32_t one = allocate(&fixture), other = allocate(&fixture), none;

	assert_int_equal(nexthops_get(fixture.nexthops, one)->reason, REASON_UNRESOLVED);
	assert_int_equal(nexthops_allocate(fixture.nexthops, &none), -ENOSPC);
	nexthops_free(fixture.nexthops, other);
	assert_int_equal(fixture.grace.waits, 0);
	assert_int_equal(allocate(&fixture), other);
	assert_int_equal(fixture.grace.waits, 1);
	finish(&fixture);
}

static void a_new_adjacency_needs_no_grace_and_a_changed_one_does(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);
	struct adjacency adjacency = neighbour(7);
	uint32_t id = allocate(&fixture);
	const struct nexthop *nexthop = nexthops_get(fixture.nexthops, id);

	nexthops_set_adjacency(fixture.nexthops, id, &adjacency);
	assert_int_equal(nexthop->kind, NEXTHOP_ADJACENCY);
	assert_int_equal(nexthop->port, 7);
	assert_int_equal(nexthop->argument, 1500);
	assert_int_equal(nexthop->ifindex, 107);
	assert_memory_equal(nexthop->destination_mac, adjacency.destination_mac, 6);
	assert_memory_equal(nexthop->source_mac, adjacency.source_mac, 6);

	adjacency.mtu = 9000;
	nexthops_set_adjacency(fixture.nexthops, id, &adjacency);
	go_down(&fixture, id, 7);
	nexthops_set_adjacency(fixture.nexthops, id, &adjacency);
	assert_int_equal(nexthop->argument, 9000);
	assert_int_equal(fixture.grace.waits, 0);

	adjacency.destination_mac[5] = 99;
	nexthops_set_adjacency(fixture.nexthops, id, &adjacency);
	assert_int_equal(fixture.grace.waits, 1);
	assert_int_equal(nexthop->kind, NEXTHOP_ADJACENCY);
	assert_int_equal(nexthop->destination_mac[5], 99);
	finish(&fixture);
}

/* Looks, at each grace period, whether what a reader may hold has been written. */
struct watching_grace {
	struct grace grace;
	const struct nexthop *nexthop;
	struct nexthop body;
	unsigned int waits;
};

static void watch_wait(struct grace *grace) {
	struct watching_grace *watching = (struct watching_grace *)grace;

	watching->waits++;
	assert_int_equal(watching->nexthop->kind, NEXTHOP_VERDICT);
	assert_memory_equal(watching->nexthop->destination_mac, watching->body.destination_mac, 6);
	assert_memory_equal(watching->nexthop->source_mac, watching->body.source_mac, 6);
	assert_int_equal(watching->nexthop->ifindex, watching->body.ifindex);
}

static void a_body_is_written_only_after_a_grace_period_as_a_verdict(void **state) {
	struct fixture fixture = start(NEXTHOPS, BUCKETS);
	struct watching_grace watching = {.grace.wait = watch_wait};
	uint32_t id;

	fixture.nexthops = nexthops_create(&fixture.memory, &watching.grace);
	id = allocate(&fixture);
	watching.nexthop = nexthops_get(fixture.nexthops, id);
	for (uint8_t number = 1; number < 200; number++) {
		go_up(&fixture, id, number);
		watching.body = *watching.nexthop;
		if (random_below(2))
			go_down(&fixture, id, number);
	}
	assert_int_equal(watching.waits, 198);
	nexthops_set_verdict(fixture.nexthops, id, REASON_BLACKHOLE, 0, 0);
	assert_int_equal(watching.nexthop->ifindex, 0);
	assert_int_equal(watching.nexthop->reason, REASON_BLACKHOLE);
	finish(&fixture);
}

static void many_adjacencies_change_in_one_grace_period(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);
	struct nexthop_member members[20];
	uint32_t group = allocate(&fixture);

	members_up(&fixture, members, 20, 1);
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 20), 0);
	for (uint8_t i = 0; i < 20; i++) {
		struct adjacency adjacency = neighbour((uint8_t)(100 + i));

		nexthops_announce_adjacency(fixture.nexthops, members[i].nexthop, &adjacency);
		assert_int_equal(nexthops_get(fixture.nexthops, members[i].nexthop)->reason,
			REASON_UNRESOLVED);
	}
	assert_int_equal(nexthops_get(fixture.nexthops, group)->kind, NEXTHOP_GROUP);
	for (uint8_t i = 0; i < 20; i++)
		go_up(&fixture, members[i].nexthop, (uint8_t)(100 + i));
	assert_int_equal(fixture.grace.waits, 1);
	for (uint8_t i = 0; i < 20; i++) {
		struct adjacency same = neighbour((uint8_t)(100 + i));

		nexthops_announce_adjacency(fixture.nexthops, members[i].nexthop, &same);
		assert_int_equal(nexthops_get(fixture.nexthops, members[i].nexthop)->kind,
			NEXTHOP_ADJACENCY);
	}
	finish(&fixture);
}

static void setting_what_is_set_is_free(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);
	uint32_t id = allocate(&fixture);

	go_up(&fixture, id, 3);
	go_up(&fixture, id, 3);
	go_down(&fixture, id, 3);
	go_down(&fixture, id, 3);
	assert_int_equal(fixture.grace.waits, 0);
	finish(&fixture);
}

static void shares_follow_the_weights_within_two_hundredths(void **state) {
	static uint32_t chosen[HASHES];

	for (size_t count = 1; count <= 20; count++) {
		START(fixture, NEXTHOPS, BUCKETS);
		struct nexthop_member members[20];
		uint32_t group = allocate(&fixture);
		double total = 0;

		members_up(&fixture, members, count, 1);
		for (size_t i = 0; i < count; i++)
			total += members[i].weight = 1 + random_below(4);
		assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, count), 0);
		choose(&fixture, group, chosen);
		for (size_t i = 0; i < count; i++) {
			double fair = members[i].weight / total;

			assert_true(fabs(share_of(chosen, members[i].nexthop) / fair - 1) <= 0.02);
		}
		finish(&fixture);
	}
}

static void a_lost_member_moves_only_its_own_flows_and_takes_back_only_its_share(void **state) {
	static uint32_t before[HASHES], without[HASHES], after[HASHES];

	for (size_t count = 2; count <= 64; count += 1 + count / 8) {
		START(fixture, NEXTHOPS, BUCKETS);
		struct nexthop_member members[64];
		uint32_t group = allocate(&fixture);
		size_t lost = random_below((uint32_t)count);
		uint8_t number = (uint8_t)(1 + lost);
		double share;

		members_up(&fixture, members, count, 1);
		assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, count), 0);
		choose(&fixture, group, before);
		go_down(&fixture, members[lost].nexthop, number);
		choose(&fixture, group, without);
		go_up(&fixture, members[lost].nexthop, number);
		choose(&fixture, group, after);

		for (size_t i = 0; i < HASHES; i++) {
			assert_int_not_equal(without[i], members[lost].nexthop);
			if (before[i] != members[lost].nexthop)
				assert_int_equal(without[i], before[i]);
			if (after[i] != members[lost].nexthop)
				assert_int_equal(after[i], without[i]);
		}
		share = share_of(after, members[lost].nexthop) * (double)count;
		assert_true(share > 0.94 && share < 1.06);
		assert_int_equal(fixture.grace.waits, 0);
		finish(&fixture);
	}
}

static void a_changed_list_keeps_what_it_can(void **state) {
	static uint32_t before[HASHES], after[HASHES];
	START(fixture, NEXTHOPS, BUCKETS);
	struct nexthop_member members[9];
	uint32_t group = allocate(&fixture);
	size_t moved = 0;

	members_up(&fixture, members, 9, 1);
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 8), 0);
	choose(&fixture, group, before);
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 9), 0);
	choose(&fixture, group, after);
	for (size_t i = 0; i < HASHES; i++) {
		moved += before[i] != after[i];
		if (before[i] != after[i])
			assert_int_equal(after[i], members[8].nexthop);
	}
	assert_true(moved > 0.95 * HASHES / 9 && moved < 1.05 * HASHES / 9);
	finish(&fixture);
}

static bool has_port(const struct nexthop *group, uint8_t port) {
	return group->port_set[port / 64] >> port % 64 & 1;
}

static void a_group_knows_the_ports_of_the_members_that_are_up(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);
	struct nexthop_member members[100];
	uint32_t group = allocate(&fixture);
	const struct nexthop *head = nexthops_get(fixture.nexthops, group);

	members_up(&fixture, members, 100, 1);
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 100), 0);
	go_down(&fixture, members[69].nexthop, 70);
	for (unsigned int port = 0; port < PORTS_MAX; port++)
		assert_int_equal(
			has_port(head, (uint8_t)port), port >= 1 && port <= 100 && port != 70);
	finish(&fixture);
}

static void with_no_member_up_a_group_answers_as_its_first(void **state) {
	static uint32_t chosen[HASHES];
	START(fixture, NEXTHOPS, BUCKETS);
	struct nexthop_member members[3];
	uint32_t group = allocate(&fixture);
	const struct nexthop *head = nexthops_get(fixture.nexthops, group);

	members_up(&fixture, members, 3, 1);
	members[2].nexthop = REASON_BLACKHOLE;
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 3), 0);
	choose(&fixture, group, chosen);
	assert_true(share_of(chosen, REASON_BLACKHOLE) == 0);
	go_down(&fixture, members[1].nexthop, 2);
	nexthops_set_verdict(fixture.nexthops, members[0].nexthop, REASON_LINK_DOWN, 1, 55);
	assert_int_equal(head->kind, NEXTHOP_VERDICT);
	assert_int_equal(head->reason, REASON_LINK_DOWN);
	assert_int_equal(head->port, 1);
	assert_int_equal(head->ifindex, 55);
	go_up(&fixture, members[1].nexthop, 2);
	choose(&fixture, group, chosen);
	assert_true(share_of(chosen, members[1].nexthop) == 1);
	finish(&fixture);
}

static void a_member_listed_twice_has_both_weights(void **state) {
	static uint32_t chosen[HASHES];
	START(fixture, NEXTHOPS, BUCKETS);
	struct nexthop_member members[4], copy[4];
	uint32_t group = allocate(&fixture);

	members_up(&fixture, members, 4, 1);
	members[3] = members[0];
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 4), 0);
	choose(&fixture, group, chosen);
	assert_true(share_of(chosen, members[0].nexthop) == 0.5);
	assert_int_equal(nexthops_members(fixture.nexthops, group, copy, 4), 4);
	assert_memory_equal(members, copy, sizeof(members));
	nexthops_free(fixture.nexthops, group);
	nexthops_free(fixture.nexthops, members[0].nexthop);
	finish(&fixture);
}

static void bad_groups_are_refused(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);
	struct nexthop_member members[NEXTHOP_MEMBERS_MAX + 1];
	uint32_t group = allocate(&fixture), nested = allocate(&fixture);

	members_up(&fixture, members, NEXTHOP_MEMBERS_MAX + 1, 1);
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 0), -EINVAL);
	assert_int_equal(
		nexthops_set_group(fixture.nexthops, group, members, NEXTHOP_MEMBERS_MAX + 1),
		-EINVAL);
	assert_int_equal(nexthops_set_group(fixture.nexthops, group, members, 2), 0);
	assert_int_equal(
		nexthops_set_group(fixture.nexthops, members[0].nexthop, members + 1, 1), -EINVAL);
	members[0].nexthop = group;
	assert_int_equal(nexthops_set_group(fixture.nexthops, nested, members, 2), -EINVAL);
	members[0].nexthop = NEXTHOPS;
	assert_int_equal(nexthops_set_group(fixture.nexthops, nested, members, 2), -EINVAL);
	members[1].weight = 0;
	assert_int_equal(nexthops_set_group(fixture.nexthops, nested, members + 1, 1), -EINVAL);
	assert_int_equal(
		nexthops_set_group(fixture.nexthops, nested, members + 2, NEXTHOP_MEMBERS_MAX - 2),
		0);
	finish(&fixture);
}

static void full_buckets_answer_table_full_and_come_back_after_a_grace_period(void **state) {
	START(fixture, NEXTHOPS, 128);
	struct nexthop_member members[2];
	uint32_t groups[3] = {allocate(&fixture), allocate(&fixture), allocate(&fixture)};

	members_up(&fixture, members, 2, 1);
	assert_int_equal(nexthops_set_group(fixture.nexthops, groups[0], members, 2), 0);
	assert_int_equal(nexthops_set_group(fixture.nexthops, groups[1], members, 2), 0);
	assert_int_equal(nexthops_set_group(fixture.nexthops, groups[2], members, 2), -ENOSPC);
	assert_int_equal(nexthops_get(fixture.nexthops, groups[2])->reason, REASON_TABLE_FULL);
	assert_int_equal(nexthops_members(fixture.nexthops, groups[2], NULL, 0), 0);
	nexthops_set_verdict(fixture.nexthops, groups[0], REASON_BLACKHOLE, 0, 0);
	assert_int_equal(nexthops_set_group(fixture.nexthops, groups[2], members, 2), 0);
	assert_int_equal(fixture.grace.waits, 1);
	assert_int_equal(nexthops_usage(fixture.nexthops).buckets, 128);
	finish(&fixture);
}

static void groups_at_random_only_ever_choose_members_that_are_up(void **state) {
	static uint32_t chosen[HASHES];
	START(fixture, NEXTHOPS, 4096);
	struct nexthop_member all[40];
	bool up[40];
	uint32_t groups[6];

	members_up(&fixture, all, 40, 1);
	memset(up, 1, sizeof(up));
	for (size_t i = 0; i < 6; i++)
		groups[i] = allocate(&fixture);
	for (int step = 0; step < 1000; step++) {
		uint32_t group = groups[random_below(6)], i = random_below(40);
		struct nexthop_member members[40];
		size_t count;

		if (random_below(3) == 0) {
			uint32_t first = random_below(40);

			count = 1 + random_below(40 - first);
			for (size_t m = first; m < first + count; m++)
				all[m].weight = 1 + random_below(3);
			nexthops_set_group(fixture.nexthops, group, all + first, count);
		} else if ((up[i] = random_below(2))) {
			go_up(&fixture, all[i].nexthop, (uint8_t)(i + 1));
		} else {
			go_down(&fixture, all[i].nexthop, (uint8_t)(i + 1));
		}

		count = nexthops_members(fixture.nexthops, group, members, 40);
		if (nexthops_get(fixture.nexthops, group)->kind != NEXTHOP_GROUP) {
			for (size_t m = 0; m < count; m++)
				assert_false(up[members[m].nexthop - all[0].nexthop]);
			continue;
		}
		choose(&fixture, group, chosen);
		for (size_t h = 0; h < HASHES; h += 64) {
			assert_true(chosen[h] >= members[0].nexthop &&
				    chosen[h] <= members[count - 1].nexthop);
			assert_true(up[chosen[h] - all[0].nexthop]);
		}
	}
	finish(&fixture);
}

static void a_mark_of_use_is_taken_once(void **state) {
	START(fixture, NEXTHOPS, BUCKETS);
	uint32_t id = allocate(&fixture);

	assert_false(nexthops_take_used(fixture.nexthops, id));
	fixture.memory.nexthops[id].used = 1;
	assert_true(nexthops_take_used(fixture.nexthops, id));
	assert_false(nexthops_take_used(fixture.nexthops, id));
	finish(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_ids_are_the_constant_verdicts),
		cmocka_unit_test(memory_too_small_for_the_constants_is_refused),
		cmocka_unit_test(a_new_id_is_unresolved_and_ids_run_out_and_come_back),
		cmocka_unit_test(a_new_adjacency_needs_no_grace_and_a_changed_one_does),
		cmocka_unit_test(a_body_is_written_only_after_a_grace_period_as_a_verdict),
		cmocka_unit_test(many_adjacencies_change_in_one_grace_period),
		cmocka_unit_test(setting_what_is_set_is_free),
		cmocka_unit_test(shares_follow_the_weights_within_two_hundredths),
		cmocka_unit_test(
			a_lost_member_moves_only_its_own_flows_and_takes_back_only_its_share),
		cmocka_unit_test(a_changed_list_keeps_what_it_can),
		cmocka_unit_test(a_group_knows_the_ports_of_the_members_that_are_up),
		cmocka_unit_test(with_no_member_up_a_group_answers_as_its_first),
		cmocka_unit_test(a_member_listed_twice_has_both_weights),
		cmocka_unit_test(bad_groups_are_refused),
		cmocka_unit_test(full_buckets_answer_table_full_and_come_back_after_a_grace_period),
		cmocka_unit_test(groups_at_random_only_ever_choose_members_that_are_up),
		cmocka_unit_test(a_mark_of_use_is_taken_once),
	};

	return cmocka_run_group_tests(tests, seed_random, NULL);
}
