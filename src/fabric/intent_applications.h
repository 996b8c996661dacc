/* intent_applications: what the hosts of a twin do with the network, read and checked: each class
 * has keys of its own, and what it does not say is at the class's defaults.
 *
 * For the files of the intent alone. */
#pragma once

#include "fabric/intent_checking.h"
#include "fabric/intent_reading.h"

intent_taker intent_take_applications;

void intent_check_applications(struct intent_checking *check);
