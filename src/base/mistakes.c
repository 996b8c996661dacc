/* mistakes: see mistakes.h. */
#include "base/mistakes.h"

#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 640 };

struct mistake {
	int line;
	size_t found; /* as the how manieth */
	char text[TEXT_BYTES];
};

static void tell(const struct mistakes *mistakes, int line, const char *text) {
	if (line)
		log_error("%s:%d: %s", mistakes->path, line, text);
	else
		log_error("%s: %s", mistakes->path, text);
}

void mistakes_add(struct mistakes *mistakes, int line, const char *format, ...) {
	struct mistake *more =
		realloc(mistakes->list, (mistakes->count + 1) * sizeof(*mistakes->list));
	struct mistake mistake = {.line = line, .found = mistakes->count++};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(mistake.text, sizeof(mistake.text), format, arguments);
	va_end(arguments);
	if (more) {
		mistakes->list = more;
		more[mistake.found] = mistake;
	} else {
		mistakes->count--;
		mistakes->told_early = true;
		tell(mistakes, line, mistake.text);
	}
}

/* Those of the file as a whole come last. */
static int compare(const void *one, const void *other) {
	const struct mistake *a = one, *b = other;
	int line_a = a->line ? a->line : INT_MAX, line_b = b->line ? b->line : INT_MAX;

	if (line_a != line_b)
		return line_a < line_b ? -1 : 1;
	return a->found < b->found ? -1 : 1;
}

static bool is_same(const struct mistake *one, const struct mistake *other) {
	return one->line == other->line && strcmp(one->text, other->text) == 0;
}

bool mistakes_any(const struct mistakes *mistakes) {
	return mistakes->count || mistakes->told_early;
}

int mistakes_tell(struct mistakes *mistakes) {
	int error = mistakes_any(mistakes) ? -EINVAL : 0;

	if (mistakes->count)
		qsort(mistakes->list, mistakes->count, sizeof(*mistakes->list), compare);
	for (size_t i = 0; i < mistakes->count; i++)
		if (i == 0 || !is_same(&mistakes->list[i - 1], &mistakes->list[i]))
			tell(mistakes, mistakes->list[i].line, mistakes->list[i].text);
	mistakes_drop(mistakes);
	return error;
}

void mistakes_drop(struct mistakes *mistakes) {
	free(mistakes->list);
	*mistakes = (struct mistakes){.path = mistakes->path};
}
