/* names: see names.h. */
#include "optics/names.h"

#include "base/nearest.h"

void names_mistake(struct document *document, const struct node *node, const char *what,
	const char *name, const char *(*name_at)(const void *owner, size_t i), const void *owner,
	size_t count) {
	struct arena scratch = {0};
	const char **names, *nearest = NULL, *one;
	size_t taken = 0;

	/* It takes a while to find out; not for what nobody is told. */
	if (document_tells_mistakes(document)) {
		names = arena_array(&scratch, count + 1, sizeof(*names));
		for (size_t i = 0; i < count; i++)
			if ((one = name_at(owner, i)) != NULL)
				names[taken++] = one;
		nearest = nearest_word(name, names);
	}
	document_mistake(document, node, "no %s is called '%s'%s%s%s", what, name,
		nearest ? "; '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	arena_free(&scratch);
}

static const char *amplifier_at(const void *owner, size_t i) {
	return ((const struct equipment *)owner)->amplifiers[i].name;
}

static const char *fibre_at(const void *owner, size_t i) {
	return ((const struct equipment *)owner)->fibres[i].name;
}

static const char *transceiver_at(const void *owner, size_t i) {
	return ((const struct equipment *)owner)->transceivers[i].name;
}

const struct amplifier_type *names_amplifier(struct document *document, const struct node *node,
	const struct equipment *equipment, const char *name) {
	const struct amplifier_type *type = equipment_amplifier(equipment, name);

	if (!type)
		names_mistake(document, node, "amplifier of the library", name, amplifier_at,
			equipment, equipment->amplifier_count);
	return type;
}

const struct fibre_type *names_fibre(struct document *document, const struct node *node,
	const struct equipment *equipment, const char *name) {
	const struct fibre_type *type = equipment_fibre(equipment, name);

	if (!type)
		names_mistake(document, node, "fibre of the library", name, fibre_at, equipment,
			equipment->fibre_count);
	return type;
}

const struct transceiver_type *names_transceiver(struct document *document, const struct node *node,
	const struct equipment *equipment, const char *name) {
	const struct transceiver_type *type = equipment_transceiver(equipment, name);

	if (!type)
		names_mistake(document, node, "transceiver of the library", name, transceiver_at,
			equipment, equipment->transceiver_count);
	return type;
}
