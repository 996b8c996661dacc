/*
 * local_socket: Unix stream sockets at a path, by which programs on one machine are asked. Any
 * thread, but none that makes files meanwhile: listening changes the umask for a moment.
 */
#pragma once

#include <stdbool.h>
#include <sys/un.h>

enum { LOCAL_SOCKET_PATH_BYTES = sizeof(((struct sockaddr_un *)0)->sun_path) };

/* Listens there, without blocking, for the owner alone (mode 0600). The folders on the way are
 * made; a socket that is there already is taken away: ask local_socket_answers first. The socket's
 * file is the caller's to unlink. A file descriptor, or a negative errno. */
int local_socket_listen(const char *path, int backlog);

/* The connection, which blocks, or a negative errno. */
int local_socket_connect(const char *path);

/* Whether somebody listens there. */
bool local_socket_answers(const char *path);
