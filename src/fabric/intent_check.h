/* intent_check: what is wrong with an intent whose every value by itself is right. */
#pragma once

#include "fabric/intent.h"

/* Notes each mistake with its line, and marks what is wrong in the intent. What was found to be
 * wrong before, and what follows from that, is no new mistake. */
void intent_check(struct intent *intent, struct mistakes *mistakes);
