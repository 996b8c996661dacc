/* private: what the files of http share: http.c answers requests, listeners.c tells events,
 * guests.c keeps who is connected. */
#pragma once

#include "http/address.h"
#include "http/http.h"
#include "http/library.h"

struct http_guest;

struct http {
	const struct http_api *api;
	struct MHD_Daemon *daemon;
	struct http_guest *guests;
	struct http_listener *listeners;
	unsigned int guest_count, listener_count;
	size_t answer_bytes; /* of all guests, below HTTP_ANSWERS_MAX */
	double looked;       /* when guests and listeners were looked at last */
	char url[HTTP_URL_BYTES];
	bool is_local; /* served to this machine alone */
};

/* ---- guests: connections, each with a time by which it has to have asked ---- */

/* As MHD_OPTION_NOTIFY_CONNECTION wants it; `context` is a struct http. */
void guests_note(void *context, struct MHD_Connection *connection, void **guest,
	enum MHD_ConnectionNotificationCode code);

/* The socket of a connection, or -1. */
int guest_fd(struct MHD_Connection *connection);

/* The guest of a connection has so many seconds from now on; 0: as long as it likes. */
void guest_give(struct MHD_Connection *connection, unsigned int seconds);

/* Whether there is room for an answer of this size, which is then kept until it has been taken. */
bool guest_may_take(struct http *http, struct MHD_Connection *connection, size_t bytes);
void guest_has_taken(struct http *http, struct MHD_Connection *connection);

/* Hangs up on those whose time is over. */
void guests_sweep(struct http *http, double now);

/* ---- listeners ---- */

/* Answers a request with events from here on. */
enum MHD_Result listener_start(struct http *http, struct MHD_Connection *connection);

/* Ends those who are gone, and says something to those who have heard nothing for long. */
void listeners_tick(struct http *http, double now);

/* Ends all of them, before the daemon ends. */
void listeners_stop(struct http *http);

/* The headers that every answer has. */
void http_add_headers(struct MHD_Response *response);
