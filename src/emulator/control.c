/* control: see control.h. An answer is small enough for the socket to take it whole. */
#include "emulator/control.h"

#include "base/local_socket.h"
#include "base/log.h"
#include "emulator/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
	int fd; /* -1: the place is free */
	uint64_t last_heard;
	size_t used;
	char request[REQUEST_BYTES_MAX];
};

struct wire_control {
	struct wire *wire;
	int listen_fd, epoll_fd;
	uint64_t turns;
	struct client clients[WIRE_CONTROL_CLIENTS_MAX];
	char path[LOCAL_SOCKET_PATH_BYTES];
};

static int watch(struct wire_control *control, int fd, struct client *client) {
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

	return epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int wire_control_open(const char *path, struct wire *wire, struct wire_control **out) {
	struct wire_control *control;
	int error;

	if (local_socket_answers(path)) {
		log_error(
			"%s: a wire is asked there already; '--control' names another place", path);
		return -EADDRINUSE;
	}
	control = calloc(1, sizeof(*control));
	if (!control)
		return -ENOMEM;
	control->wire = wire;
	for (unsigned int i = 0; i < WIRE_CONTROL_CLIENTS_MAX; i++)
		control->clients[i].fd = -1;
	control->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	control->listen_fd = local_socket_listen(path, WIRE_CONTROL_CLIENTS_MAX);
	error = control->listen_fd < 0 ? control->listen_fd
				       : watch(control, control->listen_fd, NULL);
	if (error) {
		log_error("control socket %s: %s", path, strerror(-error));
		wire_control_close(control);
		return error;
	}
	snprintf(control->path, sizeof(control->path), "%s", path);
	*out = control;
	return 0;
}

static void hang_up(struct client *client) {
	close(client->fd);
	client->fd = -1;
}

void wire_control_close(struct wire_control *control) {
	if (!control)
		return;
	for (unsigned int i = 0; i < WIRE_CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			hang_up(&control->clients[i]);
	if (control->listen_fd >= 0) {
		close(control->listen_fd);
		unlink(control->path);
	}
	close(control->epoll_fd);
	free(control);
}

int wire_control_fd(const struct wire_control *control) {
	return control->epoll_fd;
}

/* A free one, or that of the client that has been silent longest. */
static struct client *find_place(struct wire_control *control) {
	struct client *place = &control->clients[0];

	for (unsigned int i = 0; i < WIRE_CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &control->clients[i];

		if (client->fd < 0)
			return client;
		if (client->last_heard < place->last_heard)
			place = client;
	}
	hang_up(place);
	return place;
}

static void welcome(struct wire_control *control) {
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;

	if (fd < 0)
		return;
	client = find_place(control);
	client->fd = fd;
	client->used = 0;
	client->last_heard = ++control->turns;
	if (watch(control, fd, client) < 0)
		hang_up(client);
}

/* Answers the lines that are whole; false if the client does not take an answer. */
static bool answer_lines(struct wire_control *control, struct client *client) {
	char answer[ANSWER_BYTES_MAX];
	char *newline;

	while ((newline = memchr(client->request, '\n', client->used))) {
		size_t line_bytes = (size_t)(newline + 1 - client->request), size;

		*newline = '\0';
		size = request_answer(control->wire, client->request, answer);
		if (send(client->fd, answer, size, MSG_NOSIGNAL) != (ssize_t)size)
			return false;
		client->used -= line_bytes;
		memmove(client->request, newline + 1, client->used);
	}
	return true;
}

/* False if the client is gone, or its line is too long. */
static bool serve(struct wire_control *control, struct client *client) {
	size_t room = sizeof(client->request) - client->used;
	ssize_t size = room ? recv(client->fd, client->request + client->used, room, 0) : 0;

	if (size < 0)
		return errno == EAGAIN;
	if (size == 0)
		return false;
	client->used += (size_t)size;
	client->last_heard = ++control->turns;
	return answer_lines(control, client);
}

void wire_control_process(struct wire_control *control) {
	struct epoll_event events[WIRE_CONTROL_CLIENTS_MAX + 1];
	int count = epoll_wait(control->epoll_fd, events, WIRE_CONTROL_CLIENTS_MAX + 1, 0);
	bool newcomers = false;

	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;

		if (!client)
			newcomers = true;
		else if (!serve(control, client))
			hang_up(client);
	}
	/* Last, since a newcomer may take the place of a client with an event above. */
	if (newcomers)
		welcome(control);
}
