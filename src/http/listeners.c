/* listeners: those who listen to server-sent events (WHATWG HTML, section 9.2). What is told waits
 * in a buffer of each until the connection takes it; meanwhile, and while there is nothing to say,
 * the connection is suspended or waits for its socket. */
#include "http/private.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

enum { BUFFER_MAX = 4 << 20, BLOCK_BYTES = 16384, SILENCE_MOST_SECONDS = 9 };

struct http_listener {
	struct http_listener *prev, *next;
	struct http *http;
	struct MHD_Connection *connection;
	char *buffer;
	size_t used, taken, room;
	double said; /* when, last */
	bool is_suspended, is_over;
};

/* It has not taken what it was told. It gets the rest of that if it takes it soon, and is hung up
 * on; then it will come again, and be told all anew. */
static void give_up(struct http_listener *listener) {
	listener->is_over = true;
	guest_give(listener->connection, HTTP_PATIENCE_SECONDS);
}

static void drop_taken(struct http_listener *listener) {
	listener->used -= listener->taken;
	memmove(listener->buffer, listener->buffer + listener->taken, listener->used);
	listener->taken = 0;
}

static bool make_room(struct http_listener *listener, size_t size) {
	size_t wanted = listener->used + size;
	char *more;

	if (wanted <= listener->room)
		return true;
	if (listener->taken) {
		drop_taken(listener);
		return make_room(listener, size);
	}
	if (wanted > BUFFER_MAX)
		return false;
	wanted = wanted * 2 < BUFFER_MAX ? wanted * 2 : BUFFER_MAX;
	more = realloc(listener->buffer, wanted);
	if (!more)
		return false;
	listener->buffer = more;
	listener->room = wanted;
	return true;
}

static void add(struct http_listener *listener, const char *text, size_t size) {
	if (listener->is_over)
		return;
	if (!make_room(listener, size)) {
		give_up(listener);
		return;
	}
	memcpy(listener->buffer + listener->used, text, size);
	listener->used += size;
}

static void add_text(struct http_listener *listener, const char *text) {
	add(listener, text, strlen(text));
}

static void wake(struct http_listener *listener) {
	listener->said = clock_now();
	if (!listener->is_suspended)
		return;
	listener->is_suspended = false;
	mhd.resume_connection(listener->connection);
}

void http_tell_one(
	struct http_listener *listener, const char *event, const char *text, uint64_t id) {
	char number[32];

	add_text(listener, "event: ");
	add_text(listener, event);
	if (id) {
		snprintf(number, sizeof(number), "\nid: %lu", id);
		add_text(listener, number);
	}
	add_text(listener, "\ndata: ");
	add_text(listener, text);
	add_text(listener, "\n\n");
	wake(listener);
}

void http_tell(struct http *http, const char *event, const char *text, uint64_t id) {
	struct http_listener *listener;

	DL_FOREACH(http->listeners, listener) {
		http_tell_one(listener, event, text, id);
	}
}

bool http_is_heard(const struct http *http) {
	return http->listeners;
}

/* As MHD_create_response_from_callback wants it. */
static ssize_t take(void *context, uint64_t position, char *block, size_t size) {
	struct http_listener *listener = context;
	size_t left = listener->used - listener->taken;

	if (left == 0 && listener->is_over)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (left == 0) {
		listener->used = listener->taken = 0;
		listener->is_suspended = true;
		mhd.suspend_connection(listener->connection);
		return 0;
	}
	size = left < size ? left : size;
	memcpy(block, listener->buffer + listener->taken, size);
	listener->taken += size;
	if (listener->taken == listener->used)
		listener->used = listener->taken = 0;
	return (ssize_t)size;
}

static void leave(void *context) {
	struct http_listener *listener = context;

	DL_DELETE(listener->http->listeners, listener);
	listener->http->listener_count--;
	free(listener->buffer);
	free(listener);
}

static uint64_t last_heard(struct MHD_Connection *connection) {
	const char *text =
		mhd.lookup_connection_value(connection, MHD_HEADER_KIND, "Last-Event-ID");

	return text ? strtoull(text, NULL, 10) : 0;
}

static struct http_listener *create(struct http *http, struct MHD_Connection *connection) {
	struct http_listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return NULL;
	listener->http = http;
	listener->connection = connection;
	return listener;
}

enum MHD_Result listener_start(struct http *http, struct MHD_Connection *connection) {
	struct http_listener *listener = create(http, connection);
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!listener)
		return MHD_NO;
	guest_give(connection, 0);
	add_text(listener, "retry: 1000\n\n");
	http->api->greet(http->api->owner, listener, last_heard(connection));
	DL_APPEND(http->listeners, listener); /* behind what it is told alone */
	http->listener_count++;
	response = mhd.create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK_BYTES, take, listener, leave);
	if (!response) {
		leave(listener);
		return MHD_NO;
	}
	http_add_headers(response);
	mhd.add_response_header(response, "Content-Type", "text/event-stream");
	mhd.add_response_header(response, "Cache-Control", "no-store");
	result = mhd.queue_response(connection, MHD_HTTP_OK, response);
	mhd.destroy_response(response);
	return result;
}

/* Nobody waits for the socket of one that is suspended. */
static bool is_gone(const struct http_listener *listener) {
	ssize_t size;
	char byte;

	if (!listener->is_suspended)
		return false;
	size = recv(guest_fd(listener->connection), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

/* Browsers do not show their pages that a server hangs, nor comments. */
void listeners_tick(struct http *http, double now) {
	struct http_listener *listener;

	DL_FOREACH(http->listeners, listener) {
		listener->is_over |= is_gone(listener);
		if (!listener->is_over && now - listener->said < SILENCE_MOST_SECONDS)
			continue;
		http_tell_one(listener, "alive", "{}", 0);
	}
}

void listeners_stop(struct http *http) {
	struct http_listener *listener;

	DL_FOREACH(http->listeners, listener) {
		listener->is_over = true;
		wake(listener);
	}
}
