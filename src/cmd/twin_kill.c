/* twin_kill: `heddle twin kill` and `restart`: a process of a node ends at once, or its routing
 * daemons as an operator ends them, and all are started again; what came of it. */
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

enum { NAME_BYTES = 128, VICTIMS_MOST = 3 };

struct victim {
	char name[NAME_BYTES]; /* "leaf1/bgpd" */
	pid_t pid;
};

struct victims {
	struct victim list[VICTIMS_MOST];
	int count;
	int signal;
};

static void take_process(void *owner, const json_t *row) {
	const char *name = json_string_value(json_object_get(row, "name"));
	struct victims *victims = owner;

	for (int i = 0; i < victims->count && name; i++)
		if (strcmp(name, victims->list[i].name) == 0)
			victims->list[i].pid =
				(pid_t)json_integer_value(json_object_get(row, "pid"));
}

static int find(struct victims *victims, const char *twin) {
	int error = twin_ask(twin, json_pack("{s:b}", "processes", 1), take_process, victims);

	for (int i = 0; i < victims->count && !error; i++)
		if (victims->list[i].pid <= 0) {
			log_error("%s: no such process runs; expected a switch that runs FRR%s",
				victims->list[i].name,
				victims->count == 1 ? ", and heddle, zebra, bgpd or bfdd" : "");
			error = -ENOENT;
		}
	return error;
}

static int end(void *owner, double *at) {
	const struct victims *victims = owner;

	*at = clock_real();
	for (int i = 0; i < victims->count; i++)
		if (kill(victims->list[i].pid, victims->signal) < 0) {
			log_error("%s: %s", victims->list[i].name, strerror(errno));
			return -errno;
		}
	return 0;
}

static void add(struct victims *victims, const char *node, const char *process) {
	struct victim *victim = &victims->list[victims->count++];

	snprintf(victim->name, sizeof(victim->name), "%s/%s", node, process);
}

static int observe_end(
	const struct twin_request *request, struct victims *victims, const char *title) {
	struct live *live;
	int error;

	if (live_open(request->name, &live) < 0)
		return EXIT_FAILED;
	error = find(victims, live_name(live));
	if (!error)
		error = twin_observe(request, live, title, end, victims);
	live_close(live);
	return error ? EXIT_FAILED : EXIT_DONE;
}

int twin_kill(const struct twin_request *request) {
	struct victims victims = {.signal = SIGKILL};
	char title[2 * NAME_BYTES];

	if (request->count != 2)
		return EXIT_USAGE;
	add(&victims, request->words[0], request->words[1]);
	snprintf(title, sizeof(title), "kill %s", victims.list[0].name);
	return observe_end(request, &victims, title);
}

int twin_restart(const struct twin_request *request) {
	struct victims victims = {.signal = SIGTERM};
	char title[2 * NAME_BYTES];

	if (request->count != 1)
		return EXIT_USAGE;
	add(&victims, request->words[0], "bgpd");
	add(&victims, request->words[0], "bfdd");
	add(&victims, request->words[0], "zebra");
	snprintf(title, sizeof(title), "restart FRR of %s", request->words[0]);
	return observe_end(request, &victims, title);
}
