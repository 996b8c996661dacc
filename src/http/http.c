/* http: see http.h. Requests and their answers. */
#include "http/private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "http/address.h"
#include "http/page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	CONNECTION_MEMORY_BYTES = 16384, /* a request's headers, and an answer's */
	FILES_KEPT = 256,                /* descriptors that are not for connections */
	SEND_SECONDS = 60,
	HOST_BYTES = 64,
	ROUNDS_MOST = 256 /* of the daemon, before its caller has something else to do */
};

static const double between_looks_s = 0.25;

/* Scripts and styles of our own alone; styles that scripts set are not ruled by it. */
static const char policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* A request while it comes in. */
struct asked {
	char *body; /* NULL: none so far */
	size_t size;
	bool is_too_large;
};

/* ---- answers ---- */

void http_add_headers(struct MHD_Response *response) {
	mhd.add_response_header(response, "Content-Security-Policy", policy);
	mhd.add_response_header(response, "X-Content-Type-Options", "nosniff");
	mhd.add_response_header(response, "X-Frame-Options", "DENY");
	mhd.add_response_header(response, "Referrer-Policy", "no-referrer");
	mhd.add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	mhd.add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
}

/* Takes the response over; whoever asked has time to take it. */
static enum MHD_Result queue(
	struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	http_add_headers(response);
	guest_give(connection, SEND_SECONDS);
	result = mhd.queue_response(connection, status, response);
	mhd.destroy_response(response);
	return result;
}

/* Takes the text over. */
static enum MHD_Result answer_text(
	struct MHD_Connection *connection, unsigned int status, const char *type, char *text) {
	struct MHD_Response *response =
		text ? mhd.create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE)
		     : NULL;

	if (!response) {
		free(text);
		return MHD_NO;
	}
	mhd.add_response_header(response, "Content-Type", type);
	mhd.add_response_header(response, "Cache-Control", "no-store");
	if (status == MHD_HTTP_UNAUTHORIZED)
		mhd.add_response_header(response, "WWW-Authenticate", "Bearer");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd.add_response_header(response, "Allow", "GET, HEAD, POST");
	return queue(connection, status, response);
}

static enum MHD_Result answer_json(
	struct MHD_Connection *connection, unsigned int status, json_t *answer) {
	char *text = json_dumps(answer, JSON_COMPACT);

	json_decref(answer);
	return answer_text(connection, status, "application/json", text);
}

/* What is told of a request may have been cut in the middle of a character. */
static enum MHD_Result answer_error(
	struct MHD_Connection *connection, unsigned int status, const char *error) {
	char text[HTTP_ERROR_MAX];

	snprintf(text, sizeof(text), "%s", error);
	utf8_mend(text);
	return answer_json(connection, status, json_pack("{s:s}", "error", text));
}

/* ---- the page ---- */

static bool is_known_already(struct MHD_Connection *connection, const char *etag) {
	const char *known =
		mhd.lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");

	return known && strcmp(known, etag) == 0;
}

/* Files below /assets/ are named after what is in them. */
static enum MHD_Result answer_file(
	struct MHD_Connection *connection, const struct page_file *file) {
	bool is_known = is_known_already(connection, file->etag);
	struct MHD_Response *response = mhd.create_response_from_buffer(
		is_known ? 0 : file->size, (void *)(uintptr_t)file->bytes, MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	mhd.add_response_header(response, "Content-Type", file->type);
	mhd.add_response_header(response, "ETag", file->etag);
	mhd.add_response_header(response, "Cache-Control",
		strncmp(file->path, "/assets/", 8) == 0 ? "max-age=31536000, immutable"
							: "no-cache");
	return queue(connection, is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
}

static enum MHD_Result answer_page(struct MHD_Connection *connection, const char *path) {
	for (size_t i = 0; i < page_file_count; i++)
		if (strcmp(page_files[i].path, path) == 0)
			return answer_file(connection, &page_files[i]);
	return answer_error(connection, MHD_HTTP_NOT_FOUND,
		page_file_count == 0 && strcmp(path, "/") == 0
			? "the page is not built in: it takes npm, and 'meson configure "
			  "-Dpage=enabled'; "
			  "/api/design, /api/state, /api/timeline and /metrics are there"
			: "no such page; '/' is there, and what docs/internals/api.md lists");
}

/* ---- what is read ---- */

/* Takes the text over. Who asks for much and takes nothing must not fill the memory. */
static enum MHD_Result answer_large(
	struct http *http, struct MHD_Connection *connection, const char *type, char *text) {
	if (!text || guest_may_take(http, connection, strlen(text)))
		return answer_text(connection, MHD_HTTP_OK, type, text);
	free(text);
	return answer_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		"as much is on its way to others as may be; try again soon");
}

static enum MHD_Result answer_document(
	struct http *http, struct MHD_Connection *connection, const char *name) {
	char *text;

	if (strcmp(name, "events") == 0) {
		if (http->listener_count < HTTP_LISTENERS_MAX)
			return listener_start(http, connection);
		return answer_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
			"as many listen as may; close one of their pages");
	}
	text = http->api->document(http->api->owner, name);
	if (text)
		return answer_large(http, connection, "application/json", text);
	return answer_error(connection, MHD_HTTP_NOT_FOUND,
		"no such document; design, state, timeline and events are there");
}

