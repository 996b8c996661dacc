/* control_test: the control socket, by clients that are well-behaved, slow, clumsy and hostile. */
#include "world.h"

#include "base/clock.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 };

static char text[TEXT_MAX];
static int64_t ahead; /* how far the agent's clock is */

/* In place of base's, so that patience can be tested without having any. */
int64_t clock_seconds(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + ahead;
}

static int create(void **state) {
	ahead = 0;
	*state = world_create();
	return 0;
}

static int destroy(void **state) {
	world_destroy(*state);
	return 0;
}

static void turn(struct world *world) {
	for (int i = 0; i < 3; i++)
		control_process(world->agent.control);
}

static void say(struct world *world, int client, const char *line) {
	assert_int_equal(send(client, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	turn(world);
}

/* What the daemon has to say to this client now, as much as fits; false if it hung up. */
static bool hear(struct world *world, int client) {
	size_t used = 0;

	while (used < sizeof(text) - 1) {
		ssize_t size = recv(client, text + used, sizeof(text) - 1 - used, 0);

		text[used + (size > 0 ? (size_t)size : 0)] = '\0';
		if (size == 0 || (size < 0 && errno == ECONNRESET))
			return false;
		if (size < 0)
			return true;
		used += (size_t)size;
		turn(world);
	}
	return true;
}

static int connected(struct world *world) {
	int client = world_connect(world);

	assert_true(client >= 0);
	turn(world);
	return client;
}

/* The answer to one request: an array of its rows without the last, which must be the end. */
static json_t *ask(struct world *world, const char *request) {
	int client = connected(world);
	json_t *rows = json_array();
	char *rest, *line;
	bool ended = false;

	say(world, client, request);
	assert_true(hear(world, client));
	close(client);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json_t *row = json_loads(line, 0, NULL);

		assert_true(json_is_object(row));
		assert_false(ended);
		ended = json_object_get(row, "end") || json_object_get(row, "error");
		json_array_append_new(rows, row);
	}
	assert_true(ended);
	return rows;
}

static json_t *row_with(json_t *rows, const char *key, const char *value) {
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *found = json_string_value(json_object_get(row, key));

		if (found && strcmp(found, value) == 0)
			return row;
	}
	print_error("no row with %s %s\n", key, value);
	fail();
	return NULL;
}

static void assert_says(json_t *row, const char *key, const char *value) {
	assert_string_equal(json_string_value(json_object_get(row, key)), value);
}

static void each_question_is_answered(void **state) {
	static const struct {
		const char *request;
		size_t rows; /* with the end */
	} questions[] = {{"{\"show\": \"status\"}\n", 2}, {"{\"show\": \"ports\"}\n", 4},
		{"{\"show\": \"ledger\"}\n", 7}, {"{\"show\": \"holds\"}\n", 2},
		{"{\"show\": \"neighbours\"}\n", 5}};

	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		json_t *rows = ask(*state, questions[i].request);

		assert_int_equal(json_array_size(rows), questions[i].rows);
		json_decref(rows);
	}
}

static void routes_of_both_families_are_shown(void **state) {
	json_t *rows = ask(*state, "{\"show\": \"routes\"}\n");

	assert_says(row_with(rows, "prefix", "20.0.0.0/8"), "protocol", "bgp");
	assert_says(row_with(rows, "prefix", "21.0.0.0/8"), "via", "group of 2");
	assert_says(row_with(rows, "prefix", "50.0.0.0/8"), "via", "dropped: blackhole");
	row_with(rows, "prefix", "2001:db8::/32");
	json_decref(rows);
	rows = ask(*state, "{\"show\": \"routes\", \"family\": 6}\n");
	assert_int_equal(json_array_size(rows), 2);
	json_decref(rows);
}

static void groups_are_shown_with_their_members(void **state) {
	json_t *rows = ask(*state, "{\"show\": \"nexthops\"}\n");
	json_t *group = row_with(rows, "kind", "group");

	assert_int_equal(json_array_size(json_object_get(group, "members")), 2);
	json_decref(rows);
}

static void a_decision_is_explained(void **state) {
	json_t *rows = ask(*state, "{\"show\": \"route\", \"destination\": \"20.1.1.1\"}\n");
	json_t *row = json_array_get(rows, 0);

	assert_says(row, "prefix", "20.0.0.0/8");
	assert_says(row, "decision", "forwarded");
	assert_says(row, "destination_mac", "02:01:01:01:01:02");
	json_decref(rows);
	rows = ask(*state, "{\"show\": \"route\", \"destination\": \"50.1.1.1\"}\n");
	assert_says(json_array_get(rows, 0), "reason", "blackhole");
	json_decref(rows);
}

