/* wire_request_test: what a wire is asked, by the line, and over its socket by rude clients. */
#include "capture.h"
#include "fake_ends.h"

#include "base/local_socket.h"
#include "emulator/control.h"
#include "emulator/request.h"
#include "emulator/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct wire *wire;
static char answer[ANSWER_BYTES_MAX + 1];

static int create(void **state) {
	struct wire_settings settings[WIRE_ENDS];

	wire_settings_init(&settings[WIRE_A]);
	wire_settings_init(&settings[WIRE_B]);
	return wire_open("a", "b", settings, 42, 1 << 20, &wire);
}

static int destroy(void **state) {
	wire_close(wire);
	return 0;
}

static const char *ask(const char *line) {
	answer[request_answer(wire, line, answer)] = '\0';
	return answer;
}

static void it_shows_both_directions(void **state) {
	json_t *row;
	char *rest, *line;

	ask("{\"show\": \"wire\"}");
	line = strtok_r(answer, "\n", &rest);
	row = json_loads(line, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(row, "from")), "a");
	assert_string_equal(json_string_value(json_object_get(row, "to")), "b");
	assert_int_equal(json_integer_value(json_object_get(row, "seed")), 42);
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(row, "settings"), "limit_bytes")),
		1 << 20);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(row, "frames"), "received")), 0);
	json_decref(row);
	assert_non_null(strtok_r(NULL, "\n", &rest));
	assert_string_equal(strtok_r(NULL, "\n", &rest), "{\"end\":true}");
	assert_null(strtok_r(NULL, "\n", &rest));
}

static void it_sets_what_is_named_and_nothing_else(void **state) {
	assert_string_equal(ask("{\"set\": {\"a\": {\"delay\": \"10ms\", \"loss\": \"1\"}, \"b\": "
				"{\"down\": \"yes\"}}}"),
		"{\"end\":true}\n");
	assert_int_equal(wire_settings_of(wire, WIRE_A)->delay_ns, 10000000);
	assert_int_equal(wire_settings_of(wire, WIRE_B)->delay_ns, 0);
	assert_int_equal(wire_settings_of(wire, WIRE_B)->down, 1);
	assert_string_equal(
		ask("{\"set\": {\"a\": {\"loss\": \"2\"}}, \"seed\": 7}"), "{\"end\":true}\n");
	assert_int_equal(wire_settings_of(wire, WIRE_A)->delay_ns, 10000000);
	assert_true(wire_settings_of(wire, WIRE_A)->loss_percent == 2);
	assert_int_equal(wire_seed(wire), 7);
}

static void a_bad_request_changes_nothing_and_says_why(void **state) {
	static const char *const bad[] = {"", "{", "[]", "7", "{}", "{\"show\": \"ports\"}",
		"{\"show\": 7}", "{\"set\": 7}", "{\"set\": {\"c\": {}}}",
		"{\"set\": {\"a\": {\"delay\": \"1ms\"}, \"b\": {\"delay\": \"1\"}}}",
		"{\"set\": {\"a\": {\"delay\": \"1ms\"}, \"b\": 7}}",
		"{\"set\": {\"a\": {\"delay\": 7}}}", "{\"set\": {\"a\": {\"speed\": \"7\"}}}",
		"{\"set\": {\"a\": {\"reorder\": \"7\"}}}",
		"{\"set\": {\"a\": {\"delay\": \"1ms\"}}, \"seed\": -1}",
		"{\"set\": {\"a\": {\"delay\": \"1ms\"}}, \"seed\": \"1\"}",
		"{\"set\": {\"a\": {}}, \"set\": {}}",
		"{\"set\": {\"a\": {\"delay\": \"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		"x\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}}}"};
	struct wire_settings before = *wire_settings_of(wire, WIRE_A);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(strncmp(ask(bad[i]), "{\"error\":\"", 10), 0);
		assert_memory_equal(wire_settings_of(wire, WIRE_A), &before, sizeof(before));
	}
}

static char path[64];

static struct wire_control *open_control(void) {
	struct wire_control *control;

	snprintf(path, sizeof(path), "/tmp/wire_request_test.%d/s", (int)getpid());
	assert_int_equal(wire_control_open(path, wire, &control), 0);
	return control;
}

