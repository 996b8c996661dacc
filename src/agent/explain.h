/*
 * explain: why a packet would go where it goes: the stages of the data path, run in user space on
 * the live tables with a packet made from what was asked, in words and numbers.
 */
#pragma once

#include <jansson.h>

struct agent;

/* The request's "destination" is needed; "source", "protocol", "source_port", "destination_port",
 * "length", "port" (the ingress) may be given. A new reference with the whole decision; NULL and a
 * sentence in `error`. */
json_t *explain(struct agent *agent, const json_t *request, char *error, size_t error_size);
