/*
 * never_stale: table/stale.h for netlink_fuzz, in place of the table room's own: nothing is noted,
 * for nothing is ever written. Noting the half million roots of a default route would take most of
 * a run's time.
 */
#include "table/stale.h"

int stale_create(struct stale *stale, size_t roots) {
	*stale = (struct stale){.roots = roots};
	return 0;
}

void stale_destroy(struct stale *stale) {
}

void stale_add(struct stale *stale, size_t first, size_t count) {
}

void stale_remove(struct stale *stale, size_t root) {
}

size_t stale_next(const struct stale *stale, size_t root) {
	return stale->roots;
}
