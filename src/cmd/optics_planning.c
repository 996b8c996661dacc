/* optics_planning: see optics_planning.h. */
#include "cmd/optics_planning.h"

#include "base/log.h"
#include "cmd/optics_way.h"
#include "optics/design.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- networks designed for a service ---- */

struct redesigned {
	double power_dbm;
	size_t channels;
	struct network network;
	struct redesigned *next;
};

static const struct network *redesign(void *owner, double power_dbm, size_t channels) {
	struct optics_planning *planning = owner;
	const struct design_options how = {
		.power_dbm = power_dbm, .sim = &planning->world.sim, .channels = channels};
	const struct equipment *equipment = &planning->world.equipment;
	struct redesigned *one;

	for (one = planning->redesigned; one; one = one->next)
		if (one->power_dbm == power_dbm && one->channels == channels)
			return &one->network;
	one = calloc(1, sizeof(*one));
	if (!one || network_read(&one->network, equipment, planning->request->topology) < 0) {
		free(one);
		return NULL;
	}
	one->power_dbm = power_dbm;
	one->channels = channels;
	one->next = planning->redesigned;
	planning->redesigned = one;
	return design_network_built(&one->network, equipment, planning->world.power_dbm, &how) < 0
		       ? NULL
		       : &one->network;
}

static void free_redesigned(struct optics_planning *planning) {
	while (planning->redesigned) {
		struct redesigned *one = planning->redesigned;

		planning->redesigned = one->next;
		network_free(&one->network);
		free(one);
	}
}

/* ---- the plan ---- */

static void show_progress(void *owner, size_t done, size_t of) {
	if (done % 64 == 0 || done == of)
		fprintf(stderr, "\r%zu of %zu services%s", done, of, done == of ? "\r\033[K" : "");
}

static int read_services(struct optics_planning *planning) {
	const struct optics_request *request = planning->request;
	const struct optics_world *world = &planning->world;
	int error = services_read(
		&planning->services, &world->network, &world->equipment, request->words[0]);

	if (error)
		return error;
	services_aggregate(&planning->services);
	return request->risks ? sections_read_risks(&planning->sections, request->risks) : 0;
}

static int make_plan(struct optics_planning *planning) {
	const struct optics_request *request = planning->request;
	struct plan_options *options = &planning->options;
	int error;

	*options = (struct plan_options){.equipment = &planning->world.equipment,
		.sim = &planning->world.sim,
		.choice = request->choice,
		.alternatives = request->compat ? 1 : request->alternatives,
		.both_ways = request->bidir,
		.real_load = request->real_load,
		.redesign = request->redesign ? redesign : NULL,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
		.owner = planning};
	error = plan_begin(&planning->plan, &planning->sections, options);
	if (error) {
		optics_spectrum_failed(&planning->world.network, error);
		return error;
	}
	if (request->lit)
		error = plan_read_lit(&planning->plan, request->lit);
	if (!error) {
		error = plan_make(&planning->plan, &planning->services, options);
		if (error)
			log_error("optics: services cannot be carried: %s", strerror(-error));
	}
	return error;
}

int optics_planning_open(struct optics_planning *planning, const struct optics_request *request) {
	int error;

	*planning = (struct optics_planning){.request = request};
	error = optics_open(&planning->world, request, NULL, NULL);
	if (error)
		return error;
	sections_build(&planning->sections, &planning->world.network);
	error = read_services(planning);
	if (!error)
		error = make_plan(planning);
	if (error)
		optics_planning_close(planning);
	return error;
}

void optics_planning_close(struct optics_planning *planning) {
	plan_free(&planning->plan);
	free_redesigned(planning);
	services_free(&planning->services);
	sections_free(&planning->sections);
	optics_close(&planning->world);
}
