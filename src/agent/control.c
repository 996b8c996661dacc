/* control: see control.h. Each client is a small state machine: reading a request, or answering. */
#include "agent/control.h"

#include "agent/agent.h"
#include "agent/show.h"
#include "base/clock.h"
#include "base/local_socket.h"
#include "base/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_BYTES = 64 * 1024, ROW_BYTES_MAX = 32 * 1024 };

struct client {
	int fd; /* -1: the place is free */
	int64_t last_active;
	uint64_t last_turn; /* of the control's turns, finer than last_active */
	size_t request_used;
	size_t answer_used;
	size_t answer_sent;
	json_t *request; /* being answered, or NULL */
	struct show show;
	char request_text[CONTROL_REQUEST_MAX];
	char answer[ANSWER_BYTES];
};

struct control {
	struct agent *agent;
	int listen_fd;
	int epoll_fd;
	uint64_t turns;
	struct client *clients[CONTROL_CLIENTS_MAX];
};

static int watch(struct control *control, int fd, void *what) {
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};

	return epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int control_open(struct agent *agent, struct control **out) {
	const char *path = agent->config.socket_path;
	struct control *control;
	int error;

	if (local_socket_answers(path)) {
		log_error("%s: a heddle daemon runs in this network namespace already", path);
		return -EADDRINUSE;
	}
	control = calloc(1, sizeof(*control));
	if (!control)
		return -ENOMEM;
	control->agent = agent;
	control->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	control->listen_fd = local_socket_listen(path, CONTROL_CLIENTS_MAX);
	error = control->listen_fd < 0 ? control->listen_fd
				       : watch(control, control->listen_fd, NULL);
	if (error) {
		log_error("control socket %s: %s", path, strerror(-error));
		control_close(control);
		return error;
	}
	*out = control;
	return 0;
}

static void hang_up(struct control *control, struct client *client) {
	for (unsigned int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i] == client)
			control->clients[i] = NULL;
	json_decref(client->request);
	close(client->fd);
	free(client);
}

void control_close(struct control *control) {
	for (unsigned int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i])
			hang_up(control, control->clients[i]);
	if (control->listen_fd >= 0) {
		close(control->listen_fd);
		unlink(control->agent->config.socket_path);
	}
	close(control->epoll_fd);
	free(control);
}

int control_fd(const struct control *control) {
	return control->epoll_fd;
}

static bool is_answering(const struct client *client) {
	return client->request || client->answer_used > 0;
}

/* Being answered, or about to be. */
static bool is_busy(const struct client *client) {
	return is_answering(client) || memchr(client->request_text, '\n', client->request_used);
}

static void note_activity(struct control *control, struct client *client) {
	client->last_active = clock_seconds();
	client->last_turn = ++control->turns;
}

/* One that has asked nothing loses nothing but a connection; one that is answered gets its time. */
static bool may_go(const struct client *client) {
	return !is_busy(client) ||
	       client->last_active + CONTROL_PATIENCE_SECONDS <= clock_seconds();
}

/* A free place; if there is none, that of the client that has been idle longest of those that may
 * go. NULL if none may. */
static struct client **find_place(struct control *control) {
	struct client **oldest = NULL;

	for (unsigned int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client **place = &control->clients[i];

		if (!*place)
			return place;
		if (may_go(*place) && (!oldest || (*place)->last_turn < (*oldest)->last_turn))
			oldest = place;
	}
	if (oldest)
		hang_up(control, *oldest);
	return oldest;
}

static void welcome(struct control *control) {
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client **place;

	if (fd < 0)
		return;
	place = find_place(control);
	if (place)
		*place = calloc(1, sizeof(**place));
	if (!place || !*place) {
		close(fd);
		return;
	}
	(*place)->fd = fd;
	note_activity(control, *place);
	if (watch(control, fd, *place) < 0)
		hang_up(control, *place);
}

