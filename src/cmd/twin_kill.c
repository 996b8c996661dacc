/* twin_kill: `heddle twin kill`: a process of a node ends at once, and is started again; what came
 * of it. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "twin/control.h"
#include "twin/live.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 128 };

struct victim {
	const char *twin;
	char name[NAME_BYTES]; /* "leaf1/bgpd" */
	pid_t pid;
};

static void take_process(void *owner, const json_t *row) {
	struct victim *victim = owner;
	const char *name = json_string_value(json_object_get(row, "name"));

	if (name && strcmp(name, victim->name) == 0)
		victim->pid = (pid_t)json_integer_value(json_object_get(row, "pid"));
}

static int find(struct victim *victim) {
	int error =
		twin_ask(victim->twin, json_pack("{s:b}", "processes", 1), take_process, victim);

	if (!error && victim->pid <= 0) {
		log_error("%s: no such process runs; expected a switch and heddle, zebra, bgpd or "
			  "bfdd",
			victim->name);
		error = -ENOENT;
	}
	return error;
}

static int kill_it(void *owner, double *at) {
	const struct victim *victim = owner;

	*at = clock_real();
	if (kill(victim->pid, SIGKILL) == 0)
		return 0;
	log_error("%s: %s", victim->name, strerror(errno));
	return -errno;
}

int twin_kill(const struct twin_request *request) {
	struct victim victim = {0};
	char title[2 * NAME_BYTES];
	struct live *live;
	int error;

	if (request->count != 2)
		return EXIT_USAGE;
	if (live_open(request->name, &live) < 0)
		return EXIT_FAILED;
	victim.twin = live_name(live);
	snprintf(victim.name, sizeof(victim.name), "%s/%s", request->words[0], request->words[1]);
	error = find(&victim);
	if (!error) {
		snprintf(title, sizeof(title), "kill %s", victim.name);
		error = twin_observe(request, live, title, kill_it, &victim);
	}
	live_close(live);
	return error ? EXIT_FAILED : EXIT_DONE;
}
