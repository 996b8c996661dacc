/* client: how a command asks the daemon over its control socket (agent/control.h). */
#pragma once

#include <jansson.h>

/*
 * Sends the request (a reference is taken over) to the daemon at `socket_path` (NULL: that of this
 * network namespace) and hands each row of the answer to `row`, which does not keep it. 0, or a
 * negative errno after a message; -EREMOTEIO if the daemon answered with an error, which is
 * printed.
 */
int client_ask(const char *socket_path, json_t *request,
	void (*row)(void *owner, const json_t *row), void *owner);

/* The same, of who may say nothing for so many seconds: -ETIMEDOUT after that; client_ask waits for
 * ten. */
int client_ask_for(const char *socket_path, json_t *request,
	void (*row)(void *owner, const json_t *row), void *owner, unsigned int seconds);

/* The same without a message, for who is content with daemons that end while they are asked. */
int client_try(const char *socket_path, json_t *request,
	void (*row)(void *owner, const json_t *row), void *owner, unsigned int seconds);
