/* twin_drain: `heddle twin drain` and `undrain`: traffic is asked to leave a link before somebody
 * works on it, and to come back. */
#include "cmd/twin.h"

#include "base/log.h"
#include "cmd/command.h"
#include "fabric/ways.h"
#include "twin/control.h"
#include "twin/live.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct draining {
	const char *twin, *verb;
	int link;
};

static void take_time(void *owner, const json_t *row) {
	*(double *)owner = json_number_value(json_object_get(row, "at"));
}

static int ask(void *owner, double *at) {
	const struct draining *draining = owner;

	return twin_ask(draining->twin,
		json_pack("{s:{s:i}}", draining->verb, "link", draining->link), take_time, at);
}

/* ---- whether anything would be cut off ---- */

static bool is_cut(const struct fabric *fabric, const struct ways *before, const struct ways *after,
	int from, int to) {
	static const sa_family_t families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++)
		if (ways_between(before, from, to, families[i]) &&
			!ways_between(after, from, to, families[i])) {
			log_error("%s reaches %s by this link alone: it cannot be drained",
				fabric->nodes[from].name, fabric->nodes[to].name);
			return true;
		}
	return false;
}

static bool is_any_cut(
	const struct fabric *fabric, const struct ways *before, const struct ways *after) {
	for (int from = 0; from < (int)fabric->node_count; from++)
		for (int to = 0; to < (int)fabric->node_count; to++)
			if (from != to && fabric->nodes[from].role == ROLE_HOST &&
				fabric->nodes[to].role == ROLE_HOST &&
				is_cut(fabric, before, after, from, to))
				return true;
	return false;
}

/* 0 if all hosts keep a way by the model; -EBUSY after a message. */
static int check(struct live *live, int link) {
	const struct fabric *fabric = live_fabric(live);
	struct model_failures failures = *live_failures(live);
	bool *down = calloc(fabric->link_count + 1, sizeof(*down));
	struct ways *before = NULL, *after = NULL;
	int error = down ? ways_create(fabric, &failures, &before) : -ENOMEM;

	if (!error) {
		memcpy(down, failures.link_is_down, fabric->link_count * sizeof(*down));
		down[link] = true;
		failures.link_is_down = down;
		error = ways_create(fabric, &failures, &after);
	}
	if (!error && is_any_cut(fabric, before, after))
		error = -EBUSY;
	ways_destroy(before);
	ways_destroy(after);
	free(down);
	return error;
}

/* ---- the actions ---- */

static int set(const struct twin_request *request, const char *verb, bool is_drained) {
	struct draining draining = {.verb = verb};
	char title[LINK_TEXT_MAX + 32], text[LINK_TEXT_MAX];
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
	if (!error && is_drained)
		error = check(live, draining.link);
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
