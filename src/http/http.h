/*
 * http: what Heddle says by HTTP (docs/internals/api.md): the page, documents of JSON, server-sent
 * events, metrics, and what it is told to do, behind a token.
 *
 * Single-threaded: the caller waits for http_fd in its own loop. Whoever connects is bounded in
 * bytes, in time and in number: a request that is not whole after HTTP_PATIENCE_SECONDS, or does
 * not come, is hung up on, and so is a listener who does not take what is told.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	HTTP_CONNECTIONS_MAX = 12000,
	HTTP_LISTENERS_MAX = 64,
	HTTP_BODY_MAX = 16384,
	HTTP_ANSWERS_MAX = 64 << 20, /* documents on their way, together */
	HTTP_PATIENCE_SECONDS = 10,
	HTTP_TICK_MS = 1000,
	HTTP_ERROR_MAX = 512,
	HTTP_TOKEN_BYTES = 33, /* 128 bits in hex, and the end */
};

struct http;
struct http_listener;

/* What is said, and who says it. */
struct http_api {
	void *owner;
	/* The document /api/NAME as text of JSON, to be freed; NULL: there is none of that name. */
	char *(*document)(void *owner, const char *name);
	/* Prometheus' text, to be freed. */
	char *(*metrics)(void *owner);
	/* What a new listener is told first, by http_tell_one; `after`: the last event that it has
	 * had before, 0 for none. */
	void (*greet)(void *owner, struct http_listener *listener, uint64_t after);
	/* Begins something; NULL: nothing can be done here. 0, or a negative errno, and why in
	 * `error`: -EBUSY: not now. */
	int (*act)(void *owner, const json_t *body, char error[HTTP_ERROR_MAX]);
	const char *token; /* for act */
};

/* Listens at an address as people write it (http/address.h). `api` outlives it. 0, or a negative
 * errno after a message. */
int http_open(const char *address, const struct http_api *api, struct http **http);
void http_close(struct http *http);

/* Whether one could listen there now, without a message. */
bool http_can_listen(const char *address);

/* "http://127.0.0.1:8080/" */
const char *http_url(const struct http *http);

/* Readable when there is something to do; http_process does it, and is to be called each
 * HTTP_TICK_MS besides, unless http_is_idle: then nobody is connected. */
int http_fd(const struct http *http);
void http_process(struct http *http);
bool http_is_idle(const struct http *http);

/* Whether anybody listens to events. */
bool http_is_heard(const struct http *http);

/* An event, for all who listen, or for one: `text` is a line. `id` 0: it has none. http_process
 * sends it. */
void http_tell(struct http *http, const char *event, const char *text, uint64_t id);
void http_tell_one(
	struct http_listener *listener, const char *event, const char *text, uint64_t id);

/* A new token of random bits. 0, or a negative errno. */
int http_make_token(char token[HTTP_TOKEN_BYTES]);
