/* at_best: how well a twin's applications can fare at best, by the delay of fibres and the rate of
 * wavelengths between sites alone: what hosts, queues and the protocol's own ways add is not in it.
 */
#pragma once

#include "fabric/spread.h"

#include <stddef.h>

struct light_layer;

enum { AT_BEST_BYTES = 256 };

/* Each in words, with its number: 0 of what there is between the sites, then the intent's
 * applications that have hosts at several. Nothing of a fabric without light. Rates are those of
 * the twin. */
void at_best_tell(const struct fabric *fabric, const struct model_failures *failures,
	struct light_layer *light, void (*told)(void *owner, size_t number, const char *words),
	void *owner);
