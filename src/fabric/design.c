/* design: see design.h. */
#include "fabric/design.h"

#include "fabric/state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void design_mistake(struct design *design, int line, const char *format, ...) {
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (design->is_sure)
		mistakes_add(design->mistakes, line, "%s", text);
}

/* Arrays double, so that a fabric of thousands is built in no time. */
void *design_append(struct design *design, void *array, size_t *count, size_t size) {
	void **elements = array;

	if ((*count & (*count - 1)) == 0) { /* a power of two, or none */
		void *more = realloc(*elements, (*count ? 2 * *count : 1) * size);

		if (!more) {
			design->no_memory = true;
			return NULL;
		}
		*elements = more;
	}
	return memset((char *)*elements + (*count)++ * size, 0, size);
}

uint32_t design_take(struct design *design, const char *pool, const char *format, ...) {
	char key[DESIGN_KEY_MAX];
	va_list arguments;
	uint32_t number;

	va_start(arguments, format);
	vsnprintf(key, sizeof(key), format, arguments);
	va_end(arguments);
	number = state_take(design->state, pool, key);
	if (number == UINT32_MAX) {
		design->no_memory = true;
		return 0;
	}
	return number;
}

struct prefix design_part_of(struct design *design, struct pool pool, unsigned int length,
	uint64_t n, const char *what) {
	struct prefix part = {0};
	char text[PREFIX_TEXT_MAX];

	if (pool.prefix->family && prefix_part(pool.prefix, length, n, &part) < 0)
		design_mistake(design, pool.line,
			"'%s' has no room for %s: expected a shorter prefix",
			prefix_text(pool.prefix, text), what);
	return part;
}
