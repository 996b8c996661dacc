/* scenario: see scenario.h. */
#include "cmd/scenario.h"

#include "base/number.h"
#include "base/yaml_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20, STEPS_MAX = 1000 };

static bool take_time(const char *text, double *seconds) {
	const char *end = decimal_begin(text, seconds);

	return end && strcmp(end, "s") == 0 && *seconds <= 86400;
}

static void take_pair(
	struct yaml_file *file, yaml_node_t *key, yaml_node_t *value, struct step *step) {
	char expected[STEP_ERROR_BYTES];
	int error;

	if (strcmp(yaml_text(key), "at") == 0) {
		if (!take_time(yaml_text(value), &step->at_s))
			yaml_mistake(file, value, "seconds since the beginning, as in '12s'");
		return;
	}
	if (step->act) {
		yaml_mistake(file, value, "one thing to do");
		return;
	}
	error = step_take(step, yaml_text(key), yaml_text(value), expected, sizeof(expected));
	if (error)
		yaml_mistake(file, error == -ENOENT ? key : value, expected);
}

static void take_step(struct yaml_file *file, yaml_node_t *item, struct step *step) {
	size_t before = file->mistakes->count;
	yaml_node_t *key, *value;

	step->line = yaml_line(item);
	step->at_s = NAN;
	for (size_t n = 0; yaml_pair(file, item, n, &key, &value); n++)
		take_pair(file, key, value, step);
	if (file->mistakes->count == before && (isnan(step->at_s) || !step->act))
		yaml_mistake(file, item,
			"a time and what is done, as in '{at: 0s, cut: south East-West 1}'");
}

static int take_steps(struct yaml_file *file, struct scenario *scenario) {
	yaml_node_t *root = yaml_root(file), *item;

	if (!yaml_is_sequence(root)) {
		yaml_mistake(file, root, "a list, as in '- {at: 0s, cut: south East-West 1}'");
		return 0;
	}
	scenario->steps = calloc(STEPS_MAX, sizeof(*scenario->steps));
	if (!scenario->steps)
		return -ENOMEM;
	for (size_t n = 0; (item = yaml_item(file, root, n)); n++) {
		if (n == STEPS_MAX) {
			yaml_mistake(file, item, "at most 1000 of them");
			break;
		}
		take_step(file, item, &scenario->steps[scenario->count++]);
		if (n > 0 && scenario->steps[n].at_s < scenario->steps[n - 1].at_s)
			yaml_mistake(file, item, "a time that is not before the last");
	}
	return 0;
}

int scenario_read(struct scenario *scenario, const char *path) {
	struct mistakes mistakes = {.path = path};
	struct yaml_file file;
	int told, error = yaml_file_read(&file, &mistakes, FILE_BYTES_MAX);

	*scenario = (struct scenario){0};
	if (!error) {
		error = take_steps(&file, scenario);
		yaml_file_free(&file);
	}
	told = mistakes_tell(&mistakes);
	if (error || told)
		scenario_free(scenario);
	return error ? error : told;
}

void scenario_free(struct scenario *scenario) {
	free(scenario->steps);
	*scenario = (struct scenario){0};
}
