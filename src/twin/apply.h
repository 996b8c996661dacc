/* apply: a running twin becomes what another intent says, step by step (change.h), in the order in
 * which traffic loses nothing. */
#pragma once

#include "twin/control.h"

struct running;

/*
 * Reads the intent, with the twin's own state. Each step is told ("step"), and what is waited for
 * ("waiting"). 0 when the tables are what the model of the new design says; or a negative errno,
 * its reason in `error`: -EINVAL for an intent that is none, before anything has changed. What
 * fails after the first step leaves the twin between the two designs (running->is_torn).
 */
int apply_intent(struct running *running, const char *intent_path,
	void (*told)(void *owner, const char *kind, const char *text), void *owner,
	char error[TWIN_ERROR_MAX]);
