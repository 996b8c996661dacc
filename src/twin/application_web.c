/*
 * application_web: clients that ask servers for something, each over a TCP connection of its own,
 * as users come (a Poisson process); the sizes of answers are those that were seen in data centers
 * (flow_sizes.h), scaled. A request takes from the first SYN to the last byte of the answer; it has
 * failed when its connection breaks, or after three seconds.
 */
#include "twin/application.h"

#include "base/clock.h"
#include "twin/flow_sizes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SEND_BYTES = 1 << 16,
	RECEIVE_BYTES = 1 << 20,
	PATIENCE_MS = 3000, /* of clients; servers have twice that */
	/* More than 1000 a second, the most that an intent may ask for, come to until the oldest is
	 * given up: one that is stuck keeps nobody out. */
	REQUESTS_MAX = 4096,
	ANSWERS_MAX = 8192,
	BURST_MAX = 32, /* requests that begin before events are taken */
};

/* How long nothing happens before who waits too long is looked for. */
static const double LOOK_S = 0.25;

enum purpose { PAUSE, SIZE, PAIR };

/* What a client asks for. */
struct question {
	uint64_t bytes;
};

/* A client's end of a connection, and a server's; each is in a ring, in the order in which they
 * began, and leaves it when all before it are over. */
struct request {
	struct application *application;
	struct endpoint endpoint;
	double began;
	uint64_t left; /* bytes of the answer */
	bool is_asked;
};

struct answer {
	struct application *application;
	struct endpoint endpoint;
	double began;
	uint64_t left;
	bool is_asked;
};

struct server {
	struct application *application;
	struct endpoint endpoint;
};

struct shop {
	struct server *servers;
	struct request requests[REQUESTS_MAX];
	struct answer answers[ANSWERS_MAX];
	uint64_t next_request, oldest_request, next_answer, oldest_answer;
	double arrives; /* the next request */
};

/* --- servers --- */

/* False when the connection is broken. */
static bool take_question(struct answer *answer) {
	struct question question;
	ssize_t size = recv(answer->endpoint.fd, &question, sizeof(question), 0);

	if (size < 0)
		return errno == EAGAIN;
	if (size != sizeof(question))
		return false;
	answer->is_asked = true;
	answer->left = question.bytes;
	return true;
}

static bool send_on(struct answer *answer) {
	static const char page[SEND_BYTES];

	while (answer->left > 0) {
		ssize_t size = send(answer->endpoint.fd, page,
			answer->left < SEND_BYTES ? answer->left : SEND_BYTES, MSG_NOSIGNAL);

		if (size < 0)
			return errno == EAGAIN;
		answer->left -= (uint64_t)size;
	}
	return true;
}

/* When all is sent, the client hangs up. */
static void on_answer(void *owner, uint32_t events) {
	struct answer *answer = owner;

	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP) ||
		(!answer->is_asked && !take_question(answer)) || !send_on(answer))
		endpoint_close(&answer->endpoint);
	else if (answer->is_asked)
		endpoint_watch(answer->application->world, &answer->endpoint,
			answer->left ? EPOLLOUT | EPOLLRDHUP : EPOLLRDHUP);
}

static void on_server(void *owner, uint32_t events) {
	struct server *server = owner;
	struct shop *shop = server->application->own;
	struct answer *answer = &shop->answers[shop->next_answer % ANSWERS_MAX];
	int fd = application_accept(&server->endpoint);

	if (fd < 0)
		return;
	if (shop->next_answer - shop->oldest_answer == ANSWERS_MAX) {
		close(fd);
		return;
	}
	shop->next_answer++;
	*answer = (struct answer){.application = server->application,
		.endpoint = {.fd = fd, .ready = on_answer, .owner = answer},
		.began = clock_now()};
	endpoint_watch(server->application->world, &answer->endpoint, EPOLLIN | EPOLLRDHUP);
}

/* --- clients --- */

static void end_request(struct request *request, enum outcome outcome) {
	application_note(request->application, outcome, clock_now() - request->began);
	endpoint_reset(&request->endpoint);
}

static void ask(struct request *request) {
	const struct question question = {.bytes = request->left};

	if (send(request->endpoint.fd, &question, sizeof(question), MSG_NOSIGNAL) < 0) {
		end_request(request, OUTCOME_LOST);
		return;
	}
	request->is_asked = true;
	endpoint_watch(request->application->world, &request->endpoint, EPOLLIN);
}

