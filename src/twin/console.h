/* console: what is said to the routing daemons of a running node, as an operator would at its
 * console: by vtysh and birdc. `folder` is the twin's; what went wrong is put into `error`. Blocks
 * until they answer, or have had time enough. */
#pragma once

#include <stddef.h>

/* Configuration lines of FRR. 0, or a negative errno; -EREMOTEIO if it does not take them. */
int console_write_lines(
	const char *folder, const char *node, const char *lines, char *error, size_t error_size);

/* BIRD reads its file again. 0 or a negative errno, likewise. */
int console_reload_bird(const char *folder, const char *node, char *error, size_t error_size);

/* How many BFD sessions of FRR are up; 0 if it cannot be asked. */
size_t console_bfd_sessions_up(const char *folder, const char *node);

/* How many BGP sessions of FRR do not stand; 0 if it cannot be asked. */
size_t console_sessions_down(const char *folder, const char *node);
