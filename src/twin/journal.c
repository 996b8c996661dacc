/* journal: see journal.h. */
#include "twin/journal.h"

#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A twin that somebody tortures for days is no reason to fill a disk of memory. */
enum { FILE_BYTES_MAX = 16 << 20 };

static void path_of(const char *folder, char path[PATH_MAX]) {
	snprintf(path, PATH_MAX, "%s/timeline.jsonl", folder);
}

/* A line, in one write: others write to the same file. */
static int append(const char *path, const char *line, size_t size) {
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), error = 0;

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) > FILE_BYTES_MAX)
		error = -EFBIG;
	else if (write(fd, line, size) != (ssize_t)size)
		error = -EIO;
	close(fd);
	return error;
}

int journal_write(const char *folder, double at, const char *layer, const char *words) {
	char path[PATH_MAX], cut[JOURNAL_WORDS_MAX];
	json_t *entry;
	char *text, *line = NULL;
	int error, size = -1;

	snprintf(cut, sizeof(cut), "%s", words);
	utf8_mend(cut); /* which may have been cut in the middle of a character */
	entry = json_pack("{s:f, s:s, s:s}", "at", at, "layer", layer, "words", cut);
	text = entry ? json_dumps(entry, JSON_COMPACT | JSON_REAL_PRECISION(16)) : NULL;
	json_decref(entry);
	if (text)
		size = asprintf(&line, "%s\n", text);
	free(text);
	if (size < 0)
		return -ENOMEM;
	path_of(folder, path);
	error = append(path, line, (size_t)size);
	free(line);
	if (error)
		log_error("%s: %s", path, strerror(-error));
	return error;
}

static bool read_entry(const char *line, struct journal_entry *entry) {
	json_t *value = json_loads(line, 0, NULL);
	const char *layer = json_string_value(json_object_get(value, "layer"));
	const char *words = json_string_value(json_object_get(value, "words"));

	if (layer && words) {
		entry->at = json_number_value(json_object_get(value, "at"));
		snprintf(entry->layer, sizeof(entry->layer), "%s", layer);
		snprintf(entry->words, sizeof(entry->words), "%s", words);
		utf8_mend(entry->layer);
		utf8_mend(entry->words);
	}
	json_decref(value);
	return layer && words;
}

int journal_read(const char *folder, struct journal_place *place,
	void (*told)(void *owner, const struct journal_entry *entry), void *owner) {
	char path[PATH_MAX], *line = NULL;
	struct journal_entry entry;
	size_t room = 0;
	ssize_t size;
	int count = 0;
	FILE *file;

	path_of(folder, path);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? 0 : -errno;
	fseek(file, place->offset, SEEK_SET);
	while ((size = getline(&line, &room, file)) > 0 && line[size - 1] == '\n') {
		place->offset += size;
		if (!read_entry(line, &entry))
			continue;
		entry.id = ++place->id;
		told(owner, &entry);
		count++;
	}
	free(line);
	fclose(file);
	return count;
}