/* What comes is counted and not looked at (MSG_TRUNC of tcp(7)). */
static void take_answer(struct request *request) {
	ssize_t size = 0;

	while (request->left > 0 &&
		(size = recv(request->endpoint.fd, NULL, RECEIVE_BYTES, MSG_TRUNC)) > 0)
		request->left -= (uint64_t)size;
	if (request->left == 0)
		end_request(request, OUTCOME_DONE);
	else if (size == 0 || errno != EAGAIN)
		end_request(request, OUTCOME_LOST);
}

static void on_request(void *owner, uint32_t events) {
	struct request *request = owner;

	if (events & EPOLLERR)
		end_request(request, OUTCOME_LOST);
	else if (!request->is_asked)
		ask(request);
	else
		take_answer(request);
}

static uint64_t draw_bytes(const struct application *application, uint64_t n) {
	const struct intent_application *intent = application->intent;
	double bytes = intent->size_scale *
		       flow_size_of(intent->sizes, application_draw(application, SIZE, n));

	return bytes < 1 ? 1 : (uint64_t)bytes;
}

/* A client by chance, and a server by chance: one of the pairs. */
static struct application_pair draw_pair(const struct application *application, uint64_t n) {
	double pairs = (double)(application->from_count * application->to_count);

	return application_pair(
		application, (size_t)(application_draw(application, PAIR, n) * pairs));
}

static void begin_request(struct application *application, double now) {
	struct shop *shop = application->own;
	uint64_t n = shop->next_request;
	struct request *request = &shop->requests[n % REQUESTS_MAX];

	if (n - shop->oldest_request == REQUESTS_MAX)
		return;
	shop->next_request++;
	application_recover(application);
	application_note(application, OUTCOME_BEGUN, 0);
	*request = (struct request){.application = application,
		.endpoint = {.fd = -1, .ready = on_request, .owner = request},
		.began = now,
		.left = draw_bytes(application, n)};
	if (application_connect(application, draw_pair(application, n), 0, n % 2, PATIENCE_MS,
		    &request->endpoint) < 0)
		application_note(application, OUTCOME_LOST, 0);
}

/* --- time --- */

static void give_up(struct shop *shop, double now) {
	for (; shop->oldest_request != shop->next_request; shop->oldest_request++) {
		struct request *request = &shop->requests[shop->oldest_request % REQUESTS_MAX];

		if (request->endpoint.fd >= 0 && now - request->began < PATIENCE_MS / 1e3)
			break;
		if (request->endpoint.fd >= 0)
			end_request(request, OUTCOME_LOST);
	}
	for (; shop->oldest_answer != shop->next_answer; shop->oldest_answer++) {
		struct answer *answer = &shop->answers[shop->oldest_answer % ANSWERS_MAX];

		if (answer->endpoint.fd >= 0 && now - answer->began < 2 * PATIENCE_MS / 1e3)
			break;
		endpoint_close(&answer->endpoint);
	}
}

static void act(struct application *application) {
	struct shop *shop = application->own;
	double now = clock_now();

	give_up(shop, now);
	for (int n = 0; n < BURST_MAX && shop->arrives <= now; n++) {
		double pause = -log(application_draw(application, PAUSE, shop->next_request)) /
			       application->intent->requests;

		begin_request(application, now);
		shop->arrives += pause;
		if (shop->arrives < now - LOOK_S)
			shop->arrives = now; /* the machine was busy: they are left out */
	}
	application->due = fmin(shop->arrives, now + LOOK_S);
}

/* --- its life --- */

static int open_shop(struct application *application) {
	struct shop *shop = calloc(1, sizeof(*shop));
	int error = 0;

	if (!shop)
		return -ENOMEM;
	application->own = shop;
	shop->servers = calloc(application->to_count, sizeof(*shop->servers));
	if (!shop->servers)
		return -ENOMEM;
	for (size_t i = 0; i < application->to_count; i++) {
		struct server *server = &shop->servers[i];

		*server = (struct server){.application = application,
			.endpoint = {.fd = -1, .ready = on_server, .owner = server}};
	}
	for (size_t i = 0; i < application->to_count && !error; i++)
		error = application_listen(
			application, application->to[i], 0, &shop->servers[i].endpoint);
	application->due = shop->arrives = clock_now();
	return error;
}

static void close_shop(struct application *application) {
	struct shop *shop = application->own;

	if (!shop)
		return;
	for (size_t i = 0; i < REQUESTS_MAX; i++)
		if (shop->requests[i].application)
			endpoint_reset(&shop->requests[i].endpoint);
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		if (shop->answers[i].application)
			endpoint_close(&shop->answers[i].endpoint);
	for (size_t i = 0; shop->servers && i < application->to_count; i++)
		endpoint_close(&shop->servers[i].endpoint);
	free(shop->servers);
	free(shop);
	application->own = NULL;
}

const struct application_player application_web = {open_shop, act, close_shop};
