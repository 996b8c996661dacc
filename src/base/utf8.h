/* utf8: what is no UTF-8 (RFC 3629) in a text, as when it was cut in the middle of a character. */
#pragma once

#include <stddef.h>

/* How many bytes the character there has; 0 if there is none. */
size_t utf8_length(const char *text);

/* Each byte that belongs to no character becomes a '?'. */
void utf8_mend(char *text);
