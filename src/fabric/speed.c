/* speed: see speed.h. */
#include "fabric/speed.h"

#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool speed_parse(const char *text, uint64_t *mbps) {
	double number;
	const char *end = decimal_begin(text, &number);
	double unit = !end                    ? 0
		      : strcmp(end, "M") == 0 ? 1
		      : strcmp(end, "G") == 0 ? 1000
		      : strcmp(end, "T") == 0 ? 1e6
					      : 0;

	if (unit == 0 || number * unit < 1 || number * unit > 1e8)
		return false;
	*mbps = (uint64_t)(number * unit + 0.5);
	return true;
}

char *speed_text(uint64_t mbps, char *text) {
	if (mbps % 100 == 0 && mbps >= 1000)
		snprintf(text, 16, "%.*fG", mbps % 1000 != 0, (double)mbps / 1000);
	else
		snprintf(text, 16, "%lluM", (unsigned long long)mbps);
	return text;
}
