/* passage_test: packets that pass a place do so: their way is one of cables, from a leaf, by the
 * port that was asked for. */
#include "fabric/passage.h"

#include "fixture.h"

#include "fabric/model.h"

static struct violation show(const struct fabric *fabric, const char *node, const char *port,
	const char *within, const char *end) {
	struct passage *passage = passage_create(fabric, NULL);
	struct passage_place place = {.node = fabric_find(fabric, node)};
	struct violation violation = {0};
	char words[64];
	uint32_t ports[1];
	int link;

	assert_non_null(passage);
	assert_int_equal(prefix_parse(within, &place.within), 0);
	if (port) {
		snprintf(words, sizeof(words), "%s:%s", node, port);
		assert_int_equal(fabric_find_link(fabric, words, &link), 0);
		for (int i = 0; i < 2; i++)
			if (fabric->ports[fabric->links[link].ports[i]].node == place.node)
				ports[0] = (uint32_t)fabric->links[link].ports[i];
		place.ports = ports;
		place.port_count = 1;
	}
	passage_show(passage, &place, end, &violation);
	passage_destroy(passage);
	return violation;
}

static void a_packet_and_its_way_are_shown(void **state) {
	struct designed designed;
	struct violation violation;
	struct state *kept;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed, "leaves: 2\n", kept);
	violation = show(designed.fabric, "spine1", "swp2", "10.0.1.0/24", NULL);
	assert_string_equal(violation.packet, "10.0.0.1 to 10.0.1.1, udp 49152 to 443");
	assert_string_equal(violation.way, "leaf1:swp64 > spine1:swp2 > leaf2:swp1 > leaf2-h1");
	violation = show(designed.fabric, "spine1", NULL, "::/0", ": rule 100");
	assert_string_equal(violation.packet, "fd00:0:1:1::1 to fd00:0:1::1, udp 49152 to 443");
	assert_string_equal(violation.way, "leaf2:swp64 > spine1: rule 100");
	violation = show(designed.fabric, "leaf1", "swp1", "0.0.0.0/0", ", which is down");
	assert_string_equal(violation.packet, "10.0.0.3 to 10.0.0.1, udp 49152 to 443");
	assert_string_equal(violation.way, "leaf1:swp1, which is down");
	violation = show(designed.fabric, "spine1", NULL, "203.0.113.0/24", NULL);
	assert_string_equal(violation.packet, "");
	assert_string_equal(violation.way, "");
	fixture_free(&designed);
	state_close(kept);
}

/* "leaf1:swp64 > spine1:swp2 > …" is one of cables; whether it goes by this port. */
static bool follow(const struct fabric *fabric, char *way, int port) {
	bool passes = false;
	char *word = strtok(way, " >"), *next;
	int link;

	for (; (next = strtok(NULL, " >")); word = next) {
		const char *far;

		assert_int_equal(fabric_find_link(fabric, word, &link), 0);
		far = strchr(word, ':');
		for (int i = 0; i < 2; i++) {
			int id = fabric->links[link].ports[i];
			const char *node = fabric->nodes[fabric->ports[id].node].name;

			if (strncmp(word, node, (size_t)(far - word)) != 0 ||
				node[far - word] != '\0')
				continue;
			passes |= id == port;
			assert_int_equal(
				strcspn(next, ":"), strlen(fabric_neighbour(fabric, id)->name));
		}
	}
	return passes;
}

static void check_shape(const struct fabric *fabric, struct random *random) {
	struct passage *passage = passage_create(fabric, NULL);

	assert_non_null(passage);
	for (int i = 0; i < 8 && fabric->port_count; i++) {
		uint32_t port = random_below(random, (uint32_t)fabric->port_count);
		struct passage_place place = {.node = fabric->ports[port].node,
			.ports = &port,
			.port_count = 1,
			.within.family = random_below(random, 2) ? AF_INET : AF_INET6};
		struct violation violation = {0};

		if (!fabric_is_switch(&fabric->nodes[place.node]))
			continue;
		passage_show(passage, &place, " > end", &violation);
		if (!violation.way[0])
			continue;
		*strrchr(violation.way, '>') = '\0';
		strcat(violation.way, "> ");
		strcat(violation.way, fabric_neighbour(fabric, (int)port)->name);
		assert_true(follow(fabric, violation.way, (int)port));
	}
	passage_destroy(passage);
}

static void ways_are_of_cables_and_pass_the_place(void **state) {
	fixture_each_shape(11, 60, check_shape);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_and_its_way_are_shown),
		cmocka_unit_test(ways_are_of_cables_and_pass_the_place),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
