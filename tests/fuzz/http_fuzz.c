/*
 * http_fuzz: bytes as what a client says to the HTTP server, whose interface is made up. The first
 * byte is the size of the pieces that it comes in. Whatever is answered is HTTP, with the headers
 * that every answer has, and JSON if it says so; and when the client is gone nothing is left of it.
 * libmicrohttpd itself is as Debian built it.
 */
#include "cmd/twin_steps.h"
#include "http/private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { REQUESTS_BYTES_MAX = 24576, ANSWERS_BYTES_MAX = 4 << 20, ROUNDS_MAX = 100 };

static struct http *http;
static char answers[ANSWERS_BYTES_MAX + 1];

/* ---- the interface ---- */

static char *document(void *owner, const char *name) {
	if (strcmp(name, "design") == 0 || strcmp(name, "state") == 0)
		return strdup("{\"at\": 1}");
	return strcmp(name, "timeline") == 0 ? strdup("{\"timeline\": []}") : NULL;
}

static char *metrics(void *owner) {
	return strdup("heddle_up 1\n");
}

static void greet(void *owner, struct http_listener *listener, uint64_t after) {
	http_tell_one(listener, "design", "{}", 0);
	http_tell_one(listener, "state", "{}", after);
}

/* As it is in cmd/serving.c. */
static int act(void *owner, const json_t *body, char error[HTTP_ERROR_MAX]) {
	void *only = json_object_iter((json_t *)(uintptr_t)body);
	const char *verb = only ? json_object_iter_key(only) : NULL;
	const char *words = only ? json_string_value(json_object_iter_value(only)) : NULL;

	if (json_object_size(body) != 1 || !words)
		return -EINVAL;
	if (step_check(verb, words, error, HTTP_ERROR_MAX) < 0)
		return -EINVAL;
	return strchr(words, '!') ? -EBUSY : 0;
}

static void clean_up(void) {
	http_close(http);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
	static const struct http_api api = {
		.document = document, .metrics = metrics, .greet = greet, .act = act, .token = "t"};

	if (http_open("0", &api, &http) < 0)
		abort();
	atexit(clean_up);
	return 0;
}

/* ---- a client ---- */

static int connect_client(void) {
	struct sockaddr_storage address = {.ss_family = AF_UNIX};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
		abort();
	if (MHD_add_connection(http->daemon, ends[0], (struct sockaddr *)&address,
		    sizeof(sa_family_t)) != MHD_YES)
		abort();
	return ends[1];
}

/* Time goes on, so that guests and listeners are looked after. */
static void process(void) {
	http->looked = 0;
	http_process(http);
}

/* Speaks and listens until both sides are silent: how much was heard. */
static size_t converse(int client, const uint8_t *said, size_t size, size_t piece) {
	size_t sent = 0, heard = 0;

	for (int idle = 0; idle < 2;) {
		size_t left = size - sent < piece ? size - sent : piece;
		ssize_t out = left ? send(client, said + sent, left, MSG_NOSIGNAL) : 0, in;

		process();
		in = recv(client, answers + heard, ANSWERS_BYTES_MAX - heard, 0);
		if (in == 0 || (in < 0 && errno == ECONNRESET))
			break;
		sent += out > 0 ? (size_t)out : 0;
		heard += in > 0 ? (size_t)in : 0;
		assert(heard < ANSWERS_BYTES_MAX);
		idle = out > 0 || in > 0 ? 0 : idle + 1;
	}
	answers[heard] = '\0';
	return heard;
}

/* ---- its answers ---- */

/* Of the library's own answers, to what is no request, nothing is known. */
static bool is_ours(const char *head) {
	return strcasestr(head, "\r\nContent-Security-Policy: ");
}

static void check_json(const char *head, const char *body, size_t size) {
	const char *length = strcasestr(head, "\r\nContent-Length: ");
	json_t *value;

	assert(length);
	assert(strtoul(length + 18, NULL, 10) <= size);
	value = json_loadb(body, strtoul(length + 18, NULL, 10), JSON_REJECT_DUPLICATES, NULL);
	assert(json_is_object(value));
	json_decref(value);
}

/* The first, unless it has no body by its method. */
static void check_answer(size_t size, bool is_head) {
	char *end = strstr(answers, "\r\n\r\n");

	assert(size == 0 || strncmp(answers, "HTTP/1.", 7) == 0);
	if (!end)
		return;
	end[2] = '\0';
	if (!is_ours(answers))
		return;
	assert(strcasestr(answers, "\r\nX-Content-Type-Options: nosniff\r\n"));
	if (!is_head && strcasestr(answers, "\r\nContent-Type: application/json\r\n"))
		check_json(answers, end + 4, size - (size_t)(end + 4 - answers));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	size_t heard;
	int client, rounds = 0;

	if (size < 2 || size > REQUESTS_BYTES_MAX)
		return 0;
	client = connect_client();
	heard = converse(client, bytes + 1, size - 1, 1 + bytes[0] * 16u);
	check_answer(heard, memmem(bytes, size, "HEAD", 4));
	close(client);
	while (!http_is_idle(http)) {
		process();
		assert(++rounds < ROUNDS_MAX);
	}
	assert(!http_is_heard(http));
	return 0;
}
