/* prefix_file: see prefix_file.h. */
#include "fabric/prefix_file.h"

#include "base/log.h"
#include "base/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MISTAKES_TOLD = 10 };

struct list {
	struct prefix *prefixes;
	size_t count, room;
};

/* The first word of a line, in place; "" if it has none; NULL if more follows. */
static char *only_word(char *line) {
	char *end;

	line[strcspn(line, "#\r")] = '\0';
	line += strspn(line, " \t");
	end = line + strcspn(line, " \t");
	if (end[strspn(end, " \t")])
		return NULL;
	*end = '\0';
	return line;
}

static int add(struct list *list, const struct prefix *prefix) {
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct prefix *more = realloc(list->prefixes, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->prefixes = more;
		list->room = room;
	}
	list->prefixes[list->count++] = *prefix;
	return 0;
}

static int take_lines(const char *path, char *text, struct list *list) {
	unsigned int mistakes = 0;
	size_t number = 1;

	for (char *line = text, *next; line; line = next, number++) {
		const char *word;
		struct prefix prefix;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		word = only_word(line);
		if (word && !*word)
			continue;
		if (word && prefix_parse(word, &prefix) == 0) {
			if (add(list, &prefix))
				return -ENOMEM;
			continue;
		}
		log_error("%s:%zu: '%.60s': expected a prefix, as in '192.0.2.0/24', with no bits "
			  "set beyond its length",
			path, number, line);
		if (++mistakes == MISTAKES_TOLD)
			break;
	}
	return mistakes ? -EINVAL : 0;
}

int prefix_file_read(const char *path, struct prefix **prefixes, size_t *count) {
	struct list list = {.prefixes = *prefixes, .count = *count, .room = *count};
	struct whole_file file = {0};
	int error = whole_file_read(&file, path, PREFIX_FILE_BYTES_MAX);

	if (error)
		log_error("%s: %s", path, strerror(-error));
	else if (strlen(file.text) != file.size)
		log_error("%s: a NUL byte: expected a prefix a line", path);
	if (!error)
		error = strlen(file.text) != file.size ? -EINVAL
						       : take_lines(path, file.text, &list);
	whole_file_free(&file);
	*prefixes = list.prefixes;
	*count = list.count;
	return error;
}