static void append_row(struct client *client, json_t *row) {
	size_t room = sizeof(client->answer) - client->answer_used;
	size_t size = json_dumpb(row, client->answer + client->answer_used, room, JSON_COMPACT);

	json_decref(row);
	if (size + 1 > room) /* cannot be: rows are made while ROW_BYTES_MAX are free */
		return;
	client->answer_used += size;
	client->answer[client->answer_used++] = '\n';
}

static void append_error(struct client *client, const char *error) {
	append_row(client, json_pack("{s:o}", "error", show_text(error)));
}

static void start_answer(struct control *control, struct client *client, const char *line) {
	char error[200];
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(request)) {
		append_error(client, "the request is not a JSON object on one line");
		json_decref(request);
		return;
	}
	if (show_start(&client->show, control->agent, request, error, sizeof(error)) < 0) {
		append_error(client, error);
		json_decref(request);
		return;
	}
	client->request = request;
}

/* Makes rows as long as there is room for the largest. An error is the last of its answer. */
static void fill_answer(struct client *client) {
	while (client->request && sizeof(client->answer) - client->answer_used > ROW_BYTES_MAX) {
		json_t *row = client->show.next(&client->show);

		if (!row || json_object_get(row, "error")) {
			json_decref(client->request);
			client->request = NULL;
		}
		append_row(client, row ? row : json_pack("{s:b}", "end", 1));
	}
}

/* Takes the next whole line off the request buffer, if there is one. */
static bool take_line(struct client *client, char *line) {
	char *newline = memchr(client->request_text, '\n', client->request_used);
	size_t length;

	if (!newline)
		return false;
	length = (size_t)(newline - client->request_text);
	memcpy(line, client->request_text, length);
	line[length] = '\0';
	client->request_used -= length + 1;
	memmove(client->request_text, newline + 1, client->request_used);
	return true;
}

/* Sends what there is; false if the client is gone. */
static bool send_answer(struct control *control, struct client *client) {
	while (client->answer_sent < client->answer_used) {
		ssize_t sent = send(client->fd, client->answer + client->answer_sent,
			client->answer_used - client->answer_sent, MSG_NOSIGNAL);

		if (sent < 0)
			return errno == EAGAIN;
		client->answer_sent += (size_t)sent;
		note_activity(control, client);
	}
	client->answer_used = client->answer_sent = 0;
	return true;
}

/* One piece of an answer, or the start of one; then the loop turns to the others. */
static bool serve(struct control *control, struct client *client) {
	char line[CONTROL_REQUEST_MAX];

	if (!is_answering(client) && take_line(client, line))
		start_answer(control, client, line);
	if (client->answer_used == 0)
		fill_answer(client);
	return send_answer(control, client);
}

static bool receive_request(struct control *control, struct client *client) {
	size_t room = sizeof(client->request_text) - client->request_used;
	ssize_t received;

	if (room == 0)
		return is_answering(client); /* a line too long, from someone who is not waiting */
	received = recv(client->fd, client->request_text + client->request_used, room, 0);
	if (received < 0)
		return errno == EAGAIN;
	if (received == 0)
		return false;
	client->request_used += (size_t)received;
	note_activity(control, client);
	return true;
}

/* Waits for room to send while answering, for a request otherwise. */
static void watch_for(struct control *control, struct client *client) {
	struct epoll_event event = {
		.events = is_busy(client) ? EPOLLOUT : EPOLLIN, .data.ptr = client};

	epoll_ctl(control->epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

void control_process(struct control *control) {
	struct epoll_event events[CONTROL_CLIENTS_MAX + 1];
	int count = epoll_wait(control->epoll_fd, events, CONTROL_CLIENTS_MAX + 1, 0);
	bool newcomers = false;

	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;
		bool alive = true;

		if (!client) {
			newcomers = true;
			continue;
		}
		if (events[i].events & (EPOLLHUP | EPOLLERR))
			alive = false;
		if (alive && (events[i].events & EPOLLIN))
			alive = receive_request(control, client);
		if (alive)
			alive = serve(control, client);
		if (alive)
			watch_for(control, client);
		else
			hang_up(control, client);
	}
	/* Last, since a newcomer may take the place of a client with an event above. */
	if (newcomers)
		welcome(control);
}
