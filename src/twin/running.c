/* running: see running.h. */
#include "twin/running.h"

#include "base/clock.h"
#include "base/log.h"
#include "fabric/plan.h"
#include "twin/console.h"
#include "twin/control.h"
#include "twin/light.h"
#include "twin/requests.h"
#include "twin/supervisor.h"
#include "twin/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	PATH_BYTES = TWIN_PATH_MAX + 32,
	LOOK_AGAIN_MS = 200,
	WHERE_BYTES = 640,
	QUIET_MS = 1000, /* FRR takes up to half of that from one route to the next */
	QUIET_MOST_MS = 20000,
};

void running_attend(struct running *running, int milliseconds) {
	struct pollfd events[] = {{.fd = running->signal_fd, .events = POLLIN},
		{.fd = twin_control_fd(running->control), .events = POLLIN}};
	struct signalfd_siginfo signal_info;
	int due = supervisor_tick(running->supervisor);

	if (due >= 0 && (milliseconds < 0 || due < milliseconds))
		milliseconds = due;
	if (poll(events, 2, milliseconds) <= 0)
		return;
	while (read(running->signal_fd, &signal_info, sizeof(signal_info)) == sizeof(signal_info))
		if (signal_info.ssi_signo != SIGCHLD)
			running->stopping = true;
	supervisor_reap(running->supervisor);
	if (events[1].revents)
		twin_control_serve(running->control, requests_act, running);
}

/* Of both; what both have counts twice, which is no harm. */
static unsigned int count_changes(struct watch *const watches[2]) {
	struct watch_report report;
	unsigned int changes = 0;

	for (int i = 0; i < 2; i++)
		if (watches[i]) {
			watch_report(watches[i], &report);
			changes += report.routes;
		}
	return changes;
}

int running_settle(struct running *running, const struct nodes *after) {
	struct watch *watches[2] = {NULL, NULL};
	unsigned int changes = 0, changes_now;
	double began = clock_now(), quiet_since = began;
	int error = watch_open(&running->nodes, running->name, &watches[0]);

	if (!error && after)
		error = watch_open(after, running->name, &watches[1]);
	while (!error && !running->stopping && clock_now() - quiet_since < QUIET_MS / 1e3 &&
		clock_now() - began < QUIET_MOST_MS / 1e3) {
		running_attend(running, LOOK_AGAIN_MS / 2);
		changes_now = count_changes(watches);
		if (changes_now != changes)
			quiet_since = clock_now();
		changes = changes_now;
	}
	watch_close(watches[0]);
	watch_close(watches[1]);
	return error ? error : running->stopping ? -EINTR : 0;
}

static void note_first(void *owner, const struct violation *violation) {
	char *where = owner;

	snprintf(where, WHERE_BYTES, "%s at %s: %s, not %s", violation->destination,
		violation->node, violation->found, violation->wanted);
}

/* For how many destinations the kernels' tables, or the Heddles' besides, are not yet the model's;
 * the first in `where`. */
static int differences(struct running *running, bool with_heddles, char *where) {
	const struct verify_telling telling = {.most = 1, .told = note_first, .owner = where};
	struct nodes_verdict verdict;
	int error = nodes_verify(&running->nodes, NULL, NULL,
		with_heddles ? HEDDLES_IF_THERE : HEDDLES_NONE, &telling, &verdict);

	return error ? error : (int)verdict.summary.violations;
}

int running_converge(struct running *running, bool with_heddles,
	void (*waiting)(void *owner, const char *text), void *owner) {
	double until = clock_now() + running->options->patience_s;
	char where[WHERE_BYTES] = "", text[WHERE_BYTES + 64];
	int left = -1;

	while (!running->stopping && (left = differences(running, with_heddles, where)) != 0) {
		if (left < 0)
			return left;
		snprintf(text, sizeof(text), "%d destinations, %s", left, where);
		if (clock_now() > until) {
			log_error(
				"not converged after %u s: %s", running->options->patience_s, text);
			return -ETIME;
		}
		waiting(owner, text);
		running_attend(running, LOOK_AGAIN_MS);
	}
	return running->stopping ? -EINTR : 0;
}