/* And the client can ask again: one question, one last line. */
static void a_mistake_is_told_in_one_line(void **state) {
	static const char *const requests[] = {"\n", "{}\n", "[]\n", "nonsense\n",
		"{\"show\": 5}\n", "{\"show\": \"nothing\"}\n",
		"{\"show\": \"ports\", \"show\": \"ports\"}\n", "{\"show\": \"route\"}\n",
		"{\"show\": \"route\", \"destination\": \"x\"}\n",
		"{\"show\": \"route\", \"destination\": \"1.1.1.1\", \"length\": 59}\n",
		"{\"show\": \"route\", \"destination\": \"1.1.1.1\", \"source\": \"::1\"}\n",
		"{\"show\": \"route\", \"destination\": \"1.1.1.1\", \"port\": \"eth9\"}\n",
		/* quoted up to a limit that falls into a letter of two bytes */
		"{\"show\": \"ééééééééééééééééééééxéééééééé\"}\n",
		"{\"show\": \"xéééééééééééééééééééééééééééééééé\"}\n",
		("{\"show\": \"route\", \"destination\": "
		 "\"xéééééééééééééééééééééééééééééééééééééééééé\"}\n")};

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		json_t *rows = ask(*state, requests[i]);

		assert_int_equal(json_array_size(rows), 1);
		assert_non_null(json_object_get(json_array_get(rows, 0), "error"));
		json_decref(rows);
	}
}

static void a_name_that_is_no_utf8_is_shown_all_the_same(void **state) {
	struct world *world = *state;
	json_t *rows;

	strcpy(((struct port_state *)ports_at(world->agent.ports, 1))->name, "eth\xff");
	rows = ask(world, "{\"show\": \"ports\"}\n");
	assert_int_equal(json_array_size(rows), 4);
	row_with(rows, "port", "eth?");
	json_decref(rows);
}

static size_t count_lines(const char *what) {
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		count++;
	return count;
}

