/* intent_keys: which keys an intent has, and what each of them is taken into. */
#pragma once

#include "fabric/intent_reading.h"

/* Of the file itself, into a struct intent. */
extern const struct intent_key intent_keys[];
