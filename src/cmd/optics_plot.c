/* optics_plot: `heddle optics plot`: a way, what services light, or the whole network, as a
 * picture. */
#include "cmd/optics_actions.h"

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_map.h"
#include "cmd/optics_planning.h"
#include "cmd/optics_plot_lit.h"
#include "cmd/optics_plot_way.h"
#include "cmd/optics_way.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where to ---- */

static FILE *open_output(const struct optics_request *request) {
	FILE *to = request->output ? fopen(request->output, "w") : stdout;

	if (!to)
		log_error("%s: %s", request->output, strerror(errno));
	return to;
}

/* 0, or -EIO after a message. */
static int close_output(const struct optics_request *request, FILE *to) {
	int failed = ferror(to) | (request->output ? fclose(to) : fflush(to));

	if (failed)
		log_error("%s: could not be written",
			request->output ? request->output : "standard output");
	return failed ? -EIO : 0;
}

/* ---- a way ---- */

/* What is sent into the line is shown unless something else is asked for. */
static int choose_elements(const struct optics_request *request, struct plot_way *plot) {
	const struct network *network = plot->network;

	for (size_t n = 0; n < request->after_count; n++) {
		size_t at = 0;

		while (at < plot->count &&
			strcmp(network->elements[plot->way[at]]->name, request->after[n]) != 0)
			at++;
		if (at == plot->count) {
			log_error("%s: '%s' is not on the way from '%s' to '%s'", network->path,
				request->after[n], request->words[0], request->words[1]);
			return -ENOENT;
		}
		plot->after[plot->after_count++] = at;
	}
	for (size_t at = 1; at < plot->count && !request->after_count; at++)
		if (network->elements[plot->way[at]]->kind == ELEMENT_FIBRE) {
			plot->after[plot->after_count++] = at - 1;
			break;
		}
	return 0;
}

static int draw_way(const struct optics_request *request, const struct plot_way *plot) {
	FILE *to = open_output(request);
	int error, failed;

	if (!to)
		return -EIO;
	error = plot_way_draw(plot, to);
	failed = close_output(request, to);
	return error ? error : failed;
}

static int plot_way(const struct optics_request *request, const struct optics_world *world) {
	const struct propagation_options options = {
		.sim = &world->sim, .power_dbm = world->power_dbm};
	struct propagation propagation = {0};
	struct trace trace = {0};
	struct plot_way plot = {
		.network = &world->network, .propagation = &propagation, .trace = &trace};
	int *way = optics_way(&world->network, request->words[0], request->words[1], &plot.count);
	int error;

	if (!way)
		return -ENOENT;
	plot.way = way;
	error = choose_elements(request, &plot);
	if (!error) {
		error = trace_run(&trace, &propagation, &world->network, way, plot.count,
			&world->load, &options);
		if (error)
			optics_way_failed(
				&world->network, request->words[0], request->words[1], error);
		else
			error = draw_way(request, &plot);
	}
	trace_free(&trace);
	propagation_free(&propagation);
	free(way);
	return error;
}

/* ---- the network ---- */

static int plot_map(const struct optics_request *request, const struct optics_world *world) {
	FILE *to = open_output(request);

	if (!to)
		return -EIO;
	map_draw(&world->network, to);
	return close_output(request, to);
}

/* ---- what services light ---- */

static int plot_services(const struct optics_request *request) {
	struct optics_planning planning;
	int error = optics_planning_open(&planning, request);
	FILE *to;

	if (error)
		return error;
	to = open_output(request);
	error = to ? 0 : -EIO;
	if (!error) {
		plot_lit_draw(&planning.plan, to);
		error = close_output(request, to);
	}
	optics_planning_close(&planning);
	return error;
}

/* ---- the action ---- */

int optics_plot(const struct optics_request *request) {
	struct optics_world world;
	int error;

	if (request->word_count > 2 || !request->topology || !request->equipment ||
		(request->word_count != 2 && request->after_count))
		return optics_wrong_usage();
	if (request->word_count == 1)
		return plot_services(request) ? EXIT_FAILED : EXIT_DONE;
	if (optics_open(&world, request, NULL, NULL) < 0)
		return EXIT_FAILED;
	error = (request->word_count ? plot_way : plot_map)(request, &world);
	optics_close(&world);
	return error ? EXIT_FAILED : EXIT_DONE;
}
