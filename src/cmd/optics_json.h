/* optics_json: how `heddle optics` prints JSON. */
#pragma once

#include <jansson.h>

/* To standard output, twelve digits a number; frees it. */
void optics_json_print(json_t *answer);
