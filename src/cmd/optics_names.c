/* optics_names: see optics_names.h. */
#include "cmd/optics_names.h"

#include "base/log.h"
#include "base/nearest.h"

#include <stdlib.h>

/* `names` is NULL-terminated, and is freed. */
static void tell_unknown(const char *path, const char *what, const char *name, const char **names) {
	const char *nearest = names ? nearest_word(name, names) : NULL;

	log_error("%s: no transceiver%s is called '%s'%s%s%s", path, what, name,
		nearest ? "; '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	free(names);
}

int optics_find_transceiver(const struct network *network, const char *name) {
	int number = network_find(network, name);
	const char **names;
	size_t count = 0;

	if (number != ELEMENT_NONE && network->elements[number]->kind == ELEMENT_TRANSCEIVER)
		return number;
	names = calloc(network->count + 1, sizeof(*names));
	for (size_t i = 0; names && i < network->count; i++)
		if (network->elements[i]->kind == ELEMENT_TRANSCEIVER)
			names[count++] = network->elements[i]->name;
	tell_unknown(network->path, "", name, names);
	return ELEMENT_NONE;
}

const struct transceiver_type *optics_find_type(
	const struct optics_request *request, const struct equipment *equipment) {
	const struct transceiver_type *type =
		equipment_transceiver(equipment, request->transceiver);
	const char **names;

	if (type)
		return type;
	names = calloc(equipment->transceiver_count + 1, sizeof(*names));
	for (size_t i = 0; names && i < equipment->transceiver_count; i++)
		names[i] = equipment->transceivers[i].name;
	tell_unknown(request->equipment, " of the library", request->transceiver, names);
	return NULL;
}
