/* hold: see hold.h. */
#include "mirror/hold.h"

#include "mirror/mirror_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool lists_equal(const struct hold_list *one, const struct hold_list *other) {
	return one->count == other->count &&
	       (!one->count || !memcmp(one->holds, other->holds, one->count * sizeof(*one->holds)));
}

/* The hold that stands for those that the list has no room for covers everything of its kind. */
static void tell_left_out(struct hold_list *list) {
	struct mirror_hold *last;

	if (!list->left_out)
		return;
	last = &list->holds[list->count - 1];
	last->family = AF_UNSPEC;
	last->ifindex = 0;
	snprintf(last->text, sizeof(last->text), "and %zu more", list->left_out + 1);
}

void hold_begin(struct mirror *mirror) {
	mirror->holds.next.count = 0;
	mirror->holds.next.left_out = 0;
}

void hold_add(struct mirror *mirror, const struct mirror_hold *hold, const char *format, ...) {
	struct hold_list *list = &mirror->holds.next;
	struct mirror_hold *added;
	va_list arguments;

	if (list->count == HOLDS_MAX) {
		list->left_out++;
		return;
	}
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 16;
		struct mirror_hold *holds = realloc(list->holds, capacity * sizeof(*holds));

		if (!holds) {
			mirror->lost = true;
			return;
		}
		list->holds = holds;
		list->capacity = capacity;
	}
	added = &list->holds[list->count++];
	memset(added, 0, sizeof(*added)); /* lists are compared byte by byte */
	added->kind = hold->kind;
	added->family = hold->family;
	added->ifindex = hold->ifindex;
	added->egress = hold->egress;
	va_start(arguments, format);
	vsnprintf(added->text, sizeof(added->text), format, arguments);
	va_end(arguments);
}

void hold_end(struct mirror *mirror, enum hold_source source) {
	struct holds *holds = &mirror->holds;
	struct hold_list before = holds->current[source];

	tell_left_out(&holds->next);
	if (lists_equal(&before, &holds->next))
		return;
	holds->current[source] = holds->next;
	holds->next = before;
	mirror->holds_changed = true;
}

void holds_free(struct holds *holds) {
	for (size_t i = 0; i < HOLD_SOURCES; i++)
		free(holds->current[i].holds);
	free(holds->next.holds);
	free(holds->all);
}

const struct mirror_hold *mirror_holds(const struct mirror *mirror, size_t *count) {
	struct holds *holds = &((struct mirror *)mirror)->holds; /* only the copy changes */
	struct mirror_hold *all;
	size_t total = 0;

	for (size_t i = 0; i < HOLD_SOURCES; i++)
		total += holds->current[i].count;
	*count = 0;
	all = realloc(holds->all, (total + 1) * sizeof(*all));
	if (!all)
		return NULL;
	holds->all = all;
	for (size_t i = 0; i < HOLD_SOURCES; i++) {
		if (!holds->current[i].count)
			continue;
		memcpy(all + *count, holds->current[i].holds,
			holds->current[i].count * sizeof(*all));
		*count += holds->current[i].count;
	}
	return all;
}
