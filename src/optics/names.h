/* names: what files call by name. A name that nothing has is told as a mistake, with the one that
 * was meant, perhaps. */
#pragma once

#include "optics/document.h"
#include "optics/equipment.h"

#include <stddef.h>

/* NULL after a message. */
const struct amplifier_type *names_amplifier(struct document *document, const struct node *node,
	const struct equipment *equipment, const char *name);
const struct fibre_type *names_fibre(struct document *document, const struct node *node,
	const struct equipment *equipment, const char *name);
const struct transceiver_type *names_transceiver(struct document *document, const struct node *node,
	const struct equipment *equipment, const char *name);

/* Tells that no `what` is called so; of `count` names `name_at` gives each, or NULL for one that
 * cannot be meant. */
void names_mistake(struct document *document, const struct node *node, const char *what,
	const char *name, const char *(*name_at)(const void *owner, size_t i), const void *owner,
	size_t count);
