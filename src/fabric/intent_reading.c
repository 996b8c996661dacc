/* intent_reading: see intent_reading.h. */
#include "fabric/intent_reading.h"

#include "base/nearest.h"
#include "fabric/intent_values.h"

#include <stdlib.h>
#include <string.h>

void intent_mistake(struct intent_reading *reading, const yaml_node_t *node, const char *expected) {
	yaml_mistake(&reading->file, node, expected);
}

/* One more element, zeroed, at the end of an array; NULL without memory. */
void *intent_grow(struct intent_reading *reading, void *array, size_t *count, size_t size) {
	void **elements = array;
	void *more = realloc(*elements, (*count + 1) * size);

	if (!more) {
		reading->no_memory = true;
		return NULL;
	}
	*elements = more;
	return memset((char *)more + (*count)++ * size, 0, size);
}

static void unknown_key(
	struct intent_reading *reading, const yaml_node_t *node, const struct intent_key *keys) {
	const char *names[32] = {NULL}, *nearest;
	char expected[512] = "";
	size_t used = 0, count = 0;

	for (const struct intent_key *key = keys; key->name; key++)
		names[count++] = key->name;
	nearest = nearest_word(yaml_text(node), names);
	if (nearest)
		used = (size_t)snprintf(expected, sizeof(expected), "'%s'? One of ", nearest);
	for (size_t i = 0; i < count && used < sizeof(expected); i++)
		used += (size_t)snprintf(
			expected + used, sizeof(expected) - used, "%s%s", i ? ", " : "", names[i]);
	intent_mistake(reading, node, expected);
}

struct intent_place intent_place_since(
	const struct intent_reading *reading, const yaml_node_t *node, size_t mistakes) {
	return (struct intent_place){yaml_line(node), reading->file.mistakes->count > mistakes};
}

/* Remembers where a key is said, for mistakes that show only when all is read. */
static void note_line(
	struct intent_reading *reading, const struct intent_key *key, struct intent_place at) {
	struct intent *intent = reading->intent;

	if (intent->line_count < INTENT_LINES_MAX)
		intent->lines[intent->line_count++] = (struct intent_line){key->name, at};
}

/* Takes each pair of a mapping by the key's row. */
void intent_take_keys(struct intent_reading *reading, const yaml_node_t *mapping,
	const struct intent_key *keys, void *into, const char *expected) {
	yaml_node_t *name, *value;

	if (!yaml_is_mapping(mapping)) {
		intent_mistake(reading, mapping, expected);
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, mapping, n, &name, &value); n++) {
		const struct intent_key *key = keys;
		size_t before;

		while (key->name && strcmp(key->name, yaml_text(name)) != 0)
			key++;
		if (!key->name) {
			unknown_key(reading, name, keys);
			continue;
		}
		before = reading->file.mistakes->count;
		key->take(reading, value, (char *)into + key->offset);
		if (into == reading->intent || into == &reading->intent->timers)
			note_line(reading, key, intent_place_since(reading, name, before));
	}
}

/* One more element of an array, read by the rows of its keys; its name, if it has one, comes first
 * in its struct. */
static void take_element(struct intent_reading *reading, const yaml_node_t *name,
	const yaml_node_t *element, char *into, const struct intent_key *keys, size_t place_at,
	const char *expected) {
	size_t before = reading->file.mistakes->count;

	if (name)
		intent_take_name(reading, name, into);
	intent_take_keys(reading, element, keys, into, expected);
	*(struct intent_place *)(into + place_at) =
		intent_place_since(reading, name ? name : element, before);
}

/* In place of elements that cannot be read: one without a name, so that others may be amiss. */
static void take_none(struct intent_reading *reading, const yaml_node_t *value, void *array,
	size_t *count, size_t size, size_t place_at, const char *expected) {
	char *into = intent_grow(reading, array, count, size);

	intent_mistake(reading, value, expected);
	if (into)
		*(struct intent_place *)(into + place_at) =
			(struct intent_place){yaml_line(value), true};
}

void intent_take_named(struct intent_reading *reading, const yaml_node_t *value, void *array,
	size_t *count, size_t size, const struct intent_key *keys, size_t place_at,
	const char *expected) {
	yaml_node_t *name, *element;

	if (!yaml_is_mapping(value))
		take_none(reading, value, array, count, size, place_at, expected);
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &name, &element); n++) {
		char *into = intent_grow(reading, array, count, size);

		if (!into)
			return;
		take_element(reading, name, element, into, keys, place_at, expected);
	}
}

void intent_take_list(struct intent_reading *reading, const yaml_node_t *value, void *array,
	size_t *count, size_t size, const struct intent_key *keys, size_t place_at,
	const char *expected) {
	const yaml_node_t *item;

	if (!yaml_is_sequence(value))
		take_none(reading, value, array, count, size, place_at, expected);
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++) {
		char *into = intent_grow(reading, array, count, size);

		if (!into)
			return;
		take_element(reading, NULL, item, into, keys, place_at, expected);
	}
}