static void close_control(struct wire_control *control) {
	wire_control_close(control);
	assert_int_equal(access(path, F_OK), -1);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static void process(struct wire_control *control) {
	for (int i = 0; i < 4; i++)
		wire_control_process(control);
}

/* How many bytes there are to read; -1 if it hung up. */
static ssize_t hear(int client) {
	ssize_t size = recv(client, answer, sizeof(answer) - 1, MSG_DONTWAIT);

	answer[size > 0 ? size : 0] = '\0';
	if (size == 0 || (size < 0 && errno == ECONNRESET))
		return -1;
	return size < 0 ? 0 : size;
}

static void only_the_owner_may_ask(void **state) {
	struct wire_control *control = open_control();
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	close_control(control);
}

static void a_request_may_come_in_pieces_and_two_at_once(void **state) {
	struct wire_control *control = open_control();
	int client = local_socket_connect(path);

	send(client, "{\"set\"", 6, 0);
	process(control);
	assert_int_equal(hear(client), 0);
	send(client, ": {}}\n{\"set\": {}}\n", 18, 0);
	process(control);
	assert_true(hear(client) > 0);
	assert_string_equal(answer, "{\"end\":true}\n{\"end\":true}\n");
	close(client);
	process(control);
	close_control(control);
}

static void a_line_too_long_is_hung_up_on(void **state) {
	struct wire_control *control = open_control();
	int client = local_socket_connect(path);

	memset(answer, 'x', sizeof(answer));
	send(client, answer, REQUEST_BYTES_MAX, 0);
	process(control);
	send(client, answer, 1, MSG_NOSIGNAL);
	process(control);
	assert_int_equal(hear(client), -1);
	close(client);
	close_control(control);
}

static void who_does_not_listen_is_hung_up_on(void **state) {
	struct wire_control *control = open_control();
	int client = local_socket_connect(path);
	const char *request = "{\"show\": \"wire\"}\n";
	int asked = 0;

	while (asked < 10000 &&
		send(client, request, strlen(request), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
		wire_control_process(control);
		asked++;
	}
	assert_in_range(asked, 10, 9999);
	close(client);
	close_control(control);
}

static void a_newcomer_takes_the_place_of_the_most_silent(void **state) {
	struct wire_control *control = open_control();
	int clients[WIRE_CONTROL_CLIENTS_MAX + 1];

	for (int i = 0; i <= WIRE_CONTROL_CLIENTS_MAX; i++) {
		clients[i] = local_socket_connect(path);
		process(control);
		if (i == 1) {
			send(clients[0], "{\"set\": {}}\n", 12, 0);
			process(control);
			assert_true(hear(clients[0]) > 0);
		}
	}
	assert_int_equal(hear(clients[1]), -1);
	for (int i = 0; i <= WIRE_CONTROL_CLIENTS_MAX; i++) {
		if (i != 1)
			assert_int_equal(hear(clients[i]), 0);
		close(clients[i]);
	}
	close_control(control);
}

static void two_wires_are_not_asked_at_one_place(void **state) {
	struct wire_control *control = open_control(), *second;
	struct capture capture = capture_begin(stderr);

	assert_int_equal(wire_control_open(path, wire, &second), -EADDRINUSE);
	free(capture_end(&capture));
	close_control(control);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_shows_both_directions, create, destroy),
		cmocka_unit_test_setup_teardown(
			it_sets_what_is_named_and_nothing_else, create, destroy),
		cmocka_unit_test_setup_teardown(
			a_bad_request_changes_nothing_and_says_why, create, destroy),
		cmocka_unit_test_setup_teardown(only_the_owner_may_ask, create, destroy),
		cmocka_unit_test_setup_teardown(
			a_request_may_come_in_pieces_and_two_at_once, create, destroy),
		cmocka_unit_test_setup_teardown(a_line_too_long_is_hung_up_on, create, destroy),
		cmocka_unit_test_setup_teardown(who_does_not_listen_is_hung_up_on, create, destroy),
		cmocka_unit_test_setup_teardown(
			a_newcomer_takes_the_place_of_the_most_silent, create, destroy),
		cmocka_unit_test_setup_teardown(
			two_wires_are_not_asked_at_one_place, create, destroy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
