/* light_deeds: what is done to a twin's light: damage, restoration, other modes; and done again
 * when the light is opened. */
#include "twin/light_private.h"

#include "base/log.h"
#include "base/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODES_BYTES = 512 };

/* ---- what was done ---- */

static const char *const kind_words[] = {[DAMAGE_NONE] = "mend",
	[DAMAGE_CUT] = "cut",
	[DAMAGE_AGEING] = "age",
	[DAMAGE_FAILED] = "fail",
	[DAMAGE_PUMP] = "lose-pump"};

enum { KINDS = sizeof(kind_words) / sizeof(kind_words[0]) };

static int do_damage(struct light_layer *light, const char *name, const struct damage *asked) {
	struct damage damage = *asked;

	damage.element = network_find(&light->network, name);
	return damage.element == ELEMENT_NONE ? -ENOENT
					      : condition_damage(light->condition, &damage);
}

static int service_named(const struct light_layer *light, const char *id) {
	for (size_t i = 0; i < light->services.count; i++)
		if (strcmp(light->services.list[i].id, id) == 0)
			return (int)i;
	return -ENOENT;
}

static int do_upgrade(
	struct light_layer *light, const char *id, const char *mode, enum blocking *blocking) {
	int service = service_named(light, id);

	return service < 0 ? service
			   : condition_upgrade(light->condition, (size_t)service, mode, blocking);
}

static int do_again(struct light_layer *light, const json_t *step) {
	const char *what = json_string_value(json_object_get(step, "what"));
	const char *element = json_string_value(json_object_get(step, "element"));
	const char *service = json_string_value(json_object_get(step, "service"));
	const char *mode = json_string_value(json_object_get(step, "mode"));
	struct damage damage = {.loss_db = json_number_value(json_object_get(step, "loss_db")),
		.pump = (unsigned int)json_integer_value(json_object_get(step, "pump"))};
	enum blocking blocking;

	for (int kind = 0; what && element && kind < KINDS; kind++)
		if (strcmp(what, kind_words[kind]) == 0) {
			damage.kind = (enum damage_kind)kind;
			return do_damage(light, element, &damage);
		}
	if (service && mode)
		return do_upgrade(light, service, mode, &blocking);
	return condition_restore(light->condition, json_is_true(json_object_get(step, "back")));
}

int light_do_all_again(struct light_layer *light) {
	const json_t *step;
	size_t i;
	int error = 0;

	json_array_foreach(json_object_get(light->kept, "done"), i, step) if (!error) error =
		do_again(light, step);
	if (error)
		log_error("%s: what was done cannot be done again: %s", light->path,
			strerror(-error));
	return error;
}

static void note_step(struct light_layer *light, json_t *step) {
	json_array_append_new(json_object_get(light->kept, "done"), step);
}

int light_keep_done(const struct light_layer *light) {
	return light_write_kept(light->path, light->kept);
}

/* ---- doing ---- */

static void tell_unknown(const struct light_layer *light, const char *name) {
	const char **names = calloc(light->network.count + 1, sizeof(*names)), *nearest;

	for (size_t i = 0; names && i < light->network.count; i++)
		names[i] = light->network.elements[i]->name;
	nearest = names ? nearest_word(name, names) : NULL;
	log_error("'%s': no such element of the line; 'heddle twin light --json' lists those of "
		  "each way%s%s%s",
		name, nearest ? "; '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	free(names);
}

int light_damage(struct light_layer *light, const char *element, const struct damage *damage) {
	static const char *const expected[] = {[DAMAGE_NONE] = "an element",
		[DAMAGE_CUT] = "a fibre or another part of a line",
		[DAMAGE_AGEING] = "a fibre, and 0 to 100 dB",
		[DAMAGE_FAILED] = "an amplifier",
		[DAMAGE_PUMP] = "a fibre with Raman pumps, and the number of one, from 1"};
	int error = do_damage(light, element, damage);

	if (error == -ENOENT)
		tell_unknown(light, element);
	else if (error)
		log_error("'%s': expected %s", element, expected[damage->kind]);
	if (!error)
		note_step(light, json_pack("{s:s, s:s, s:f, s:i}", "what", kind_words[damage->kind],
					 "element", element, "loss_db", damage->loss_db, "pump",
					 (int)damage->pump));
	return error;
}

int light_restore(struct light_layer *light, bool back) {
	int error = condition_restore(light->condition, back);

	if (!error)
		note_step(light, json_pack("{s:s, s:b}", "what", "restore", "back", (int)back));
	return error;
}

static void tell_unknown_mode(const struct light_layer *light, const char *id, const char *mode) {
	int service = service_named(light, id);
	const struct transceiver_type *type;
	char names[MODES_BYTES] = "";
	size_t used = 0;

	if (service < 0) {
		log_error("'%s': no such service; 'heddle twin light' lists them", id);
		return;
	}
	type = light->services.list[service].type;
	for (size_t i = 0; i < type->mode_count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s'%s'",
			i ? ", " : "", type->modes[i].format);
	log_error("'%s': %s has no mode of that name; it has %s", mode, type->name, names);
}

int light_upgrade(struct light_layer *light, const char *service, const char *mode) {
	enum blocking blocking = BLOCKED_NOT;
	int error = do_upgrade(light, service, mode, &blocking);

	if (error == -ENOENT)
		tell_unknown_mode(light, service, mode);
	else if (error == -EBUSY)
		log_error(
			"'%s' is restored on another route than its own; mend that first", service);
	else if (error)
		log_error("'%s': %s", service, strerror(-error));
	else if (blocking)
		log_error(
			"'%s' cannot be carried as %s: %s", service, mode, blocking_name(blocking));
	if (error || blocking)
		return error ? error : -EINVAL;
	note_step(light,
		json_pack("{s:s, s:s, s:s}", "what", "upgrade", "service", service, "mode", mode));
	return 0;
}