static enum MHD_Result answer_get(
	struct http *http, struct MHD_Connection *connection, const char *path) {
	if (strcmp(path, "/metrics") == 0)
		return answer_large(http, connection, "text/plain; version=0.0.4; charset=utf-8",
			http->api->metrics(http->api->owner));
	if (strncmp(path, "/api/", 5) == 0)
		return answer_document(http, connection, path + 5);
	return answer_page(connection, path);
}

/* ---- what is done ---- */

/* Takes as long for any token. */
static bool is_same(const char *one, const char *other) {
	size_t length = strlen(one);
	unsigned char difference = 0;

	if (strlen(other) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char)(one[i] ^ other[i]);
	return difference == 0;
}

static bool has_token(const struct http *http, struct MHD_Connection *connection) {
	const char *text =
		mhd.lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");

	return text && http->api->token && strncasecmp(text, "Bearer ", 7) == 0 &&
	       is_same(http->api->token, text + 7);
}

static enum MHD_Result act(
	struct http *http, struct MHD_Connection *connection, const json_t *body) {
	char error[HTTP_ERROR_MAX] = "";
	int failed = http->api->act(http->api->owner, body, error);

	if (!failed)
		return answer_json(
			connection, MHD_HTTP_ACCEPTED, json_pack("{s:b}", "accepted", 1));
	return answer_error(connection,
		failed == -EBUSY    ? MHD_HTTP_CONFLICT
		: failed == -EINVAL ? MHD_HTTP_BAD_REQUEST
				    : MHD_HTTP_INTERNAL_SERVER_ERROR,
		error[0] ? error : strerror(-failed));
}

static enum MHD_Result answer_post(struct http *http, struct MHD_Connection *connection,
	const char *path, const struct asked *asked) {
	char text[HTTP_ERROR_MAX];
	enum MHD_Result result;
	json_error_t error;
	json_t *body;

	if (strcmp(path, "/api/actions") != 0)
		return answer_error(connection, MHD_HTTP_NOT_FOUND,
			"nothing can be done there; only at /api/actions");
	if (!http->api->act)
		return answer_error(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			"nothing can be done here: this only shows");
	if (!has_token(http, connection))
		return answer_error(connection, MHD_HTTP_UNAUTHORIZED,
			"expected 'Authorization: Bearer TOKEN', as it was printed at the start");
	if (asked->is_too_large)
		return answer_error(
			connection, MHD_HTTP_CONTENT_TOO_LARGE, "expected at most 16384 bytes");
	body = json_loadb(
		asked->body ? asked->body : "", asked->size, JSON_REJECT_DUPLICATES, &error);
	if (!body) {
		snprintf(text, sizeof(text), "the body is no JSON: line %d, column %d: %.200s",
			error.line, error.column, error.text);
		return answer_error(connection, MHD_HTTP_BAD_REQUEST, text);
	}
	result = act(http, connection, body);
	json_decref(body);
	return result;
}

/* ---- requests ---- */

/* Of this machine, by an address or as localhost: a name of somebody's that leads here must not let
 * his pages read what is said here (DNS rebinding). */
static bool is_host_right(struct MHD_Connection *connection) {
	const char *host = mhd.lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
	char name[HOST_BYTES];
	struct in6_addr address6;
	struct in_addr address4;
	size_t length;

	if (!host)
		return false;
	if (host[0] == '[') {
		length = strcspn(host + 1, "]");
		snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63), host + 1);
		return inet_pton(AF_INET6, name, &address6) == 1;
	}
	length = strcspn(host, ":");
	snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63), host);
	return strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &address4) == 1;
}

static enum MHD_Result answer(struct http *http, struct MHD_Connection *connection,
	const char *path, const char *method, const struct asked *asked) {
	if (http->is_local && !is_host_right(connection))
		return answer_error(connection, MHD_HTTP_MISDIRECTED_REQUEST,
			"expected an address or localhost as the host: only this machine is "
			"served");
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return answer_get(http, connection, path);
	if (strcmp(method, "POST") == 0)
		return answer_post(http, connection, path, asked);
	return answer_error(
		connection, MHD_HTTP_METHOD_NOT_ALLOWED, "expected GET, or POST of /api/actions");
}

static void take_body(struct asked *asked, const char *bytes, size_t size) {
	char *more = NULL;

	if (!asked->is_too_large && size <= HTTP_BODY_MAX - asked->size)
		more = realloc(asked->body, asked->size + size);
	if (!more) {
		asked->is_too_large = true;
		return;
	}
	asked->body = more;
	memcpy(asked->body + asked->size, bytes, size);
	asked->size += size;
}

