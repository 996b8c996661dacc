/*
 * reread: what is read again as a whole, and when: what changed, soon, but no more often than 20
 * times a second; and all of it (an audit) a second after the kernel may have dropped something
 * without a word. mirror_want asks for it.
 */
#pragma once

#include "mirror/mirror_private.h"

uint64_t reread_clock_ns(void); /* CLOCK_MONOTONIC */

void reread_now(struct mirror *mirror, enum reread what);
/* Whatever is due by mirror->now_ns. */
void reread_due(struct mirror *mirror);

/* The timer wakes the mirror's epoll set when the next thing is due. */
void reread_set_timer(struct mirror *mirror);
void reread_clear_timer(struct mirror *mirror);
