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
