/* intent_overlaps: see intent_checking.h. The fabric's own prefixes, and those that others
 * announce. */
#include "fabric/intent_checking.h"

struct named_prefix {
	const char *name;
	const struct prefix *prefix;
	struct intent_place *at;
};

/* One that could not be read is none. */
static struct named_prefix pool_of(
	const struct intent_checking *check, const char *key, const struct prefix *prefix) {
	static const struct prefix none;

	return (struct named_prefix){
		key, checking_is_wrong(check, key) ? &none : prefix, checking_place(check, key)};
}

/* All prefixes that are the fabric's own; there is room for 2 * INTENT_TENANTS_MAX + 4. */
static size_t list_pools(const struct intent_checking *check, struct named_prefix *pools) {
	struct intent *intent = check->intent;
	size_t count = 0;

	pools[count++] = pool_of(check, "loopbacks-ipv4", &intent->loopbacks4);
	pools[count++] = pool_of(check, "loopbacks-ipv6", &intent->loopbacks6);
	pools[count++] = pool_of(check, "links-ipv4", &intent->links4);
	pools[count++] = pool_of(check, "links-ipv6", &intent->links6);
	for (size_t i = 0; i < intent->tenant_count && i < INTENT_TENANTS_MAX; i++) {
		struct intent_tenant *tenant = &intent->tenants[i];

		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv4, &tenant->at};
		pools[count++] = (struct named_prefix){tenant->name, &tenant->ipv6, &tenant->at};
	}
	return count;
}

/* What others announce must not lie within: leaves would follow it instead. */
static void check_announced(struct intent_checking *check, struct intent_external *external,
	const struct named_prefix *pool) {
	char text[PREFIX_TEXT_MAX];

	for (size_t n = 0; n < external->announce_count; n++)
		if (pool->prefix->family && prefix_contains(pool->prefix, &external->announces[n]))
			checking_mistake(check, &external->at,
				prefix_text(&external->announces[n], text),
				"lies in the prefix of %s: expected one beyond the fabric",
				pool->name);
}

void intent_check_overlaps(struct intent_checking *check) {
	const struct intent *intent = check->intent;
	struct named_prefix pools[2 * INTENT_TENANTS_MAX + 4];
	size_t count = list_pools(check, pools);

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < intent->external_count; n++)
			check_announced(check, &intent->externals[n], &pools[i]);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			char text[PREFIX_TEXT_MAX];

			if (pools[i].prefix->family &&
				pools[i].prefix->family == pools[j].prefix->family &&
				prefix_overlaps(pools[i].prefix, pools[j].prefix))
				checking_mistake(check,
					pools[i].at && pools[i].at->line ? pools[i].at
									 : pools[j].at,
					prefix_text(pools[i].prefix, text),
					"overlaps the prefix of %s", pools[j].name);
		}
}
