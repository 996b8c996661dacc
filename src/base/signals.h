/* signals: those that end a process, and those of its children, as a descriptor to be waited for.
 */
#pragma once

enum signals_of { SIGNALS_OF_END, SIGNALS_OF_END_AND_CHILDREN };

/* SIGTERM and SIGINT, and SIGCHLD besides: blocked, and told by the descriptor (signalfd(2)), which
 * does not block. SIGPIPE is ignored. A negative number, and errno. */
int signals_open(enum signals_of which);
