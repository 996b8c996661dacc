/* speed: of links and ports, in megabits a second, as people write it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "100G", "2.5G" to megabits a second and back; false for what is none. `text` holds 16. */
bool speed_parse(const char *text, uint64_t *mbps);
char *speed_text(uint64_t mbps, char *text);
