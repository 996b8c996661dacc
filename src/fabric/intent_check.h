/* intent_check: what is wrong with an intent whose every value by itself is right. */
#pragma once

#include "fabric/intent.h"

/* Tells each mistake with file:line; returns how many there are. */
unsigned int intent_check(const struct intent *intent, const char *path);
