/*
 * fib_json: the forwarding table of one switch as Linux tells it: what `ip -json route show table
 * all` prints, or `ip -json route` and `ip -json -6 route` after each other, with or without
 * `table local`.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

enum { FIB_JSON_BYTES_MAX = 1 << 28 };

/* Adds the tables main and local of a node to its place, as live_fib_read does: without link-local,
 * multicast and loopback destinations, and without next hops that are dead. Of several routes to a
 * prefix the kernel's choice holds: table local, then the least metric. 0, or a negative errno
 * after a message that names `path`. */
int fib_json_parse(const struct fabric *fabric, const char *path, const char *text, size_t size,
	int node, const struct verify_place *place);
