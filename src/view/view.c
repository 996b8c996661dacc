/* view: see view.h. */
#include "view/private.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/told.h"
#include "twin/applications.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 32 };

/* Rates are of so long, and what processes take is asked for so seldom: it is dear to the kernel.
 */
static const double rates_s = 1, status_s = 2;

/* What was counted longer ago says nothing of now. */
static const double stale_s = 6;

/* When a file of the twin's was written last; zero if it is not there. */
static struct timespec written(const struct view *view, const char *name) {
	char path[PATH_BYTES];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%s", view->folder, name);
	return stat(path, &status) == 0 ? status.st_mtim : (struct timespec){0};
}

static bool is_same(struct timespec one, struct timespec other) {
	return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

/* ---- the design ---- */

static void forget(struct view *view) {
	if (!view->modelled)
		light_close(view->light);
	live_close(view->live);
	counters_free(&view->now);
	counters_free(&view->base);
	counters_free(&view->last);
	status_free(&view->status);
	status_free(&view->status_before);
	view->status = view->status_before = (struct status){0};
	view->light = NULL;
	view->live = NULL;
	view->links = NULL;
	view->link_count = 0;
	view->status_at = view->status_before_at = 0;
	view->light_read = (struct timespec){0};
}

static int make_room(struct view *view) {
	int error = counters_create(&view->now, view->fabric);

	if (!error)
		error = counters_create(&view->base, view->fabric);
	if (!error)
		error = counters_create(&view->last, view->fabric);
	view->status.nodes = calloc(view->fabric->node_count + 1, sizeof(*view->status.nodes));
	return view->status.nodes ? error : -ENOMEM;
}

/* While it cannot be read, as when its nodes are not there yet, the last one stays. */
static int read_design(struct view *view, const char *name) {
	struct live *live;
	int error = live_open(name, &live);

	if (error)
		return error;
	forget(view);
	view->live = live;
	view->name = live_name(view->live);
	view->fabric = live_fabric(view->live);
	twin_folder(view->name, view->folder);
	view->design_read = written(view, "plan/state.json");
	return make_room(view);
}

/* While it is being written, the last one stays. */
static int read_light(struct view *view) {
	struct timespec now = written(view, "light.json");
	struct light_layer *light = NULL;
	int error = 0;

	if (is_same(now, view->light_read))
		return 0;
	if (now.tv_sec)
		error = light_open(view->fabric, view->folder, &light);
	if (error == -ENOENT)
		return 0;
	light_close(view->light);
	view->light = light;
	view->link_count = 0;
	view->light_read = now;
	return light ? light_look(light, &view->links, &view->link_count) : error;
}

/* ---- what becomes of it ---- */

static int read_status(struct view *view) {
	double now = clock_now();
	struct status status;
	int error;

	if (view->status_at != 0 && now - view->status_at < status_s)
		return 0;
	error = status_read(view->live, &status);
	if (error) {
		status_free(&status);
		return error;
	}
	status_free(&view->status_before);
	view->status_before = view->status;
	view->status_before_at = now - view->status_at < stale_s ? view->status_at : 0;
	view->status = status;
	view->status_at = now;
	return 0;
}

static void read_rates(struct view *view) {
	double age = clock_now() - view->last.at;

	if (view->last.at != 0 && age < rates_s)
		return;
	counters_read(&view->now, view->live);
	view->base.at = 0;
	if (view->last.at != 0 && age < stale_s)
		counters_copy(&view->base, &view->last, view->fabric);
	counters_copy(&view->last, &view->now, view->fabric);
}

/* ---- telling ---- */

/* Puts a document in place; whether it differs from the last but for its time. */
static bool put(char **place, json_t *document) {
	char *text = told_text(document);

	if (!text || !told_is_news(*place, text)) {
		free(text);
		return false;
	}
	free(*place);
	*place = text;
	return true;
}

/* All that a twin which runs is asked. */
static int read_twin(struct view *view) {
	struct timespec design = written(view, "plan/state.json");
	int error = 0;

	if (access(view->folder, F_OK) < 0)
		return -ENOENT;
	if (!is_same(design, view->design_read)) {
		error = read_design(view, view->name);
		if (!error)
			view->design_read = design;
		else if (error == -ENOENT) /* its nodes are yet to be raised */
			error = -EAGAIN;
	}
	if (!error)
		error = read_light(view);
	if (!error)
		error = read_status(view);
	if (!error && view->status.supervisor)
		error = live_read_failures(view->live);
	if (error)
		return error;
	read_rates(view);
	json_decref(view->applications);
	view->applications = applications_read(view->folder);
	return 0;
}

int view_look(struct view *view) {
	int changed = 0, error = 0;

	if (!view->modelled)
		error = read_twin(view);
	else if (view->light)
		error = light_look(view->light, &view->links, &view->link_count);
	if (error)
		return error;
	if (put(&view->design, view_make_design(view)))
		changed |= VIEW_DESIGN;
	if (put(&view->state, view_make_state(view)))
		changed |= VIEW_STATE;
	return changed;
}

/* ---- life ---- */

/* Looks for the first time. */
static int begin(struct view *view, int error, struct view **out) {
	if (!error)
		error = view_look(view);
	if (error < 0)
		view_close(view);
	else
		*out = view;
	return error < 0 ? error : 0;
}

int view_open(const char *name, struct view **out) {
	struct view *view = calloc(1, sizeof(*view));

	return view ? begin(view, read_design(view, name), out) : -ENOMEM;
}

int view_open_model(const struct view_model *model, struct view **out) {
	struct view *view = calloc(1, sizeof(*view));

	if (!view)
		return -ENOMEM;
	view->modelled = model;
	view->name = model->name;
	view->fabric = model->fabric;
	view->light = model->light;
	view->applications = json_array();
	return begin(view, make_room(view), out);
}

void view_close(struct view *view) {
	if (!view)
		return;
	forget(view);
	json_decref(view->applications);
	free(view->design);
	free(view->state);
	free(view);
}

const char *view_name(const struct view *view) {
	return view->name;
}

const char *view_design(const struct view *view) {
	return view->design;
}

const char *view_state(const struct view *view) {
	return view->state;
}
