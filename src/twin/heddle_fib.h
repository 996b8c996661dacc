/* heddle_fib: the forwarding table of a running node, as its Heddle has it, for proofs. */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

/* Where the daemon of that namespace (an fd) is asked. 0 or a negative errno. */
enum { HEDDLE_SOCKET_MAX = 64 };
int heddle_socket(int namespace_fd, char path[HEDDLE_SOCKET_MAX]);

/* Whether a daemon answers in that namespace (an fd). */
bool heddle_fib_is_there(int namespace_fd);

/* As live_fib_read, by the control socket of the daemon in that namespace (an fd). 0, -ENOTCONN if
 * none runs there, or another negative errno. */
int heddle_fib_read(
	int namespace_fd, const struct fabric *fabric, int node, const struct verify_place *place);
