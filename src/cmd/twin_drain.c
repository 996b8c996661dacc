/* twin_drain: `heddle twin drain` and `undrain`: traffic is asked to leave a link before somebody
 * works on it, and to come back. */
#include "cmd/twin.h"

#include "base/log.h"
#include "cmd/command.h"
#include "fabric/drain.h"
#include "twin/control.h"
#include "twin/live.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { WHY_BYTES = 256 };

struct draining {
	const char *twin, *verb;
	int link;
};

static int ask(void *owner, double *at) {
	const struct draining *draining = owner;

	return twin_ask_change(
		draining->twin, json_pack("{s:{s:i}}", draining->verb, "link", draining->link), at);
}

static int set(const struct twin_request *request, const char *verb, bool is_drained) {
	struct draining draining = {.verb = verb};
	char title[LINK_TEXT_MAX + 32], text[LINK_TEXT_MAX], why[WHY_BYTES];
	struct live *live;
	int error;

	if (request->count != 2 || strcmp(request->words[0], "link") != 0)
		return EXIT_USAGE;
	if (live_open(request->name, &live) < 0)
		return EXIT_FAILED;
	draining.twin = live_name(live);
	error = twin_find_link(live_fabric(live), request->words[1], &draining.link);
	if (!error)
		error = live_read_failures(live);
	if (!error && is_drained) {
		error = drain_check(
			live_fabric(live), live_failures(live), draining.link, why, sizeof(why));
		if (error)
			log_error("%s", why);
	}
	if (!error) {
		snprintf(title, sizeof(title), "%s link %s", verb,
			fabric_link_text(live_fabric(live), draining.link, text));
		error = twin_observe(request, live, title, ask, &draining);
	}
	live_close(live);
	return error ? EXIT_FAILED : EXIT_DONE;
}

int twin_drain(const struct twin_request *request) {
	return set(request, "drain", true);
}

int twin_undrain(const struct twin_request *request) {
	return set(request, "undrain", false);
}
