/* imagined_steps: what a step of a scenario does to a twin that nobody runs, and what the light
 * then does by itself. */
#include "twin/imagined_private.h"

#include "fabric/drain.h"
#include "twin/light_words.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int refuse(char *why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(char *why, int error, const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, IMAGINED_WHY_MAX, format, arguments);
	va_end(arguments);
	return error;
}

static int do_damage(
	struct imagined *imagined, char *const *words, int count, char *title, char *why) {
	struct damage damage;
	int error = light_read_damage(words, count, &damage, why, IMAGINED_WHY_MAX);

	if (error)
		return error;
	light_write_damage(words[1], &damage, title, WORDS_BYTES);
	error = light_damage(imagined->light, words[1], &damage);
	if (error)
		return refuse(why, error, "'%s': %s", words[1],
			error == -ENOENT ? "no such element of a line"
					 : "that cannot be done to such an element");
	return damage.kind == DAMAGE_NONE ? light_restore(imagined->light, true) : 0;
}

static int do_upgrade(struct imagined *imagined, char *const *words, char *title, char *why) {
	int error = light_upgrade(imagined->light, words[1], words[2]);

	snprintf(title, WORDS_BYTES, "%s becomes %s", words[1], words[2]);
	return error ? refuse(why, error,
			       "%s cannot be %s: no such service or mode, or it does not "
			       "hold there",
			       words[1], words[2])
		     : 0;
}

static int step_light(
	struct imagined *imagined, double at, char *const *words, int count, char *why) {
	char title[WORDS_BYTES];
	int error;

	if (!imagined->light)
		return refuse(
			why, -EINVAL, "there is no light: 'optics' in the intent gives it some");
	error = strcmp(words[0], "upgrade") == 0 ? do_upgrade(imagined, words, title, why)
						 : do_damage(imagined, words, count, title, why);
	if (!error)
		error = imagined_come_of(imagined, at, title);
	if (!error)
		imagined->restore_at = light_is_any_out(imagined->light)
					       ? at + light_restore_s(imagined->light)
					       : INFINITY;
	return error;
}

int imagined_settle(struct imagined *imagined, double until) {
	double at = imagined->restore_at;
	char title[WORDS_BYTES];
	int error;

	if (isinf(at) || at > until)
		return 0;
	imagined->restore_at = INFINITY;
	error = light_restore(imagined->light, false);
	snprintf(title, sizeof(title), "light restored, after %g s",
		light_restore_s(imagined->light));
	return error ? error : imagined_come_of(imagined, at, title);
}

static int find_link(const struct imagined *imagined, const char *words, int *link, char *why) {
	int error = fabric_find_link(imagined->fabric, words, link);

	return error ? refuse(why, error, "%s: %s", words,
			       error == -EEXIST ? "there are several cables; a port says which"
						: "no such link; expected NODE:NODE or NODE:PORT")
		     : 0;
}

static int step_link(struct imagined *imagined, double at, const char *words, bool *list,
	bool is_done, const char *title, char *why) {
	int link, error = find_link(imagined, words, &link, why);

	if (error)
		return error;
	if (list == imagined->link_is_drained && is_done &&
		drain_check(imagined->fabric, &imagined->failures, link, why, IMAGINED_WHY_MAX) < 0)
		return -EBUSY;
	list[link] = is_done;
	return imagined_come_of(imagined, at, title);
}

static int step_node(struct imagined *imagined, double at, const char *name, bool is_down,
	const char *title, char *why) {
	int node = fabric_find(imagined->fabric, name);

	if (node == FABRIC_NONE)
		return refuse(why, -ENOENT, "%s: no such node", name);
	imagined->node_is_down[node] = is_down;
	return imagined_come_of(imagined, at, title);
}

/* The kernel's tables are as Heddle's: without it, it forwards. */
static int step_kill(struct imagined *imagined, double at, char *const *words, char *why) {
	int node = fabric_find(imagined->fabric, words[0]);

	if (node == FABRIC_NONE || !fabric_is_switch(&imagined->fabric->nodes[node]))
		return refuse(why, -ENOENT, "%s: no such switch", words[0]);
	if (strcmp(words[1], "heddle") != 0)
		return refuse(why, -EOPNOTSUPP, "what becomes of %s's %s takes a twin that runs",
			words[0], words[1]);
	imagined_tell(imagined, at, "done", "kill %s/%s", words[0], words[1]);
	imagined_tell(
		imagined, at, "FIB", "no table changes: %s's kernel forwards by its own", words[0]);
	return 0;
}

/* "fail", "restore", "drain" or "undrain", and a link or a node. */
static int step_part(
	struct imagined *imagined, double at, const char *verb, char *const *words, char *why) {
	static const struct {
		const char *verb;
		bool is_drain, is_done;
	} parts[] = {{"fail", false, true}, {"restore", false, false}, {"drain", true, true},
		{"undrain", true, false}};
	char title[WORDS_BYTES];
	size_t i = 0;

	while (strcmp(parts[i].verb, verb) != 0)
		i++;
	snprintf(title, sizeof(title), "%s %s %s", verb, words[0], words[1]);
	if (strcmp(words[0], "link") == 0)
		return step_link(imagined, at, words[1],
			parts[i].is_drain ? imagined->link_is_drained : imagined->link_has_failed,
			parts[i].is_done, title, why);
	if (strcmp(words[0], "node") == 0 && !parts[i].is_drain)
		return step_node(imagined, at, words[1], parts[i].is_done, title, why);
	return refuse(why, -EINVAL, "'%s': expected 'link'%s", words[0],
		parts[i].is_drain ? "" : " or 'node'");
}

static bool is_one_of(const char *verb, const char *const *list) {
	for (; *list; list++)
		if (strcmp(verb, *list) == 0)
			return true;
	return false;
}

int imagined_do(struct imagined *imagined, double at, const char *verb, char *const *words,
	int count, char why[IMAGINED_WHY_MAX]) {
	static const char *const parts[] = {"fail", "restore", "drain", "undrain", NULL};
	int error = imagined_settle(imagined, at);

	snprintf(why, IMAGINED_WHY_MAX, "%s", strerror(-error));
	if (error)
		return error;
	if (is_one_of(verb, parts))
		error = step_part(imagined, at, verb, words, why);
	else if (strcmp(verb, "kill") == 0)
		error = step_kill(imagined, at, words, why);
	else if (strcmp(verb, "restart") == 0)
		error = refuse(
			why, -EOPNOTSUPP, "what becomes of a restart takes a twin that runs");
	else
		error = step_light(imagined, at, words, count, why);
	return error;
}
