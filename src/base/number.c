/* number: see number.h. */
#include "base/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *number) {
	uint64_t value;

	if (!*text || text[strspn(text, digits)])
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno || value < least || value > most)
		return false;
	*number = value;
	return true;
}

/* Of ".5" or "e-05": how long it is, 0 if there are no digits behind its sign. */
static size_t tail_length(const char *text, char mark, bool may_be_negative) {
	size_t start = 1, length;

	if (text[0] != mark)
		return 0;
	start += may_be_negative && text[1] == '-';
	length = strspn(text + start, digits);
	return length ? start + length : 0;
}

static size_t decimal_length(const char *text) {
	size_t length = strspn(text, digits);

	if (length)
		length += tail_length(text + length, '.', false);
	if (length)
		length += tail_length(text + length, 'e', true);
	return length;
}

const char *decimal_begin(const char *text, double *value) {
	size_t length = decimal_length(text);
	char copy[64];

	if (!length || length >= sizeof(copy))
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0'; /* "0x10" would be 16 */
	*value = strtod(copy, NULL);
	return text + length;
}

bool decimal_parse(const char *text, double *value) {
	double number;
	const char *end = decimal_begin(text, &number);

	if (!end || *end)
		return false;
	*value = number;
	return true;
}
