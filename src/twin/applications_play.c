/* applications_play: see applications_play.h. Events are taken one by one: what is done with one
 * may close the socket of the next. */
#include "twin/applications_play.h"

#include "base/clock.h"
#include "base/json_put.h"
#include "base/log.h"
#include "fabric/blueprint.h"
#include "twin/application.h"
#include "twin/application_figures.h"
#include "twin/applications.h"
#include "twin/netns.h"
#include "twin/twin.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	FILES_MAX = 1 << 16,
	EVENTS_MAX = 256, /* that are taken before what is due: who begins much has to end it */
};

static const double TELL_S = 0.5, OPEN_AGAIN_S = 2;

struct play {
	char folder[TWIN_PATH_MAX];
	struct blueprint blueprint;
	struct application_world world;
	struct application *applications;
	size_t count;
	json_t *told; /* the last that was */
	double tell_at;
};

static const struct application_player *const players[APPLICATION_KINDS] = {
	[APPLICATION_AI] = &application_ai,
	[APPLICATION_XR] = &application_xr,
	[APPLICATION_IOT] = &application_iot,
	[APPLICATION_WEB] = &application_web};

/* --- telling --- */

/* One of many that does not get through leaves the others: the reason is that of the whole if
 * nothing gets through. All that reduce wait for the one. */
static const char *reason_of(const struct application *application, const struct summary *summary) {
	bool arrives = summary->done + summary->late > 0;
	bool is_whole = !application->is_open || application->intent->kind == APPLICATION_AI;

	if (application->reason[0] && (is_whole || !arrives))
		return application->reason;
	return summary->lost && !arrives ? "nothing arrives" : NULL;
}

static json_t *state_of(struct play *play, const struct application *application) {
	struct samples *samples = play->world.samples;
	struct summary summary;
	const char *reason;
	json_t *state;

	if (application_summary_now(samples, application->source, clock_real(), &summary) < 0)
		return NULL;
	state = application_json(samples_source(samples, application->source), &summary);
	reason = reason_of(application, &summary);
	json_put_text(state, "state", reason ? "down" : "up");
	json_put_text(state, "reason", reason);
	return state;
}

/* Whoever reads it has the one file or the other, whole. */
static void write_document(const struct play *play, const json_t *document) {
	char path[TWIN_PATH_MAX], fresh[TWIN_PATH_MAX + 8];

	applications_path(play->folder, path);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (json_dump_file(document, fresh, JSON_COMPACT | JSON_REAL_PRECISION(12)) == 0)
		rename(fresh, path);
}

static void tell(struct play *play) {
	json_t *list = json_array(), *document;

	for (size_t i = 0; i < play->count; i++)
		json_array_append_new(list, state_of(play, &play->applications[i]));
	if (play->told && json_equal(list, play->told)) {
		json_decref(list);
		return;
	}
	document = json_pack("{s:f, s:O}", "at", clock_real(), "applications", list);
	write_document(play, document);
	json_decref(document);
	json_decref(play->told);
	play->told = list;
}

/* --- the loop --- */

static void open_application(struct application *application) {
	int error;

	application_recover(application);
	error = application->player->open(application);
	application->is_open = error == 0;
	if (!error)
		return;
	if (!application->reason[0])
		application_fail(application, "%s", strerror(-error));
	application->player->close(application);
	application->due = clock_now() + OPEN_AGAIN_S;
}

/* What is due; returns when the next is. */
static double act(struct play *play) {
	double next = play->tell_at;

	for (size_t i = 0; i < play->count; i++) {
		struct application *application = &play->applications[i];

		if (application->due <= clock_now())
			(application->is_open ? application->player->act : open_application)(
				application);
		next = fmin(next, application->due);
	}
	if (play->tell_at > clock_now())
		return next;
	tell(play);
	play->tell_at = clock_now() + TELL_S;
	return fmin(next, play->tell_at);
}

/* False if there is none until then. */
static bool take_event(const struct play *play, double until) {
	double seconds = fmax(0, until - clock_now());
	const struct timespec pause = {
		.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
	struct epoll_event event;
	struct endpoint *endpoint;

	if (epoll_pwait2(play->world.epoll_fd, &event, 1, &pause, NULL) != 1)
		return false;
	endpoint = event.data.ptr;
	endpoint->ready(endpoint->owner, event.events);
	return true;
}

/* Those that are there already are taken with the first. */
static void take_events(const struct play *play, double until) {
	for (int n = 0; n < EVENTS_MAX && take_event(play, n ? 0 : until); n++)
		;
}

/* --- its life --- */

static int open_blueprint(struct play *play) {
	char intent[TWIN_PATH_MAX + 16], state[TWIN_PATH_MAX];
	int error;

	snprintf(intent, sizeof(intent), "%s/intent.yaml", play->folder);
	twin_state_path(play->world.twin, state);
	error = blueprint_open(&play->blueprint, intent, state);
	if (!error)
		play->world.fabric = play->blueprint.fabric;
	return error;
}

static int open_world(struct play *play) {
	const struct rlimit files = {.rlim_cur = FILES_MAX, .rlim_max = FILES_MAX};
	struct application_world *world = &play->world;
	char path[TWIN_PATH_MAX];
	size_t nodes = world->fabric->node_count;

	setrlimit(RLIMIT_NOFILE, &files);
	world->namespaces = malloc((nodes + 1) * sizeof(*world->namespaces));
	if (!world->namespaces)
		return -ENOMEM;
	memset(world->namespaces, -1, (nodes + 1) * sizeof(*world->namespaces));
	world->home = netns_open(NULL);
	world->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (world->home < 0 || world->epoll_fd < 0)
		return -errno;
	applications_samples_path(play->folder, path);
	return samples_create(path, &world->samples);
}

static int add_application(struct play *play, size_t n) {
	const struct intent_application *intent = &play->blueprint.intent.applications[n];
	struct application *application = &play->applications[n];
	struct sample_source source = {.kind = intent->kind,
		.compute_ms = intent->kind == APPLICATION_AI ? intent->compute_ms : 0,
		.is_present = true};

	memcpy(source.name, intent->name, sizeof(source.name));
	*application = (struct application){.world = &play->world,
		.intent = intent,
		.player = players[intent->kind],
		.number = (unsigned int)n,
		.source = samples_add_source(play->world.samples, &source)};
	return application->source < 0 ? application->source : application_find_hosts(application);
}

static int open_play(struct play *play) {
	int error = open_blueprint(play);

	if (error)
		return error;
	play->count = play->blueprint.intent.application_count;
	if (play->count == 0)
		return -ENOENT;
	play->applications = calloc(play->count, sizeof(*play->applications));
	error = play->applications ? open_world(play) : -ENOMEM;
	for (size_t n = 0; n < play->count && !error; n++)
		error = add_application(play, n);
	return error;
}

/* Nobody else would: it is in no namespace of the twin's, where what is left is looked for. */
static void end_with_parent(void) {
	pid_t parent = getppid();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

int applications_play(const char *name) {
	struct play play = {.world = {.twin = name}};
	int error;

	end_with_parent();
	twin_folder(name, play.folder);
	error = open_play(&play);
	if (error == -ENOENT)
		log_error("twin '%s' has no 'applications' in its intent", name);
	else if (error == -EBUSY)
		log_error("the applications of twin '%s' are played already", name);
	else if (error)
		log_error("the applications of twin '%s': %s", name, strerror(-error));
	if (error)
		return error; /* with the process all is closed */
	for (;;)
		take_events(&play, act(&play));
}