static void questions_may_come_in_pieces_and_in_heaps(void **state) {
	struct world *world = *state;
	int client = connected(world);
	const char *request = "{\"show\": \"holds\"}\n";

	for (const char *at = request; *at; at++) {
		assert_int_equal(send(client, at, 1, MSG_NOSIGNAL), 1);
		turn(world);
	}
	assert_true(hear(world, client));
	assert_int_equal(count_lines("\"end\""), 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(
			send(client, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	for (int i = 0; i < 100; i++)
		turn(world);
	assert_true(hear(world, client));
	assert_int_equal(count_lines("\"end\""), 100);
	close(client);
	turn(world);
}

static void a_line_too_long_ends_the_conversation(void **state) {
	struct world *world = *state;
	int client = connected(world);
	char line[CONTROL_REQUEST_MAX + 100];

	memset(line, ' ', sizeof(line));
	assert_int_equal(send(client, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
	turn(world);
	assert_false(hear(world, client));
	close(client);
}

static void the_longest_line_is_read(void **state) {
	struct world *world = *state;
	int client = connected(world);
	char line[CONTROL_REQUEST_MAX];

	memset(line, ' ', sizeof(line));
	memcpy(line, "{\"show\": \"holds\"}", 17);
	line[sizeof(line) - 1] = '\n';
	assert_int_equal(send(client, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
	turn(world);
	assert_true(hear(world, client));
	assert_int_equal(count_lines("\"end\""), 1);
	close(client);
}

static void garbage_hurts_nobody(void **state) {
	struct world *world = *state;
	uint64_t random = 88172645463325252u;

	for (int i = 0; i < 200; i++) {
		int client = connected(world);
		uint8_t bytes[512];

		for (size_t at = 0; at < sizeof(bytes); at++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			bytes[at] = (uint8_t)random;
		}
		assert_int_equal(send(client, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
		turn(world);
		close(client);
		turn(world);
	}
	each_question_is_answered(state);
}

/* Thousands of routes, so that the answer does not fit into any buffer on its way. */
static void a_client_that_does_not_read_holds_up_nobody(void **state) {
	struct world *world = *state;
	int slow = connected(world);
	size_t lines;

	for (uint32_t i = 0; i < 20000; i++)
		assert_int_equal(
			fib4_insert(world->agent.fib4, 0x60000000 + i * 16, 28, REASON_UNREACHABLE),
			0);
	say(world, slow, "{\"show\": \"routes\"}\n");
	for (int i = 0; i < 100; i++)
		turn(world);
	each_question_is_answered(state);
	for (lines = 0; !lines || !count_lines("\"end\"");) {
		assert_true(hear(world, slow));
		lines += count_lines("\n");
	}
	assert_in_range(lines, 20000, 20100);
	close(slow);
	turn(world);
	for (uint32_t i = 0; i < 20000; i++)
		fib4_remove(world->agent.fib4, 0x60000000 + i * 16, 28);
}

static void a_client_that_leaves_in_the_middle_is_forgotten(void **state) {
	struct world *world = *state;

	for (uint32_t i = 0; i < 5000; i++)
		fib4_insert(world->agent.fib4, 0x60000000 + i * 16, 28, REASON_UNREACHABLE);
	for (int i = 0; i < 100; i++) {
		int client = connected(world);

		say(world, client, "{\"show\": \"routes\"}\n");
		close(client);
		turn(world);
	}
	each_question_is_answered(state);
	for (uint32_t i = 0; i < 5000; i++)
		fib4_remove(world->agent.fib4, 0x60000000 + i * 16, 28);
}

static void connect_all(struct world *world, int clients[CONTROL_CLIENTS_MAX]) {
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		clients[i] = connected(world);
		assert_true(hear(world, clients[i]));
	}
}

static void close_all(struct world *world, const int clients[CONTROL_CLIENTS_MAX]) {
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(clients[i]);
	turn(world);
}

static void assert_answered(struct world *world, int client) {
	say(world, client, "{\"show\": \"holds\"}\n");
	assert_true(hear(world, client));
	assert_int_equal(count_lines("\"end\""), 1);
}

/* However often somebody comes who says nothing, or not all of it, the next is served; and those
 * that have asked last are the last to go. */
static void clients_are_few_and_the_idle_give_way(void **state) {
	struct world *world = *state;
	int clients[CONTROL_CLIENTS_MAX], others[CONTROL_CLIENTS_MAX];

	connect_all(world, clients);
	say(world, clients[0], "{\"show\": \"ho");
	for (int i = 1; i < CONTROL_CLIENTS_MAX; i++) {
		others[i] = connected(world);
		assert_true(hear(world, others[i]));
		assert_false(hear(world, clients[i]));
	}
	say(world, clients[0], "lds\"}\n");
	assert_true(hear(world, clients[0]));
	assert_int_equal(count_lines("\"end\""), 1);
	for (int i = 1; i < CONTROL_CLIENTS_MAX; i++)
		assert_answered(world, others[i]);
	others[0] = connected(world);
	assert_answered(world, others[0]);
	assert_false(hear(world, clients[0]));
	close_all(world, clients);
	close_all(world, others);
}

static void an_answer_under_way_gets_its_time(void **state) {
	struct world *world = *state;
	int clients[CONTROL_CLIENTS_MAX], another;

	for (uint32_t i = 0; i < 20000; i++)
		fib4_insert(world->agent.fib4, 0x60000000 + i * 16, 28, REASON_UNREACHABLE);
	connect_all(world, clients);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		say(world, clients[i], "{\"show\": \"routes\"}\n");
	for (int i = 0; i < 100; i++)
		turn(world);
	another = connected(world);
	assert_false(hear(world, another));
	close(another);
	ahead = CONTROL_PATIENCE_SECONDS + 1;
	hear(world, clients[0]); /* takes some: not idle any more */
	another = connected(world);
	assert_answered(world, another);
	while (hear(world, clients[0]) && !count_lines("\"end\""))
		turn(world);
	assert_int_not_equal(count_lines("\"end\""), 0);
	while (hear(world, clients[1]))
		assert_int_equal(count_lines("\"end\""), 0);
	close(another);
	close_all(world, clients);
	for (uint32_t i = 0; i < 20000; i++)
		fib4_remove(world->agent.fib4, 0x60000000 + i * 16, 28);
}

static void the_socket_is_its_owners_and_there_is_one(void **state) {
	struct world *world = *state;
	struct control *second;
	struct stat status;

	assert_int_equal(stat(world->agent.config.socket_path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(control_open(&world->agent, &second), -EADDRINUSE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(each_question_is_answered),
		TEST(routes_of_both_families_are_shown),
		TEST(groups_are_shown_with_their_members),
		TEST(a_decision_is_explained),
		TEST(a_mistake_is_told_in_one_line),
		TEST(a_name_that_is_no_utf8_is_shown_all_the_same),
		TEST(questions_may_come_in_pieces_and_in_heaps),
		TEST(a_line_too_long_ends_the_conversation),
		TEST(the_longest_line_is_read),
		TEST(garbage_hurts_nobody),
		TEST(a_client_that_does_not_read_holds_up_nobody),
		TEST(a_client_that_leaves_in_the_middle_is_forgotten),
		TEST(clients_are_few_and_the_idle_give_way),
		TEST(an_answer_under_way_gets_its_time),
		TEST(the_socket_is_its_owners_and_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
