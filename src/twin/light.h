/*
 * light: the optical layer below a twin's interconnects: which services carry which link, what has
 * been done to fibres and amplifiers, and what the links then are: how fast, how far, how sure, or
 * dark.
 *
 * What is known of it is kept in the twin's folder, light.json: where the files are, and all that
 * was done, in order, which is done again whenever the light is opened.
 */
#pragma once

#include "fabric/fabric.h"
#include "optics/condition.h"

#include <stdbool.h>
#include <stddef.h>

struct light_layer;

/* One link, of all its services together. */
struct link_light {
	int link;
	double bit_rate;   /* of those that are lit; 0: dark */
	double latency_s;  /* of the longest of them */
	double frame_loss; /* of all that is sent, by rate */
	double margin_db;  /* of the worst; -INFINITY: some are dark */
};

/* Whether the light that an intent at `intent_path` names can be: its files are read, its services
 * carried, each on an interconnect. 0, or a negative errno after messages. */
int light_check(const struct fabric *fabric, const char *intent_path);

/* Keeps in a twin's folder which files these are, unless that is known already. 0, or a negative
 * errno after a message. */
int light_keep(const struct fabric *fabric, const char *intent_path, const char *folder);

/* Whether a twin has light. */
bool light_is_kept(const char *folder);

/* As it is planned, of an intent at `intent_path`, for nobody's twin: nothing is kept. To be closed
 * after 0; or a negative errno after messages. */
int light_open_plan(
	const struct fabric *fabric, const char *intent_path, struct light_layer **light);

/* Reads the files and does again what was done. 0; -ENOENT if the twin has no light; or another
 * negative errno after a message. To be closed after 0. */
int light_open(const struct fabric *fabric, const char *folder, struct light_layer **light);
void light_close(struct light_layer *light);

/*
 * Damages or mends an element; carries elsewhere what is dark, or back; has a service send in
 * another mode. Each 0, or a negative errno after a message: -ENOENT for what there is none of,
 * -EINVAL for what cannot be done. What was done is kept when light_keep_done says so: when the
 * twin's links become so.
 */
int light_damage(struct light_layer *light, const char *element, const struct damage *damage);
int light_restore(struct light_layer *light, bool back);
int light_upgrade(struct light_layer *light, const char *service, const char *mode);
int light_keep_done(const struct light_layer *light);

/* The links as they are now: one each, in order of links. 0, or a negative errno after a message.
 */
int light_look(struct light_layer *light, const struct link_light **links, size_t *count);

/* A port whose every frame is beyond repair has no carrier, as one without light has none. */
bool light_is_dark(const struct link_light *link);

/* Whether a service is dark or loses all. Looks; false after a message if it cannot. */
bool light_is_any_out(struct light_layer *light);

/* The services, of the last look; and their names of elements. */
const struct light *light_services(const struct light_layer *light, size_t *count);
int light_link_of(const struct light_layer *light, size_t service);
const struct network *light_network(const struct light_layer *light);
const struct sections *light_sections(const struct light_layer *light);
const struct equipment *light_equipment(const struct light_layer *light);
const struct damage *light_damage_at(const struct light_layer *light, int element);
int light_shared(const struct light_layer *light, size_t one, size_t other); /* condition_shared */
double light_scale(const struct light_layer *light);
double light_restore_s(const struct light_layer *light); /* INFINITY: never */
