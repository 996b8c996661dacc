/* at_best: how well a twin's applications can fare at best, by the delay of fibres and the rate of
 * wavelengths between sites alone: what hosts, queues and the protocol's own ways add is not in it.
 */
#pragma once

#include "fabric/spread.h"

struct light_layer;

/* Each in words; nothing of a fabric without sites. Rates are those of the twin. */
void at_best_tell(const struct fabric *fabric, const struct model_failures *failures,
	struct light_layer *light, void (*told)(void *owner, const char *words), void *owner);
