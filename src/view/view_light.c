/* view_light: the light below a twin's interconnects: lines of fibre and what is wrong with them,
 * and what each service has. */
#include "view/private.h"

#include "optics/flexgrid.h"
#include "optics/sections.h"
#include "twin/light_words.h"

#include <math.h>
#include <string.h>

const struct link_light *view_light_of(const struct view *view, int link) {
	for (size_t i = 0; i < view->link_count; i++)
		if (view->links[i].link == link)
			return &view->links[i];
	return NULL;
}

static json_t *number(double value) {
	return isfinite(value) ? json_real(value) : json_null();
}

/* ---- what there is ---- */

json_t *view_places(const struct view *view) {
	const struct network *network = view->light ? light_network(view->light) : NULL;
	json_t *places = json_array();

	for (size_t i = 0; network && i < network->count; i++) {
		const struct element *element = network->elements[i];

		if (element->kind == ELEMENT_ROADM)
			json_array_append_new(
				places, json_pack("{s:s, s:f, s:f}", "name", element->name,
						"latitude", element->location.latitude, "longitude",
						element->location.longitude));
	}
	return places;
}

static const char *kind_name(const struct element *element) {
	switch (element->kind) {
	case ELEMENT_FIBRE:
		return "fibre";
	case ELEMENT_AMPLIFIER:
		return "amplifier";
	default:
		return "joint";
	}
}

static json_t *element_json(const struct element *element) {
	json_t *object = json_pack("{s:s, s:s}", "name", element->name, "kind", kind_name(element));

	if (element->fibre) {
		json_object_set_new(object, "length_km", json_real(element->fibre->length_m / 1e3));
		json_object_set_new(
			object, "pumps", json_integer((json_int_t)element->fibre->pump_count));
	}
	return object;
}

/* A line is called after its first fibre, which is what people name lines by. */
static json_t *line_json(const struct sections *sections, const struct section *section) {
	const struct network *network = sections->network;
	json_t *elements = json_array();
	const char *name = "";
	double length_m = 0;

	for (size_t i = 0; i < section->count; i++) {
		const struct element *element = network->elements[section->elements[i]];

		json_array_append_new(elements, element_json(element));
		if (!element->fibre)
			continue;
		length_m += element->fibre->length_m;
		if (!name[0])
			name = element->name;
	}
	return json_pack("{s:s, s:s, s:s, s:f, s:o}", "name", name, "from",
		network->elements[sections->nodes[section->from]]->name, "to",
		network->elements[sections->nodes[section->to]]->name, "length_km", length_m / 1e3,
		"elements", elements);
}

json_t *view_lines(const struct view *view) {
	const struct sections *sections = view->light ? light_sections(view->light) : NULL;
	json_t *lines = json_array();

	for (size_t i = 0; sections && i < sections->count; i++)
		if (section_is_line(&sections->list[i]))
			json_array_append_new(lines, line_json(sections, &sections->list[i]));
	return lines;
}

static bool is_listed(const json_t *list, const char *text) {
	const json_t *item;
	size_t i;

	json_array_foreach(
		list, i, item) if (strcmp(json_string_value(item), text) == 0) return true;
	return false;
}

json_t *view_modes(const struct view *view) {
	json_t *modes = json_array();
	const struct light *lights;
	size_t count = 0;

	lights = view->light ? light_services(view->light, &count) : NULL;
	for (size_t i = 0; i < count; i++) {
		const struct transceiver_type *type = lights[i].carried->service->type;

		for (size_t k = 0; k < type->mode_count; k++)
			if (!is_listed(modes, type->modes[k].format))
				json_array_append_new(modes, json_string(type->modes[k].format));
	}
	return modes;
}

json_t *view_band(const struct view *view) {
	const struct load_rules *load;

	if (!view->light)
		return json_null();
	load = &light_equipment(view->light)->loads[0];
	return json_pack(
		"{s:f, s:f}", "from_thz", load->f_min_hz / 1e12, "to_thz", load->f_max_hz / 1e12);
}

/* ---- what becomes of it ---- */

static json_t *path_json(const struct network *network, const struct carried *carried) {
	json_t *path = json_array();

	for (size_t i = 0; i < carried->ways.there_count; i++)
		json_array_append_new(
			path, json_string(network->elements[carried->ways.there[i]]->name));
	return path;
}

static json_t *slots_json(const struct carried *carried) {
	json_t *slots = json_array();

	for (size_t i = 0; i < carried->slot_count; i++)
		json_array_append_new(slots,
			json_pack("{s:f, s:f}", "from_thz",
				flexgrid_low(carried->slots[i].n, carried->slots[i].m) / 1e12,
				"to_thz",
				flexgrid_high(carried->slots[i].n, carried->slots[i].m) / 1e12));
	return slots;
}

static json_t *service_json(const struct network *network, const struct light *light) {
	const struct carried *carried = light->carried;

	return json_pack("{s:s, s:s, s:s, s:i, s:f, s:o, s:o, s:o, s:f, s:o, s:o}", "link",
		carried->service->id, "state", light_state_name(light), "mode",
		carried->judgement.mode->format, "channels", carried->channels, "bit_rate",
		light->bit_rate, "margin_db", number(light->margin_db), "gsnr_db",
		number(light->gsnr_db), "latency_ms",
		light->is_lit ? json_real(light->latency_s * 1e3) : json_null(), "frame_loss",
		light->frame_loss, "path", path_json(network, carried), "slots",
		slots_json(carried));
}

json_t *view_services(const struct view *view) {
	json_t *services = json_array();
	const struct light *lights;
	size_t count = 0;

	lights = view->light ? light_services(view->light, &count) : NULL;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			services, service_json(light_network(view->light), &lights[i]));
	return services;
}

json_t *view_damages(const struct view *view) {
	static const char *const kinds[] = {[DAMAGE_CUT] = "cut",
		[DAMAGE_AGEING] = "aged",
		[DAMAGE_FAILED] = "failed",
		[DAMAGE_PUMP] = "pump lost"};
	const struct network *network = view->light ? light_network(view->light) : NULL;
	json_t *damages = json_array();

	for (size_t i = 0; network && i < network->count; i++) {
		const struct damage *damage = light_damage_at(view->light, (int)i);

		if (damage->kind != DAMAGE_NONE)
			json_array_append_new(damages,
				json_pack("{s:s, s:s, s:o}", "element", network->elements[i]->name,
					"kind", kinds[damage->kind], "loss_db",
					damage->kind == DAMAGE_AGEING ? json_real(damage->loss_db)
								      : json_null()));
	}
	return damages;
}
