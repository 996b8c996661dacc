/* light_words: see light_words.h. */
#include "twin/light_words.h"

#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *light_state_name(const struct light *light) {
	if (!light->is_lit)
		return "dark";
	if (light->frame_loss >= 1)
		return "lost";
	if (light->frame_loss > 0)
		return "failing";
	return light->is_restored ? "restored" : "lit";
}

void light_write_sites(const struct network *network, const struct carried *carried,
	char text[LIGHT_SITES_BYTES]) {
	size_t used = 0;

	*text = 0;
	for (size_t i = 0; i < carried->ways.there_count && used < LIGHT_SITES_BYTES; i++) {
		const struct element *element = network->elements[carried->ways.there[i]];

		if (element_is_node(element))
			used += (size_t)snprintf(text + used, LIGHT_SITES_BYTES - used, "%s%s",
				used ? ", " : "", element->name);
	}
}

void light_write_news(
	const struct network *network, const struct light *light, char text[LIGHT_NEWS_BYTES]) {
	const struct carried *carried = light->carried;
	char sites[LIGHT_SITES_BYTES];
	int used = snprintf(text, LIGHT_NEWS_BYTES, "%s: %d x %s %s", carried->service->id,
		carried->channels, carried->judgement.mode->format, light_state_name(light));

	if (!light->is_lit || used >= LIGHT_NEWS_BYTES)
		return;
	light_write_sites(network, carried, sites);
	snprintf(text + used, (size_t)(LIGHT_NEWS_BYTES - used),
		", %g Gbit/s, margin %+.2f dB, by %s", light->bit_rate / 1e9, light->margin_db,
		sites);
}

void light_write_damage(const char *element, const struct damage *damage, char *text, size_t size) {
	switch (damage->kind) {
	case DAMAGE_CUT:
		snprintf(text, size, "%s cut", element);
		break;
	case DAMAGE_AGEING:
		snprintf(text, size, "%s aged by %g dB", element, damage->loss_db);
		break;
	case DAMAGE_FAILED:
		snprintf(text, size, "%s failed", element);
		break;
	case DAMAGE_PUMP:
		snprintf(text, size, "%s: pump %u lost", element, damage->pump);
		break;
	default:
		snprintf(text, size, "%s mended", element);
	}
}

static int read_number(const char *word, struct damage *damage, char *why, size_t size) {
	uint64_t pump = 0;

	if (damage->kind == DAMAGE_AGEING && !decimal_parse(word, &damage->loss_db)) {
		snprintf(why, size, "'%s' is no loss in dB", word);
		return -EINVAL;
	}
	if (damage->kind == DAMAGE_PUMP && !number_parse(word, 1, FIBRE_PUMPS_MAX, &pump)) {
		snprintf(why, size, "'%s' is no number of a pump, from 1", word);
		return -EINVAL;
	}
	damage->pump = (unsigned int)pump;
	return 0;
}

int light_read_damage(
	char *const *words, int count, struct damage *damage, char *why, size_t size) {
	static const struct {
		const char *verb;
		enum damage_kind kind;
		int words;
	} verbs[] = {{"cut", DAMAGE_CUT, 2}, {"age", DAMAGE_AGEING, 3}, {"fail", DAMAGE_FAILED, 2},
		{"lose-pump", DAMAGE_PUMP, 3}, {"mend", DAMAGE_NONE, 2}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(words[0], verbs[i].verb) != 0)
			continue;
		if (count != verbs[i].words)
			return -E2BIG;
		*damage = (struct damage){.kind = verbs[i].kind};
		return count == 3 ? read_number(words[2], damage, why, size) : 0;
	}
	return -ENOENT;
}
