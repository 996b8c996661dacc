/* notices: see notices.h. */
#include "agent/notices.h"

#include "agent/ports.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/* The same thing, though it may have more rules now. */
static bool is_same(const struct mirror_hold *one, const struct mirror_hold *other) {
	size_t length = strcspn(one->text, "(");

	return one->kind == other->kind && one->family == other->family &&
	       one->ifindex == other->ifindex && one->egress == other->egress &&
	       length == strcspn(other->text, "(") && !memcmp(one->text, other->text, length);
}

static bool has(const struct mirror_hold *holds, size_t count, const struct mirror_hold *hold) {
	for (size_t i = 0; i < count; i++)
		if (is_same(&holds[i], hold))
			return true;
	return false;
}

static void tell_coming(const struct ports *ports, const struct mirror_hold *hold) {
	if (ports_respects(ports, hold))
		log_warning("%s: the traffic that it concerns is left to the kernel "
			    "(--bypass %s forwards it all the same)",
			hold->text, hold_kind_name(hold->kind));
	else
		log_warning("%s: bypassed, as told", hold->text);
}

void notices_tell(struct notices *notices, const struct ports *ports,
	const struct mirror_hold *holds, size_t count) {
	struct mirror_hold *told;

	for (size_t i = 0; i < notices->count; i++)
		if (!has(holds, count, &notices->told[i]))
			log_info("%s: gone", notices->told[i].text);
	for (size_t i = 0; i < count; i++)
		if (!has(notices->told, notices->count, &holds[i]))
			tell_coming(ports, &holds[i]);
	told = realloc(notices->told, (count + 1) * sizeof(*told));
	if (!told) {
		notices_free(notices); /* then all are told again: better than not at all */
		return;
	}
	if (count)
		memcpy(told, holds, count * sizeof(*told));
	notices->told = told;
	notices->count = count;
}

void notices_free(struct notices *notices) {
	free(notices->told);
	notices->told = NULL;
	notices->count = 0;
}
