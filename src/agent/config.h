/*
 * config: what the daemon is told to do, from the command line and from a YAML file. A file is
 * taken whole or refused whole; every mistake is named with file:line and what was expected.
 */
#pragma once

#include "mirror/mirror.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

enum { CONFIG_PORTS_MAX = 255 };

struct config {
	char ports[CONFIG_PORTS_MAX][IFNAMSIZ];
	unsigned int port_count;
	bool all_ports;          /* every Ethernet interface that can be one */
	bool native_only;        /* never fall back to generic XDP */
	bool bypass[HOLD_KINDS]; /* forward although such a thing would decide otherwise */
	bool debug;
	uint64_t flow_seed; /* 0: chosen at random at start */
	uint32_t fib4_nodes, fib4_leaves, fib6_nodes, fib6_leaves, nexthops, buckets;
	char http[64]; /* where the page and the metrics are (http/http.h); "": nowhere */
	char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* Defaults: no port, nothing bypassed, the namespace's own socket path. */
void config_init(struct config *config);

/* Reads a file into *config, on top of what is there. 0, or -EINVAL or an errno of opening it,
 * after messages; *config is then as it was. */
int config_read(struct config *config, const char *path);

/* One word of the command line or file: 0, or -EINVAL (a bad name, or too many). */
int config_add_port(struct config *config, const char *name);
int config_add_bypass(struct config *config, const char *kind);
int config_set_socket(struct config *config, const char *path); /* absolute, at most 107 bytes */
int config_set_http(struct config *config, const char *address);
int config_set_seed(struct config *config, const char *number); /* 64 bits; 0x and 0 as in C */

/* "netfilter, traffic-control, xfrm, rule", for messages; and the name of one. */
const char *config_bypass_names(void);
const char *hold_kind_name(enum mirror_hold_kind kind);

/* Where the daemon of this network namespace listens, unless told otherwise. */
void config_default_socket(char *path, size_t size);
