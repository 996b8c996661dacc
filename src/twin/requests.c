/* requests: see requests.h. */
#include "twin/requests.h"

#include "base/clock.h"
#include "twin/apply.h"
#include "twin/running.h"
#include "twin/supervisor.h"

#include <errno.h>
#include <stdio.h>

/* After how the twin is, each. */
static int tell_processes(const struct running *running, struct twin_answer *answer) {
	const struct supervisor *supervisor = running->supervisor;

	twin_answer_row(answer, json_pack("{s:b, s:b}", "busy", (int)running->is_busy, "torn",
					(int)running->is_torn));
	for (size_t i = 0; i < supervisor_count(supervisor); i++) {
		const struct supervised *process = supervisor_at(supervisor, i);

		twin_answer_row(answer,
			json_pack("{s:s, s:i, s:b, s:i, s:i}", "name", process->name, "pid",
				(int)process->pid, "wanted", (int)process->wanted, "restarts",
				(int)process->restarts, "last_status", process->last_status));
	}
	return 0;
}

static int tell_faults(struct faults *faults, struct twin_answer *answer) {
	const struct fabric *fabric = faults->daemons->nodes->fabric;

	for (size_t id = 0; id < fabric->link_count; id++)
		if (faults->link_is_down[id])
			twin_answer_row(answer, json_pack("{s:i, s:b}", "link", (int)id, "silent",
							(int)faults->link_is_silent[id]));
	for (size_t id = 0; id < fabric->link_count; id++)
		if (faults->link_is_drained[id])
			twin_answer_row(
				answer, json_pack("{s:i, s:b}", "link", (int)id, "drained", 1));
	for (size_t id = 0; id < fabric->node_count; id++)
		if (faults->node_is_down[id])
			twin_answer_row(answer, json_pack("{s:i}", "node", (int)id));
	return 0;
}

/* The id that `what` has under a key: -1 if it has none, -2 if it is out of bounds. */
static int id_in(const json_t *what, const char *key, size_t count) {
	const json_t *value = json_object_get(what, key);

	if (!json_is_integer(value))
		return -1;
	return json_integer_value(value) < 0 || json_integer_value(value) >= (json_int_t)count
		       ? -2
		       : (int)json_integer_value(value);
}

static int change(struct faults *faults, const json_t *what, bool is_down,
	struct twin_answer *answer, char *error) {
	const struct fabric *fabric = faults->daemons->nodes->fabric;
	int link = id_in(what, "link", fabric->link_count),
	    node = id_in(what, "node", fabric->node_count), result;
	double at = clock_real();

	if (link >= 0)
		result = fault_set_link(faults, link,
			!is_down                                        ? FAULT_NONE
			: json_is_true(json_object_get(what, "silent")) ? FAULT_SILENT
									: FAULT_CARRIER);
	else if (node >= 0)
		result = fault_set_node(faults, node, is_down);
	else if (!is_down && json_is_true(json_object_get(what, "all")))
		result = faults_mend(faults);
	else {
		snprintf(error, TWIN_ERROR_MAX, "expected the id of a link or of a node");
		return -EINVAL;
	}
	if (result == -EOPNOTSUPP)
		snprintf(error, TWIN_ERROR_MAX,
			"only a link that runs through a wire can fail "
			"silently: 'emulate' in the intent, or twin up "
			"--emulate");
	if (!result)
		twin_answer_row(answer, json_pack("{s:f}", "at", at));
	return result;
}

static int drain(struct faults *faults, const json_t *what, bool is_drained,
	struct twin_answer *answer, char *error) {
	const struct fabric *fabric = faults->daemons->nodes->fabric;
	int link = id_in(what, "link", fabric->link_count), result;
	double at = clock_real();

	if (link < 0) {
		snprintf(error, TWIN_ERROR_MAX, "expected the id of a link");
		return -EINVAL;
	}
	result = fault_drain_link(faults, link, is_drained, error, TWIN_ERROR_MAX);
	if (result == -EOPNOTSUPP)
		snprintf(error, TWIN_ERROR_MAX, "only a link between two switches can be drained");
	if (!result)
		twin_answer_row(answer, json_pack("{s:f}", "at", at));
	return result;
}

static void tell_step(void *owner, const char *kind, const char *text) {
	twin_answer_row(owner, json_pack("{s:s}", kind, text));
}

static int apply(
	struct running *running, const json_t *what, struct twin_answer *answer, char *error) {
	const char *path = json_string_value(what);

	if (!path || path[0] != '/') {
		snprintf(error, TWIN_ERROR_MAX, "expected the absolute path of an intent");
		return -EINVAL;
	}
	return apply_intent(running, path, tell_step, answer, error);
}

static int play_applications(
	const struct daemons *daemons, bool are_wanted, char error[TWIN_ERROR_MAX]) {
	int result = 0;

	if (!are_wanted)
		daemons_stop_applications(daemons);
	else if (!daemons_want_applications(daemons))
		result = daemons_start_applications(daemons);
	if (result == -ENOENT)
		snprintf(error, TWIN_ERROR_MAX, "the intent of the twin has no 'applications'");
	return result;
}

int requests_act(void *owner, const json_t *request, struct twin_answer *answer,
	char error[TWIN_ERROR_MAX]) {
	struct running *running = owner;
	struct faults *faults = &running->faults;
	const json_t *what;

	if (json_object_get(request, "processes"))
		return tell_processes(running, answer);
	if (json_object_get(request, "faults"))
		return tell_faults(faults, answer);
	if (running->is_busy) {
		snprintf(error, TWIN_ERROR_MAX,
			"the twin is being raised or changed; try again "
			"when that is done");
		return -EBUSY;
	}
	if (running->is_torn) {
		snprintf(error, TWIN_ERROR_MAX,
			"a change of the twin failed half-way: 'heddle twin down --name %s' "
			"removes "
			"it, 'up' raises it anew",
			running->name);
		return -EUCLEAN;
	}
	if ((what = json_object_get(request, "apply")))
		return apply(running, what, answer, error);
	if ((what = json_object_get(request, "applications")))
		return play_applications(&running->daemons, json_is_true(what), error);
	if ((what = json_object_get(request, "fail")))
		return change(faults, what, true, answer, error);
	if ((what = json_object_get(request, "restore")))
		return change(faults, what, false, answer, error);
	if ((what = json_object_get(request, "drain")))
		return drain(faults, what, true, answer, error);
	if ((what = json_object_get(request, "undrain")))
		return drain(faults, what, false, answer, error);
	snprintf(error, TWIN_ERROR_MAX,
		"expected processes, faults, apply, applications, fail, restore, drain or undrain");
	return -EINVAL;
}
