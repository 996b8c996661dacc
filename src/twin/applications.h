/*
 * applications: what the applications of a twin come to, for who asks: what they are, how they are
 * now, and what a change has made of them. A process of the twin's supervisor plays them
 * (applications_play.h), tells how they are in applications.json of the twin's folder, and keeps
 * samples beside it.
 *
 * Single-threaded; times are seconds of CLOCK_REALTIME; `folder` is the twin's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

enum { APPLICATION_WORDS_MAX = 400 };

/* Where they are told, and their samples. `path` holds TWIN_PATH_MAX. */
void applications_path(const char *folder, char *path);
void applications_samples_path(const char *folder, char *path);

/* Whether they are played now. */
bool applications_run(const char *folder);

/* How they are now: `applications` of docs/internals/api.md, with "state" and "reason" each. A new
 * reference; an empty list if they are not played. */
json_t *applications_read(const char *folder);

/* The same of a span of time, without states. NULL without memory. */
json_t *applications_read_span(const char *folder, double from, double to);

/* What a change at that time, until now, has made of each, as in "training: all-reduce step 48 → 61
 * ms at worst, 49 at the end"; `at` is when the last was lost, or the worst was known. Nothing is
 * told if none is played. 0, or a negative errno. */
int applications_compare(const char *folder, double changed_at, double now,
	void (*told)(void *owner, double at, const char *words), void *owner);
