/*
 * intent_reading: an intent being read: mistakes are noted with their lines, and reading goes on,
 * so that all of them are told at once. Mappings are taken key by key, by tables.
 *
 * For the files of the intent alone.
 */
#pragma once

#include "base/yaml_file.h"
#include "fabric/intent.h"

struct intent_reading {
	struct intent *intent;
	struct yaml_file file;
	bool no_memory;
};

/* Takes a value, or notes a mistake and leaves `into` as it was. */
typedef void intent_taker(struct intent_reading *reading, const yaml_node_t *value, void *into);

/* A table of keys ends with one without a name. */
struct intent_key {
	const char *name;
	intent_taker *take;
	size_t offset; /* of what is taken, within `into` */
};

/* Notes what was found at a node, and what was expected. */
void intent_mistake(struct intent_reading *reading, const yaml_node_t *node, const char *expected);

/* Where something is said that has been read since there were so many mistakes. */
struct intent_place intent_place_since(
	const struct intent_reading *reading, const yaml_node_t *node, size_t mistakes);

/* One more element, zeroed, at the end of an array (by its address); NULL without memory. */
void *intent_grow(struct intent_reading *reading, void *array, size_t *count, size_t size);

/* A mapping: each value by the row of its key. */
void intent_take_keys(struct intent_reading *reading, const yaml_node_t *mapping,
	const struct intent_key *keys, void *into, const char *expected);

/* A mapping of names, or a list: each value becomes an element of an array, by the rows of its
 * keys. An element has its struct intent_place at `place_at`; a named one begins with its name. */
void intent_take_named(struct intent_reading *reading, const yaml_node_t *value, void *array,
	size_t *count, size_t size, const struct intent_key *keys, size_t place_at,
	const char *expected);
void intent_take_list(struct intent_reading *reading, const yaml_node_t *value, void *array,
	size_t *count, size_t size, const struct intent_key *keys, size_t place_at,
	const char *expected);
