/* fib_folder: the tables of all switches of a design, a file each: NODE.fib (fib_file.h) or
 * NODE.json (fib_json.h), which a folder may mix. */
#pragma once

#include "fabric/fabric.h"
#include "fabric/verify.h"

/* Reads all of them into a layer. 0, or a negative errno after messages, one a file and at most
 * ten: also for a switch without a file, or a file without a switch. */
int fib_folder_read(
	const char *folder, const struct fabric *fabric, struct verify *verify, size_t layer);

/* Writes NODE.fib of each switch out of a finished set (see fib_writer_create) into a folder, which
 * is made if it is not there. `port_is_dead` (by port) may be NULL. 0, or a negative errno after a
 * message. */
int fib_folder_write(const char *folder, const struct fabric *fabric, const struct fib_set *set,
	const bool *port_is_dead);
