/* optics_labels: see optics_labels.h. */
#include "cmd/optics_labels.h"

#include <string.h>

/* Up to the last space or underscore among the bytes that two names begin with alike. */
static size_t in_common(const char *one, const char *other, size_t most) {
	size_t words = 0;

	for (size_t i = 0; i < most && one[i] && one[i] == other[i]; i++)
		if (one[i] == ' ' || one[i] == '_')
			words = i + 1;
	return words;
}

size_t labels_in_common(const char *const *names, size_t count) {
	size_t common = count > 1 ? strlen(names[0]) : 0;

	for (size_t i = 1; i < count; i++)
		common = in_common(names[0], names[i], common);
	for (size_t i = 0; i < count; i++)
		if (common && !names[i][common])
			return 0;
	return common;
}
