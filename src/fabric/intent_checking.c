/* intent_checking: see intent_checking.h. */
#include "fabric/intent_checking.h"

#include "base/nearest.h"
#include "fabric/intent_nodes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --- what is told --- */

void checking_mistake(struct intent_checking *check, struct intent_place *at, const char *found,
	const char *format, ...) {
	char expected[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	mistakes_add(check->mistakes, at ? at->line : 0, "'%s': %s", found, expected);
	if (at)
		at->is_wrong = true;
}

struct intent_place *checking_place(const struct intent_checking *check, const char *key) {
	struct intent *intent = check->intent;

	for (size_t i = 0; i < intent->line_count; i++)
		if (strcmp(intent->lines[i].key, key) == 0)
			return &intent->lines[i].at;
	return NULL;
}

bool checking_is_wrong(const struct intent_checking *check, const char *key) {
	return intent_is_wrong(check->intent, key);
}

/* --- names --- */

const struct known_name *checking_find(const struct intent_checking *check, const char *name) {
	struct known_name *known;

	HASH_FIND_STR(check->names, name, known);
	return known;
}

static bool is_listed(const struct intent *intent, const char *name) {
	for (size_t i = 0; i < intent->node_count; i++)
		if (strcmp(intent->nodes[i].name, name) == 0)
			return true;
	return false;
}

/* Of nodes that are counted or named in a list, where that list begins. */
static int line_of(const struct intent_checking *check, const struct wanted_node *node) {
	static const char *const keys[ROLES] = {[ROLE_SUPER_SPINE] = "super-spines",
		[ROLE_SPINE] = "spines",
		[ROLE_LEAF] = "leaves",
		[ROLE_BORDER] = "borders",
		[ROLE_HOST] = "leaves",
		[ROLE_EXTERNAL] = "external"};

	return node->at ? node->at->line : intent_line(check->intent, keys[node->role]);
}

static void name_mistake(
	struct intent_checking *check, const struct wanted_node *node, const char *what) {
	mistakes_add(check->mistakes, line_of(check, node), "'%s': %s", node->name, what);
	check->intent->is_beyond_design = true;
}

static int take_name(void *owner, const struct wanted_node *node) {
	struct intent_checking *check = owner;
	struct known_name *known;

	if (!node->name[0])
		return 0;
	if (node->is_cut)
		name_mistake(check, node, "the whole name has more than 31 letters");
	if (checking_find(check, node->name)) {
		if (!node->is_cut)
			name_mistake(check, node, "expected each name once");
		return 0;
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return 1;
	memcpy(known->name, node->name, sizeof(known->name));
	known->role = node->role;
	known->at = node->at;
	known->is_listed = is_listed(check->intent, node->name);
	HASH_ADD_STR(check->names, name, known);
	if (node->role == ROLE_HOST)
		check->hosts++;
	else if (node->role != ROLE_EXTERNAL)
		check->switches++;
	return 0;
}

/* The nearest of the names of nodes that fit, in words to append; "" if none is near. */
static const char *nearest_node(
	const struct intent_checking *check, const char *name, bool (*fits)(enum fabric_role)) {
	static char text[FABRIC_NAME_MAX + 4];
	const char **names = calloc(HASH_COUNT(check->names) + 1, sizeof(*names)), *nearest;
	size_t count = 0;

	for (const struct known_name *known = check->names; names && known; known = known->hh.next)
		if (fits(known->role))
			names[count++] = known->name;
	nearest = names ? nearest_word(name, names) : NULL;
	snprintf(text, sizeof(text), nearest ? "; '%s'?" : "%s", nearest ? nearest : "");
	free(names);
	return text;
}

/* --- doubts --- */

static bool lacks_tenant(const struct intent *intent) {
	for (size_t i = 0; i < intent->tenant_count; i++)
		if (!intent->tenants[i].name[0])
			return true;
	return false;
}

static bool lacks_node(const struct intent *intent) {
	for (size_t i = 0; i < intent->node_count; i++)
		if (!intent->nodes[i].name[0])
			return true;
	return false;
}

static bool lacks_external(const struct intent *intent) {
	for (size_t i = 0; i < intent->external_count; i++)
		if (!intent->externals[i].name[0])
			return true;
	return false;
}

/* Of racks that are wrong, those that say which hosts they have. */
static bool lacks_hosts(const struct intent *intent) {
	for (size_t i = 0; i < intent->rack_count; i++)
		if (intent->racks[i].at.is_wrong &&
			(intent->racks[i].says_hosts || !intent->racks[i].leaf[0]))
			return true;
	return false;
}

void checking_begin(struct intent_checking *check) {
	const struct intent *intent = check->intent;
	bool all = checking_is_wrong(check, "shape") || checking_is_wrong(check, "pods") ||
		   checking_is_wrong(check, "sites") || lacks_node(intent);

	for (int role = 0; role < ROLES; role++)
		check->in_doubt[role] = all;
	check->in_doubt[ROLE_SUPER_SPINE] |= checking_is_wrong(check, "super-spines");
	check->in_doubt[ROLE_SPINE] |= checking_is_wrong(check, "spines");
	check->in_doubt[ROLE_LEAF] |= checking_is_wrong(check, "leaves");
	check->in_doubt[ROLE_BORDER] |= checking_is_wrong(check, "borders");
	check->in_doubt[ROLE_HOST] |= checking_is_wrong(check, "leaves") ||
				      checking_is_wrong(check, "hosts") || lacks_hosts(intent);
	check->in_doubt[ROLE_EXTERNAL] |= lacks_external(intent);
	check->tenants_in_doubt = lacks_tenant(intent);
}

static bool is_in_doubt(const struct intent_checking *check, bool (*fits)(enum fabric_role)) {
	for (int role = 0; role < ROLES; role++)
		if (check->in_doubt[role] && fits((enum fabric_role)role))
			return true;
	return false;
}

/* --- what may be named where --- */

bool checking_is_tenant(const struct intent_checking *check, const char *name) {
	for (size_t i = 0; i < check->intent->tenant_count; i++)
		if (strcmp(check->intent->tenants[i].name, name) == 0)
			return true;
	return false;
}

const char *checking_nearest_tenant(
	const struct intent_checking *check, const char *name, const char *beside) {
	static char text[FABRIC_NAME_MAX + 4];
	const char *names[INTENT_TENANTS_MAX + 2] = {NULL}, *nearest;
	size_t count = 0;

	for (; count < check->intent->tenant_count && count < INTENT_TENANTS_MAX; count++)
		names[count] = check->intent->tenants[count].name;
	names[count] = beside;
	nearest = nearest_word(name, names);
	snprintf(text, sizeof(text), nearest ? "; '%s'?" : "%s", nearest ? nearest : "");
	return text;
}

void checking_tenant(struct intent_checking *check, struct intent_place *at, const char *name) {
	if (!name[0] || checking_is_tenant(check, name))
		return;
	if (check->tenants_in_doubt)
		at->is_wrong = true;
	else
		checking_mistake(check, at, name, "expected a tenant%s",
			checking_nearest_tenant(check, name, NULL));
}

/* What refers to something wrong is left out as well, without a word. */
void checking_role(struct intent_checking *check, struct intent_place *at, const char *name,
	bool (*fits)(enum fabric_role), const char *what) {
	const struct known_name *known = checking_find(check, name);
	bool is_unsure = known ? known->at && known->at->is_wrong
			       : is_in_doubt(check, fits) || (!name[0] && at->is_wrong);

	if (is_unsure)
		at->is_wrong = true;
	else if (!known || !fits(known->role))
		checking_mistake(
			check, at, name, "expected %s%s", what, nearest_node(check, name, fits));
}

void checking_take_names(struct intent_checking *check) {
	intent_each_node(check->intent, take_name, check);
}

void checking_end(struct intent_checking *check) {
	struct known_name *known, *next;

	HASH_ITER(hh, check->names, known, next) {
		HASH_DEL(check->names, known);
		free(known);
	}
}
