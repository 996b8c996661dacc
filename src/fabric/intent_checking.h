/*
 * intent_checking: an intent that has been read being checked: the names of its nodes, which of
 * them cannot be known for what could not be read, and how a mistake is told. What names something
 * that is in doubt is marked as wrong as well, without a word.
 *
 * For the files of the intent alone.
 */
#pragma once

#include "fabric/intent.h"

#include <uthash.h>

struct known_name {
	fabric_name name;
	enum fabric_role role;
	const struct intent_place *at; /* NULL: by a count or default */
	bool is_listed;                /* under 'nodes' */
	UT_hash_handle hh;
};

struct intent_checking {
	struct intent *intent;
	struct mistakes *mistakes;
	struct known_name *names;
	bool in_doubt[ROLES]; /* whether some names of this role may not be known */
	bool tenants_in_doubt;
	size_t switches, hosts;
};

/* Notes what is in doubt. */
void checking_begin(struct intent_checking *check);

/* The names of all nodes; one that is there twice or too long is a mistake. */
void checking_take_names(struct intent_checking *check);
void checking_end(struct intent_checking *check);

/* `at` NULL: of the file as a whole. */
void checking_mistake(struct intent_checking *check, struct intent_place *at, const char *found,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Where a key that stands by itself is said, or NULL; and whether its value could not be read. */
struct intent_place *checking_place(const struct intent_checking *check, const char *key);
bool checking_is_wrong(const struct intent_checking *check, const char *key);

/* NULL: there is none. */
const struct known_name *checking_find(const struct intent_checking *check, const char *name);

bool checking_is_tenant(const struct intent_checking *check, const char *name);

/* The nearest of the tenants' names and one more word, as "; 'web'?" to append; "" if none is near.
 * `beside` NULL: none. It holds until the next call. */
const char *checking_nearest_tenant(
	const struct intent_checking *check, const char *name, const char *beside);

/* A name that has to be a tenant's. */
void checking_tenant(struct intent_checking *check, struct intent_place *at, const char *name);

/* A name that has to be that of a node whose role fits; `what` says so, as in "a leaf". */
void checking_role(struct intent_checking *check, struct intent_place *at, const char *name,
	bool (*fits)(enum fabric_role), const char *what);

/* Prefixes of the fabric that overlap, and those of others that lie within (intent_overlaps.c). */
void intent_check_overlaps(struct intent_checking *check);
