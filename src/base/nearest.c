/* nearest: see nearest.h. */
#include "base/nearest.h"

#include <string.h>

enum { LETTERS_MAX = 63 };

static size_t least(size_t one, size_t other) {
	return one < other ? one : other;
}

/* Levenshtein's distance, a row at a time (Wagner and Fischer, 1974). */
static size_t distance(const char *one, const char *other) {
	size_t row[LETTERS_MAX + 1], length = strlen(other);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; i <= strlen(one); i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t above = row[j];

			row[j] = least(corner + (one[i - 1] != other[j - 1]),
				least(above, row[j - 1]) + 1);
			corner = above;
		}
	}
	return row[length];
}

const char *nearest_word(const char *text, const char *const *words) {
	const char *nearest = NULL;
	size_t length = strlen(text), best = length / 3 < 2 ? 3 : length / 3 + 1;

	if (length > LETTERS_MAX)
		return NULL;
	for (; *words; words++) {
		size_t found = strlen(*words) > LETTERS_MAX ? best : distance(text, *words);

		if (found < best && found < strlen(*words)) {
			best = found;
			nearest = *words;
		}
	}
	return nearest;
}
