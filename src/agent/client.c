/* client: see client.h. */
#include "agent/client.h"

#include "agent/config.h"
#include "base/local_socket.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_SECONDS = 10 };

static void explain_no_connection(const char *path, int error) {
	if (error == EACCES)
		log_error("%s: only root may ask the daemon", path);
	else
		log_error("%s: no heddle daemon runs in this network namespace (%s); "
			  "'heddle run --all' starts one",
			path, strerror(error));
}

/* A daemon that is stopped, or held by a debugger, must not stop whoever asks it. */
static int open_connection(const char *path, unsigned int seconds, FILE **daemon) {
	const struct timeval patience = {.tv_sec = seconds};
	int fd = local_socket_connect(path);

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	*daemon = fdopen(fd, "r+");
	return *daemon ? 0 : -ENOMEM;
}

static int send_request(FILE *daemon, json_t *request) {
	int error = json_dumpf(request, daemon, JSON_COMPACT);

	json_decref(request);
	if (error || fputc('\n', daemon) == EOF || fflush(daemon) == EOF)
		return -EIO;
	return 0;
}

/* One line of the answer: 1 for a row, 0 for the end, or a negative errno. */
static int take_line(const char *line, void (*row)(void *owner, const json_t *row), void *owner) {
	json_t *value = json_loads(line, 0, NULL);
	const char *error;
	int result = 1;

	if (!value)
		return -EBADMSG;
	error = json_string_value(json_object_get(value, "error"));
	if (error) {
		log_error("%s", error);
		result = -EREMOTEIO;
	} else if (json_is_true(json_object_get(value, "end"))) {
		result = 0;
	} else {
		row(owner, value);
	}
	json_decref(value);
	return result;
}

static int take_answer(FILE *daemon, void (*row)(void *owner, const json_t *row), void *owner) {
	char *line = NULL;
	size_t size = 0;
	int result = 1;

	errno = 0;
	while (result > 0)
		result = getline(&line, &size, daemon) > 0
				 ? take_line(line, row, owner)
				 : (errno == EAGAIN ? -ETIMEDOUT : -ECONNRESET);
	free(line);
	return result;
}

/* Takes the request over. */
static int exchange(
	FILE *daemon, json_t *request, void (*row)(void *owner, const json_t *row), void *owner) {
	int error = send_request(daemon, request);

	if (!error)
		error = take_answer(daemon, row, owner);
	fclose(daemon);
	return error;
}

int client_try(const char *socket_path, json_t *request,
	void (*row)(void *owner, const json_t *row), void *owner, unsigned int seconds) {
	FILE *daemon;
	int error = open_connection(socket_path, seconds, &daemon);

	if (!error)
		return exchange(daemon, request, row, owner);
	json_decref(request);
	return -ENOTCONN;
}

int client_ask_for(const char *socket_path, json_t *request,
	void (*row)(void *owner, const json_t *row), void *owner, unsigned int seconds) {
	char path[LOCAL_SOCKET_PATH_BYTES];
	FILE *daemon;
	int error;

	if (!socket_path) {
		config_default_socket(path, sizeof(path));
		socket_path = path;
	}
	error = open_connection(socket_path, seconds, &daemon);
	if (error) {
		explain_no_connection(socket_path, -error);
		json_decref(request);
		return -ENOTCONN;
	}
	error = exchange(daemon, request, row, owner);
	if (error == -ETIMEDOUT)
		log_error("%s: no answer for %u seconds", socket_path, seconds);
	else if (error && error != -EREMOTEIO)
		log_error("the daemon's answer broke off: %s", strerror(-error));
	return error;
}

int client_ask(const char *socket_path, json_t *request,
	void (*row)(void *owner, const json_t *row), void *owner) {
	return client_ask_for(socket_path, request, row, owner, PATIENCE_SECONDS);
}
