/* control: see control.h. */
#include "twin/control.h"

#include "agent/client.h"
#include "base/local_socket.h"
#include "base/log.h"
#include "twin/twin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A supervisor may wait for two routing daemons in turn, as long as console.c waits for each. */
enum { REQUEST_MAX = 4096, WAITING_MAX = 16, PATIENCE_SECONDS = 2, ANSWER_SECONDS = 150 };

struct twin_control {
	int listen_fd;
};

struct twin_answer {
	FILE *client;
};

static bool path_in(const char *folder, char path[LOCAL_SOCKET_PATH_BYTES]) {
	return snprintf(path, LOCAL_SOCKET_PATH_BYTES, "%s/control", folder) <
	       LOCAL_SOCKET_PATH_BYTES;
}

int twin_control_open(const char *folder, struct twin_control **out) {
	struct twin_control *control = calloc(1, sizeof(*control));
	char path[LOCAL_SOCKET_PATH_BYTES];

	if (!control)
		return -ENOMEM;
	control->listen_fd =
		path_in(folder, path) ? local_socket_listen(path, WAITING_MAX) : -ENAMETOOLONG;
	if (control->listen_fd < 0) {
		int error = control->listen_fd;

		free(control);
		return error;
	}
	*out = control;
	return 0;
}

int twin_control_fd(const struct twin_control *control) {
	return control->listen_fd;
}

void twin_answer_row(struct twin_answer *answer, json_t *row) {
	json_dumpf(row, answer->client, JSON_COMPACT);
	fputc('\n', answer->client);
	fflush(answer->client);
	json_decref(row);
}

static json_t *read_request(FILE *client) {
	char line[REQUEST_MAX];

	return fgets(line, sizeof(line), client) ? json_loads(line, 0, NULL) : NULL;
}

void twin_control_serve(struct twin_control *control,
	int (*act)(void *owner, const json_t *request, struct twin_answer *answer,
		char error[TWIN_ERROR_MAX]),
	void *owner) {
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC), result = -EINVAL;
	struct twin_answer answer = {.client = fd < 0 ? NULL : fdopen(fd, "r+")};
	char error[TWIN_ERROR_MAX] = "";
	json_t *request;

	if (!answer.client)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	request = read_request(answer.client);
	if (request)
		result = act(owner, request, &answer, error);
	else
		snprintf(error, sizeof(error), "expected one JSON object on one line");
	if (result < 0)
		twin_answer_row(
			&answer, json_pack("{s:s}", "error", error[0] ? error : strerror(-result)));
	else
		twin_answer_row(&answer, json_pack("{s:b}", "end", 1));
	json_decref(request);
	fclose(answer.client);
}

static void ignore(void *owner, const json_t *row) {
}

int twin_ask(const char *name, json_t *request, void (*row)(void *owner, const json_t *row),
	void *owner) {
	char folder[TWIN_PATH_MAX], path[LOCAL_SOCKET_PATH_BYTES];

	twin_folder(name, folder);
	if (!path_in(folder, path) || !local_socket_answers(path)) {
		json_decref(request);
		log_error("twin '%s' has no supervisor any more; 'heddle twin down --name %s' "
			  "removes what is left of it",
			name, name);
		return -ENOTCONN;
	}
	return client_ask_for(path, request, row ? row : ignore, owner, ANSWER_SECONDS);
}

static void take_time(void *owner, const json_t *row) {
	*(double *)owner = json_number_value(json_object_get(row, "at"));
}

int twin_ask_change(const char *name, json_t *request, double *at) {
	return twin_ask(name, request, take_time, at);
}
