/* light_words: what services have of light, in words. */
#pragma once

#include "optics/condition.h"
#include "optics/network.h"

enum { LIGHT_SITES_BYTES = 160, LIGHT_NEWS_BYTES = 400 };

/* "lit", "restored" (on another route than planned), "failing" (some frames are lost), "lost" (all
 * are) or "dark". */
const char *light_state_name(const struct light *light);

/* "A, B, C": the nodes of a route, without what is between them. */
void light_write_sites(
	const struct network *network, const struct carried *carried, char text[LIGHT_SITES_BYTES]);

/* What has become of a service, all of it. */
void light_write_news(
	const struct network *network, const struct light *light, char text[LIGHT_NEWS_BYTES]);

/* "south East-West 1 aged by 3 dB", at most `size` bytes. */
void light_write_damage(const char *element, const struct damage *damage, char *text, size_t size);

/* And the other way: what "cut ELEMENT", "age FIBRE DB", "fail AMPLIFIER", "lose-pump FIBRE N" or
 * "mend ELEMENT" do. 0; -ENOENT for another verb, -E2BIG for more or fewer words; or -EINVAL, and
 * why in `why`. */
int light_read_damage(char *const *words, int count, struct damage *damage, char *why, size_t size);
