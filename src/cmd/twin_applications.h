/* twin_applications: what a change has made of a twin's applications, for reports of it. */
#pragma once

#include <jansson.h>

/* Since then (CLOCK_REALTIME): a list of {"at", "words"}; empty if none is played. To be released.
 */
json_t *twin_applications_since(const char *twin, double changed_at);