/* Called with the headers, with each piece of the body, and at its end. Of those who may do nothing
 * nothing is kept. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
	const char *method, const char *version, const char *bytes, size_t *size, void **request) {
	struct asked *asked = *request;

	if (!asked) {
		*request = asked = calloc(1, sizeof(*asked));
		return asked ? MHD_YES : MHD_NO;
	}
	if (*size) {
		if (has_token(context, connection))
			take_body(asked, bytes, *size);
		*size = 0;
		return MHD_YES;
	}
	return answer(context, connection, path, method, asked);
}

static void finish(void *context, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode code) {
	struct asked *asked = *request;

	if (asked)
		free(asked->body);
	free(asked);
	*request = NULL;
	guest_has_taken(context, connection);
	guest_give(connection, HTTP_PATIENCE_SECONDS);
}

/* ---- opening ---- */

/* How many connections there may be: as many descriptors as it can have, but some. */
static unsigned int make_room(void) {
	struct rlimit limit;
	rlim_t wanted = HTTP_CONNECTIONS_MAX + FILES_KEPT;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return FILES_KEPT;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= wanted)
		return HTTP_CONNECTIONS_MAX;
	return limit.rlim_cur > 2 * FILES_KEPT ? (unsigned int)limit.rlim_cur - FILES_KEPT
					       : FILES_KEPT / 2;
}

static int start(struct http *http, struct sockaddr_storage *address) {
	bool is_six = address->ss_family == AF_INET6;

	http->daemon = mhd.start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (is_six ? MHD_USE_IPv6 : 0), 0, NULL,
		NULL, handle, http, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)address,
		MHD_OPTION_CONNECTION_LIMIT, make_room(), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_NOTIFY_CONNECTION, guests_note, http,
		MHD_OPTION_NOTIFY_COMPLETED, finish, http, MHD_OPTION_END);
	return http->daemon ? 0 : errno ? -errno : -EADDRINUSE;
}

int http_open(const char *text, const struct http_api *api, struct http **out) {
	const union MHD_DaemonInfo *known;
	struct sockaddr_storage address;
	struct http *http;
	int error;

	if (!http_address_read(text, &address)) {
		log_error("--http '%s': expected ADDRESS:PORT, [ADDRESS]:PORT, or a port of "
			  "127.0.0.1",
			text);
		return -EINVAL;
	}
	error = library_load();
	if (error)
		return error;
	http = calloc(1, sizeof(*http));
	if (!http)
		return -ENOMEM;
	http->api = api;
	error = start(http, &address);
	if (error) {
		log_error("--http %s: %s; another address or port may be free", text,
			strerror(-error));
		free(http);
		return error;
	}
	known = mhd.get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
	http_address_write(&address, known ? known->port : 0, http->url);
	http->is_local = http_address_is_loopback(&address);
	if (!http->is_local)
		log_warning(
			"%s is open to all who reach this machine, without encryption", http->url);
	*out = http;
	return 0;
}

bool http_can_listen(const char *text) {
	struct sockaddr_storage address;
	bool can = false;
	int yes = 1, fd;

	if (!http_address_read(text, &address))
		return false;
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	can = bind(fd, (struct sockaddr *)&address,
		      address.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						    : sizeof(struct sockaddr_in)) == 0;
	close(fd);
	return can;
}

void http_close(struct http *http) {
	if (!http)
		return;
	listeners_stop(http);
	mhd.stop_daemon(http->daemon);
	free(http);
}

const char *http_url(const struct http *http) {
	return http->url;
}

int http_fd(const struct http *http) {
	const union MHD_DaemonInfo *known =
		mhd.get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return known ? known->epoll_fd : -1;
}

/* It goes round once for each piece that a connection takes, and its descriptor tells nothing of
 * those that would take more at once: it says so itself. */
static bool is_to_go_on(const struct http *http) {
	MHD_UNSIGNED_LONG_LONG wait_ms;

	return mhd.get_timeout(http->daemon, &wait_ms) == MHD_YES && wait_ms == 0;
}

/* With ten thousand guests of whom each sends a byte now and then, looking at all of them for each
 * byte would be all that is done. */
static void look_after(struct http *http) {
	double now = clock_now();

	if (now - http->looked < between_looks_s)
		return;
	http->looked = now;
	guests_sweep(http, now);
	listeners_tick(http, now);
}

void http_process(struct http *http) {
	int rounds = 0;

	look_after(http);
	do
		mhd.run(http->daemon);
	while (is_to_go_on(http) && ++rounds < ROUNDS_MOST);
}

bool http_is_idle(const struct http *http) {
	return !http->guests;
}

int http_make_token(char token[HTTP_TOKEN_BYTES]) {
	unsigned char bits[(HTTP_TOKEN_BYTES - 1) / 2];

	if (getrandom(bits, sizeof(bits), 0) != sizeof(bits))
		return -errno;
	for (size_t i = 0; i < sizeof(bits); i++)
		snprintf(token + 2 * i, 3, "%02x", bits[i]);
	return 0;
}
