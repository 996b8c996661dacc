/* twin_tell: `heddle twin timeline`: what happened to a twin so far, of all who did something to
 * it. */
#include "cmd/twin.h"

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/twin_timeline.h"
#include "twin/journal.h"

#include <errno.h>
#include <string.h>

static void take(void *owner, const struct journal_entry *entry) {
	timeline_note(owner, entry->at, entry->layer, entry->words);
}

int twin_tell_timeline(const struct twin_request *request) {
	struct journal_place start = {0};
	char name[TWIN_PATH_MAX], folder[TWIN_PATH_MAX];
	int count;

	if (request->count)
		return EXIT_USAGE;
	if (twin_find(request->name, name) < 0)
		return EXIT_FAILED;
	twin_folder(name, folder);
	count = journal_read(folder, &start, take, request->timeline);
	if (count < 0) {
		log_error("%s: its timeline cannot be read: %s", name, strerror(-count));
		return EXIT_FAILED;
	}
	(request->json ? timeline_print_json : timeline_print)(request->timeline);
	return EXIT_DONE;
}
