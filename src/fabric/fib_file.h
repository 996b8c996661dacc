/*
 * fib_file: the forwarding table of one switch as a text, which a person can read and a thousand of
 * which are read in a second:
 *
 *	heddle-fib 1 leaf1
 *	down swp7
 *	group 1 swp63 swp64
 *	10.1.0.0/24 1
 *	10.255.0.3/32 local
 *	10.1.0.0/16 drop
 *
 * First the version and the switch. Then, where they are needed: ports that were down; groups of
 * ports, by number ("other": an interface that the design does not know); and for each prefix the
 * number of a group, or local (the switch itself), drop, none. One space between words, "#" before
 * comments on lines of their own. Order is free, but groups come before their use.
 *
 * Most files list the prefixes of the file before in its order. So the text that should come next
 * is known, and comparing replaces parsing.
 */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

#include <stdio.h>

enum { FIB_FILE_BYTES_MAX = 1 << 28, FIB_FILE_GROUPS_MAX = 1 << 16 };

/* Reads one file after the other. NULL without memory. */
struct fib_reader;
struct fib_reader *fib_reader_create(const struct fabric *fabric);
void fib_reader_destroy(struct fib_reader *reader);

/* Adds the table of a node to its place, from a text of `size` bytes (and a NUL) that `path` names.
 * Ports that are down are noted in `port_is_dead` (by the design's ids; NULL: not). 0, or a
 * negative errno after a message with path:line; what came before that line is added all the same.
 * The set of the place is the same at each call. */
int fib_reader_parse(struct fib_reader *reader, const char *path, const char *text, size_t size,
	int node, const struct verify_place *place, bool *port_is_dead);

/* Writes the tables of nodes out of a finished set, whose nodes and ports are the design's; other
 * ports are "other". NULL without memory. */
struct fib_writer;
struct fib_writer *fib_writer_create(const struct fabric *fabric, const struct fib_set *set);
void fib_writer_destroy(struct fib_writer *writer);
int fib_writer_write(
	struct fib_writer *writer, int node, const bool *port_is_dead, FILE *to); /* 0 or -ENOMEM */
