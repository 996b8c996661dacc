/* http_test: a server with a made-up interface, asked through its socket: what goes out in many
 * pieces, who takes nothing, and what is answered to what is asked to be done. */
#include "capture.h"

#include "base/clock.h"
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGE = 3 << 20, ANSWER_MAX = 8 << 20 };

/* Less than a tick: what is answered in this time has not waited for one. */
static const double soon_s = 0.9;

struct world {
	struct http *http;
	struct http_api api;
	int acted; /* with what act ends */
	const char *error;
	size_t document_size; /* of all documents, and of the first event */
	uint64_t heard_before;
};

static struct world world;
static char answer[ANSWER_MAX + 1];
static size_t answer_size;

static char *make_text(size_t size) {
	char *text = malloc(size + 1);

	assert_non_null(text);
	memset(text, 'x', size);
	text[size] = '\0';
	return text;
}

static char *document(void *owner, const char *name) {
	return strcmp(name, "state") == 0 ? make_text(world.document_size) : NULL;
}

static char *metrics(void *owner) {
	return strdup("");
}

static void greet(void *owner, struct http_listener *listener, uint64_t after) {
	char *text = make_text(world.document_size);

	world.heard_before = after;
	http_tell_one(listener, "state", text, 7);
	free(text);
}

static int act(void *owner, const json_t *body, char error[HTTP_ERROR_MAX]) {
	snprintf(error, HTTP_ERROR_MAX, "%s", world.error);
	return world.acted;
}

static int begin(void **state) {
	world = (struct world){.error = "", .document_size = 10};
	world.api = (struct http_api){.document = document,
		.metrics = metrics,
		.greet = greet,
		.act = act,
		.token = "0123456789abcdef"};
	return http_open("0", &world.api, &world.http);
}

static int end(void **state) {
	http_close(world.http);
	return 0;
}

