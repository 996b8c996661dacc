/* light: see light.h. */
#include "twin/light_private.h"

#include "base/log.h"
#include "optics/design.h"
#include "optics/plan.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_of(const char *folder, char *path, size_t size) {
	snprintf(path, size, "%s/light.json", folder);
}

/* Whole or not at all: others read it as soon as it changes. */
int light_write_kept(const char *path, const json_t *kept) {
	char draft[PATH_MAX + 8];

	snprintf(draft, sizeof(draft), "%s.draft", path);
	if (json_dump_file(kept, draft, JSON_INDENT(1)) == 0 && rename(draft, path) == 0)
		return 0;
	log_error("%s: cannot be written: %s", path, strerror(errno));
	return -EIO;
}

/* ---- what a new twin has ---- */

/* The whole path of a file that an intent names; NULL after a message. */
static char *whole_path(const char *intent_path, const char *name) {
	char beside[PATH_MAX], *whole = NULL;

	if (intent_beside(intent_path, name, beside, sizeof(beside)) == 0)
		whole = realpath(beside, NULL);
	if (!whole)
		log_error("%s: %s: %s", intent_path, name, strerror(errno));
	return whole;
}

/* What a twin of this intent knows of its light to begin with; NULL after a message. */
static json_t *describe(const struct fabric *fabric, const char *intent_path) {
	const struct intent_optics *optics = &fabric->intent->optics;
	char *topology = whole_path(intent_path, optics->topology);
	char *equipment = whole_path(intent_path, optics->equipment);
	char *services = whole_path(intent_path, optics->services);
	json_t *kept = NULL;

	if (topology && equipment && services)
		kept = json_pack("{s:s, s:s, s:s, s:f, s:o, s:[]}", "topology", topology,
			"equipment", equipment, "services", services, "scale",
			(double)optics->scale, "restore_s",
			optics->restore_ms == RESTORE_NEVER ? json_null()
							    : json_real(optics->restore_ms / 1e3),
			"done");
	free(topology);
	free(equipment);
	free(services);
	return kept;
}

bool light_is_kept(const char *folder) {
	char path[PATH_MAX];

	path_of(folder, path, sizeof(path));
	return access(path, F_OK) == 0;
}

int light_keep(const struct fabric *fabric, const char *intent_path, const char *folder) {
	char path[PATH_MAX];
	json_t *kept;
	int error;

	if (light_is_kept(folder))
		return 0;
	path_of(folder, path, sizeof(path));
	kept = describe(fabric, intent_path);
	error = kept ? light_write_kept(path, kept) : -ENOENT;
	json_decref(kept);
	return error;
}

/* ---- opening ---- */

static const char *text_of(const struct light_layer *light, const char *key) {
	const char *text = json_string_value(json_object_get(light->kept, key));

	return text ? text : "";
}

static int find_links(struct light_layer *light) {
	int error = 0;

	light->link_of = calloc(light->services.count + 1, sizeof(*light->link_of));
	if (!light->link_of)
		return -ENOMEM;
	for (size_t i = 0; i < light->services.count; i++) {
		const struct service *service = &light->services.list[i];
		int *link = &light->link_of[i];
		char words[INTENT_LINK_MAX];

		/* Several services of one link: "a:b", "a:b#2". */
		snprintf(words, sizeof(words), "%.*s", (int)strcspn(service->id, "#"), service->id);
		if (fabric_find_link(light->fabric, words, link) == 0 &&
			light->fabric->links[*link].tier == TIER_INTERCONNECT)
			continue;
		log_error("%s:%u: '%s' is no interconnect of the fabric: expected a request-id as "
			  "'east-border1:west-border1'",
			light->services.path, service->line, service->id);
		error = -EINVAL;
	}
	return error;
}

static int list_links(struct light_layer *light) {
	light->links = calloc(light->fabric->link_count + 1, sizeof(*light->links));
	if (!light->links)
		return -ENOMEM;
	for (size_t id = 0; id < light->fabric->link_count; id++) {
		bool has = false;

		for (size_t i = 0; i < light->services.count && !has; i++)
			has = light->link_of[i] == (int)id;
		if (has)
			light->links[light->link_count++].link = (int)id;
	}
	return 0;
}

static int tell_blocked(const struct light_layer *light) {
	int error = 0;

	for (size_t i = 0; i < light->plan.count; i++)
		if (light->plan.list[i].blocking) {
			log_error("%s: '%s' cannot be carried: %s; 'heddle optics plan' says why",
				light->services.path, light->plan.list[i].service->id,
				blocking_name(light->plan.list[i].blocking));
			error = -EINVAL;
		}
	return error;
}

static int make_plan(struct light_layer *light) {
	const struct design_options how = {
		.power_dbm = light->equipment.loads[0].power_dbm, .sim = &light->sim};
	int error = design_network(&light->network, &light->equipment, &how);

	if (error)
		return error;
	sections_build(&light->sections, &light->network);
	error = services_read(
		&light->services, &light->network, &light->equipment, text_of(light, "services"));
	if (!error)
		error = find_links(light);
	if (!error)
		error = list_links(light);
	if (error)
		return error;
	light->options = (struct plan_options){.equipment = &light->equipment,
		.sim = &light->sim,
		.alternatives = ALTERNATIVES_DEFAULT,
		.both_ways = true};
	error = plan_begin(&light->plan, &light->sections, &light->options);
	if (!error)
		error = plan_make(&light->plan, &light->services, &light->options);
	if (!error)
		error = tell_blocked(light);
	if (!error)
		error = condition_create(&light->plan, &light->options, &light->condition);
	return error;
}

