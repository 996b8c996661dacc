/* hold: see hold.h. */
#include "mirror/hold.h"

#include "mirror/mirror_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READINGS = 4 }; /* of what changes while it is read */

static const struct {
	enum mirror_hold_kind kind;
	enum reread reread;
	const char *what;
} sources[HOLD_SOURCES] = {
	[SOURCE_RULES] = {HOLD_RULE, REREAD_RULES, "ip rules"},
	[SOURCE_NETFILTER] = {HOLD_NETFILTER, REREAD_NETFILTER, "nftables and iptables"},
	[SOURCE_TRAFFIC_CONTROL] = {HOLD_TRAFFIC_CONTROL, REREAD_TRAFFIC_CONTROL,
		"qdiscs and tcx programs"},
	[SOURCE_XFRM] = {HOLD_XFRM, REREAD_XFRM, "IPsec policies"},
};

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

static void set_error(struct mirror *mirror, enum hold_source source, int error) {
	if (mirror->holds.errors[source] != error)
		mirror->holds_changed = true;
	mirror->holds.errors[source] = error;
}

void hold_fail(struct mirror *mirror, enum hold_source source, int error) {
	set_error(mirror, source, error);
	mirror_retry(mirror, sources[source].reread);
}

void hold_end(struct mirror *mirror, enum hold_source source) {
	struct holds *holds = &mirror->holds;
	struct hold_list before = holds->current[source];

	set_error(mirror, source, 0);
	tell_left_out(&holds->next);
	if (lists_equal(&before, &holds->next))
		return;
	holds->current[source] = holds->next;
	holds->next = before;
	mirror->holds_changed = true;
}

void hold_read(struct mirror *mirror, enum hold_source source, int (*read)(struct mirror *mirror)) {
	int error = -EAGAIN;

	for (int i = 0; i < READINGS && error == -EAGAIN; i++) {
		hold_begin(mirror);
		error = read(mirror);
	}
	if (error)
		hold_fail(mirror, source, error);
	else
		hold_end(mirror, source);
}

static void tell_unreadable(struct mirror_hold *hold, enum hold_source source, int error) {
	memset(hold, 0, sizeof(*hold));
	hold->kind = sources[source].kind;
	snprintf(hold->text, sizeof(hold->text), "%s could not be read: %s", sources[source].what,
		strerror(-error));
}

void holds_free(struct holds *holds) {
	for (size_t i = 0; i < HOLD_SOURCES; i++)
		free(holds->current[i].holds);
	free(holds->next.holds);
	free(holds->all);
}

/* What is told if there is no memory to tell more: everything. */
static const struct mirror_hold *hold_all(size_t *count) {
	static const char text[] = "no memory for the list of holds";
	static struct mirror_hold all[HOLD_KINDS];

	for (size_t i = 0; i < HOLD_KINDS; i++) {
		all[i].kind = (enum mirror_hold_kind)i;
		memcpy(all[i].text, text, sizeof(text));
	}
	*count = HOLD_KINDS;
	return all;
}

const struct mirror_hold *mirror_holds(const struct mirror *mirror, size_t *count) {
	struct holds *holds = &((struct mirror *)mirror)->holds; /* only the copy changes */
	struct mirror_hold *all;
	size_t total = HOLD_SOURCES;

	for (size_t i = 0; i < HOLD_SOURCES; i++)
		total += holds->current[i].count;
	all = realloc(holds->all, total * sizeof(*all));
	if (!all)
		return hold_all(count);
	holds->all = all;
	*count = 0;
	for (size_t i = 0; i < HOLD_SOURCES; i++) {
		if (holds->errors[i])
			tell_unreadable(&all[(*count)++], i, holds->errors[i]);
		if (!holds->current[i].count)
			continue;
		memcpy(all + *count, holds->current[i].holds,
			holds->current[i].count * sizeof(*all));
		*count += holds->current[i].count;
	}
	return all;
}
