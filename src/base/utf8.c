/* utf8: see utf8.h. */
#include "base/utf8.h"

#include <stdbool.h>

/* RFC 3629, section 4: between what the first byte lies, and the second; all others are 80 to bf.
 */
static const struct kind {
	unsigned char first, first_last, second, second_last, length;
} kinds[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2},
	{0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	{0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4},
	{0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool is_of(const struct kind *kind, const unsigned char *text) {
	if (text[0] < kind->first || text[0] > kind->first_last || text[1] < kind->second ||
		text[1] > kind->second_last)
		return false;
	for (int i = 2; i < kind->length; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return false;
	return true;
}

size_t utf8_length(const char *text) {
	const unsigned char *bytes = (const unsigned char *)text;

	if (bytes[0] < 0x80)
		return bytes[0] != '\0';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (is_of(&kinds[i], bytes))
			return kinds[i].length;
	return 0;
}

void utf8_mend(char *text) {
	while (*text) {
		size_t length = utf8_length(text);

		if (!length)
			*text = '?';
		text += length ? length : 1;
	}
}