static int ask(const char *request) {
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int client = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_port = htons((uint16_t)atoi(strrchr(http_url(world.http), ':') + 1));
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(client, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	answer_size = 0;
	return client;
}

/* Waits as whoever serves does. */
static void serve(void) {
	struct pollfd event = {.fd = http_fd(world.http), .events = POLLIN};

	poll(&event, 1, HTTP_TICK_MS);
	http_process(world.http);
}

/* Takes what comes, until there is such a text, or an end (NULL): whether it came soon. */
static bool hears(int client, const char *text) {
	double began = clock_now();

	do {
		size_t known = answer_size,
		       tail = text && known > strlen(text) ? strlen(text) : known;
		ssize_t size = recv(client, answer + known, ANSWER_MAX - known, MSG_DONTWAIT);

		if (size == 0)
			return !text;
		answer_size += size > 0 ? (size_t)size : 0;
		answer[answer_size] = '\0';
		if (text && size > 0 && strstr(answer + known - tail, text))
			return true;
		if (size < 0)
			serve();
	} while (clock_now() - began < soon_s);
	return false;
}

static void what_is_large_does_not_wait_for_ticks(void **state) {
	int client;

	world.document_size = LARGE;
	client = ask("GET /api/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	assert_true(hears(client, NULL));
	assert_true(answer_size > LARGE);
	close(client);
	client = ask("GET /api/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 42\r\n\r\n");
	assert_true(hears(client, "x\n\n"));
	assert_true(answer_size > LARGE);
	assert_int_equal(world.heard_before, 42);
	close(client);
}

static void events_are_told_as_they_are_defined(void **state) {
	int client = ask("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");

	assert_true(hears(client, "event: state\nid: 7\ndata: xxxxxxxxxx\n\n"));
	assert_non_null(strstr(answer, "Content-Type: text/event-stream\r\n"));
	assert_true(http_is_heard(world.http));
	http_tell(world.http, "timeline", "{}", 0);
	http_process(world.http);
	assert_true(hears(client, "event: timeline\ndata: {}\n\n"));
	close(client);
}

static void who_takes_nothing_is_told_no_more_than_fits(void **state) {
	int client = ask("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
	char *text = make_text(1 << 20);

	while (!http_is_heard(world.http))
		serve();
	for (int i = 0; i < 20; i++)
		http_tell(world.http, "state", text, 0);
	http_process(world.http);
	assert_true(hears(client, "\r\n0\r\n\r\n")); /* the last chunk */
	assert_true(answer_size < 5 << 20);
	assert_false(http_is_heard(world.http));
	close(client);
	free(text);
}

static void answers_that_wait_are_bounded_together(void **state) {
	static const char request[] = "GET /api/state HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int deaf[3], client;
	double began;

	world.document_size = HTTP_ANSWERS_MAX / 3 - 1;
	for (int i = 0; i < 3; i++)
		deaf[i] = ask(request);
	client = ask(request);
	assert_true(hears(client, "on its way to others"));
	assert_memory_equal(answer, "HTTP/1.1 503", 12);
	close(client);
	for (int i = 0; i < 3; i++)
		close(deaf[i]);
	for (began = clock_now(); !http_is_idle(world.http) && clock_now() - began < 2;)
		serve();
	world.document_size = 10;
	client = ask(request);
	assert_true(hears(client, "xxxxxxxxxx"));
	assert_memory_equal(answer, "HTTP/1.1 200", 12);
	close(client);
}

static void who_leaves_is_noticed(void **state) {
	int client = ask("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
	double began;

	assert_true(hears(client, "x\n\n"));
	close(client);
	for (began = clock_now(); http_is_heard(world.http) && clock_now() - began < 2;) {
		usleep(10000);
		http_process(world.http);
	}
	assert_false(http_is_heard(world.http));
}

static void expect(int acted, const char *error, const char *status, const char *body) {
	int client;

	world.acted = acted;
	world.error = error;
	client = ask("POST /api/actions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
		     "Authorization: Bearer 0123456789abcdef\r\nContent-Length: 2\r\n\r\n{}");
	assert_true(hears(client, NULL));
	assert_memory_equal(answer + strlen("HTTP/1.1 "), status, 3);
	assert_string_equal(strstr(answer, "\r\n\r\n") + 4, body);
	close(client);
}

static void what_comes_of_actions_is_told(void **state) {
	expect(0, "", "202", "{\"accepted\":true}");
	expect(-EBUSY, "later", "409", "{\"error\":\"later\"}");
	expect(-EINVAL, "no", "400", "{\"error\":\"no\"}");
	expect(-EIO, "", "500", "{\"error\":\"Input/output error\"}");
	expect(-EINVAL, "cut in a letter: \xc3", "400", "{\"error\":\"cut in a letter: ?\"}");
}

static void a_second_server_finds_the_port_taken(void **state) {
	char port[16];
	struct http *second;
	struct capture said;

	snprintf(port, sizeof(port), "%d", atoi(strrchr(http_url(world.http), ':') + 1));
	said = capture_begin(stderr);
	assert_int_equal(http_open(port, &world.api, &second), -EADDRINUSE);
	free(capture_end(&said));
}

static void tokens_differ(void **state) {
	char one[HTTP_TOKEN_BYTES], other[HTTP_TOKEN_BYTES];

	assert_int_equal(http_make_token(one), 0);
	assert_int_equal(http_make_token(other), 0);
	assert_int_equal(strspn(one, "0123456789abcdef"), 32);
	assert_string_not_equal(one, other);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_large_does_not_wait_for_ticks, begin, end),
		cmocka_unit_test_setup_teardown(events_are_told_as_they_are_defined, begin, end),
		cmocka_unit_test_setup_teardown(
			who_takes_nothing_is_told_no_more_than_fits, begin, end),
		cmocka_unit_test_setup_teardown(answers_that_wait_are_bounded_together, begin, end),
		cmocka_unit_test_setup_teardown(who_leaves_is_noticed, begin, end),
		cmocka_unit_test_setup_teardown(what_comes_of_actions_is_told, begin, end),
		cmocka_unit_test_setup_teardown(a_second_server_finds_the_port_taken, begin, end),
		cmocka_unit_test(tokens_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
