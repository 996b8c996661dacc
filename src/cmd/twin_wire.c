/* twin_wire: `heddle twin wire`: what the emulator of a link does, by `heddle wire show` and `set`.
 */
#include "cmd/twin.h"

#include "base/log.h"
#include "cmd/command.h"
#include "twin/live.h"
#include "twin/netns.h"

#include <getopt.h>
#include <string.h>

enum { WORDS_MAX = 64 };

/* "a" or "b" for the node at that end, which `--from` names; other words are as they are. */
static char *end_of(const struct fabric *fabric, int link, char *word) {
	static char names[][2] = {"a", "b"};

	for (int end = 0; end < 2; end++)
		if (strcmp(fabric->nodes[fabric->ports[fabric->links[link].ports[end]].node].name,
			    word) == 0)
			return names[end];
	return word;
}

/* In the wire's namespace, its interfaces' names put in. */
static int ask_wire(const struct twin_request *request, const struct fabric *fabric, int link) {
	char *words[WORDS_MAX + 1] = {(char *)"wire", request->words[1], (char *)"a", (char *)"b"};
	int count = 4;

	for (int i = 2; i < request->count && count < WORDS_MAX; i++)
		words[count++] = strcmp(request->words[i - 1], "--from") == 0
					 ? end_of(fabric, link, request->words[i])
					 : request->words[i];
	optind = 0; /* getopt begins anew */
	return command_wire(count, words) == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
}

int twin_wire(const struct twin_request *request) {
	struct live *live;
	int link, error, status = EXIT_FAILED;

	if (request->count < 2 ||
		(strcmp(request->words[1], "show") != 0 && strcmp(request->words[1], "set") != 0))
		return EXIT_USAGE;
	if (live_open(request->name, &live) < 0)
		return EXIT_FAILED;
	error = twin_find_link(live_fabric(live), request->words[0], &link);
	if (!error && live_nodes(live)->wires[link] < 0)
		log_error("%s: the link has no emulator: 'emulate' in the intent, or twin up "
			  "--emulate, gives it one",
			request->words[0]);
	else if (!error && netns_enter(live_nodes(live)->wires[link]) == 0)
		status = ask_wire(request, live_fabric(live), link);
	live_close(live);
	return status;
}