/* Pumps do nothing without Raman scattering. */
static bool has_pumps(const struct network *network) {
	for (size_t i = 0; i < network->count; i++)
		if (network->elements[i]->fibre && network->elements[i]->fibre->pump_count)
			return true;
	return false;
}

static int read_files(struct light_layer *light) {
	int error = equipment_read(&light->equipment, text_of(light, "equipment"));

	if (error)
		return error;
	sim_params_defaults(&light->sim);
	error = network_read(&light->network, &light->equipment, text_of(light, "topology"));
	if (!error)
		light->sim.raman = has_pumps(&light->network);
	return error ? error : make_plan(light);
}

/* Takes `kept` over. */
static int open_kept(
	const struct fabric *fabric, json_t *kept, const char *path, struct light_layer **out) {
	struct light_layer *light = calloc(1, sizeof(*light));
	int error;

	if (!light) {
		json_decref(kept);
		return -ENOMEM;
	}
	light->fabric = fabric;
	light->kept = kept;
	snprintf(light->path, sizeof(light->path), "%s", path);
	error = read_files(light);
	if (!error)
		error = light_do_all_again(light);
	if (error)
		light_close(light);
	else
		*out = light;
	return error == -ENOENT ? -EINVAL : error;
}

int light_open(const struct fabric *fabric, const char *folder, struct light_layer **light) {
	char path[PATH_MAX];
	json_error_t mistake;
	json_t *kept;

	path_of(folder, path, sizeof(path));
	kept = json_load_file(path, 0, &mistake);
	if (!kept && access(path, F_OK) < 0)
		return -ENOENT;
	if (!kept) {
		log_error("%s:%d: %s", path, mistake.line, mistake.text);
		return -EINVAL;
	}
	return open_kept(fabric, kept, path, light);
}

int light_open_plan(
	const struct fabric *fabric, const char *intent_path, struct light_layer **light) {
	json_t *kept = describe(fabric, intent_path);

	return kept ? open_kept(fabric, kept, intent_path, light) : -ENOENT;
}

int light_check(const struct fabric *fabric, const char *intent_path) {
	struct light_layer *light;
	int error = light_open_plan(fabric, intent_path, &light);

	if (!error)
		light_close(light);
	return error;
}

void light_close(struct light_layer *light) {
	if (!light)
		return;
	condition_free(light->condition);
	plan_free(&light->plan);
	services_free(&light->services);
	sections_free(&light->sections);
	sim_params_free(&light->sim);
	network_free(&light->network);
	equipment_free(&light->equipment);
	json_decref(light->kept);
	free(light->link_of);
	free(light->links);
	free(light);
}

/* ---- looking ---- */

static void add_service(struct link_light *link, const struct light *light) {
	double rate = link->bit_rate + light->bit_rate;

	if (rate > 0)
		link->frame_loss =
			(link->frame_loss * link->bit_rate + light->frame_loss * light->bit_rate) /
			rate;
	link->bit_rate = rate;
	link->latency_s = fmax(link->latency_s, light->latency_s);
	link->margin_db = fmin(link->margin_db, light->margin_db);
}

int light_look(struct light_layer *light, const struct link_light **links, size_t *count) {
	int error = condition_look(light->condition, &light->lights);

	if (error) {
		log_error("the light cannot be computed: %s", strerror(-error));
		return error;
	}
	for (size_t k = 0; k < light->link_count; k++) {
		struct link_light *link = &light->links[k];

		*link = (struct link_light){.link = link->link, .margin_db = INFINITY};
		for (size_t i = 0; i < light->services.count; i++)
			if (light->link_of[i] == link->link)
				add_service(link, &light->lights[i]);
	}
	*links = light->links;
	*count = light->link_count;
	return 0;
}

bool light_is_dark(const struct link_light *link) {
	return link->bit_rate <= 0 || link->frame_loss >= 1;
}

bool light_is_any_out(struct light_layer *light) {
	const struct link_light *links;
	size_t count;

	if (light_look(light, &links, &count) < 0)
		return false;
	for (size_t i = 0; i < light->services.count; i++)
		if (light->lights[i].frame_loss >= 1)
			return true;
	return false;
}

const struct light *light_services(const struct light_layer *light, size_t *count) {
	*count = light->services.count;
	return light->lights;
}

int light_link_of(const struct light_layer *light, size_t service) {
	return light->link_of[service];
}

const struct network *light_network(const struct light_layer *light) {
	return &light->network;
}

const struct sections *light_sections(const struct light_layer *light) {
	return &light->sections;
}

const struct equipment *light_equipment(const struct light_layer *light) {
	return &light->equipment;
}

const struct damage *light_damage_at(const struct light_layer *light, int element) {
	return condition_damage_at(light->condition, element);
}

int light_shared(const struct light_layer *light, size_t one, size_t other) {
	return condition_shared(light->condition, one, other);
}

double light_scale(const struct light_layer *light) {
	double scale = json_number_value(json_object_get(light->kept, "scale"));

	return scale >= 1 ? scale : 1;
}

double light_restore_s(const struct light_layer *light) {
	const json_t *seconds = json_object_get(light->kept, "restore_s");

	return json_is_null(seconds) ? INFINITY : json_number_value(seconds);
}
