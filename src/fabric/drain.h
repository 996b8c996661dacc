/*
 * drain: lines by which a switch asks others to send elsewhere, before something is taken away:
 * what it announces carries the community GRACEFUL_SHUTDOWN (RFC 8326), and those who hear it like
 * that less than any other way.
 */
#pragma once

#include "fabric/fabric.h"

#include <stdio.h>

/* A switch as a whole, until it is switched off. */
void drain_write_node(const struct fabric *fabric, int node, FILE *to);

/* Whether something can be drained there: a switch's port, and not to a host. */
bool drain_has_session(const struct fabric *fabric, int port);

/* Whether a link can be drained with those failures: both ends have sessions, and all hosts keep a
 * way by the model. 0; -EOPNOTSUPP, -EBUSY or -ENOMEM, and why in `why`. */
struct model_failures;
int drain_check(const struct fabric *fabric, const struct model_failures *failures, int link,
	char *why, size_t size);

/* Some ports of one switch, at least one, all with sessions. */
void drain_write_ports(const struct fabric *fabric, const int *ports, size_t count, FILE *to);

/* And back again; or what is left to clear away when their neighbours are gone. */
void drain_write_ports_back(
	const struct fabric *fabric, const int *ports, size_t count, bool are_gone, FILE *to);