/* How many BFD sessions a switch has; 0 if each of them is another's to be asked for, which is
 * above it: a session is up at both ends. */
static size_t sessions_of(const struct fabric *fabric, int id) {
	const struct fabric_node *node = &fabric->nodes[id];
	bool is_above = false;
	size_t count = 0;

	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];
		bool is_numbered = port->address4.family || port->address6.family;

		if (fabric_neighbour(fabric, node->ports[n])->role == ROLE_HOST)
			continue;
		is_above |= fabric->links[port->link].ports[0] == node->ports[n];
		count += is_numbered ? (size_t)(port->address4.family != AF_UNSPEC) +
					       (port->address6.family != AF_UNSPEC)
				     : 1;
	}
	return is_above && fabric_is_switch(node) ? count : 0;
}

int running_await_bfd(
	struct running *running, void (*waiting)(void *owner, const char *text), void *owner) {
	const struct fabric *fabric = running->nodes.fabric;
	double until = clock_now() + running->options->patience_s;
	char text[WHERE_BYTES];
	int id = 0;

	while (!running->stopping && fabric->intent->timers.bfd && id < (int)fabric->node_count) {
		size_t wanted = sessions_of(fabric, id), up;

		up = wanted ? console_bfd_sessions_up(running->folder, fabric->nodes[id].name) : 0;
		if (up >= wanted) {
			id++;
			continue;
		}
		snprintf(text, sizeof(text), "%zu of %zu BFD sessions of %s", wanted - up, wanted,
			fabric->nodes[id].name);
		if (clock_now() > until) {
			log_error("not converged after %u s: %s are not up",
				running->options->patience_s, text);
			return -ETIME;
		}
		waiting(owner, text);
		running_attend(running, LOOK_AGAIN_MS);
	}
	return running->stopping ? -EINTR : 0;
}

static int copy_file(const char *from_path, const char *to_path) {
	FILE *from = fopen(from_path, "re"), *to = from ? fopen(to_path, "we") : NULL;
	char text[4096];
	size_t size;
	int error = 0;

	while (to && (size = fread(text, 1, sizeof(text), from)) > 0)
		if (fwrite(text, 1, size, to) != size)
			error = -EIO;
	if (!to || fclose(to) == EOF)
		error = -errno;
	if (from)
		fclose(from);
	if (error)
		log_error("%s: %s", to_path, strerror(-error));
	return error;
}

/* The intent, and the files beside it that it names. */
static int keep_intent(
	const struct running *running, const struct intent *intent, const char *intent_path) {
	char from[4096], to[PATH_BYTES + INTENT_FILE_NAME_MAX];
	int error;

	snprintf(to, sizeof(to), "%s/intent.yaml", running->folder);
	error = copy_file(intent_path, to);
	for (size_t i = 0; i < intent->external_count && !error; i++) {
		const char *name = intent->externals[i].announces_file;

		if (!name[0])
			continue;
		snprintf(to, sizeof(to), "%s/%s", running->folder, name);
		error = intent_beside(intent_path, name, from, sizeof(from));
		if (!error)
			error = copy_file(from, to);
	}
	return error;
}

int running_keep_plan(struct running *running, const struct fabric *fabric,
	const struct state *state, const char *intent_path) {
	char path[PATH_BYTES];
	int error;

	snprintf(path, sizeof(path), "%s/plan", running->folder);
	error = plan_write(fabric, state, path);
	if (!error)
		error = keep_intent(running, fabric->intent, intent_path);
	if (!error && fabric->intent->optics.services[0])
		error = light_keep(fabric, intent_path, running->folder);
	return error;
}
