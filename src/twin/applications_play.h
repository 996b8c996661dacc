/* applications_play: the process that plays the applications of a twin's intent (application.h). */
#pragma once

/*
 * Of the twin of this name, in the namespace that the process is in; until it is ended, or, where a
 * supervisor has started it, that has ended. What cannot be played is told as down, and tried
 * again. Returns a negative errno after a message: -ENOENT if the intent has none, -EBUSY if they
 * are played already.
 */
int applications_play(const char *name);
