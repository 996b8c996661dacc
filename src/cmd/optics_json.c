/* optics_json: see optics_json.h. */
#include "cmd/optics_json.h"

#include <stdio.h>

void optics_json_print(json_t *answer) {
	json_dumpf(answer, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(answer);
}
