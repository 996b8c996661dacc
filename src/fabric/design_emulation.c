/* design_emulation: which links a twin is to emulate, and how (design.h). */
#include "fabric/design.h"

#include <errno.h>
#include <string.h>

static bool is_tier(const char *word, enum fabric_tier tier) {
	return strcmp(intent_tier_words[tier], word) == 0;
}

static bool is_any_tier(const char *word) {
	for (int tier = 0; tier < TIERS; tier++)
		if (is_tier(word, (enum fabric_tier)tier))
			return true;
	return false;
}

/* Those of one link come after those of its tier, whatever the order in the file. */
void design_emulation(struct design *design) {
	struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;

	for (size_t id = 0; id < fabric->link_count && intent->optics.services[0]; id++)
		if (fabric->links[id].tier == TIER_INTERCONNECT)
			fabric->links[id].emulation = &intent->optics.emulation;
	for (size_t i = 0; i < intent->emulation_count; i++)
		for (size_t id = 0; id < fabric->link_count; id++)
			if (is_tier(intent->emulations[i].link, fabric->links[id].tier))
				fabric->links[id].emulation = &intent->emulations[i];
	for (size_t i = 0; i < intent->emulation_count; i++) {
		const struct intent_emulation *emulation = &intent->emulations[i];
		int link, error;

		if (is_any_tier(emulation->link))
			continue;
		error = fabric_find_link(fabric, emulation->link, &link);
		if (error)
			design_mistake(design, emulation->at.line,
				"'%s': expected %s, as in 'leaf1:%s', or one of leaf-spine, "
				"spine-super, host, external, interconnect",
				emulation->link,
				error == -EEXIST ? "one of several cables, by its port"
						 : "two nodes with a cable",
				error == -EEXIST ? "swp63" : "spine2");
		else
			fabric->links[link].emulation = emulation;
	}
}
